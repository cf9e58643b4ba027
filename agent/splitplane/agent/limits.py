"""Quota, default requests and network policies of a workspace's namespace, one by one.

They carry a label with the workspace's name, by which those that are no longer wanted are found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from splitplane.agent.errors import AgentError, RetryLater
from splitplane.agent.kube import KubeClient, ObjectRef, Resource, ref_of
from splitplane.agent.kube.objects import Partial
from splitplane.contract import labels
from splitplane.contract.bundle_kinds import NAMESPACE_KINDS

_RESOURCES: Final = {
    (item.group, item.kind): Resource(
        f"{item.group}/v1" if item.group else "v1", item.kind, item.plural, is_namespaced=True
    )
    for item in NAMESPACE_KINDS
}


async def list_limits(
    client: KubeClient, namespace: str, workspace: str, kinds: Iterable[tuple[str, str]]
) -> dict[ObjectRef, str]:
    """Limits in the namespace that are ours, with their uids."""
    found: dict[ObjectRef, str] = {}
    for group, kind in sorted(kinds):
        resource = _RESOURCES.get((group, kind))
        if resource is None:
            continue
        for item in await client.list_all(
            resource,
            Partial,
            namespace=namespace,
            label_selector=f"{labels.LIMITS}={workspace}",
            is_metadata_only=True,
        ):
            found[ObjectRef(group, kind, namespace, item.metadata.name)] = item.metadata.uid
    return found


async def apply_limit(
    client: KubeClient,
    document: dict[str, Any],  # Any: a Kubernetes object
    *,
    workspace: str,
) -> bool:
    """The object is as given, marked as a limit of the workspace; whether it was not. Idempotent.

    Raises:
        AgentError: as the client does, naming the object.
    """
    ref = ref_of(document)
    metadata = dict(document["metadata"])
    metadata["labels"] = {**(metadata.get("labels") or {}), labels.LIMITS: workspace}
    resource = _RESOURCES[ref.group, ref.kind]
    try:
        before = await client.find(resource, ref.namespace, ref.name)
        after = await client.apply(resource, {**document, "metadata": metadata})
        return before is None or _content(before) != _content(after)
    except RetryLater:
        raise
    except AgentError as error:
        raise type(error)(f"{ref}: {error}", reason=error.reason) from error


async def delete_limits(client: KubeClient, held: Mapping[ObjectRef, str]) -> None:
    """The objects with these uids are being deleted. Idempotent."""
    for ref, uid in sorted(held.items()):
        await client.delete(_RESOURCES[ref.group, ref.kind], ref.namespace, ref.name, uid=uid)


def _content(document: Mapping[str, Any]) -> tuple[Any, Any]:  # Any: a Kubernetes object
    """What people write, without what the cluster adds."""
    return document.get("spec"), document["metadata"].get("labels")
