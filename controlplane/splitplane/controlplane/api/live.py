"""Pages of live objects; a state that may be old is marked, never shown as live."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from sqlalchemy import Select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from splitplane.contract.views import LiveObjectView, Page
from splitplane.controlplane.nouns.listing import decode_cursor, encode_cursor
from splitplane.controlplane.nouns.references import bad_field
from splitplane.controlplane.tables import AgentSession, LiveObject

_PARTS = 3


async def live_page(
    session: AsyncSession,
    statement: Select[LiveObject],
    cluster_id: str,
    *,
    limit: int,
    cursor: str | None,
) -> Page[LiveObjectView]:
    """One page of the objects of one cluster that the statement selects."""
    order = (LiveObject.kind, LiveObject.namespace, LiveObject.name)
    statement = statement.where(LiveObject.deleted_at.is_(None))
    if cursor is not None:
        statement = statement.where(tuple_(*order) > tuple_(*_key(cursor)))
    found = list(await session.scalars(statement.order_by(*order).limit(limit + 1)))
    page = found[:limit]
    agent = await session.get(AgentSession, cluster_id)
    is_stale = agent is None or agent.lease_until is None or agent.lease_until <= datetime.now(UTC)
    return Page[LiveObjectView](
        items=[_view(row, is_stale) for row in page],
        next_cursor=_cursor(page[-1]) if len(found) > limit else None,
    )


def _view(row: LiveObject, is_stale: bool) -> LiveObjectView:
    return LiveObjectView(
        kind=row.kind,
        namespace=row.namespace,
        name=row.name,
        uid=row.uid,
        resource_version=row.resource_version,
        application_id=row.application_id,
        doc=row.doc,
        updated_at=row.updated_at,
        is_stale=is_stale,
    )


def _cursor(row: LiveObject) -> str:
    return encode_cursor(json.dumps([row.kind, row.namespace, row.name]), "live-object")


def _key(cursor: str) -> list[str]:
    try:
        parts = json.loads(decode_cursor(cursor, "live-object"))
    except ValueError:
        parts = None
    if not isinstance(parts, list) or len(parts) != _PARTS:
        raise bad_field("cursor", cursor[:64], "is not a cursor of this list")
    return [str(part) for part in parts]
