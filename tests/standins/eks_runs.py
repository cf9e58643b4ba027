"""What engine runs of the program `eks` leave behind and say, for the tests that look at it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from attached_plugins import ATTACHED, running_plugins
from clouds.program import Clouds
from control_plane import ControlPlane
from k8s_plugin.api import KubernetesApi
from k8s_plugin.kubeconfig import connect
from pulumi import automation

from splitplane.stacks.local_cluster import LocalCluster

Json = dict[str, Any]  # Any: JSON

KINDS = ("cluster", "environment", "workspace", "ml-repo", "storage-integration")
"""What the program registers with the control plane."""
FIRST_ENVIRONMENTS = {"dev", "staging", "prod"}
"""What a tenant has from the start; the examples name these and make them not."""
KEPT = {
    "existing-vpc": {
        # Role tags on subnets of others, which other clusters may need too.
        "aws:ec2/tag:Tag": 3,
    },
    # What the key has encrypted cannot be read without it.
    "private": {"aws:kms/key:Key": 1},
}
"""Example → type → how many objects stay when it is destroyed."""
_RELEASE = "kubernetes:helm.sh/v3:Release"
# The engine says so of every plugin that it finds on PATH, as it does here.
_PLUGIN = "using pulumi-resource-"


@dataclass(frozen=True)
class World:
    """Everything outside of the engine that a stack may have put something into."""

    clouds: Clouds
    cluster: LocalCluster
    control_plane: ControlPlane

    def objects(self) -> set[tuple[str, str]]:
        """(type, id) of everything in the account."""
        return {(item.type, item.id) for item in self.clouds.store("aws").all()}

    def registered(self) -> dict[str, list[str]]:
        """Kind → names of what the control plane has, without kinds of which it has nothing.

        What a tenant has from the start does not count.
        """
        found = {
            kind: sorted(
                item.name
                for item in self.control_plane.client.list(kind)
                if kind != "environment" or item.name not in FIRST_ENVIRONMENTS
            )
            for kind in KINDS
        }
        return {kind: names for kind, names in found.items() if names}

    def in_cluster(self, resources: Iterable[Json]) -> set[str]:
        """Those Kubernetes resources of a state that are there, as `Kind namespace/name`."""
        api = KubernetesApi(connect(str(self.cluster.kubeconfig), None, None))
        try:
            return {
                f"{kind} {namespace}/{name}"
                for version, kind, namespace, name in _objects(resources)
                if api.get(api.place(version, kind).path(namespace, name)) is not None
            }
        finally:
            api.close()


def resources_of(stack: automation.Stack) -> list[Json]:
    """The resources in the state of a stack, without the stack itself."""
    deployment: Mapping[str, Any] = stack.export_stack().deployment or {}
    found: list[Json] = deployment.get("resources", [])
    return [item for item in found if item["type"] != "pulumi:pulumi:Stack"]


def assert_nothing_is_lost(stack: automation.Stack, world: World) -> None:
    """The state and the world have the same objects, each once, and nothing waits to be cleared."""
    deployment: Mapping[str, Any] = stack.export_stack().deployment or {}
    assert not deployment.get("pending_operations"), deployment["pending_operations"]
    resources = resources_of(stack)
    urns = [item["urn"] for item in resources]
    assert sorted(set(urns)) == sorted(urns)
    assert not [item["urn"] for item in resources if item.get("delete")]
    known = {(item["type"], item["id"]) for item in resources if item["type"].startswith("aws:")}
    assert known == world.objects()
    wanted = {f"{kind} {namespace}/{name}" for _, kind, namespace, name in _objects(resources)}
    assert world.in_cluster(resources) == wanted
    registered = [item for item in resources if item["type"].startswith("splitplane:index:")]
    ours = [item for item in registered if item.get("custom")]
    assert len(ours) == sum(len(names) for names in world.registered().values())


def assert_only_what_is_kept_is_left(name: str, world: World) -> None:
    """Of an example that was destroyed the account has `KEPT`."""
    left = [type for type, _ in world.objects()]
    assert {type: left.count(type) for type in left} == KEPT.get(name, {})


@contextmanager
def attached(stack: automation.Stack, world: World) -> Iterator[None]:
    """The stack's operations use plugins that run already, with the variables of this moment."""
    variables = stack.workspace.env_vars
    with running_plugins(world.clouds.plugins, {}) as plugins:
        stack.workspace.env_vars = {**variables, ATTACHED: plugins}
        try:
            yield
        finally:
            stack.workspace.env_vars = variables


def unprotect(stack: automation.Stack) -> None:
    """As `pulumi state unprotect --all` does."""
    state = stack.export_stack()
    assert state.deployment is not None
    for item in state.deployment["resources"]:
        item.pop("protect", None)
    stack.import_stack(state)


def said(events: Iterable[automation.EngineEvent]) -> list[str]:
    """What a user is shown as warnings and errors, but that a plugin was found on PATH."""
    diagnostics = [event.diagnostic_event for event in events if event.diagnostic_event]
    return [
        item.message.strip()
        for item in diagnostics
        if item.severity in ("warning", "error") and not item.message.startswith(_PLUGIN)
    ]


def counts(changes: Mapping[Any, int] | None) -> dict[str, int]:
    """Operation → how many, as plain text."""
    return {str(getattr(key, "value", key)): count for key, count in (changes or {}).items()}


def operations(events: Iterable[automation.EngineEvent]) -> dict[str, str]:
    """`type::name` → operation, of everything that is not the same."""
    found: dict[str, str] = {}
    for event in events:
        if event.resource_pre_event is None:
            continue
        metadata = event.resource_pre_event.metadata
        _, _, types, name = metadata.urn.split("::", 3)
        operation = str(getattr(metadata.op, "value", metadata.op))
        if operation not in ("same", "read"):
            found[f"{types.rpartition('$')[2]}::{name}"] = operation
    return found


def _objects(resources: Iterable[Json]) -> Iterator[tuple[str, str, str | None, str]]:
    """apiVersion, kind, namespace and name of the Kubernetes resources but releases."""
    for item in resources:
        if item["type"].startswith("kubernetes:") and item["type"] != _RELEASE:
            outputs = item["outputs"]
            metadata = outputs["metadata"]
            namespace = metadata.get("namespace")
            yield outputs["apiVersion"], outputs["kind"], namespace, metadata["name"]
