"""Where secret values and images are: stores, groups of references, registries, and who uses them.

No column holds a secret.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from splitplane.controlplane.tables.base import Base, ObjectRow, TenantColumn, object_constraints


class SecretStore(ObjectRow):
    """A place that holds secret values."""

    __tablename__ = "secret_store"
    __table_args__ = object_constraints("secret_store")


class SecretGroup(ObjectRow):
    """Keys that workloads refer to, and where their values are in one store."""

    __tablename__ = "secret_group"
    __table_args__ = object_constraints("secret_group")

    secret_store_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("secret_store.id"), index=True
    )


class ApplicationSecret(Base, TenantColumn):
    """A key of a group that the current version of an application refers to."""

    __tablename__ = "application_secret"

    application_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("application.id", ondelete="CASCADE"), primary_key=True
    )
    secret_group_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("secret_group.id"), primary_key=True, index=True
    )
    key: Mapped[str] = mapped_column(primary_key=True)


class ContainerRegistry(ObjectRow):
    """A container registry."""

    __tablename__ = "container_registry"
    __table_args__ = object_constraints("container_registry")

    secret_group_id: Mapped[str | None] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("secret_group.id"), index=True
    )
    """Group of its password; null when it signs in by other means."""
    secret_key: Mapped[str | None]
    """Key of its password in the group."""
