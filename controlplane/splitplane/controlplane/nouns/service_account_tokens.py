"""Named tokens of service accounts: the secret is shown when it is made or rotated, never again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from splitplane.contract.errors import ErrorCode
from splitplane.contract.fqn import subject_fqn
from splitplane.contract.manifests import ServiceAccountTokenManifest
from splitplane.contract.permissions import VERBS
from splitplane.contract.views import JsonObject
from splitplane.controlplane.errors import Refused
from splitplane.controlplane.history import record_event
from splitplane.controlplane.identity.tokens import issue_token
from splitplane.controlplane.nouns.context import Context
from splitplane.controlplane.nouns.hooks import NounHooks
from splitplane.controlplane.nouns.references import find_reference, ids_named
from splitplane.controlplane.permissions.targets import Target, target_of
from splitplane.controlplane.tables import ServiceAccountToken, Token


class ServiceAccountTokenHooks(NounHooks[ServiceAccountTokenManifest, ServiceAccountToken]):
    """Whoever may make tokens of the service account may do everything with this one."""

    kind = "service-account-token"
    filters = ("service_account",)

    async def container(self, ctx: Context, manifest: ServiceAccountTokenManifest) -> Target:
        """Its service account."""
        account = await find_reference(
            ctx, "service-account", _account_fqn(manifest), "service_account"
        )
        return target_of("service-account", account)

    async def extra_verbs(
        self,
        ctx: Context,
        manifest: ServiceAccountTokenManifest,
        before: ServiceAccountTokenManifest | None,
        target: Target,
    ) -> None:
        """A caller with a limited token makes no token that is limited less."""
        check_scopes(ctx, manifest, target)

    async def columns(
        self, ctx: Context, manifest: ServiceAccountTokenManifest, row: ServiceAccountToken | None
    ) -> dict[str, Any]:
        """The service account."""
        if row is not None:
            return {}
        account = await find_reference(
            ctx, "service-account", _account_fqn(manifest), "service_account"
        )
        return {"service_account_id": account.id}

    async def after_write(
        self,
        ctx: Context,
        row: ServiceAccountToken,
        manifest: ServiceAccountTokenManifest,
        before: ServiceAccountTokenManifest | None,
    ) -> None:
        """A secret for a new one; scopes and life of an existing one hold for its secrets at once.

        A longer life does not bring back a secret that has ended.
        """
        if before is None:
            token, _ = await _issue(ctx, row, manifest)
            ctx.shown_once[row.id] = {"token": token}
            return
        await ctx.session.execute(
            update(Token)
            .where(Token.service_account_token_id == row.id)
            .values(scopes=manifest.scopes)
        )
        newest = (
            select(func.max(Token.created_at))
            .where(Token.service_account_token_id == row.id)
            .scalar_subquery()
        )
        await ctx.session.execute(
            update(Token)
            .where(
                Token.service_account_token_id == row.id,
                Token.created_at == newest,
                Token.expires_at > func.now(),
            )
            .values(expires_at=Token.created_at + timedelta(days=manifest.lifetime_days))
        )

    async def after_replay(self, ctx: Context, row: ServiceAccountToken) -> None:
        """A new secret, as the first answer may be lost; the first one ends at once."""
        token, _ = await rotate_token(ctx, row, overlap_seconds=0)
        ctx.shown_once[row.id] = {"token": token}

    async def observe(
        self, session: AsyncSession, rows: Sequence[ServiceAccountToken]
    ) -> dict[str, JsonObject]:
        """End of the newest secret, its last characters, and when any of them was used last."""
        found = await session.scalars(
            select(Token)
            .where(Token.service_account_token_id.in_([row.id for row in rows]))
            .order_by(Token.created_at)
            .execution_options(populate_existing=True)
        )
        secrets: dict[str, list[Token]] = {row.id: [] for row in rows}
        for token in found:
            secrets[str(token.service_account_token_id)].append(token)
        return {row_id: _facts(tokens) for row_id, tokens in secrets.items()}

    def is_expired(self, row: ServiceAccountToken, facts: JsonObject) -> bool:
        """Whether its newest secret has ended or was deleted."""
        end = facts["expires_at"]
        return end is None or datetime.fromisoformat(end) <= datetime.now(UTC)

    async def filter(self, ctx: Context, name: str, value: str) -> ColumnElement[bool]:
        """By service account."""
        return ServiceAccountToken.service_account_id.in_(ids_named(ctx, "service-account", value))


def check_scopes(ctx: Context, manifest: ServiceAccountTokenManifest, target: Target) -> None:
    """The token is limited to what the caller's own token is limited to.

    Raises:
        Refused: it would allow more; a token without scopes may make any.
    """
    own = ctx.actor.scopes
    if own is None:
        return
    beyond = sorted(set(manifest.scopes or VERBS) - own)
    if beyond:
        raise Refused(
            ErrorCode.FORBIDDEN,
            f"the token of {ctx.actor.subject} is limited to some verbs; "
            f"{beyond[0]} is not among them, so that it cannot make a token with it",
            verb=beyond[0],
            fqn=target.fqn,
            hint="name scopes that the own token has, or use a token without scopes",
        )


async def rotate_token(
    ctx: Context, row: ServiceAccountToken, *, overlap_seconds: int
) -> tuple[str, datetime]:
    """A new secret and its end; those before work for `overlap_seconds` more at most."""
    before = Token.service_account_token_id == row.id
    if overlap_seconds == 0:
        await ctx.session.execute(delete(Token).where(before))
    else:
        await ctx.session.execute(delete(Token).where(before, Token.expires_at <= func.now()))
        end = datetime.now(UTC) + timedelta(seconds=overlap_seconds)
        await ctx.session.execute(
            update(Token).where(before).values(expires_at=func.least(Token.expires_at, end))
        )
    manifest = ServiceAccountTokenManifest.model_validate(row.manifest)
    check_scopes(ctx, manifest, target_of("service-account-token", row))
    token, expires_at = await _issue(ctx, row, manifest)
    await record_event(
        ctx.session,
        tenant_id=ctx.tenant_id,
        type="service-account-token.rotated",
        actor=ctx.actor.subject,
        message=f"{row.fqn} has a new secret (…{token[-4:]}); the one before works "
        + (f"for {overlap_seconds} s more" if overlap_seconds else "no more"),
        object_kind="service-account-token",
        object_id=row.id,
        fqn=row.fqn,
        verb="service-account:create-token",
        decision="allowed",
        scope_ids=target_of("service-account-token", row).ids,
    )
    return token, expires_at


async def _issue(
    ctx: Context, row: ServiceAccountToken, manifest: ServiceAccountTokenManifest
) -> tuple[str, datetime]:
    token, text = await issue_token(
        ctx.session,
        tenant_id=ctx.tenant_id,
        subject_kind="service-account",
        subject_id=row.service_account_id,
        name=row.name,
        created_by=ctx.actor.subject,
        expires_in_days=manifest.lifetime_days,
        scopes=manifest.scopes,
        service_account_token_id=row.id,
    )
    return text, token.expires_at


def _facts(secrets: Sequence[Token]) -> JsonObject:
    """What is shown of a token's secrets, oldest first; all null when none is left."""
    used = max((t.last_used_at for t in secrets if t.last_used_at is not None), default=None)
    return {
        "expires_at": secrets[-1].expires_at.isoformat() if secrets else None,
        "last4": secrets[-1].last4 if secrets else None,
        "last_used_at": None if used is None else used.isoformat(),
    }


def _account_fqn(manifest: ServiceAccountTokenManifest) -> str:
    return subject_fqn("service-account", manifest.service_account)
