"""From rows to what the API answers: explicit fields, facts loaded once for a whole page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, cast

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from splitplane.contract.conditions import (
    Condition,
    ConditionStatus,
    ConditionType,
    derive_status,
)
from splitplane.contract.nouns import Kind
from splitplane.contract.views import JsonObject, ObjectView
from splitplane.controlplane.nouns.registry import HOOKS
from splitplane.controlplane.nouns.service import etag_of
from splitplane.controlplane.tables import AgentSession, ObjectCondition, ObjectRow

_ORDER: Final = ("Built", "Rendered", "Delivered", "Available", "Connected", "Ready")


async def to_views(
    session: AsyncSession,
    kind: Kind,
    rows: Sequence[ObjectRow],
    shown_once: Mapping[str, JsonObject] | None = None,
) -> list[ObjectView]:
    """The views of the rows, in their order.

    Args:
        session: the request's transaction.
        kind: kind of all rows.
        rows: at most one page.
        shown_once: id → facts that this answer alone shows.
    """
    conditions = await _conditions(session, [row.id for row in rows])
    if kind == "cluster":
        await _mark_lost_sessions(session, rows, conditions)
    observed = await HOOKS[kind].observe(session, rows) if rows else {}
    views: list[ObjectView] = []
    for row in rows:
        facts = {**observed.get(row.id, {}), **(shown_once or {}).get(row.id, {})}
        own = conditions.get(row.id, [])
        views.append(
            ObjectView(
                id=row.id,
                fqn=row.fqn,
                kind=kind,
                name=row.name,
                manifest=row.manifest,
                status=derive_status(
                    kind,
                    own,
                    is_deleting=row.is_deleting,
                    is_expired=HOOKS[kind].is_expired(row, facts),
                ),
                conditions=own,
                observed=facts,
                etag=etag_of(row),
                created_at=row.created_at,
                updated_at=row.updated_at,
                created_by=row.created_by,
            )
        )
    return views


async def _conditions(session: AsyncSession, ids: Sequence[str]) -> dict[str, list[Condition]]:
    found: dict[str, list[Condition]] = {}
    if not ids:
        return found
    rows = await session.scalars(
        select(ObjectCondition)
        .where(ObjectCondition.object_id.in_(ids))
        .execution_options(populate_existing=True)
    )
    for row in sorted(rows, key=lambda row: _ORDER.index(row.type) if row.type in _ORDER else 99):
        found.setdefault(row.object_id, []).append(
            Condition(
                type=cast(ConditionType, row.type),
                status=cast(ConditionStatus, row.status),
                reason=row.reason,
                message=row.message,
                changed_at=row.changed_at,
            )
        )
    return found


async def _mark_lost_sessions(
    session: AsyncSession, rows: Sequence[ObjectRow], conditions: dict[str, list[Condition]]
) -> None:
    """A cluster whose session's lease has lapsed is not shown as connected."""
    lost = await session.execute(
        select(AgentSession.cluster_id, AgentSession.lease_until).where(
            AgentSession.cluster_id.in_([row.id for row in rows]),
            AgentSession.lease_until < func.now(),
        )
    )
    for cluster_id, lease_until in lost.all():
        conditions[cluster_id] = [
            condition
            if condition.type != "Connected" or condition.status != "true" or lease_until is None
            else condition.model_copy(
                update={
                    "status": "false",
                    "reason": "LeaseExpired",
                    "message": "the agent has not been heard of since",
                    "changed_at": lease_until,
                }
            )
            for condition in conditions.get(cluster_id, [])
        ]
