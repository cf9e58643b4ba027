"""Answers of Route 53 and ACM: zones by their ids, and a proof for each name of a certificate."""

from __future__ import annotations

from typing import Any

from clouds.answers import CloudAnswers
from google.protobuf import struct_pb2
from recording_monitor import Registered

from splitplane.provider.codec import decode, encode

CERTIFICATE = "aws:acm/certificate:Certificate"
GET_ZONE = "aws:route53/getZone:getZone"


class NameAnswers(CloudAnswers):
    """Gives a certificate one record for a name and the wildcard below it, as ACM does."""

    def __init__(
        self,
        zones: dict[str, str] | None = None,
        *,
        private: tuple[str, ...] = (),
        functions: dict[str, Any] | None = None,
    ) -> None:
        """Takes the names of existing zones by id, ids of private ones, and other answers."""
        super().__init__(functions)
        self._zones = zones or {}
        self._private = private
        self.read: list[str] = []

    def called(self, token: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if token != GET_ZONE:
            return super().called(token, arguments)
        zone_id = arguments["zoneId"]
        self.read.append(zone_id)
        return {
            "id": zone_id,
            "zoneId": zone_id,
            "name": self._zones[zone_id],
            "privateZone": zone_id in self._private,
        }

    def registered(
        self, made: Registered, id: str, outputs: struct_pb2.Struct
    ) -> tuple[str, struct_pb2.Struct]:
        id, answered = super().registered(made, id, outputs)
        if made.type != CERTIFICATE:
            return id, answered
        domains = [made.inputs["domainName"], *made.inputs.get("subjectAlternativeNames", [])]
        return id, encode(decode(answered) | {"domainValidationOptions": [*map(_proof, domains)]})


def _proof(domain: str) -> dict[str, str]:
    base = domain.removeprefix("*.")
    return {
        "domainName": domain,
        "resourceRecordName": f"_proof.{base}.",
        "resourceRecordType": "CNAME",
        "resourceRecordValue": f"_{base}.acm-validations.aws.",
    }
