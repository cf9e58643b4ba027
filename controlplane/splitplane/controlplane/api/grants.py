"""Grants: who has which role on what. Those that follow from a manifest change only with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from splitplane.contract.errors import ErrorCode
from splitplane.contract.ids import is_id
from splitplane.contract.permissions import SCOPES
from splitplane.contract.views import GrantCreate, GrantView, Page
from splitplane.controlplane.api.nouns import Key, Ref
from splitplane.controlplane.errors import UserError, not_found
from splitplane.controlplane.history import record_event
from splitplane.controlplane.nouns.context import Context
from splitplane.controlplane.nouns.grants import find_object, keeping_an_admin
from splitplane.controlplane.nouns.references import check_role, find_subject
from splitplane.controlplane.permissions.declare import requires
from splitplane.controlplane.permissions.targets import Target
from splitplane.controlplane.tables import Grant, ServiceAccount, Team, User, Workspace
from splitplane.controlplane.web.replays import find_replay, keep_answer
from splitplane.controlplane.web.requests import SIGNED_IN, transaction

router = APIRouter(prefix="/grants", tags=["grants"], dependencies=[SIGNED_IN])

_GRANT_VERBS = tuple(f"{scope}:grant" for scope in SCOPES)
_MAX_ROWS: Final = 1000


@router.get("", operation_id="list_grants")
@requires("grant:read", object_from="query")
async def list_grants(
    request: Request,
    object: Annotated[
        str, Query(max_length=400, description="`tenant`, or id or name of an object.")
    ] = "tenant",
) -> Page[GrantView]:
    """The grants on one object; those on what contains it are listed there."""
    async with transaction(request) as ctx:
        target = await find_object(ctx, object)
        await ctx.access.check("grant:read", target)
        rows = await ctx.session.scalars(
            select(Grant)
            .where(Grant.tenant_id == ctx.tenant_id, Grant.object_id == target.ids[0])
            .order_by(Grant.id)
            .limit(_MAX_ROWS)
        )
        return Page[GrantView](items=await _views(ctx, list(rows), target))


@router.post("", status_code=201, operation_id="create_grant")
@requires(*_GRANT_VERBS, object_from="body")
async def create_grant(request: Request, body: GrantCreate, key: Key = None) -> GrantView:
    """The subject has the role on the object from now on."""
    async with transaction(request) as ctx:
        target = await find_object(ctx, body.object)
        await ctx.access.check(f"{target.kind}:grant", target)
        replay = await find_replay(ctx, key, "POST /grants", body, GrantView)
        if replay is not None:
            return replay
        await check_role(ctx, target.kind, body.role, "role")
        await ctx.access.check_hand_out(body.role, target)
        kind, subject_id = await find_subject(ctx, body.subject, "subject")
        row = Grant(
            tenant_id=ctx.tenant_id,
            created_at=datetime.now(UTC),
            subject_kind=kind,
            subject_id=subject_id,
            role=body.role,
            object_kind=target.kind,
            object_id=target.ids[0],
            granted_by=ctx.actor.subject,
            source="grant",
            source_id=target.ids[0],
        )
        try:
            async with ctx.session.begin_nested():
                ctx.session.add(row)
                await ctx.session.flush()
        except IntegrityError as error:
            raise UserError(
                ErrorCode.ALREADY_EXISTS,
                f"{body.subject} has the role {body.role!r} on {target.fqn} already",
                fqn=target.fqn,
            ) from error
        await _record(ctx, "grant.created", f"{body.subject} was granted {body.role}", target)
        (view,) = await _views(ctx, [row], target)
        await keep_answer(ctx, key, "POST /grants", body, 201, view)
        return view


@router.delete("/{grant_id}", status_code=204, operation_id="delete_grant")
@requires(*_GRANT_VERBS, object_from="path")
async def delete_grant(request: Request, grant_id: Ref) -> None:
    """The subject no longer has the role by this grant."""
    async with transaction(request) as ctx:
        row = await ctx.session.get(Grant, grant_id) if is_id(grant_id) else None
        if row is None or row.tenant_id != ctx.tenant_id:
            raise not_found(grant_id)
        target = await find_object(ctx, "tenant" if row.object_kind == "tenant" else row.object_id)
        await ctx.access.check(f"{target.kind}:grant", target)
        if row.source not in ("grant", "creator"):
            raise UserError(
                ErrorCode.IN_USE,
                f"the grant follows from the manifest of a {row.source}",
                fqn=target.fqn,
                hint=f"change the {row.source}'s manifest instead",
            )
        (view,) = await _views(ctx, [row], target)
        async with keeping_an_admin(ctx):
            await ctx.session.delete(row)
        await _record(ctx, "grant.deleted", f"{view.subject} lost {row.role}", target)


async def _views(ctx: Context, rows: Sequence[Grant], target: Target) -> list[GrantView]:
    names: dict[str, str] = {}
    ids = [row.subject_id for row in rows]
    for table, prefix in ((User, ""), (Team, ""), (ServiceAccount, ""), (Workspace, "workspace:")):
        found = await ctx.session.execute(
            select(table.id, table.fqn).where(table.tenant_id == ctx.tenant_id, table.id.in_(ids))
        )
        names.update({row_id: f"{prefix}{fqn}" for row_id, fqn in found.all()})
    return [
        GrantView(
            id=row.id,
            subject=names.get(row.subject_id, row.subject_id),
            role=row.role,
            object=target.fqn,
            object_id=None if target.kind == "tenant" else row.object_id,
            granted_by=row.granted_by,
            created_at=row.created_at,
            source=row.source,
            expires_at=row.expires_at,
        )
        for row in rows
    ]


async def _record(ctx: Context, kind: str, message: str, target: Target) -> None:
    await record_event(
        ctx.session,
        tenant_id=ctx.tenant_id,
        type=kind,
        actor=ctx.actor.subject,
        message=f"{message} on {target.fqn}",
        object_kind=target.kind,
        object_id=target.ids[0],
        fqn=target.fqn,
        verb=f"{target.kind}:grant",
        decision="allowed",
        scope_ids=target.ids,
    )
