"""Whether a command is genuine and for this cluster: checked before anything is done with it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from splitplane.agent.errors import Refused, UserError
from splitplane.contract.commands import SignedCommand, key_id, signed_bytes, spec_digest

SKEW_SECONDS: Final = 120.0
"""Tolerated difference of the clocks of the signer and this machine."""


class CommandVerifier:
    """Knows the pinned public keys of the command signer and the uid of this cluster."""

    def __init__(self, signing_keys: Sequence[str], cluster_uid: str) -> None:
        self._keys: dict[str, Ed25519PublicKey] = {}
        for encoded in signing_keys:
            try:
                raw = base64.b64decode(encoded, validate=True)
                self._keys[key_id(raw)] = Ed25519PublicKey.from_public_bytes(raw)
            except (ValueError, binascii.Error) as error:
                raise UserError(
                    "a pinned signing key is not a raw Ed25519 key in base64"
                ) from error
        self._cluster_uid = cluster_uid

    def check(self, command: SignedCommand, now_seconds: float) -> None:
        """Raises Refused when the command is forged, for another cluster or out of time."""
        self.check_genuine(command)
        now = datetime.fromtimestamp(now_seconds, UTC).timestamp()
        if now > command.expires_at.timestamp() + SKEW_SECONDS:
            raise Refused(f"command expired at {command.expires_at.isoformat()}", reason="Expired")
        if now < command.not_before.timestamp() - SKEW_SECONDS:
            raise Refused(
                f"command is not valid before {command.not_before.isoformat()}; check the clocks",
                reason="NotYetValid",
            )

    def check_genuine(self, command: SignedCommand) -> None:
        """Raises Refused when the command is forged or for another cluster, whatever its time."""
        key = self._keys.get(command.key_id)
        if key is None:
            raise Refused(
                f"command is signed by key {command.key_id!r}, which this agent does not know",
                reason="BadSignature",
            )
        try:
            key.verify(base64.b64decode(command.signature, validate=True), signed_bytes(command))
        except (InvalidSignature, ValueError) as error:
            raise Refused(
                "the command's signature does not fit its content", reason="BadSignature"
            ) from error
        if spec_digest(command.spec) != command.spec_sha256:
            raise Refused(
                "the command's spec is not the one that was signed", reason="BadSignature"
            )
        if command.cluster_uid != self._cluster_uid:
            raise Refused(
                f"command is for the cluster with uid {command.cluster_uid!r}, this is "
                f"{self._cluster_uid!r}",
                reason="WrongCluster",
            )
