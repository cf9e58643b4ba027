"""What every table shares: naming of constraints, column types, and the columns of an object.

Ids are UUIDv7 made in Python (PostgreSQL has `uuidv7()` only from 18 on) and travel as text.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from sqlalchemy import (
    DateTime,
    ForeignKey,
    Index,
    MetaData,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from splitplane.contract.ids import uuid7

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Fixed constraint names, so that migrations can name them and errors can be told apart."""

Id = Annotated[str, mapped_column(Uuid(as_uuid=False))]
"""A reference by id, as text in Python and `uuid` in PostgreSQL."""

Json = dict[str, Any]  # Any: JSON


class Base(DeclarativeBase):
    """Declarative base of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        str: Text,
        datetime: DateTime(timezone=True),
        Json: JSONB,
        list[str]: JSONB,
        list[Json]: JSONB,
    }


class IdColumn:
    """A primary key that is made when the row is."""

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True, default=uuid7)


class TenantColumn:
    """The tenant of the row; every query names it."""

    @declared_attr
    def tenant_id(cls) -> Mapped[str]:
        """Tenant that owns the row; the row goes with it."""
        return mapped_column(
            Uuid(as_uuid=False), ForeignKey("tenant.id", ondelete="CASCADE"), index=True
        )


class CreatedColumn:
    """When the row was made."""

    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ObjectRow(Base, IdColumn, TenantColumn, CreatedColumn):
    """A row of any noun: the manifest, its version, and who made it with which key."""

    __abstract__ = True

    name: Mapped[str]
    """Own name, never changes."""
    fqn: Mapped[str]
    """Fully qualified name, unique in the tenant."""
    manifest: Mapped[Json]
    """The manifest with all defaults filled in."""
    version: Mapped[int] = mapped_column(default=1)
    """Rises by one with each change of the manifest; the ETag is made of it."""
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    created_by: Mapped[str]
    """Fully qualified name of the subject that made it."""
    create_key: Mapped[str | None]
    """Idempotency-Key of the request that made it; null when it had none."""
    create_digest: Mapped[str | None]
    """SHA-256 of the body of that request."""
    is_deleting: Mapped[bool] = mapped_column(default=False, server_default="false")
    """Whether it is on its way out: the worker removes it from the cluster, then the row."""


def object_constraints(table: str) -> tuple[UniqueConstraint, Index]:
    """What holds for every noun: one object a name, one object a key of its creator."""
    return (
        UniqueConstraint("tenant_id", "fqn", name=f"uq_{table}_fqn"),
        Index(
            f"uq_{table}_create_key",
            "tenant_id",
            "created_by",
            "create_key",
            unique=True,
            postgresql_where=text("create_key IS NOT NULL"),
        ),
    )


class LeaseColumns:
    """Columns by which workers claim a row: `FOR UPDATE SKIP LOCKED`, then work under a lease."""

    lease_owner: Mapped[str | None]
    """Replica that works on the row."""
    lease_token: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    """New for each claim; results are written only where it still matches."""
    lease_expires_at: Mapped[datetime | None]
    """Time after which another worker may take the row."""
    next_check_at: Mapped[datetime | None] = mapped_column(server_default=func.now())
    """Time from which the row is due; null when nothing is to be done."""
