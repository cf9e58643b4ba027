"""The link to the clusters: agents, sessions, commands, live objects."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the tables."""
    _create_signing_key()
    _create_agent()
    _create_agent_session()
    _create_command()
    _create_join_token()
    _create_live_object()


def downgrade() -> None:
    """Drops the tables."""
    op.drop_table("live_object")
    op.drop_table("join_token")
    op.drop_table("command")
    op.drop_table("agent_session")
    op.drop_table("agent")
    op.drop_table("signing_key")


def _create_signing_key() -> None:
    op.create_table(
        "signing_key",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_key")),
        sa.UniqueConstraint("key_id", name=op.f("uq_signing_key_key_id")),
    )


def _create_agent() -> None:
    op.create_table(
        "agent",
        sa.Column("cluster_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("cluster_uid", sa.Text(), nullable=False),
        sa.Column("agent_version", sa.Text(), nullable=False),
        sa.Column("kubernetes_version", sa.Text(), nullable=False),
        sa.Column(
            "enrolled_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["cluster_id"], ["cluster.id"], name=op.f("fk_agent_cluster_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_agent_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent")),
        sa.UniqueConstraint("cluster_id", name=op.f("uq_agent_cluster_id")),
    )
    op.create_index(op.f("ix_agent_tenant_id"), "agent", ["tenant_id"], unique=False)


def _create_agent_session() -> None:
    op.create_table(
        "agent_session",
        sa.Column("cluster_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("replica", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("generation", sa.Integer(), server_default="0", nullable=False),
        sa.Column("boot_id", sa.Text(), nullable=True),
        sa.Column("epoch", sa.Text(), nullable=True),
        sa.Column("state_seq", sa.Integer(), server_default="0", nullable=False),
        sa.Column("agent_version", sa.Text(), nullable=True),
        sa.Column("kubernetes_version", sa.Text(), nullable=True),
        sa.Column(
            "capabilities",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
        sa.Column("connected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disconnected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["cluster_id"],
            ["cluster.id"],
            name=op.f("fk_agent_session_cluster_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_agent_session_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("cluster_id", name=op.f("pk_agent_session")),
    )
    op.create_index(
        op.f("ix_agent_session_lease_until"), "agent_session", ["lease_until"], unique=False
    )
    op.create_index(
        op.f("ix_agent_session_tenant_id"), "agent_session", ["tenant_id"], unique=False
    )


def _create_command() -> None:
    op.create_table(
        "command",
        sa.Column("cluster_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cluster_uid", sa.Text(), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("spec_sha256", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="queued", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "result", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("application_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("deployment_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'sent', 'accepted', 'succeeded', 'failed', 'refused', "
            "'expired', 'superseded')",
            name=op.f("ck_command_state"),
        ),
        sa.ForeignKeyConstraint(
            ["cluster_id"], ["cluster.id"], name=op.f("fk_command_cluster_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_command_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_command")),
        sa.UniqueConstraint("cluster_id", "seq", name=op.f("uq_command_cluster_id_seq")),
    )
    _index_command()


def _index_command() -> None:
    op.create_index("ix_command_application_id", "command", ["application_id"], unique=False)
    op.create_index(
        "ix_command_open",
        "command",
        ["cluster_id", "seq"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued', 'sent', 'accepted')"),
    )
    op.create_index(op.f("ix_command_tenant_id"), "command", ["tenant_id"], unique=False)
    op.create_index(
        "uq_command_deployment",
        "command",
        ["deployment_id"],
        unique=True,
        postgresql_where=sa.text(
            "kind = 'apply-bundle' AND state IN ('queued', 'sent', 'accepted', 'succeeded')"
        ),
    )
    op.create_index(
        "uq_command_namespace_removal",
        "command",
        ["workspace_id"],
        unique=True,
        postgresql_where=sa.text(
            "kind = 'delete-namespace' AND state IN ('queued', 'sent', 'accepted', 'succeeded')"
        ),
    )
    op.create_index(
        "uq_command_removal",
        "command",
        ["application_id"],
        unique=True,
        postgresql_where=sa.text(
            "kind = 'delete-bundle' AND state IN ('queued', 'sent', 'accepted', 'succeeded')"
        ),
    )


def _create_join_token() -> None:
    op.create_table(
        "join_token",
        sa.Column("cluster_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["cluster_id"],
            ["cluster.id"],
            name=op.f("fk_join_token_cluster_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_join_token_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_join_token")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_join_token_token_sha256")),
    )
    op.create_index(op.f("ix_join_token_cluster_id"), "join_token", ["cluster_id"], unique=False)
    op.create_index(op.f("ix_join_token_tenant_id"), "join_token", ["tenant_id"], unique=False)


def _create_live_object() -> None:
    op.create_table(
        "live_object",
        sa.Column("cluster_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("namespace", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("resource_version", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Text(), nullable=True),
        sa.Column("application_id", sa.Text(), nullable=True),
        sa.Column("doc", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["cluster_id"],
            ["cluster.id"],
            name=op.f("fk_live_object_cluster_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_live_object_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(
            "cluster_id", "kind", "namespace", "name", name=op.f("pk_live_object")
        ),
    )
    op.create_index(
        "ix_live_object_application_id", "live_object", ["application_id"], unique=False
    )
    op.create_index(
        "ix_live_object_deleted_at",
        "live_object",
        ["deleted_at"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_live_object_tenant_id"), "live_object", ["tenant_id"], unique=False)
