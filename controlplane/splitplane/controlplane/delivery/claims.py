"""Claiming rows to work on: `FOR UPDATE SKIP LOCKED`, then a lease with a token.

A claim moves the row's due time to the end of its lease, so that the work of a killed worker is
taken up again. Whatever happens to the row meanwhile sets the due time anew, and the release leaves
that alone: nothing is missed.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

from sqlalchemy import case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from splitplane.controlplane.tables import Application, Workspace

LEASE: Final = timedelta(seconds=30)
"""Six times the longest statement: a worker that is alive is done by then."""

Claimable = type[Application] | type[Workspace]


@dataclass(frozen=True)
class Claim:
    """A row that only this worker may write to until the lease ends.

    Attributes:
        table: where the row is.
        object_id: its id.
        token: proof of the claim.
        due_at: the due time that the claim set.
    """

    table: Claimable
    object_id: str
    token: str
    due_at: datetime


async def claim_next(session: AsyncSession, table: Claimable, *, owner: str) -> Claim | None:
    """The row that is due longest, now claimed; None when none is due."""
    due = (
        select(table.id)
        .where(
            table.next_check_at <= func.now(),
            or_(table.lease_expires_at.is_(None), table.lease_expires_at <= func.now()),
        )
        .order_by(table.next_check_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    token = str(uuid.uuid4())
    lease_end = func.now() + LEASE
    found = (
        await session.execute(
            update(table)
            .where(table.id == due.scalar_subquery())
            .values(
                lease_owner=owner,
                lease_token=token,
                lease_expires_at=lease_end,
                next_check_at=lease_end,
            )
            .returning(table.id, table.next_check_at)
            .execution_options(synchronize_session=False)
        )
    ).one_or_none()
    if found is None:
        return None
    return Claim(table, found[0], token, cast(datetime, found[1]))


async def drop_claims(session: AsyncSession) -> None:
    """No row is claimed, and what was claimed is due at once.

    Only for a worker that is alone with its database: the claims are of a process that was killed.
    """
    for table in (Application, Workspace):
        await session.execute(
            update(table)
            .where(table.lease_token.is_not(None))
            .values(
                lease_owner=None,
                lease_token=None,
                lease_expires_at=None,
                next_check_at=func.now(),
            )
            .execution_options(synchronize_session=False)
        )


async def hold_claim(session: AsyncSession, claim: Claim) -> bool:
    """Locks the row until the end of the transaction; False when the claim was lost."""
    table = claim.table
    found = await session.scalar(
        select(table.id)
        .where(table.id == claim.object_id, table.lease_token == claim.token)
        .with_for_update()
    )
    return found is not None


async def release(
    session: AsyncSession, claim: Claim, *, retry_after_seconds: float | None
) -> None:
    """Gives the row back, due after the wait or when something happens to it."""
    table = claim.table
    next_check_at = (
        None if retry_after_seconds is None else func.now() + timedelta(seconds=retry_after_seconds)
    )
    await session.execute(
        update(table)
        .where(table.id == claim.object_id, table.lease_token == claim.token)
        .values(
            lease_owner=None,
            lease_token=None,
            lease_expires_at=None,
            next_check_at=case(
                (table.next_check_at == claim.due_at, next_check_at), else_=table.next_check_at
            ),
        )
        .execution_options(synchronize_session=False)
    )
