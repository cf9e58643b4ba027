"""A plugin as a process and this test as its engine: plain values in, plain values out."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import grpc
from google.protobuf import empty_pb2

from splitplane.provider.codec import Properties, decode, encode
from splitplane.provider.stubs import (
    plugin_pb2,
    provider_pb2,
    provider_pb2_grpc,
    status_pb2,
)

CALL_SECONDS = 60.0
# Scripts of plugins start the interpreter that runs the tests.
_PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
STOP_SECONDS = 5.0


def urn_of(token: str, name: str = "it", *, parents: Sequence[str] = ()) -> str:
    """The URN of a resource in a stack of the harness."""
    types = "$".join([*parents, token])
    return f"urn:pulumi:test::harness::{types}::{name}"


@dataclass(frozen=True)
class Created:
    """What Create answered."""

    id: str
    outputs: Properties


@dataclass(frozen=True)
class Compared:
    """What Diff answered."""

    has_changes: bool
    detailed: dict[str, str]
    """Path → name of the kind of change, such as `UPDATE_REPLACE`."""
    replaces: list[str]
    deletes_first: bool


class PluginProcess:
    """A started plugin, to be used as a context manager."""

    def __init__(
        self, command: Sequence[str | Path], *, environment: Mapping[str, str] | None = None
    ) -> None:
        self.process = subprocess.Popen(
            [str(part) for part in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PATH": _PATH, **(environment or {})},
            text=True,
        )
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline()
        assert self.first_line, self._errors()
        self._channel = grpc.insecure_channel(f"127.0.0.1:{int(self.first_line)}")
        self.stub = provider_pb2_grpc.ResourceProviderStub(self._channel)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> tuple[int, str, str]:
        """Ends the plugin as the engine does; its exit code and what it printed after the port."""
        if self.process.returncode is None:
            self.stub.Cancel(empty_pb2.Empty(), timeout=CALL_SECONDS)
            self._channel.close()
            self.process.terminate()
        out, errors = self.process.communicate(timeout=STOP_SECONDS)
        return self.process.returncode, out, errors

    @property
    def resident_mib(self) -> float:
        """Most memory that the process ever had resident."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024

    def handshake(self) -> provider_pb2.ProviderHandshakeResponse:
        request = provider_pb2.ProviderHandshakeRequest(engine_address="127.0.0.1:1")
        return self.stub.Handshake(request, timeout=CALL_SECONDS)

    def attach(self, address: str) -> None:
        self.stub.Attach(plugin_pb2.PluginAttach(address=address), timeout=CALL_SECONDS)

    def schema(self) -> str:
        request = provider_pb2.GetSchemaRequest(version=0)
        return self.stub.GetSchema(request, timeout=CALL_SECONDS).schema

    def version(self) -> str:
        return self.stub.GetPluginInfo(empty_pb2.Empty(), timeout=CALL_SECONDS).version

    def check_config(self, news: Properties) -> tuple[Properties, list[tuple[str, str]]]:
        request = provider_pb2.CheckRequest(urn=_PROVIDER_URN, news=encode(news))
        response = self.stub.CheckConfig(request, timeout=CALL_SECONDS)
        return decode(response.inputs), [(f.property, f.reason) for f in response.failures]

    def diff_config(self, olds: Properties, news: Properties) -> Compared:
        request = provider_pb2.DiffRequest(
            urn=_PROVIDER_URN, olds=encode(olds), old_inputs=encode(olds), news=encode(news)
        )
        return _compared(self.stub.DiffConfig(request, timeout=CALL_SECONDS))

    def configure(self, config: Properties) -> provider_pb2.ConfigureResponse:
        request = provider_pb2.ConfigureRequest(
            args=encode(config), acceptSecrets=True, acceptResources=True
        )
        return self.stub.Configure(request, timeout=CALL_SECONDS)

    def check(
        self, token: str, news: Properties, olds: Properties | None = None
    ) -> tuple[Properties, list[tuple[str, str]]]:
        request = provider_pb2.CheckRequest(
            urn=urn_of(token), news=encode(news), olds=encode(olds or {})
        )
        response = self.stub.Check(request, timeout=CALL_SECONDS)
        return decode(response.inputs), [(f.property, f.reason) for f in response.failures]

    def diff(
        self,
        token: str,
        id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        news: Properties,
        *,
        ignore: Sequence[str] = (),
    ) -> Compared:
        request = provider_pb2.DiffRequest(
            id=id,
            urn=urn_of(token),
            olds=encode(old_outputs),
            old_inputs=encode(old_inputs),
            news=encode(news),
            ignoreChanges=ignore,
        )
        return _compared(self.stub.Diff(request, timeout=CALL_SECONDS))

    def create(
        self,
        token: str,
        inputs: Properties,
        *,
        name: str = "it",
        preview: bool = False,
        timeout: float = 0,
    ) -> Created:
        request = provider_pb2.CreateRequest(
            urn=urn_of(token, name), properties=encode(inputs), preview=preview, timeout=timeout
        )
        response = self.stub.Create(request, timeout=CALL_SECONDS)
        return Created(response.id, decode(response.properties))

    def read(
        self,
        token: str,
        id: str,
        inputs: Properties | None = None,
        outputs: Properties | None = None,
    ) -> tuple[str, Properties, Properties]:
        """Id, inputs and outputs; an empty id says that it is gone."""
        request = provider_pb2.ReadRequest(id=id, urn=urn_of(token))
        if inputs is not None:
            request.inputs.CopyFrom(encode(inputs))
        if outputs is not None:
            request.properties.CopyFrom(encode(outputs))
        response = self.stub.Read(request, timeout=CALL_SECONDS)
        return response.id, decode(response.inputs), decode(response.properties)

    def update(
        self,
        token: str,
        id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        news: Properties,
        *,
        preview: bool = False,
        timeout: float = 0,
    ) -> Properties:
        request = provider_pb2.UpdateRequest(
            id=id,
            urn=urn_of(token),
            olds=encode(old_outputs),
            old_inputs=encode(old_inputs),
            news=encode(news),
            preview=preview,
            timeout=timeout,
        )
        return decode(self.stub.Update(request, timeout=CALL_SECONDS).properties)

    def delete(
        self, token: str, id: str, inputs: Properties | None = None, *, timeout: float = 0
    ) -> None:
        request = provider_pb2.DeleteRequest(
            id=id, urn=urn_of(token), old_inputs=encode(inputs or {}), timeout=timeout
        )
        self.stub.Delete(request, timeout=CALL_SECONDS)

    def invoke(
        self, token: str, arguments: Properties, *, preview: bool = False
    ) -> tuple[Properties, list[tuple[str, str]]]:
        """The function's result, and what it refuses of its arguments."""
        request = provider_pb2.InvokeRequest(tok=token, args=encode(arguments), preview=preview)
        response = self.stub.Invoke(request, timeout=CALL_SECONDS)
        failures = [(f.property, f.reason) for f in response.failures]
        # The field's name is a keyword.
        return decode(getattr(response, "return")), failures

    def _errors(self) -> str:
        return self.process.communicate(timeout=STOP_SECONDS)[1]


def init_failure(error: grpc.RpcError) -> provider_pb2.ErrorResourceInitFailed:
    """The partial result that the error carries; fails when it carries none."""
    call: Any = error  # Any: what a failed call raises is also the call
    packed = dict(call.trailing_metadata())["grpc-status-details-bin"]
    status = status_pb2.Status.FromString(packed)
    failure = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(failure)
    return failure


_PROVIDER_URN = "urn:pulumi:test::harness::pulumi:providers:splitplane::default"


def _compared(response: provider_pb2.DiffResponse) -> Compared:
    names = provider_pb2.PropertyDiff.Kind
    return Compared(
        has_changes=response.changes == provider_pb2.DiffResponse.DIFF_SOME,
        detailed={path: names.Name(item.kind) for path, item in response.detailedDiff.items()},
        replaces=list(response.replaces),
        deletes_first=response.deleteBeforeReplace,
    )
