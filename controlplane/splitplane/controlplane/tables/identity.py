"""Who may act: tenants, users, service accounts, tokens, roles, grants, one-time codes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from splitplane.controlplane.tables.base import (
    Base,
    CreatedColumn,
    Id,
    IdColumn,
    ObjectRow,
    TenantColumn,
    object_constraints,
)


class Tenant(Base, IdColumn, CreatedColumn):
    """An organisation; nothing is visible across tenants."""

    __tablename__ = "tenant"

    name: Mapped[str] = mapped_column(unique=True)


class User(ObjectRow):
    """A person; `name` is the e-mail address in lower case."""

    __tablename__ = "user"
    __table_args__ = object_constraints("user")


class ServiceAccount(ObjectRow):
    """An account for a program."""

    __tablename__ = "service_account"
    __table_args__ = object_constraints("service_account")


class Role(ObjectRow):
    """A custom role; the built-in ones are rows of `role_verb` only."""

    __tablename__ = "role"
    __table_args__ = object_constraints("role")

    scope: Mapped[str]
    """Kind of object that it is granted on."""


class RoleVerb(Base):
    """One verb of one role, built-in or custom. Custom names differ from all built-in ones."""

    __tablename__ = "role_verb"

    tenant_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("tenant.id", ondelete="CASCADE"), primary_key=True
    )
    scope: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    verb: Mapped[str] = mapped_column(primary_key=True)
    is_builtin: Mapped[bool] = mapped_column(default=False, server_default="false")


class Grant(Base, IdColumn, TenantColumn, CreatedColumn):
    """A role for a subject on an object; `object_id` is the tenant's id for the scope `tenant`."""

    __tablename__ = "grant"
    __table_args__ = (
        UniqueConstraint(
            "tenant_id",
            "subject_id",
            "role",
            "object_kind",
            "object_id",
            "source",
            "source_id",
            name="uq_grant",
        ),
        Index("ix_grant_subject", "subject_id", "object_kind"),
        Index("ix_grant_object", "object_id"),
        Index("ix_grant_source", "source_id"),
    )

    subject_kind: Mapped[str]
    """`user`, `team`, `service-account` or `workspace`."""
    subject_id: Mapped[Id]
    role: Mapped[str]
    object_kind: Mapped[str]
    """A scope of permissions: `tenant`, or the kind of the object."""
    object_id: Mapped[Id]
    granted_by: Mapped[str]
    """Subject that granted it, or `system`."""
    source: Mapped[str]
    """What keeps the row: `grant` by itself, `creator`, or the kind of manifest it follows from."""
    source_id: Mapped[Id]
    """Id of the object whose manifest it follows from; of the granted object otherwise."""
    expires_at: Mapped[datetime | None]


class Token(Base, IdColumn, TenantColumn, CreatedColumn):
    """A bearer token of a user or service account; only its digest is kept."""

    __tablename__ = "token"
    __table_args__ = (
        Index("ix_token_subject", "subject_id"),
        Index("ix_token_service_account_token_id", "service_account_token_id"),
    )

    subject_kind: Mapped[str]
    """`user` or `service-account`."""
    subject_id: Mapped[Id]
    name: Mapped[str]
    token_sha256: Mapped[str] = mapped_column(unique=True)
    last4: Mapped[str]
    scopes: Mapped[list[str] | None]
    """Verbs that it is limited to; all of the subject's when null."""
    created_by: Mapped[str]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    service_account_token_id: Mapped[str | None] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("service_account_token.id", ondelete="CASCADE")
    )
    """Manifest that it follows from; null when it was made by itself."""


class SigninCode(Base, IdColumn, TenantColumn, CreatedColumn):
    """A one-time code that the server printed; only its digest is kept."""

    __tablename__ = "signin_code"

    user_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("user.id", ondelete="CASCADE"), index=True
    )
    code_sha256: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Idempotency(Base, CreatedColumn):
    """The answer to a POST that makes no object, kept for 24 hours by its Idempotency-Key."""

    __tablename__ = "idempotency"

    tenant_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("tenant.id", ondelete="CASCADE"), primary_key=True
    )
    subject: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    route: Mapped[str]
    """Method and path."""
    body_sha256: Mapped[str]
    status: Mapped[int]
    response: Mapped[str]
    """JSON text of the answer. Routes that answer with a secret do not keep it here."""
