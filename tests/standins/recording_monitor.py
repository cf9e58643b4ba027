"""A monitor that records whole requests, since mocks see neither parents nor options."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

import pulumi
from google.protobuf import json_format, struct_pb2
from pulumi.runtime import mocks, settings
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.stack import wait_for_rpcs

from splitplane.provider.codec import decode, encode


@dataclass
class Registered:
    """One resource as the engine was asked for it; what is not set is empty."""

    type: str
    name: str
    parent: str
    """Name of the parent; `parent_urn` has all of it."""
    inputs: dict[str, Any]
    """JSON as it came; `properties` has secrets and unknowns as such."""
    provider: str
    """`urn::id` of the provider."""
    dependencies: tuple[str, ...]
    """Names; `dependency_urns` has all of them."""
    create_timeout: str = ""
    urn: str = ""
    parent_urn: str = ""
    is_custom: bool = True
    is_remote: bool = False
    properties: dict[str, Any] = field(default_factory=dict)
    dependency_urns: tuple[str, ...] = ()
    property_dependencies: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Input → URNs of what its value comes from."""
    protect: bool = False
    retain_on_delete: bool = False
    delete_before_replace: bool = False
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    hide_diffs: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    timeouts: dict[str, str] = field(default_factory=dict)
    """create, update, delete → `45m`."""
    deleted_with: str = ""
    replace_with: tuple[str, ...] = ()
    providers: dict[str, str] = field(default_factory=dict)
    """Package → `urn::id`, of a component."""
    aliases: tuple[str, ...] = ()
    """URNs, or `key=value` for each key of a specification, by comma."""
    import_id: str = ""
    version: str = ""


@dataclass
class Recording:
    """Everything that a program registered."""

    resources: list[Registered] = field(default_factory=list)
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def one(self, type_token: str) -> Registered:
        found = [item for item in self.resources if item.type == type_token]
        assert len(found) == 1, [item.type for item in self.resources]
        return found[0]


class Answering(Protocol):
    """What clouds would answer; see `clouds.answers`."""

    def registered(
        self, made: Registered, id: str, outputs: struct_pb2.Struct
    ) -> tuple[str, struct_pb2.Struct]:
        """The id and the outputs of a new resource."""
        ...

    def called(self, token: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """The result of a function."""
        ...


class _Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        raise AssertionError("the monitor answers registrations itself")

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:  # the stubs know no bare dict
        return {}


class _Monitor(mocks.MockMonitor):
    """Answers with the inputs, without the event loops that the original makes in its threads."""

    def __init__(self, recording: Recording, answers: Answering | None) -> None:
        super().__init__(_Mocks())
        self.recording = recording
        self._answers = answers

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """As the engine makes it: all types of the parents, without the stack's."""
        parents = parent.split("::")[2] if parent else ""
        if parents and parents != "pulumi:pulumi:Stack":
            type_ = f"{parents}${type_}"
        return super().make_urn("", type_, name)

    def RegisterResource(self, request: Any) -> Any:
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == "pulumi:pulumi:Stack":
            return resource_pb2.RegisterResourceResponse(urn=urn)
        if urn in {item.urn for item in self.recording.resources}:
            raise AssertionError(f"Duplicate resource URN {urn!r}; try giving it a unique name")
        made = _registered(urn, request)
        self.recording.resources.append(made)
        outputs = struct_pb2.Struct()
        outputs.CopyFrom(request.object)
        if request.custom and request.type.startswith("splitplane:index:"):
            outputs["fqn"] = request.name
        if request.type == "splitplane:index:Cluster":
            outputs["joinToken"] = "spl_join_x"
        id = request.importId or f"{request.name}-id"
        if request.custom and self._answers is not None:
            id, outputs = self._answers.registered(made, id, outputs)
        return resource_pb2.RegisterResourceResponse(urn=urn, id=id, object=outputs)

    def Invoke(self, request: Any) -> Any:
        if self._answers is None:
            return cast(Any, super()).Invoke(request)
        result = self._answers.called(request.tok, decode(request.args))
        response = resource_pb2.ResourceInvokeResponse()
        # The field's name is a keyword.
        getattr(response, "return").CopyFrom(encode(result))
        return response

    def RegisterResourceOutputs(self, request: Any) -> Any:
        urn = request.urn.rpartition("::")[2]
        self.recording.outputs[urn] = json_format.MessageToDict(request.outputs)
        return cast(Any, super()).RegisterResourceOutputs(request)


def record(
    program: Callable[[], object],
    *,
    is_preview: bool = False,
    answers: Answering | None = None,
) -> Recording:
    """Runs the program against the monitor and returns what it registered.

    Args:
        program: registers resources.
        is_preview: whether outputs that nobody answers are unknown, and not None.
        answers: gives ids, outputs and results of functions; without it a resource has its inputs
            as outputs, and functions have none.
    """
    recording = Recording()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        pulumi.runtime.set_mocks(
            _Mocks(),
            project="acme",
            stack="prod",
            preview=is_preview,
            monitor=_Monitor(recording, answers),
        )

        async def main() -> None:
            program()
            await wait_for_rpcs()

        loop.run_until_complete(main())
    finally:
        # A program that raised leaves registrations that wait for others.
        waiting = asyncio.all_tasks(loop)
        for task in waiting:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*waiting, return_exceptions=True))
        asyncio.set_event_loop(None)
        loop.close()
        settings.reset_options()
    return recording


def _registered(urn: str, request: Any) -> Registered:
    timeouts = request.customTimeouts
    return Registered(
        type=request.type,
        name=request.name,
        parent=_name(request.parent),
        inputs=json_format.MessageToDict(request.object),
        provider=request.provider,
        dependencies=tuple(sorted(_name(item) for item in request.dependencies)),
        create_timeout=timeouts.create,
        urn=urn,
        parent_urn=request.parent,
        is_custom=request.custom,
        is_remote=request.remote,
        properties=decode(request.object),
        dependency_urns=tuple(sorted(request.dependencies)),
        property_dependencies={
            key: tuple(sorted(found.urns))
            for key, found in sorted(request.propertyDependencies.items())
            if found.urns
        },
        protect=request.protect,
        retain_on_delete=request.retainOnDelete,
        delete_before_replace=request.deleteBeforeReplace,
        ignore_changes=tuple(request.ignoreChanges),
        replace_on_changes=tuple(request.replaceOnChanges),
        hide_diffs=tuple(request.hideDiffs),
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
        timeouts={
            key: getattr(timeouts, key)
            for key in ("create", "update", "delete")
            if getattr(timeouts, key)
        },
        deleted_with=request.deletedWith,
        replace_with=tuple(request.replace_with),
        providers=dict(sorted(request.providers.items())),
        aliases=(*request.aliasURNs, *(_alias(item) for item in request.aliases)),
        import_id=request.importId,
        version=request.version,
    )


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _alias(alias: Any) -> str:
    if alias.urn:
        return str(alias.urn)
    found = json_format.MessageToDict(alias.spec)
    return ",".join(f"{key}={value}" for key, value in sorted(found.items()) if value)
