"""Signing in, the caller itself, and tokens."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from sqlalchemy import delete, func, or_, select

from splitplane.contract.ids import is_id
from splitplane.contract.views import (
    Page,
    SignedIn,
    SignIn,
    SignInCodeView,
    TokenCreate,
    TokenView,
    WhoAmI,
)
from splitplane.controlplane.api.nouns import Key, Ref
from splitplane.controlplane.errors import not_found
from splitplane.controlplane.history import record_event
from splitplane.controlplane.identity.bootstrap import CODE_LIFE, issue_signin_code, redeem_code
from splitplane.controlplane.identity.tokens import issue_token
from splitplane.controlplane.nouns.context import Context
from splitplane.controlplane.nouns.references import find_readable
from splitplane.controlplane.permissions.declare import about_self, public, requires
from splitplane.controlplane.permissions.targets import target_of, tenant_target
from splitplane.controlplane.tables import Grant, Team, Tenant, Token, User
from splitplane.controlplane.web.rates import RateLimit
from splitplane.controlplane.web.replays import find_replay, keep_answer
from splitplane.controlplane.web.requests import SIGNED_IN, core, transaction

open_router = APIRouter(tags=["identity"])
router = APIRouter(tags=["identity"], dependencies=[SIGNED_IN])


@open_router.post("/sign-in", operation_id="sign_in")
@public("the one-time code is the proof; attempts are limited")
async def sign_in(request: Request, body: SignIn) -> SignedIn:
    """Burns the one-time code and gives a personal access token for 90 days."""
    limit = request.app.state.sign_in_limit
    assert isinstance(limit, RateLimit)
    limit.check(request.client.host if request.client else "unknown")
    async with core(request).sessions.begin() as session:
        user, token, text = await redeem_code(session, body.code)
        tenant = await session.get_one(Tenant, user.tenant_id)
    return SignedIn(token=text, subject=user.fqn, tenant=tenant.name, expires_at=token.expires_at)


@router.get("/whoami", operation_id="whoami")
@about_self("shows the caller")
async def whoami(request: Request) -> WhoAmI:
    """The caller, as the token proves it."""
    async with transaction(request) as ctx:
        roles = await ctx.session.scalars(
            select(Grant.role)
            .where(
                Grant.tenant_id == ctx.tenant_id,
                Grant.object_kind == "tenant",
                Grant.subject_id.in_(ctx.actor.subject_ids),
                or_(Grant.expires_at.is_(None), Grant.expires_at > func.now()),
            )
            .distinct()
            .order_by(Grant.role)
        )
        teams = await ctx.session.scalars(
            select(Team.fqn).where(Team.id.in_(ctx.actor.team_ids)).order_by(Team.fqn)
        )
        return WhoAmI(
            subject=ctx.actor.subject,
            tenant=ctx.actor.tenant,
            tenant_id=ctx.tenant_id,
            tenant_roles=list(roles),
            teams=list(teams),
            token_expires_at=ctx.actor.token_expires_at,
        )


@router.get("/tokens", operation_id="list_tokens")
@about_self("shows the caller's own tokens")
async def list_tokens(request: Request) -> Page[TokenView]:
    """The caller's tokens that still work, newest first."""
    async with transaction(request) as ctx:
        return await _tokens_of(ctx, ctx.actor.subject_id, ctx.actor.subject)


@router.post("/tokens", status_code=201, operation_id="create_token")
@about_self("makes a token of the caller")
async def create_token(request: Request, body: TokenCreate, key: Key = None) -> TokenView:
    """A new token of the caller; its text is in this answer only."""
    async with transaction(request) as ctx:
        return await _create_token(
            ctx, body, key, ctx.actor.subject_kind, ctx.actor.subject_id, ctx.actor.subject
        )


@router.delete("/tokens/{token_id}", status_code=204, operation_id="delete_token")
@about_self("removes a token of the caller, or of a service account that the caller manages")
async def delete_token(request: Request, token_id: Ref) -> None:
    """The token stops working at once."""
    async with transaction(request) as ctx:
        row = await ctx.session.get(Token, token_id) if is_id(token_id) else None
        if row is None or row.tenant_id != ctx.tenant_id or not await _may_delete(ctx, row):
            raise not_found(token_id)
        await ctx.session.execute(delete(Token).where(Token.id == row.id))
        await record_event(
            ctx.session,
            tenant_id=ctx.tenant_id,
            type="token.deleted",
            actor=ctx.actor.subject,
            message=f"token {row.name!r} (…{row.last4}) was deleted",
            object_kind=row.subject_kind,
            object_id=row.subject_id,
        )


@router.get("/service-accounts/{ref}/tokens", operation_id="list_tokens_of_service_account")
@requires("service-account:read", object_from="path")
async def list_service_account_tokens(request: Request, ref: Ref) -> Page[TokenView]:
    """Tokens of the service account that still work, newest first."""
    async with transaction(request) as ctx:
        row = await find_readable(ctx, "service-account", ref)
        await ctx.access.check("service-account:read", target_of("service-account", row))
        return await _tokens_of(ctx, row.id, row.fqn)


@router.post(
    "/service-accounts/{ref}/tokens",
    status_code=201,
    operation_id="create_token_of_service_account",
)
@requires("service-account:create-token", object_from="path")
async def create_service_account_token(
    request: Request, ref: Ref, body: TokenCreate, key: Key = None
) -> TokenView:
    """A new token of the service account; its text is in this answer only."""
    async with transaction(request) as ctx:
        row = await find_readable(ctx, "service-account", ref)
        await ctx.access.check("service-account:create-token", target_of("service-account", row))
        return await _create_token(ctx, body, key, "service-account", row.id, row.fqn)


@router.post("/users/{ref}/sign-in-code", status_code=201, operation_id="create_sign_in_code")
@requires("tenant:grant", object_from="path")
async def create_sign_in_code(request: Request, ref: Ref) -> SignInCodeView:
    """A one-time code with which the user signs in within an hour."""
    async with transaction(request) as ctx:
        row = await find_readable(ctx, "user", ref)
        assert isinstance(row, User)
        # Whoever has the code is that user, so it takes the right to give any role.
        await ctx.access.check("tenant:grant", tenant_target(ctx.tenant_id))
        code = await issue_signin_code(ctx.session, row)
        return SignInCodeView(
            code=code, subject=row.fqn, expires_in_seconds=int(CODE_LIFE.total_seconds())
        )


async def _create_token(
    ctx: Context, body: TokenCreate, key: str | None, kind: str, subject_id: str, subject: str
) -> TokenView:
    route = f"POST token of {subject}"
    await find_replay(ctx, key, route, body, TokenView)
    row, text = await issue_token(
        ctx.session,
        tenant_id=ctx.tenant_id,
        subject_kind=kind,
        subject_id=subject_id,
        name=body.name,
        created_by=ctx.actor.subject,
        expires_in_days=body.expires_in_days,
        # A limited token makes no unlimited one.
        scopes=None if ctx.actor.scopes is None else sorted(ctx.actor.scopes),
    )
    await keep_answer(ctx, key, route, body, 201, None)
    await record_event(
        ctx.session,
        tenant_id=ctx.tenant_id,
        type="token.created",
        actor=ctx.actor.subject,
        message=f"token {body.name!r} (…{row.last4}) of {subject} was made",
        object_kind=kind,
        object_id=subject_id,
        fqn=subject,
    )
    return _view(row, subject, text)


async def _tokens_of(ctx: Context, subject_id: str, subject: str) -> Page[TokenView]:
    rows = await ctx.session.scalars(
        select(Token)
        .where(
            Token.tenant_id == ctx.tenant_id,
            Token.subject_id == subject_id,
            Token.expires_at > func.now(),
            Token.revoked_at.is_(None),
        )
        .order_by(Token.id.desc())
        .limit(1000)
    )
    return Page[TokenView](items=[_view(row, subject, None) for row in rows])


async def _may_delete(ctx: Context, row: Token) -> bool:
    if row.subject_id == ctx.actor.subject_id:
        return True
    target = tenant_target(ctx.tenant_id)
    if row.subject_kind == "service-account":
        return await ctx.access.has("service-account:create-token", target)
    return await ctx.access.has("tenant:grant", target)


def _view(row: Token, subject: str, text: str | None) -> TokenView:
    created_at: datetime = row.created_at
    return TokenView(
        id=row.id,
        name=row.name,
        subject=subject,
        last4=row.last4,
        created_at=created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        token=text,
    )
