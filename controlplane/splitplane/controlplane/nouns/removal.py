"""Removing an object's row for good; what happened to it stays in the event log."""

from __future__ import annotations

from sqlalchemy import delete, or_
from sqlalchemy.ext.asyncio import AsyncSession

from splitplane.contract.nouns import Kind
from splitplane.controlplane.history import record_event
from splitplane.controlplane.permissions.targets import target_of
from splitplane.controlplane.tables import Grant, ObjectCondition, ObjectRow, Token


async def remove_object(session: AsyncSession, *, kind: Kind, row: ObjectRow, actor: str) -> None:
    """The row is gone with its conditions, tokens and grants; the event `<kind>.deleted` stays."""
    await record_event(
        session,
        tenant_id=row.tenant_id,
        type=f"{kind}.deleted",
        actor=actor,
        message=f"{kind} {row.fqn} was deleted",
        object_kind=kind,
        object_id=row.id,
        fqn=row.fqn,
        scope_ids=target_of(kind, row).ids,
    )
    await session.execute(delete(ObjectCondition).where(ObjectCondition.object_id == row.id))
    await session.execute(delete(Token).where(Token.subject_id == row.id))
    await session.execute(
        delete(Grant).where(
            or_(Grant.object_id == row.id, Grant.subject_id == row.id, Grant.source_id == row.id)
        )
    )
    await session.delete(row)
    await session.flush()
