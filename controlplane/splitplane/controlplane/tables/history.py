"""What is known and what happened: conditions of objects, and the append-only event log."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Identity, Index, Uuid, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from splitplane.controlplane.tables.base import Base, Id, Json, TenantColumn


class ObjectCondition(Base, TenantColumn):
    """One fact about an object; see `splitplane.contract.conditions`."""

    __tablename__ = "condition"

    object_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    type: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[str]
    reason: Mapped[str]
    message: Mapped[str] = mapped_column(default="", server_default="")
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    """Time of the last change of `status`."""


class Event(Base, TenantColumn):
    """One thing that happened or was refused. Rows are only ever inserted."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_object", "object_id", "id"),
        Index("ix_event_tenant", "tenant_id", "id"),
        Index("ix_event_scope_ids", "scope_ids", postgresql_using="gin"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    time: Mapped[datetime] = mapped_column(server_default=func.now())
    type: Mapped[str]
    """Such as `application.created`."""
    object_kind: Mapped[str | None]
    object_id: Mapped[Id | None]
    fqn: Mapped[str | None]
    actor: Mapped[str]
    """Subject, `agent:<cluster>` or `system`."""
    verb: Mapped[str | None]
    decision: Mapped[str | None]
    """`allowed` or `denied` where a permission was asked; null for what happened by itself."""
    message: Mapped[str]
    data: Mapped[Json] = mapped_column(default=dict, server_default=text("'{}'"))
    request_id: Mapped[str | None]
    scope_ids: Mapped[list[str]] = mapped_column(ARRAY(Uuid(as_uuid=False)))
    """The object and what contained it, tenant included: who may read one of them by a role with
    `event:read` may read the event, also after the object is gone."""
