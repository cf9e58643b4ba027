"""Delivery by the agent itself: server-side apply in order, ApplySet marks, pruning.

The parent ConfigMap is the memory of a bundle: its `generation` is raised before the first object
is applied (a fence against older bundles), its `command-id` is written after the last (a repeated
command then changes nothing).
"""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final

from splitplane.agent import applyset
from splitplane.agent.delivery.base import Outcome
from splitplane.agent.errors import AgentError, Refused, RetryLater
from splitplane.agent.guards import GuardRails
from splitplane.agent.kube import KubeClient, ObjectRef, Resource, ref_of
from splitplane.agent.kube.objects import Partial
from splitplane.agent.kube.resources import CONFIG_MAP
from splitplane.contract import labels
from splitplane.contract.bundle_kinds import BUNDLE_KINDS
from splitplane.contract.commands import Bundle, BundleRemoval, NamespaceRemoval

GONE_WITHIN_SECONDS: Final = 30.0
"""How long deleted objects are waited for before the command is tried again later."""
POLL_SECONDS: Final = 0.2
_API_VERSIONS: Final = {"": "v1", "autoscaling": "autoscaling/v2"}


def current_resource(group: str, kind: str) -> Resource | None:
    """Where objects of a kind are listed and deleted; None for one that bundles may not contain."""
    for item in BUNDLE_KINDS:
        if (item.group, item.kind) == (group, kind):
            version = _API_VERSIONS.get(group, f"{group}/v1")
            return Resource(version, kind, item.plural, is_namespaced=True)
    return None


class DirectDeliverer:
    """Applies bundles with the agent's own rights."""

    is_self_healing = False

    def __init__(self, client: KubeClient, rails: GuardRails) -> None:
        self._client = client
        self._rails = rails

    async def apply(self, bundle: Bundle, *, command_id: str) -> Outcome:
        """The application's objects are those of the bundle; others of it are deleted.

        Raises:
            Refused: a newer bundle is in the cluster, or too many objects would be deleted.
            UserError: the API server calls an object invalid.
            RetryLater: the API server cannot be reached, or asks to wait.
        """
        parent = await self._client.find(
            CONFIG_MAP, bundle.namespace, applyset.parent_name(bundle.application_id)
        )
        notes: dict[str, str] = (parent or {}).get("metadata", {}).get("annotations") or {}
        held = int(notes.get(labels.GENERATION, "0"))
        if held > bundle.generation:
            raise Refused(
                f"version {bundle.generation} is older than {held}, which the cluster holds",
                reason="Superseded",
            )
        if held == bundle.generation and notes.get(labels.COMMAND_ID) == command_id:
            return Outcome("Unchanged", f"version {held} was applied by this command before")
        wanted = [ref_of(document) for document in bundle.objects]
        kinds = {(ref.group, ref.kind) for ref in wanted}
        old_kinds = applyset.decode_group_kinds(notes.get(applyset.GROUP_KINDS, ""))
        members = await self._members(bundle.application_id, bundle.namespace, old_kinds)
        stale = applyset.stale_members(members, wanted)
        self._rails.check_deletes(len(stale))

        marks = {labels.GENERATION: str(bundle.generation)}
        await self._apply_parent(bundle, kinds | old_kinds, marks)
        marks[labels.COMMAND_ID] = command_id
        for document in applyset.apply_order(bundle.objects):
            await self._apply_member(bundle, document, marks)
        for ref in stale:
            await self._delete(ref, members[ref])
        await self._apply_parent(bundle, kinds, marks)
        return Outcome(
            "Applied",
            f"version {bundle.generation}: {len(wanted)} applied, {len(stale)} deleted",
            applied=len(wanted),
            pruned=len(stale),
        )

    async def remove(self, removal: BundleRemoval) -> Outcome:
        """No object of the application is left, nor its parent; waits until they are gone.

        Raises:
            Refused: more objects than one command may delete.
            RetryLater: finalizers hold an object for more than 30 s.
        """
        name = applyset.parent_name(removal.application_id)
        parent = await self._client.find(CONFIG_MAP, removal.namespace, name)
        if parent is None:
            return Outcome("Deleted", "nothing of the application was in the cluster")
        notes = parent["metadata"].get("annotations") or {}
        kinds = applyset.decode_group_kinds(notes.get(applyset.GROUP_KINDS, ""))
        members = await self._members(removal.application_id, removal.namespace, kinds)
        self._rails.check_deletes(len(members))
        for ref in sorted(members, reverse=True):
            await self._delete(ref, members[ref])
        deadline = time.monotonic() + GONE_WITHIN_SECONDS
        while left := await self._members(removal.application_id, removal.namespace, kinds):
            if time.monotonic() > deadline:
                raise RetryLater(f"{next(iter(left))} is held by a finalizer", reason="Terminating")
            await asyncio.sleep(POLL_SECONDS)
        await self._client.delete(CONFIG_MAP, removal.namespace, name)
        return Outcome("Deleted", f"{len(members)} objects deleted", pruned=len(members))

    async def hand_over(self, bundle: Bundle) -> None:
        """The parent is gone, and with it the claim to the objects.

        Raises:
            Refused: too many objects would be deleted.
        """
        name = applyset.parent_name(bundle.application_id)
        parent = await self._client.find(CONFIG_MAP, bundle.namespace, name)
        if parent is None:
            return
        notes = parent["metadata"].get("annotations") or {}
        kinds = applyset.decode_group_kinds(notes.get(applyset.GROUP_KINDS, ""))
        members = await self._members(bundle.application_id, bundle.namespace, kinds)
        stale = applyset.stale_members(members, [ref_of(item) for item in bundle.objects])
        self._rails.check_deletes(len(stale))
        for ref in stale:
            await self._delete(ref, members[ref])
        await self._client.delete(CONFIG_MAP, bundle.namespace, name)

    async def release(self, removal: NamespaceRemoval) -> None:
        """Nothing: all that this delivery makes is inside the namespace."""

    async def _members(
        self, application_id: str, namespace: str, kinds: set[tuple[str, str]]
    ) -> dict[ObjectRef, str]:
        """Objects with the ApplySet's label, with their uids."""
        mark = applyset.applyset_id(applyset.parent_name(application_id), namespace)
        found: dict[ObjectRef, str] = {}
        for group, kind in sorted(kinds):
            resource = current_resource(group, kind)
            if resource is None:
                continue
            for item in await self._client.list_all(
                resource,
                Partial,
                namespace=namespace,
                label_selector=f"{applyset.PART_OF_LABEL}={mark}",
                is_metadata_only=True,
            ):
                found[ObjectRef(group, kind, namespace, item.metadata.name)] = item.metadata.uid
        return found

    async def _apply_parent(
        self, bundle: Bundle, kinds: set[tuple[str, str]], annotations: dict[str, str]
    ) -> None:
        await self._client.apply(
            CONFIG_MAP,
            applyset.build_parent(
                application_id=bundle.application_id,
                namespace=bundle.namespace,
                workspace=bundle.workspace,
                group_kinds=kinds,
                annotations=annotations,
            ),
        )

    async def _apply_member(
        self, bundle: Bundle, document: dict[str, Any], annotations: dict[str, str]
    ) -> None:
        marked = applyset.mark_member(
            document,
            application_id=bundle.application_id,
            namespace=bundle.namespace,
            annotations=annotations,
        )
        try:
            resource = await self._client.resource(document["apiVersion"], document["kind"])
            await self._client.apply(resource, marked)
        except RetryLater:
            raise
        except AgentError as error:
            raise type(error)(f"{ref_of(document)}: {error}", reason=error.reason) from error

    async def _delete(self, ref: ObjectRef, uid: str) -> None:
        resource = current_resource(ref.group, ref.kind)
        if resource is not None:
            await self._client.delete(resource, ref.namespace, ref.name, uid=uid)
