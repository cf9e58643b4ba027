"""Making tokens, and finding the caller that a token proves."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Function, Select, Uuid, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from splitplane.contract.errors import ErrorCode
from splitplane.controlplane.db import Sessions, is_outage
from splitplane.controlplane.errors import Refused
from splitplane.controlplane.identity.actor import Actor
from splitplane.controlplane.identity.secrets import (
    PERSONAL,
    SERVICE_ACCOUNT,
    digest,
    is_well_formed,
    new_secret,
)
from splitplane.controlplane.tables import ServiceAccount, TeamMember, Tenant, Token, User

DEFAULT_DAYS: Final = 90
"""Life of a token, days, where nothing else was asked for (ASVS 5.0: expiry is required)."""

_SUBJECT_TABLES: Final[dict[str, type[User] | type[ServiceAccount]]] = {
    "user": User,
    "service-account": ServiceAccount,
}
_FLUSH_SECONDS: Final = 10.0


async def issue_token(
    session: AsyncSession,
    *,
    tenant_id: str,
    subject_kind: str,
    subject_id: str,
    name: str,
    created_by: str,
    expires_in_days: int = DEFAULT_DAYS,
    scopes: list[str] | None = None,
    service_account_token_id: str | None = None,
) -> tuple[Token, str]:
    """A new token of the subject: its row and, this once, its text.

    Args:
        session: the transaction.
        tenant_id: the subject's tenant.
        subject_kind: `user` or `service-account`.
        subject_id: its id.
        name: what the token is for.
        created_by: who makes it.
        expires_in_days: days until it ends.
        scopes: verbs that it is limited to; all of the subject's when None.
        service_account_token_id: manifest that it follows from, if any.
    """
    text = new_secret(PERSONAL if subject_kind == "user" else SERVICE_ACCOUNT)
    now = datetime.now(UTC)
    row = Token(
        tenant_id=tenant_id,
        subject_kind=subject_kind,
        subject_id=subject_id,
        name=name,
        token_sha256=digest(text),
        last4=text[-4:],
        created_by=created_by,
        created_at=now,
        expires_at=now + timedelta(days=expires_in_days),
        scopes=scopes,
        service_account_token_id=service_account_token_id,
    )
    session.add(row)
    await session.flush()
    return row, text


async def find_actor(session: AsyncSession, text: str) -> Actor:
    """The caller that the token proves.

    Raises:
        Refused: it is malformed, unknown, expired or revoked; the message does not say which.
    """
    kind = next(
        (
            kind
            for kind, prefix in (("user", PERSONAL), ("service-account", SERVICE_ACCOUNT))
            if is_well_formed(text, prefix)
        ),
        None,
    )
    if kind is None:
        raise unauthenticated()
    found = (await session.execute(_FIND[kind], {"sha256": digest(text)})).first()
    if found is None:
        raise unauthenticated()
    token, tenant, subject, team_ids = found
    return Actor(
        tenant_id=token.tenant_id,
        tenant=tenant,
        subject_kind=kind,
        subject_id=token.subject_id,
        subject=subject,
        token_id=token.id,
        scopes=None if token.scopes is None else frozenset(token.scopes),
        token_expires_at=token.expires_at,
        team_ids=tuple(team_ids),
    )


def _team_ids() -> Function[Sequence[str]]:
    """The teams of the token's subject, in the query that finds the token."""
    teams = select(TeamMember.team_id).where(
        TeamMember.subject_id == Token.subject_id, TeamMember.tenant_id == Token.tenant_id
    )
    return func.array(teams.correlate(Token).scalar_subquery(), type_=ARRAY(Uuid(as_uuid=False)))


def _find(
    kind: str, table: type[User] | type[ServiceAccount]
) -> Select[Token, str, str, Sequence[str]]:
    """The valid token with the digest `sha256`, its tenant, subject and teams."""
    return (
        select(Token, Tenant.name, table.fqn, _team_ids())
        .join(Tenant, Tenant.id == Token.tenant_id)
        .join(table, table.id == Token.subject_id)
        .where(
            Token.token_sha256 == bindparam("sha256"),
            Token.subject_kind == kind,
            Token.revoked_at.is_(None),
            Token.expires_at > func.now(),
        )
    )


# Every request asks, so the expressions are built once.
_FIND: Final = {kind: _find(kind, table) for kind, table in _SUBJECT_TABLES.items()}


def unauthenticated() -> Refused:
    """The error for a request without a token that works."""
    return Refused(
        ErrorCode.UNAUTHENTICATED,
        "the request carries no valid token",
        hint="sign in with the one-time code, or send Authorization: Bearer <token>",
    )


class LastUsed:
    """When tokens were used last, written in batches so that reads stay reads."""

    def __init__(self, sessions: Sessions) -> None:
        """Keeps times in memory; a crash loses at most ten seconds of them."""
        self._sessions = sessions
        self._times: dict[str, datetime] = {}

    def note(self, token_id: str) -> None:
        """The token was used now."""
        self._times[token_id] = datetime.now(UTC)

    async def run(self) -> None:
        """Writes the times every ten seconds until cancelled, and once more then."""
        try:
            while True:
                await asyncio.sleep(_FLUSH_SECONDS)
                await self.flush()
        finally:
            await asyncio.shield(self.flush())

    async def flush(self) -> None:
        """What was noted is written; kept for the next time while the database is away."""
        times, self._times = self._times, {}
        if not times:
            return
        try:
            async with self._sessions.begin() as session:
                for token_id, moment in sorted(times.items()):
                    await session.execute(
                        update(Token).where(Token.id == token_id).values(last_used_at=moment)
                    )
        except Exception as error:
            if not is_outage(error):
                raise
            self._times = times | self._times
