"""What hangs on a cluster: join tokens, the agent's session, commands, live objects."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlalchemy import select

from splitplane.contract.views import (
    CommandView,
    JoinTokenView,
    LiveObjectView,
    Page,
    SessionView,
)
from splitplane.controlplane.api.live import live_page
from splitplane.controlplane.api.nouns import Cursor, Key, Limit, Ref
from splitplane.controlplane.nouns.clusters import rotate_join_token
from splitplane.controlplane.nouns.context import Context
from splitplane.controlplane.nouns.listing import DEFAULT_LIMIT, decode_cursor, encode_cursor
from splitplane.controlplane.nouns.references import bad_field, find_readable
from splitplane.controlplane.permissions.declare import requires
from splitplane.controlplane.permissions.targets import target_of
from splitplane.controlplane.tables import AgentSession, Cluster, Command, LiveObject
from splitplane.controlplane.web.replays import find_replay, keep_answer
from splitplane.controlplane.web.requests import SIGNED_IN, transaction

router = APIRouter(prefix="/clusters/{ref}", tags=["clusters"], dependencies=[SIGNED_IN])

KindFilter = Annotated[str | None, Query(max_length=63, description="Only objects of this kind.")]
NamespaceFilter = Annotated[
    str | None, Query(max_length=63, description="Only objects in this namespace.")
]


@router.post("/join-token", status_code=201, operation_id="rotate_join_token")
@requires("cluster:connect", object_from="path")
async def rotate(request: Request, ref: Ref, key: Key = None) -> JoinTokenView:
    """A new one-time join token; older ones that were not used stop working."""
    async with transaction(request) as ctx:
        row = await _cluster(ctx, ref, "cluster:connect")
        route = f"POST join-token of {row.id}"
        await find_replay(ctx, key, route, {}, JoinTokenView)
        token, expires_at = await rotate_join_token(ctx, row)
        await keep_answer(ctx, key, route, {}, 201, None)
        return JoinTokenView(token=token, cluster_id=row.id, expires_at=expires_at)


@router.get("/session", operation_id="get_session")
@requires("cluster:read", object_from="path")
async def session(request: Request, ref: Ref) -> SessionView:
    """The connection of the cluster's agent; generation 0 before the first one."""
    async with transaction(request) as ctx:
        row = await _cluster(ctx, ref, "cluster:read")
        found = await ctx.session.get(AgentSession, row.id)
        if found is None:
            return SessionView(cluster_id=row.id, is_connected=False, generation=0)
        return SessionView(
            cluster_id=row.id,
            is_connected=is_live(found),
            generation=found.generation,
            agent_version=found.agent_version,
            kubernetes_version=found.kubernetes_version,
            connected_at=found.connected_at,
            last_seen_at=found.last_seen_at,
        )


@router.get("/commands", operation_id="list_commands")
@requires("cluster:read", object_from="path")
async def commands(
    request: Request, ref: Ref, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[CommandView]:
    """The orders to the cluster's agent, newest first; without what they carry."""
    async with transaction(request) as ctx:
        row = await _cluster(ctx, ref, "cluster:read")
        statement = select(Command).where(Command.cluster_id == row.id)
        if cursor is not None:
            statement = statement.where(Command.seq < _number(cursor, "command"))
        found = list(
            await ctx.session.scalars(statement.order_by(Command.seq.desc()).limit(limit + 1))
        )
        page = found[:limit]
        return Page[CommandView](
            items=[
                CommandView(
                    id=c.id,
                    seq=c.seq,
                    kind=c.kind,
                    state=c.state,
                    attempts=c.attempts,
                    created_at=c.created_at,
                    expires_at=c.expires_at,
                    actor=c.actor,
                    result=c.result,
                )
                for c in page
            ],
            next_cursor=encode_cursor(str(page[-1].seq), "command") if len(found) > limit else None,
        )


@router.get("/live-objects", operation_id="list_cluster_live_objects")
@requires("cluster:read", object_from="path")
async def live_objects(
    request: Request,
    ref: Ref,
    namespace: NamespaceFilter = None,
    kind: KindFilter = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[LiveObjectView]:
    """What the agent saw last in the cluster, by kind, namespace and name."""
    async with transaction(request) as ctx:
        row = await _cluster(ctx, ref, "cluster:read")
        statement = select(LiveObject).where(LiveObject.cluster_id == row.id)
        if namespace is not None:
            statement = statement.where(LiveObject.namespace == namespace)
        if kind is not None:
            statement = statement.where(LiveObject.kind == kind)
        return await live_page(ctx.session, statement, row.id, limit=limit, cursor=cursor)


def is_live(found: AgentSession) -> bool:
    """Whether the session's replica still renews its lease."""
    return (
        found.replica is not None
        and found.lease_until is not None
        and found.lease_until > datetime.now(UTC)
    )


async def _cluster(ctx: Context, ref: str, verb: str) -> Cluster:
    row = await find_readable(ctx, "cluster", ref)
    await ctx.access.check(verb, target_of("cluster", row))
    assert isinstance(row, Cluster)
    return row


def _number(cursor: str, kind: str) -> int:
    text = decode_cursor(cursor, kind)
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise bad_field("cursor", cursor[:64], "is not a cursor of this list")
    return int(text)
