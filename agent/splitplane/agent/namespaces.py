"""Namespaces of workspaces: made when missing, deleted only when the agent made them.

Bundles make a namespace that is missing and give it labels. Once it was applied as a whole, with
its limits, the labels are part of that, and bundles leave it alone.

Its annotations are the memory of that: `generation` is raised before the first limit is applied (a
fence against older states), `command-id` is written after the last (a repeated command then changes
nothing).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from splitplane.agent.applyset import (
    ID_LABEL,
    apply_order,
    decode_group_kinds,
    encode_group_kinds,
)
from splitplane.agent.delivery.base import Outcome
from splitplane.agent.errors import Refused, RetryLater
from splitplane.agent.guards import GuardRails
from splitplane.agent.kube import KubeClient, ref_of
from splitplane.agent.kube.objects import Partial
from splitplane.agent.kube.resources import CONFIG_MAP, NAMESPACE
from splitplane.agent.limits import apply_limit, delete_limits, list_limits
from splitplane.contract import labels
from splitplane.contract.commands import NamespaceBundle, SignedCommand

GONE_WITHIN_SECONDS: Final = 60.0
"""How long a deletion is waited for before the command is tried again later."""
POLL_SECONDS: Final = 0.2


@dataclass(frozen=True)
class Present:
    """A workspace's namespace as the cluster has it.

    Attributes:
        labels: its labels.
        annotations: its annotations.
        is_ours: whether the agent made it, or is about to.
    """

    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    is_ours: bool


async def find_workspace_namespace(client: KubeClient, namespace: str, workspace: str) -> Present:
    """The namespace; one that is missing has nothing yet and is ours to make.

    Raises:
        RetryLater: it is being deleted.
        Refused: it is another workspace's.
    """
    found = await client.find(NAMESPACE, None, namespace)
    if found is None:
        return Present({}, {}, is_ours=True)
    metadata = found["metadata"]
    if metadata.get("deletionTimestamp"):
        raise RetryLater(
            f"namespace {namespace!r} is being deleted", reason="Terminating", delay_seconds=1.0
        )
    present: dict[str, str] = metadata.get("labels") or {}
    owner = present.get(labels.WORKSPACE, workspace)
    if owner != workspace:
        raise Refused(
            f"namespace {namespace!r} belongs to workspace {owner!r}, not to {workspace!r}",
            reason="NotAllowed",
        )
    notes: dict[str, str] = metadata.get("annotations") or {}
    return Present(present, notes, is_ours=labels.CREATED_BY_AGENT in notes)


async def ensure_workspace_namespace(
    client: KubeClient, namespace: str, *, workspace: str, wanted_labels: Mapping[str, str]
) -> None:
    """The namespace exists and carries the workspace's labels. Idempotent, no write when it does.

    Raises:
        RetryLater: it is being deleted.
        Refused: it does not exist and the agent may not make it, or is another workspace's.
    """
    present = await find_workspace_namespace(client, namespace, workspace)
    marks = {**wanted_labels, labels.WORKSPACE: workspace}
    if labels.WORKSPACE_ID in present.annotations or marks.items() <= present.labels.items():
        return
    await apply_workspace_namespace(client, namespace, marks, is_ours=present.is_ours)


async def apply_workspace_namespace(
    client: KubeClient,
    namespace: str,
    marks: Mapping[str, str],
    *,
    is_ours: bool,
    annotations: Mapping[str, str] | None = None,
) -> None:
    """The namespace has just these labels and annotations of ours, and keeps those of others."""
    metadata: dict[str, Any] = {
        "name": namespace,
        "labels": dict(marks),
        "annotations": dict(annotations or {}),
    }
    if is_ours:
        metadata["labels"][labels.MANAGED_BY] = labels.MANAGED_BY_VALUE
        metadata["annotations"][labels.CREATED_BY_AGENT] = "true"
    document = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
    await client.apply(NAMESPACE, document)


async def apply_namespace(
    client: KubeClient, rails: GuardRails, bundle: NamespaceBundle, *, order: SignedCommand
) -> Outcome:
    """The namespace exists with these labels and limits; others of ours are deleted. Idempotent.

    Raises:
        Refused: a newer state is in the cluster, the namespace is another workspace's, or too many
            objects would be deleted.
        UserError: the API server calls an object invalid.
        RetryLater: the namespace is being deleted, or the API server asks to wait.
    """
    present = await find_workspace_namespace(client, bundle.namespace, bundle.workspace)
    if _is_done(present, bundle, order.id):
        return Outcome("Unchanged", f"state {bundle.generation} was applied by this command before")
    wanted = [ref_of(document) for document in bundle.objects]
    kinds = {(ref.group, ref.kind) for ref in wanted}
    former = decode_group_kinds(present.annotations.get(labels.LIMIT_KINDS, ""))
    held = await list_limits(client, bundle.namespace, bundle.workspace, former)
    stale = {ref: uid for ref, uid in held.items() if ref not in wanted}
    rails.check_deletes(len(stale))

    await _mark(client, bundle, kinds | former, is_ours=present.is_ours)
    for document in apply_order(bundle.objects):
        await apply_limit(client, document, workspace=bundle.workspace)
    await delete_limits(client, stale)
    await _mark(client, bundle, kinds, is_ours=present.is_ours, order=order)
    return Outcome(
        "Applied",
        f"namespace {bundle.namespace!r} has state {bundle.generation}: "
        f"{len(wanted)} limits applied, {len(stale)} deleted",
        applied=len(wanted),
        pruned=len(stale),
    )


async def restore_namespace(
    client: KubeClient, bundle: NamespaceBundle, *, order: SignedCommand
) -> list[str]:
    """The namespace has its labels and limits as ordered; what was not so, such as `Namespace x`.

    Nothing is done when the namespace no longer has this order's state: then another command is
    under way, or the namespace is.

    Raises:
        AgentError: as the client does.
    """
    present = await find_workspace_namespace(client, bundle.namespace, bundle.workspace)
    if present.annotations.get(labels.COMMAND_ID) != order.id:
        return []
    changed: list[str] = []
    if not bundle.labels.items() <= present.labels.items():
        kinds = decode_group_kinds(present.annotations.get(labels.LIMIT_KINDS, ""))
        await _mark(client, bundle, kinds, is_ours=present.is_ours, order=order)
        changed.append(f"Namespace {bundle.namespace}")
    for document in apply_order(bundle.objects):
        if await apply_limit(client, document, workspace=bundle.workspace):
            changed.append(str(ref_of(document)))
    return changed


async def remove_workspace_namespace(
    client: KubeClient, namespace: str, *, workspace: str
) -> Outcome:
    """What became of the namespace; waits until it is gone.

    One that the agent did not make is kept and loses our labels and limits.

    Raises:
        Refused: an application of ours is still in it.
        RetryLater: it is not gone within a minute; finalizers hold it.
    """
    found = await client.find(NAMESPACE, None, namespace)
    if found is None:
        return Outcome("Deleted", f"namespace {namespace!r} did not exist")
    left = await client.list_all(
        CONFIG_MAP, Partial, namespace=namespace, label_selector=ID_LABEL, is_metadata_only=True
    )
    if left:
        names = ", ".join(sorted(item.metadata.name for item in left)[:5])
        raise Refused(
            f"namespace {namespace!r} still holds {len(left)} applications ({names}); "
            "delete them first",
            reason="NotEmpty",
        )
    notes: dict[str, str] = found["metadata"].get("annotations") or {}
    if labels.CREATED_BY_AGENT not in notes:
        kinds = decode_group_kinds(notes.get(labels.LIMIT_KINDS, ""))
        held = await list_limits(client, namespace, workspace, kinds)
        await delete_limits(client, held)
        await apply_workspace_namespace(client, namespace, {}, is_ours=False)
        message = f"namespace {namespace!r} was not made by the agent; its labels are removed"
        return Outcome("Kept", message, pruned=len(held))
    await client.delete(NAMESPACE, None, namespace, uid=found["metadata"]["uid"])
    deadline = time.monotonic() + GONE_WITHIN_SECONDS
    while await client.find(NAMESPACE, None, namespace) is not None:
        if time.monotonic() > deadline:
            raise RetryLater(f"namespace {namespace!r} is still terminating", reason="Terminating")
        await asyncio.sleep(POLL_SECONDS)
    return Outcome("Deleted", f"namespace {namespace!r} is deleted")


def _is_done(present: Present, bundle: NamespaceBundle, command_id: str) -> bool:
    """Whether the command has done its work; raises Refused when a newer one of the workspace has.

    What another workspace of the same name left in a namespace does not count.
    """
    notes = present.annotations
    if notes.get(labels.WORKSPACE_ID) != bundle.workspace_id:
        return False
    held = int(notes.get(labels.GENERATION, "0"))
    if held > bundle.generation:
        raise Refused(
            f"state {bundle.generation} of namespace {bundle.namespace!r} is older than {held}, "
            "which the cluster holds",
            reason="Superseded",
        )
    return held == bundle.generation and notes.get(labels.COMMAND_ID) == command_id


async def _mark(
    client: KubeClient,
    bundle: NamespaceBundle,
    kinds: set[tuple[str, str]],
    *,
    is_ours: bool,
    order: SignedCommand | None = None,
) -> None:
    annotations = {
        labels.WORKSPACE_ID: bundle.workspace_id,
        labels.GENERATION: str(bundle.generation),
        labels.LIMIT_KINDS: encode_group_kinds(kinds),
    }
    if order is not None:
        annotations[labels.COMMAND_ID] = order.id
        annotations[labels.ORDER] = order.model_dump_json()
    marks = {**bundle.labels, labels.WORKSPACE: bundle.workspace}
    await apply_workspace_namespace(
        client, bundle.namespace, marks, is_ours=is_ours, annotations=annotations
    )
