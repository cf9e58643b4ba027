"""A monitor that records whole requests, since mocks see neither parents nor options."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pulumi
from google.protobuf import json_format, struct_pb2
from pulumi.runtime import mocks, settings
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.stack import wait_for_rpcs


@dataclass
class Registered:
    """One resource as the engine was asked for it."""

    type: str
    name: str
    parent: str
    inputs: dict[str, Any]
    provider: str
    dependencies: tuple[str, ...]
    create_timeout: str = ""


@dataclass
class Recording:
    """Everything that a program registered."""

    resources: list[Registered] = field(default_factory=list)
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def one(self, type_token: str) -> Registered:
        found = [item for item in self.resources if item.type == type_token]
        assert len(found) == 1, [item.type for item in self.resources]
        return found[0]


class _Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        raise AssertionError("the monitor answers registrations itself")

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        return {}


class _Monitor(mocks.MockMonitor):
    """Answers with the inputs, without the event loops that the original makes in its threads."""

    def __init__(self, recording: Recording) -> None:
        super().__init__(_Mocks())
        self.recording = recording

    def RegisterResource(self, request: Any) -> Any:
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == "pulumi:pulumi:Stack":
            return resource_pb2.RegisterResourceResponse(urn=urn)
        self.recording.resources.append(
            Registered(
                type=request.type,
                name=request.name,
                parent=request.parent.rpartition("::")[2],
                inputs=json_format.MessageToDict(request.object),
                provider=request.provider,
                dependencies=tuple(
                    sorted(item.rpartition("::")[2] for item in request.dependencies)
                ),
                create_timeout=request.customTimeouts.create,
            )
        )
        outputs = struct_pb2.Struct()
        outputs.CopyFrom(request.object)
        if request.custom and request.type.startswith("splitplane:index:"):
            outputs["fqn"] = request.name
        if request.type == "splitplane:index:Cluster":
            outputs["joinToken"] = "spl_join_x"
        return resource_pb2.RegisterResourceResponse(
            urn=urn, id=f"{request.name}-id", object=outputs
        )

    def RegisterResourceOutputs(self, request: Any) -> Any:
        urn = request.urn.rpartition("::")[2]
        self.recording.outputs[urn] = json_format.MessageToDict(request.outputs)
        return super().RegisterResourceOutputs(request)


def record(program: Callable[[], object]) -> Recording:
    """Runs the program against the monitor and returns what it registered."""
    recording = Recording()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        pulumi.runtime.set_mocks(
            _Mocks(), project="acme", stack="prod", preview=False, monitor=_Monitor(recording)
        )

        async def main() -> None:
            program()
            await wait_for_rpcs()

        loop.run_until_complete(main())
    finally:
        asyncio.set_event_loop(None)
        loop.close()
        settings.reset_options()
    return recording
