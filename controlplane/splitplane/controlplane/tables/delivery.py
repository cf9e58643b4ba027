"""The link to the clusters: agents, join tokens, sessions, commands, and what agents saw."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from splitplane.controlplane.tables.base import (
    Base,
    CreatedColumn,
    Id,
    IdColumn,
    Json,
    TenantColumn,
)

_LIVING = "state IN ('queued', 'sent', 'accepted', 'succeeded')"
"""Commands that stand: those under way and those that did what they were for."""


class SigningKey(Base, IdColumn, CreatedColumn):
    """A public key of the command signer; the private half lies in a file that only it reads."""

    __tablename__ = "signing_key"

    key_id: Mapped[str] = mapped_column(unique=True)
    """First 16 hex digits of the SHA-256 of the public key."""
    public_key: Mapped[str]
    """Raw Ed25519 public key, base64."""
    retired_at: Mapped[datetime | None]
    """Time since which nothing new is signed with it."""


class JoinToken(Base, IdColumn, TenantColumn, CreatedColumn):
    """A one-time token with which an agent enrols; only its digest is kept."""

    __tablename__ = "join_token"

    cluster_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("cluster.id", ondelete="CASCADE"), index=True
    )
    token_sha256: Mapped[str] = mapped_column(unique=True)
    created_by: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    """Time at which a newer token took its place."""


class Agent(Base, IdColumn, TenantColumn):
    """The agent of a cluster, known by its key. Enrolling anew replaces the row."""

    __tablename__ = "agent"

    cluster_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("cluster.id", ondelete="CASCADE"), unique=True
    )
    public_key: Mapped[str]
    """Raw Ed25519 public key, base64."""
    cluster_uid: Mapped[str]
    """UID of the namespace kube-system."""
    agent_version: Mapped[str]
    kubernetes_version: Mapped[str]
    enrolled_at: Mapped[datetime] = mapped_column(server_default=func.now())
    blocked_at: Mapped[datetime | None]


class AgentSession(Base, TenantColumn):
    """Which replica holds a cluster's control socket, by a lease."""

    __tablename__ = "agent_session"

    cluster_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("cluster.id", ondelete="CASCADE"), primary_key=True
    )
    replica: Mapped[str | None]
    """Replica that holds the socket; null after a clean close."""
    address: Mapped[str | None]
    """Internal address of that replica."""
    generation: Mapped[int] = mapped_column(default=0, server_default="0")
    """Rises with each session; frames of an older one are ignored."""
    boot_id: Mapped[str | None]
    epoch: Mapped[str | None]
    """The agent's state counter belongs to this epoch."""
    state_seq: Mapped[int] = mapped_column(default=0, server_default="0")
    """Highest state frame of the epoch that was committed."""
    agent_version: Mapped[str | None]
    kubernetes_version: Mapped[str | None]
    capabilities: Mapped[list[str]] = mapped_column(default=list, server_default=text("'[]'"))
    connected_at: Mapped[datetime | None]
    disconnected_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None] = mapped_column(index=True)
    """The session counts as lost from then on."""


class Command(Base, IdColumn, TenantColumn, CreatedColumn):
    """An order to a cluster's agent; delivered at least once, carried out once."""

    __tablename__ = "command"
    __table_args__ = (
        UniqueConstraint("cluster_id", "seq"),
        CheckConstraint(
            "state IN ('queued', 'sent', 'accepted', 'succeeded', 'failed', 'refused', 'expired',"
            " 'superseded')",
            name="state",
        ),
        Index(
            "ix_command_open",
            "cluster_id",
            "seq",
            postgresql_where=text("state IN ('queued', 'sent', 'accepted')"),
        ),
        Index("ix_command_application_id", "application_id"),
        Index(
            "ix_command_spec",
            "finished_at",
            postgresql_where=text("spec <> '' AND kind <> 'apply-namespace'"),
        ),
        # The newest state of a namespace that was ordered is looked up with each step.
        Index(
            "ix_command_namespace",
            "workspace_id",
            "seq",
            postgresql_where=text("kind = 'apply-namespace'"),
        ),
        # One living command for each thing to do: a worker that was killed after the insert finds
        # it instead of making a second one.
        Index(
            "uq_command_deployment",
            "deployment_id",
            unique=True,
            postgresql_where=text(f"kind = 'apply-bundle' AND {_LIVING}"),
        ),
        Index(
            "uq_command_removal",
            "application_id",
            unique=True,
            postgresql_where=text(f"kind = 'delete-bundle' AND {_LIVING}"),
        ),
        Index(
            "uq_command_namespace_removal",
            "workspace_id",
            unique=True,
            postgresql_where=text(f"kind = 'delete-namespace' AND {_LIVING}"),
        ),
    )

    cluster_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("cluster.id", ondelete="CASCADE")
    )
    seq: Mapped[int]
    """Dense within the cluster, from 1."""
    kind: Mapped[str]
    cluster_uid: Mapped[str]
    spec: Mapped[str]
    """The JSON text that was signed."""
    spec_sha256: Mapped[str]
    signature: Mapped[str]
    key_id: Mapped[str]
    not_before: Mapped[datetime]
    expires_at: Mapped[datetime]
    actor: Mapped[str]
    state: Mapped[str] = mapped_column(default="queued", server_default="queued")
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    """Times that it was sent."""
    result: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    """The agent's `CommandResult`."""
    application_id: Mapped[Id | None]
    """Application that it is about; stays after the application is gone."""
    deployment_id: Mapped[Id | None]
    workspace_id: Mapped[Id | None]
    """Workspace that it is about."""
    generation: Mapped[int | None]
    """Version of the deployment."""
    sent_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class LiveObject(Base, TenantColumn):
    """An object as the cluster's agent saw it last."""

    __tablename__ = "live_object"
    __table_args__ = (
        Index("ix_live_object_application_id", "application_id"),
        Index(
            "ix_live_object_deleted_at",
            "deleted_at",
            postgresql_where=text("deleted_at IS NOT NULL"),
        ),
    )

    cluster_id: Mapped[str] = mapped_column(
        Uuid(as_uuid=False), ForeignKey("cluster.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(primary_key=True)
    namespace: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    uid: Mapped[str]
    resource_version: Mapped[str]
    epoch: Mapped[str | None]
    application_id: Mapped[str | None]
    """Value of the application label; text, since it comes from the cluster."""
    doc: Mapped[Json]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    deleted_at: Mapped[datetime | None]
    """Tombstone, kept for an hour."""
