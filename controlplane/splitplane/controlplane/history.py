"""Writing what happened (events) and what is known (conditions), in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import case, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.contextvars import get_contextvars

from splitplane.contract.conditions import ConditionStatus, ConditionType
from splitplane.controlplane.tables import Application, Event, ObjectCondition, Workspace

SYSTEM: Final = "system"
"""Actor of what the server does by itself."""


async def record_event(
    session: AsyncSession,
    *,
    tenant_id: str,
    type: str,
    actor: str,
    message: str,
    object_kind: str | None = None,
    object_id: str | None = None,
    fqn: str | None = None,
    data: dict[str, Any] | None = None,  # Any: JSON
    decision: str | None = None,
    verb: str | None = None,
    scope_ids: Sequence[str] | None = None,
) -> None:
    """One row in the event log, which nobody changes afterwards.

    Args:
        session: the transaction that the event belongs to.
        tenant_id: its tenant.
        type: such as `application.created`.
        actor: subject, `agent:<cluster>` or `system`.
        message: one sentence for people; never a secret.
        object_kind: kind of noun that it is about.
        object_id: id of the object.
        fqn: name of the object.
        data: facts for programs; never a secret.
        decision: `allowed` or `denied` where a permission was asked.
        verb: the permission.
        scope_ids: the object and what contains it; looked up when left out.
    """
    if scope_ids is None:
        scope_ids = await _scope_ids(session, object_kind, object_id)
    session.add(
        Event(
            tenant_id=tenant_id,
            type=type,
            actor=actor,
            message=message,
            object_kind=object_kind,
            object_id=object_id,
            fqn=fqn,
            data=data or {},
            decision=decision,
            verb=verb,
            request_id=get_contextvars().get("request_id"),
            scope_ids=list(dict.fromkeys([*scope_ids, tenant_id])),
        )
    )


async def set_condition(
    session: AsyncSession,
    *,
    tenant_id: str,
    object_id: str,
    type: ConditionType,
    status: ConditionStatus,
    reason: str,
    message: str = "",
    at: datetime | None = None,
) -> bool:
    """The condition holds these values; True when they differ from what was there.

    `changed_at` moves only when `status` does.
    """
    moment = func.now() if at is None else at
    values = {"status": status, "reason": reason, "message": message}
    statement = insert(ObjectCondition).values(
        tenant_id=tenant_id, object_id=object_id, type=type, changed_at=moment, **values
    )
    current = ObjectCondition
    changed = await session.execute(
        statement.on_conflict_do_update(
            index_elements=["object_id", "type"],
            set_={
                **values,
                "changed_at": _kept_or_new(status, statement.excluded.changed_at),
            },
            where=or_(
                current.status != status, current.reason != reason, current.message != message
            ),
        ).returning(current.object_id)
    )
    return changed.first() is not None


def _kept_or_new(status: str, new: Any) -> Any:  # Any: SQL expressions
    return case((ObjectCondition.status == status, ObjectCondition.changed_at), else_=new)


async def _scope_ids(
    session: AsyncSession, object_kind: str | None, object_id: str | None
) -> list[str]:
    if object_id is None:
        return []
    if object_kind == "application":
        found = await session.execute(
            select(Application.workspace_id, Application.cluster_id).where(
                Application.id == object_id
            )
        )
    elif object_kind == "workspace":
        found = await session.execute(select(Workspace.cluster_id).where(Workspace.id == object_id))
    else:
        return [object_id]
    row = found.first()
    return [object_id, *(row or ())]
