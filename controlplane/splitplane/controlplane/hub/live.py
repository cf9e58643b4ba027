"""Live state in the database: what agents saw, written in batches and compared by digest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import Table, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from splitplane.contract.frames import State, StateItem
from splitplane.contract.ids import is_id
from splitplane.contract.live import EMPTY_DIGEST, KindDigest, object_hash
from splitplane.controlplane.hub.storable import storable
from splitplane.controlplane.tables import Application, LiveObject, Workspace

TOMBSTONE_LIFETIME: Final = timedelta(hours=1)
"""A deleted object is kept so long, so that people see what has just gone."""

_TABLE = cast(Table, LiveObject.__table__)


@dataclass(frozen=True)
class StoredState:
    """What a state frame changed.

    Attributes:
        application_ids: applications whose objects changed, sorted.
        resync_started_at: the database's time, when the frame began a whole kind.
    """

    application_ids: tuple[str, ...]
    resync_started_at: datetime | None = None


async def store_state(
    session: AsyncSession,
    state: State,
    *,
    tenant_id: str,
    cluster_id: str,
    resync_started_at: datetime | None,
) -> StoredState:
    """Writes the frame's items; the last of several for one object wins.

    At the end of a whole kind, objects that were not sent since `resync_started_at` become
    tombstones. None there means that the start was not seen: then nothing is taken away, and the
    next comparison of digests finds the difference.
    """
    newest = {(item.kind, item.namespace, item.name): item for item in state.items}
    upserts = [item for item in newest.values() if item.op == "upsert" and item.object is not None]
    deletes = [item for item in newest.values() if item.op == "delete"]
    changed = {item.object.application_id for item in upserts if item.object is not None}
    await _upsert(session, upserts, tenant_id=tenant_id, cluster_id=cluster_id, epoch=state.epoch)
    changed |= await _bury(session, deletes, cluster_id=cluster_id)
    started_at: datetime | None = None
    if state.resync_kind is not None and state.is_resync_start:
        started_at = await session.scalar(select(func.now()))
    since = started_at or resync_started_at
    if state.resync_kind is not None and state.is_resync_end and since is not None:
        changed |= await _bury_older(
            session, cluster_id=cluster_id, kind=state.resync_kind, since=since
        )
    application_ids = tuple(sorted(i for i in changed if i is not None and is_id(i)))
    await mark_applications_due(session, cluster_id=cluster_id, application_ids=application_ids)
    return StoredState(application_ids, started_at)


async def mark_applications_due(
    session: AsyncSession, *, cluster_id: str, application_ids: Sequence[str] | None
) -> None:
    """The worker looks at these applications of the cluster next; at all of them for None."""
    if application_ids is not None and not application_ids:
        return
    statement = update(Application).where(Application.cluster_id == cluster_id)
    if application_ids is not None:
        statement = statement.where(Application.id.in_(application_ids))
    await session.execute(statement.values(next_check_at=func.now()))


async def mark_workspaces_due(session: AsyncSession, *, cluster_id: str) -> None:
    """The worker looks at the namespaces of all workspaces of the cluster next."""
    await session.execute(
        update(Workspace).where(Workspace.cluster_id == cluster_id).values(next_check_at=func.now())
    )


async def kinds_to_resync(
    session: AsyncSession, *, cluster_id: str, agent_kinds: Mapping[str, KindDigest]
) -> list[str]:
    """Kinds of which the agent holds something else than the hub, sorted."""
    ours = await _digests(session, cluster_id=cluster_id)
    empty = KindDigest(count=0, digest=EMPTY_DIGEST)
    return sorted(
        kind
        for kind in set(ours) | set(agent_kinds)
        if ours.get(kind, empty) != agent_kinds.get(kind, empty)
    )


def combined_digest(objects: Iterable[tuple[str, str, str]]) -> KindDigest:
    """Digest of the (namespace, name, resource version) of every object of one kind."""
    count, value = 0, 0
    for namespace, name, resource_version in objects:
        count += 1
        value ^= object_hash(namespace, name, resource_version)
    return KindDigest(count=count, digest=f"{value:016x}")


async def _digests(session: AsyncSession, *, cluster_id: str) -> dict[str, KindDigest]:
    rows = await session.execute(
        select(
            LiveObject.kind, LiveObject.namespace, LiveObject.name, LiveObject.resource_version
        ).where(LiveObject.cluster_id == cluster_id, LiveObject.deleted_at.is_(None))
    )
    by_kind: dict[str, list[tuple[str, str, str]]] = {}
    for kind, namespace, name, resource_version in rows:
        by_kind.setdefault(kind, []).append((namespace, name, resource_version))
    return {kind: combined_digest(objects) for kind, objects in by_kind.items()}


async def _upsert(
    session: AsyncSession,
    items: Sequence[StateItem],
    *,
    tenant_id: str,
    cluster_id: str,
    epoch: str,
) -> None:
    rows: list[dict[str, Any]] = [  # Any: values of columns
        {
            "tenant_id": tenant_id,
            "cluster_id": cluster_id,
            "kind": item.kind,
            "namespace": item.namespace,
            "name": item.name,
            "uid": item.object.uid,
            "resource_version": item.object.resource_version,
            "epoch": epoch,
            "application_id": item.object.application_id,
            "doc": storable(item.object.doc),
        }
        for item in items
        if item.object is not None
    ]
    if not rows:
        return
    statement = insert(_TABLE)
    new = statement.excluded
    statement = statement.on_conflict_do_update(
        constraint=_TABLE.primary_key,
        set_={
            "uid": new.uid,
            "resource_version": new.resource_version,
            "epoch": new.epoch,
            "application_id": new.application_id,
            "doc": new.doc,
            "updated_at": func.now(),
            "deleted_at": None,
        },
    )
    await (await session.connection()).execute(statement, rows)


async def _bury(
    session: AsyncSession, items: Sequence[StateItem], *, cluster_id: str
) -> set[str | None]:
    """Turns the objects into tombstones; the applications that they belonged to."""
    changed: set[str | None] = set()
    for item in items:
        changed |= set(
            await session.scalars(
                update(LiveObject)
                .where(
                    LiveObject.cluster_id == cluster_id,
                    LiveObject.kind == item.kind,
                    LiveObject.namespace == item.namespace,
                    LiveObject.name == item.name,
                    LiveObject.deleted_at.is_(None),
                )
                .values(deleted_at=func.now(), updated_at=func.now())
                .returning(LiveObject.application_id)
                .execution_options(synchronize_session=False)
            )
        )
    return changed


async def _bury_older(
    session: AsyncSession, *, cluster_id: str, kind: str, since: datetime
) -> set[str | None]:
    found = await session.scalars(
        update(LiveObject)
        .where(
            LiveObject.cluster_id == cluster_id,
            LiveObject.kind == kind,
            LiveObject.deleted_at.is_(None),
            LiveObject.updated_at < since,
        )
        .values(deleted_at=func.now(), updated_at=func.now())
        .returning(LiveObject.application_id)
        .execution_options(synchronize_session=False)
    )
    return set(found)
