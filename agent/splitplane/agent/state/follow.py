"""Watches what the agent delivered and fills the store.

Workloads are found by the label of their application, quotas by that of the workspace's limits.
Events have no labels: warnings are taken when they are about an object of ours, also when that
object is seen after the event.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from splitplane.agent.errors import NotFound, Refused
from splitplane.agent.kube import KubeClient, Resource, Snapshot, Trouble, Watcher
from splitplane.agent.kube.resources import (
    ARGOCD_APPLICATION,
    DEPLOYMENT,
    EVENT,
    JOB,
    POD,
    RESOURCE_QUOTA,
)
from splitplane.agent.state.shapes import (
    ApplicationShape,
    DeploymentShape,
    EventShape,
    JobShape,
    PodShape,
    QuotaShape,
)
from splitplane.agent.state.store import Held, LiveStore, Place
from splitplane.agent.state.trim import trim
from splitplane.contract import labels
from splitplane.contract.agent_rbac import MAX_NAMESPACE_WATCHES

log = logging.getLogger(__name__)

MAX_UNMATCHED: Final = 500
"""Events that wait for the object they are about."""


@dataclass(frozen=True)
class Followed:
    """A kind that is watched.

    Attributes:
        resource: the kind.
        shape: one of the shapes.
        label_selector: only what matches.
        field_selector: only what matches.
        is_optional: whether the agent is ready without the right to see it.
    """

    resource: Resource
    shape: type[Any]  # Any: one of the shapes
    label_selector: str = labels.APPLICATION_ID
    field_selector: str = ""
    is_optional: bool = False


WORKLOADS: Final = (
    Followed(DEPLOYMENT, DeploymentShape),
    Followed(JOB, JobShape),
    Followed(POD, PodShape),
    Followed(EVENT, EventShape, label_selector="", field_selector="type=Warning"),
    # Rights that were made for a former version do not include quotas.
    Followed(RESOURCE_QUOTA, QuotaShape, label_selector=labels.LIMITS, is_optional=True),
)
ARGOCD: Final = Followed(ARGOCD_APPLICATION, ApplicationShape)


@dataclass
class Follower:
    """Runs the watches.

    Attributes:
        client: Kubernetes client.
        store: what is filled.
        namespaces: the allowed ones; all when empty.
        followed: kinds to watch.
        lists: lists of the whole state so far, by kind.
        synced: set when the first state of every kind that is served is in the store.
    """

    client: KubeClient
    store: LiveStore
    namespaces: Sequence[str]
    followed: Sequence[Followed]
    lists: dict[str, int] = field(default_factory=dict[str, int])
    synced: asyncio.Event = field(default_factory=asyncio.Event)
    _pending: set[tuple[str, str | None]] = field(default_factory=set[tuple[str, str | None]])
    _unmatched: dict[Place, EventShape] = field(default_factory=dict[Place, EventShape])

    async def run(self) -> None:
        """Watches until it is cancelled."""
        scopes = self._scopes()
        self._pending = {(item.resource.kind, scope) for item in self.followed for scope in scopes}
        async with asyncio.TaskGroup() as group:
            for item in self.followed:
                for scope in scopes:
                    group.create_task(self._follow(item, scope))

    def _scopes(self) -> list[str | None]:
        if 0 < len(self.namespaces) <= MAX_NAMESPACE_WATCHES:
            return list(self.namespaces)
        return [None]

    async def _follow(self, item: Followed, scope: str | None) -> None:
        kind = item.resource.kind
        watcher = Watcher(
            client=self.client,
            resource=item.resource,
            item_type=item.shape,
            namespace=scope,
            label_selector=item.label_selector,
            field_selector=item.field_selector,
        )
        async for step in watcher.follow():
            self.lists[kind] = max(self.lists.get(kind, 0), watcher.lists)
            match step:
                case Snapshot(items=items):
                    places = [place for found in items if (place := self._take(kind, found))]
                    self.store.keep_only(kind, places, namespace=scope)
                    self._has_listed(kind, scope)
                case Trouble(error=NotFound()):
                    # Not served (yet): nothing of the kind exists, and nobody waits for it.
                    self.store.keep_only(kind, (), namespace=scope)
                    self._has_listed(kind, scope)
                case Trouble(error=error):
                    log.warning("watch interrupted", extra={"kind": kind, "reason": str(error)})
                    if item.is_optional and isinstance(error, Refused):
                        self._has_listed(kind, scope)
                case _ if step.is_deleted:
                    self.store.drop(kind, _place(step.item))
                    self._unmatched.pop(_place(step.item), None)
                case _:
                    self._take(kind, step.item)

    def _has_listed(self, kind: str, scope: str | None) -> None:
        self._pending.discard((kind, scope))
        if not self._pending:
            self.synced.set()

    def _take(self, kind: str, item: Any) -> Place | None:
        place = _place(item)
        if not self._is_allowed(place[0]):
            return None
        if kind == "Event":
            return self._take_event(item, place)
        application_id = (item.metadata.labels or {}).get(labels.APPLICATION_ID)
        self._put(kind, item, place, application_id)
        self._match_events(kind, place)
        return place

    def _take_event(self, item: EventShape, place: Place) -> Place | None:
        application_id = self._owner(item)
        if application_id is None:
            self._unmatched[place] = item
            while len(self._unmatched) > MAX_UNMATCHED:
                self._unmatched.pop(next(iter(self._unmatched)))
            return None
        self._put("Event", item, place, application_id)
        return place

    def _match_events(self, kind: str, place: Place) -> None:
        """Events that came before the object they are about are taken now."""
        for event_place, event in list(self._unmatched.items()):
            if event.metadata.namespace == place[0] and self._owner(event) is not None:
                del self._unmatched[event_place]
                self._take_event(event, event_place)

    def _owner(self, event: EventShape) -> str | None:
        namespace, involved = event.metadata.namespace, event.involved_object
        kind, name = involved.kind, involved.name
        if kind == "ReplicaSet":
            kind, name = "Deployment", name.rpartition("-")[0]
        return self.store.application_of(kind, (namespace, name))

    def _put(self, kind: str, item: Any, place: Place, application_id: str | None) -> None:
        held = Held(
            uid=item.metadata.uid,
            resource_version=item.metadata.resource_version,
            application_id=application_id,
            doc=msgspec.json.encode(trim(kind, item)),
        )
        self.store.put(kind, place, held)

    def _is_allowed(self, namespace: str) -> bool:
        return not self.namespaces or namespace in self.namespaces


def _place(item: Any) -> Place:
    return item.metadata.namespace, item.metadata.name
