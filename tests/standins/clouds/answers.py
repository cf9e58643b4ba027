"""Answers of the clouds for programs under mocks: ids, outputs and results of functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import grpc
from google.protobuf import struct_pb2
from recording_monitor import Registered

from clouds.checking import check_object
from clouds.outputs import Answers
from clouds.plugin import answer
from clouds.sdk_types import MODULES, kind_of, package_of
from clouds.tables import tables_of
from splitplane.provider.codec import (
    Properties,
    decode,
    encode,
    has_unknown,
    mark_secrets,
    plain_ids,
    unwrap,
)
from splitplane.provider.errors import WrongState

_DEFAULTS = {"region": "eu-west-1", "project": "acme"}


class FunctionFailed(grpc.RpcError):
    """What the engine tells a program whose function has failed."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return str(self)


class CloudAnswers:
    """Every resource gets a name, an ARN, an id and all outputs that the SDK knows.

    Types of other packages get name, ARN and id. Inputs are held against the SDK as by the plugins.
    """

    def __init__(
        self,
        functions: Mapping[str, Any] | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Takes results of functions, and settings of the cloud, that come before the tables'."""
        self._functions = dict(functions or {})
        self._own = dict(settings or {})

    def registered(
        self, made: Registered, id: str, outputs: struct_pb2.Struct
    ) -> tuple[str, struct_pb2.Struct]:
        """The id and outputs of the resource, or an error that names the wrong input."""
        inputs: Properties = plain_ids(made.properties)
        kind = kind_of(made.type) if package_of(made.type) in MODULES else None
        if kind is None:
            found = {"name": made.name, "arn": f"arn:aws:{id}", **decode(outputs)}
            return id, encode(found)
        plain = unwrap(inputs)
        failures = check_object(plain, kind.inputs, kind.required)
        if failures:
            first = failures[0]
            raise AssertionError(f"{made.type} {made.name!r}: {first.path}: {first.reason}")
        package = package_of(made.type)
        answers = Answers(kind, tables_of(package), self._settings(package))
        field = answers.name_input
        if field and plain.get(field) is None:
            plain = {**plain, field: answers.made_up_name(made.name, made.urn, None)}
        if has_unknown(plain):
            return id, encode(mark_secrets(answers.planned(plain), inputs))
        values = answers.values(plain, made.name, made.urn)
        id = made.import_id or answers.id(values, plain)
        return id, encode(mark_secrets(answers.outputs({**values, "id": id}, plain), inputs))

    def called(self, token: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """The result by the test or the table; nothing for packages that are no cloud's."""
        package = package_of(token)
        listed = {**(tables_of(package).functions if package in MODULES else {}), **self._functions}
        if token not in listed:
            assert package not in MODULES, f"function {token!r} has no answer in the table"
            return {}
        settings = self._settings(package) if package in MODULES else {}
        try:
            return answer(listed[token], {**settings, **arguments}, token)
        except WrongState as error:
            raise FunctionFailed(str(error)) from error

    def _settings(self, package: str) -> dict[str, str]:
        return {
            key: self._own.get(key) or value or _DEFAULTS[key]
            for key, value in tables_of(package).settings.items()
        }
