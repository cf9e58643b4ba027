"""The event log, limited to objects on which the caller may read events."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlalchemy import or_, select

from splitplane.contract.ids import is_id
from splitplane.contract.views import EventView, Page
from splitplane.controlplane.api.nouns import Cursor, Limit
from splitplane.controlplane.nouns.listing import DEFAULT_LIMIT, decode_cursor, encode_cursor
from splitplane.controlplane.nouns.references import bad_field
from splitplane.controlplane.permissions.declare import requires
from splitplane.controlplane.permissions.targets import tenant_target
from splitplane.controlplane.tables import Event
from splitplane.controlplane.web.requests import SIGNED_IN, transaction

router = APIRouter(tags=["events"], dependencies=[SIGNED_IN])

_ID_DIGITS = 18


@router.get("/events", operation_id="list_events")
@requires("event:read", "audit:read", object_from="list")
async def events(
    request: Request,
    object: Annotated[
        str | None,
        Query(max_length=400, description="Id or name of an object; what it contains counts too."),
    ] = None,
    since: Annotated[
        str | None, Query(max_length=20, description="Id of an event: only later ones, in order.")
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[EventView]:
    """Events, newest first; with `since`, the later ones, oldest first.

    Refusals are shown to those who may read the audit log.
    """
    async with transaction(request) as ctx:
        statement = select(Event).where(Event.tenant_id == ctx.tenant_id)
        granted = await ctx.access.granted_ids("event:read")
        if granted is not None:
            ids = [object_id for found in granted.values() for object_id in found]
            statement = statement.where(Event.scope_ids.overlap(ids))
        if not await ctx.access.has("audit:read", tenant_target(ctx.tenant_id)):
            statement = statement.where(or_(Event.decision.is_(None), Event.decision != "denied"))
        if object is not None:
            statement = statement.where(
                Event.scope_ids.contains([object])
                if is_id(object)
                else or_(Event.fqn == object, Event.fqn.startswith(f"{object}:", autoescape=True))
            )
        order = Event.id.asc() if since is not None else Event.id.desc()
        if since is not None:
            statement = statement.where(Event.id > _number(since, "since"))
        if cursor is not None:
            last = _number(decode_cursor(cursor, "event"), "cursor")
            statement = statement.where(Event.id > last if since is not None else Event.id < last)
        found = list(await ctx.session.scalars(statement.order_by(order).limit(limit + 1)))
        page = found[:limit]
        return Page[EventView](
            items=[_view(row) for row in page],
            next_cursor=encode_cursor(str(page[-1].id), "event") if len(found) > limit else None,
        )


def _view(row: Event) -> EventView:
    return EventView(
        id=str(row.id),
        time=row.time,
        type=row.type,
        object_id=row.object_id,
        fqn=row.fqn,
        actor=row.actor,
        message=row.message,
        data=row.data,
    )


def _number(text: str, field: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _ID_DIGITS):
        raise bad_field(field, text[:64], "is not the id of an event", hint="send an event's id")
    return int(text)
