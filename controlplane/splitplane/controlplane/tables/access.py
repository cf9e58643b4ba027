"""Who belongs together, named grants, and the named tokens of service accounts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from splitplane.controlplane.tables.base import (
    Base,
    Id,
    ObjectRow,
    TenantColumn,
    object_constraints,
)


class Team(ObjectRow):
    """A team: what is granted to it is granted to every member."""

    __tablename__ = "team"
    __table_args__ = object_constraints("team")


class TeamMember(Base, TenantColumn):
    """A user or service account in a team; asked for with every request."""

    __tablename__ = "team_member"

    # The subject comes first: the key's index answers which teams a caller is in.
    subject_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    team_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("team.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    subject_kind: Mapped[str]
    """`user` or `service-account`."""


class RoleBinding(ObjectRow):
    """A role for a subject on an object, by a manifest of its own."""

    __tablename__ = "role_binding"
    __table_args__ = (
        *object_constraints("role_binding"),
        Index("ix_role_binding_subject", "subject_id"),
        Index("ix_role_binding_object", "object_id"),
    )

    subject_kind: Mapped[str]
    subject_id: Mapped[Id]
    object_kind: Mapped[str]
    """A scope of permissions."""
    object_id: Mapped[Id]
    """Id of the object; the tenant's for the scope `tenant`."""
    cluster_id: Mapped[Id | None]
    """Cluster that the object is or lies in, so that permissions need no join."""
    expires_at: Mapped[datetime | None]


class ServiceAccountToken(ObjectRow):
    """A named token of a service account; its secrets are rows of `token`."""

    __tablename__ = "service_account_token"
    __table_args__ = object_constraints("service_account_token")

    service_account_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("service_account.id", ondelete="CASCADE"), index=True
    )
