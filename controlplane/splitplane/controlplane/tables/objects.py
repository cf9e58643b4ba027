"""The nouns of the compute side: environments, clusters, workspaces, storage, ML repos, apps."""

from __future__ import annotations

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from splitplane.controlplane.tables.base import (
    Base,
    CreatedColumn,
    Id,
    IdColumn,
    Json,
    LeaseColumns,
    ObjectRow,
    TenantColumn,
    object_constraints,
)


class Environment(ObjectRow):
    """A tag for clusters and workspaces."""

    __tablename__ = "environment"
    __table_args__ = object_constraints("environment")


class Cluster(ObjectRow):
    """A Kubernetes cluster, seen through its agent."""

    __tablename__ = "cluster"
    __table_args__ = object_constraints("cluster")

    last_command_seq: Mapped[int] = mapped_column(default=0, server_default="0")
    """Number of the newest command; raised inside the transaction that inserts it, so that the
    numbers of a cluster are dense."""


class ClusterEnvironment(Base, TenantColumn):
    """An environment that a cluster carries."""

    __tablename__ = "cluster_environment"

    cluster_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("cluster.id", ondelete="CASCADE"), primary_key=True
    )
    environment_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("environment.id"), primary_key=True, index=True
    )


class Workspace(ObjectRow, LeaseColumns):
    """A namespace on a cluster, in one environment."""

    __tablename__ = "workspace"
    __table_args__ = (
        *object_constraints("workspace"),
        ForeignKeyConstraint(
            ["cluster_id", "environment_id"],
            ["cluster_environment.cluster_id", "cluster_environment.environment_id"],
            name="fk_workspace_cluster_environment",
        ),
        Index(
            "ix_workspace_due",
            "next_check_at",
            postgresql_where=text("next_check_at IS NOT NULL"),
        ),
    )

    cluster_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("cluster.id"), index=True
    )
    environment_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("environment.id"), index=True
    )
    """One of the cluster's; the pair is a foreign key too."""


class StorageIntegration(ObjectRow):
    """A place for the bytes of ML repos."""

    __tablename__ = "storage_integration"
    __table_args__ = object_constraints("storage_integration")


class MlRepo(ObjectRow):
    """Models, artifacts and runs under one grant list."""

    __tablename__ = "ml_repo"
    __table_args__ = object_constraints("ml_repo")

    storage_integration_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("storage_integration.id"), index=True
    )


class Application(ObjectRow, LeaseColumns):
    """A service or job in a workspace, and what the worker has to do about it."""

    __tablename__ = "application"
    __table_args__ = (
        *object_constraints("application"),
        Index(
            "ix_application_due",
            "next_check_at",
            postgresql_where=text("next_check_at IS NOT NULL"),
        ),
    )

    workspace_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("workspace.id"), index=True
    )
    cluster_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("cluster.id"), index=True
    )
    """The workspace's cluster; repeated here so that permissions need no second join."""
    type: Mapped[str]
    """`service` or `job`."""
    last_deployment_version: Mapped[int] = mapped_column(default=0, server_default="0")
    """Number of the newest deployment."""
    desired_deployment_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    """The deployment that should run."""
    delivered_deployment_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    """The deployment that the agent applied last."""


class Deployment(Base, IdColumn, TenantColumn, CreatedColumn):
    """An immutable version of an application."""

    __tablename__ = "deployment"
    __table_args__ = (UniqueConstraint("application_id", "version"),)

    application_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("application.id", ondelete="CASCADE")
    )
    version: Mapped[int]
    manifest: Mapped[Json]
    """The application's manifest at the time."""
    rendered: Mapped[list[Json] | None] = mapped_column(JSONB(none_as_null=True))
    """Kubernetes objects; null before rendering."""
    manifests_sha256: Mapped[str | None]
    """Digest of the rendered objects."""
    created_by: Mapped[str]
    command_id: Mapped[Id | None]
    """The newest command that delivers it."""
