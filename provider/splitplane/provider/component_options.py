"""The resource options of a Construct request, all that the protocol carries.

Imports the SDK. Transforms are not among them: the engine runs those of the program itself, on the
component before it asks for it and on each child as it is registered.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import EllipsisType
from typing import Any

import pulumi
from google.protobuf import struct_pb2
from pulumi.resource import DependencyResource
from pulumi.runtime.proto import alias_pb2
from pulumi.runtime.resource_hooks import StubErrorHook, StubResourceHook

from splitplane.provider.codec import decode
from splitplane.provider.component_inputs import read_any
from splitplane.provider.component_resources import make_provider
from splitplane.provider.stubs import provider_pb2

_HOOKS = (
    "before_create",
    "after_create",
    "before_update",
    "after_update",
    "before_delete",
    "after_delete",
)


def read_options(request: provider_pb2.ConstructRequest) -> pulumi.ResourceOptions:
    """The options; what the request leaves open stays None, so that a parent's holds."""
    return pulumi.ResourceOptions(
        additional_secret_outputs=list(request.additionalSecretOutputs) or None,
        aliases=[_alias(alias) for alias in request.aliases],
        custom_timeouts=_timeouts(request) if request.HasField("customTimeouts") else None,
        delete_before_replace=_optional(request, "deleteBeforeReplace"),
        deleted_with=DependencyResource(request.deletedWith) if request.deletedWith else None,
        depends_on=[DependencyResource(urn) for urn in request.dependencies],
        hooks=_hooks(request) if request.HasField("resource_hooks") else None,
        ignore_changes=list(request.ignoreChanges) or None,
        parent=_parent(request.parent) if request.parent else None,
        protect=_optional(request, "protect"),
        providers=_providers(request.providers),
        replace_on_changes=list(request.replaceOnChanges) or None,
        replace_with=[DependencyResource(urn) for urn in request.replace_with] or None,
        replacement_trigger=_trigger(request),
        retain_on_delete=_optional(request, "retainOnDelete"),
    )


def _optional(request: provider_pb2.ConstructRequest, name: Any) -> bool | None:
    # Any: the stubs take the names of the fields as literals.
    return bool(getattr(request, name)) if request.HasField(name) else None


def _parent(urn: str) -> DependencyResource:
    parent = DependencyResource(urn)
    # The SDK (3.272.0) asks every parent for it and forgets to set it on this kind. What the
    # program's parent says is in the request already.
    parent.__dict__["_protect"] = None
    return parent


def _providers(references: Mapping[str, str]) -> dict[str, pulumi.ProviderResource]:
    return {package: make_provider(reference) for package, reference in references.items()}


def _timeouts(request: provider_pb2.ConstructRequest) -> pulumi.CustomTimeouts:
    found = request.customTimeouts
    return pulumi.CustomTimeouts(
        create=found.create or None,
        update=found.update or None,
        delete=found.delete or None,
        read=found.read or None,
    )


def _alias(alias: alias_pb2.Alias) -> str | pulumi.Alias:
    if alias.WhichOneof("alias") == "urn":
        return alias.urn
    spec = alias.spec
    # An ellipsis is "as the resource has it", None as a parent is "no parent".
    parent: Any = spec.parentUrn or ...  # Any: so the SDK types it
    given: dict[str, Any] = {  # Any: text or an ellipsis
        "name": _given(spec.name),
        "type_": _given(spec.type),
        "stack": _given(spec.stack),
        "project": _given(spec.project),
        "parent": None if spec.noParent else parent,
    }
    return pulumi.Alias(**given)


def _given(text: str) -> str | EllipsisType:
    return text or ...


def _trigger(request: provider_pb2.ConstructRequest) -> Any:  # Any: any value triggers
    if not request.HasField("replacement_trigger"):
        return None
    struct = struct_pb2.Struct()
    struct.fields["trigger"].CopyFrom(request.replacement_trigger)
    return read_any(decode(struct)["trigger"])


def _hooks(request: provider_pb2.ConstructRequest) -> pulumi.ResourceHookBinding:
    """The program's hooks by name: it has registered them, and the engine runs them there."""
    found = request.resource_hooks
    by_event: dict[str, Any] = {  # Any: stand-ins of hooks
        event: [StubResourceHook(name) for name in getattr(found, event)] for event in _HOOKS
    }
    on_error: list[Any] = [StubErrorHook(name) for name in found.on_error]  # Any: as above
    return pulumi.ResourceHookBinding(**by_event, on_error=on_error)
