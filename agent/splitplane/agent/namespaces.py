"""Namespaces of workspaces: made when missing, deleted only when the agent made them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Final

from splitplane.agent.applyset import ID_LABEL
from splitplane.agent.errors import Refused, RetryLater
from splitplane.agent.kube import KubeClient
from splitplane.agent.kube.objects import Partial
from splitplane.agent.kube.resources import CONFIG_MAP, NAMESPACE
from splitplane.contract import labels

GONE_WITHIN_SECONDS: Final = 60.0
"""How long a deletion is waited for before the command is tried again later."""
POLL_SECONDS: Final = 0.2


async def ensure_workspace_namespace(
    client: KubeClient, namespace: str, *, workspace: str, wanted_labels: Mapping[str, str]
) -> None:
    """The namespace exists and carries the workspace's labels. Idempotent, no write when it does.

    Raises:
        RetryLater: it is being deleted.
        Refused: it does not exist and the agent may not make it, or is another workspace's.
    """
    marks = {**wanted_labels, labels.WORKSPACE: workspace}
    found = await client.find(NAMESPACE, None, namespace)
    is_ours = True
    if found is not None:
        metadata = found["metadata"]
        if metadata.get("deletionTimestamp"):
            raise RetryLater(
                f"namespace {namespace!r} is being deleted",
                reason="Terminating",
                delay_seconds=1.0,
            )
        present: dict[str, str] = metadata.get("labels") or {}
        owner = present.get(labels.WORKSPACE, workspace)
        if owner != workspace:
            raise Refused(
                f"namespace {namespace!r} belongs to workspace {owner!r}, not to {workspace!r}",
                reason="NotAllowed",
            )
        if marks.items() <= present.items():
            return
        is_ours = labels.CREATED_BY_AGENT in (metadata.get("annotations") or {})
    await client.apply(NAMESPACE, _document(namespace, marks, is_ours=is_ours))


async def remove_workspace_namespace(client: KubeClient, namespace: str) -> tuple[str, str]:
    """Reason and message of what became of the namespace; waits until it is gone.

    One that the agent did not make is kept and loses its labels.

    Raises:
        Refused: an application of ours is still in it.
        RetryLater: it is not gone within a minute; finalizers hold it.
    """
    found = await client.find(NAMESPACE, None, namespace)
    if found is None:
        return "Deleted", f"namespace {namespace!r} did not exist"
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
    if labels.CREATED_BY_AGENT not in (found["metadata"].get("annotations") or {}):
        await client.apply(NAMESPACE, _document(namespace, {}, is_ours=False))
        return "Kept", f"namespace {namespace!r} was not made by the agent; its labels are removed"
    await client.delete(NAMESPACE, None, namespace, uid=found["metadata"]["uid"])
    deadline = time.monotonic() + GONE_WITHIN_SECONDS
    while await client.find(NAMESPACE, None, namespace) is not None:
        if time.monotonic() > deadline:
            raise RetryLater(f"namespace {namespace!r} is still terminating", reason="Terminating")
        await asyncio.sleep(POLL_SECONDS)
    return "Deleted", f"namespace {namespace!r} is deleted"


def _document(name: str, marks: Mapping[str, str], *, is_ours: bool) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name, "labels": dict(marks)}
    if is_ours:
        metadata["labels"][labels.MANAGED_BY] = labels.MANAGED_BY_VALUE
        metadata["annotations"] = {labels.CREATED_BY_AGENT: "true"}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
