"""Resources of the program as objects in this process: by reference, as providers, as receivers.

Imports the SDK.
"""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar

import pulumi
from pulumi.resource import DependencyProviderResource, DependencyResource
from pulumi.runtime import rpc

from splitplane.provider.codec import Asset, ResourceRef, Unknown, encode
from splitplane.provider.component_shapes import fields_of
from splitplane.provider.servicer import type_of

ComponentT = TypeVar("ComponentT", bound=pulumi.ComponentResource)

_PROVIDERS = "pulumi:providers:"


def make_resource(reference: ResourceRef, cls: type[Any] | None) -> pulumi.Resource:
    """The resource that the reference means.

    It has all its properties when the package of its type is imported here, else its URN and id.

    Raises:
        TypeError: it is not of the class.
    """
    value = rpc.deserialize_property(encode({"reference": reference})["reference"], True)
    if isinstance(value, pulumi.Resource):
        resource = value
    elif type_of(reference.urn).startswith(_PROVIDERS):
        provider_id = reference.id if isinstance(reference.id, str) else rpc.UNKNOWN
        resource = DependencyProviderResource(f"{reference.urn}::{provider_id}")
    else:
        resource = _stand_in(reference)
    if cls is not None and not isinstance(resource, cls):
        raise TypeError
    return resource


def make_provider(reference: str) -> pulumi.ProviderResource:
    """The provider that `URN::ID` means, for passing it on."""
    return DependencyProviderResource(reference)


def make_asset(value: Any) -> Any:  # Any: a property value; assets and archives share no class
    """The asset or archive.

    Raises:
        TypeError: it is neither.
    """
    if not isinstance(value, Asset):
        raise TypeError
    return rpc.deserialize_property(encode({"asset": value})["asset"])


def receive(cls: type[ComponentT], urn: str) -> ComponentT:
    """The component that was registered with the URN, with its outputs, for a method of it."""
    fields = fields_of(cls)
    component = object.__new__(cls)
    pulumi.ComponentResource.__init__(
        component,
        type_of(urn),
        urn.rpartition("::")[2],
        dict.fromkeys(fields),
        pulumi.ResourceOptions(urn=urn),
    )
    for wire_name, field in fields.items():
        setattr(component, field.name, component.__dict__[wire_name])
    return component


def _stand_in(reference: ResourceRef) -> pulumi.Resource:
    resource = DependencyResource(reference.urn)
    if reference.id is not None:
        is_known = not isinstance(reference.id, Unknown)
        loop = asyncio.get_running_loop()
        value, known = loop.create_future(), loop.create_future()
        value.set_result(reference.id if is_known else None)
        known.set_result(is_known)
        resource.__dict__["id"] = pulumi.Output({resource}, value, known)
    return resource
