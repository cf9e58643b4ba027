"""Environments by the SDK's own dynamic provider: what a user would write who had no plugin.

The plugin of dynamic providers imports this file too. It does what ours does for a create and a
delete, by the same client, with one pool of connections for all resources.

The SDK pickles the provider anew for each resource, and each time leaves one more layer around the
pickler's method (`serialize_provider`, 3.272.0): some 300 resources end in a RecursionError. Here
it is pickled once, which is in the peer's favour.
"""

from __future__ import annotations

import functools
from typing import Any

import pulumi.dynamic.dynamic
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

from splitplane.client import Client, load_settings
from splitplane.contract.manifests import parse_manifest


class Environments(ResourceProvider):
    """Makes and deletes environments on the control plane that SPLITPLANE_ENDPOINT names."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        manifest = parse_manifest({"type": "environment", "name": props["name"]})
        view = _client().create(manifest, f"bench:{manifest.name}")
        return CreateResult(id_=view.id, outs={"name": view.name, "fqn": view.fqn})

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        _client().delete("environment", _id)


class Environment(Resource, name="Environment"):
    """An environment."""

    def __init__(self, resource_name: str, name: str) -> None:
        super().__init__(_PROVIDER, resource_name, {"name": name, "fqn": None})


@functools.cache
def _client() -> Client:
    return Client.from_settings(load_settings())


_PROVIDER = Environments()
vars(pulumi.dynamic.dynamic)["serialize_provider"] = functools.cache(
    pulumi.dynamic.dynamic.serialize_provider
)


def program(resources: int) -> None:
    """Registers that many."""
    for number in range(resources):
        Environment(f"environment-{number}", f"dynamic-{number}")
