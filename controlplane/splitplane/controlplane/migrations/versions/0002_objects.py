"""The nouns of the compute side, and deployments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the tables."""
    _create_cluster()
    _create_environment()
    _create_storage_integration()
    _create_cluster_environment()
    _create_ml_repo()
    _create_workspace()
    _create_application()
    _create_deployment()


def downgrade() -> None:
    """Drops the tables."""
    op.drop_table("deployment")
    op.drop_table("application")
    op.drop_table("workspace")
    op.drop_table("ml_repo")
    op.drop_table("cluster_environment")
    op.drop_table("storage_integration")
    op.drop_table("environment")
    op.drop_table("cluster")


def _create_cluster() -> None:
    op.create_table(
        "cluster",
        sa.Column("last_command_seq", sa.Integer(), server_default="0", nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fqn", sa.Text(), nullable=False),
        sa.Column("manifest", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("create_key", sa.Text(), nullable=True),
        sa.Column("create_digest", sa.Text(), nullable=True),
        sa.Column("is_deleting", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_cluster_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cluster")),
        sa.UniqueConstraint("tenant_id", "fqn", name="uq_cluster_fqn"),
    )
    op.create_index(op.f("ix_cluster_tenant_id"), "cluster", ["tenant_id"], unique=False)
    op.create_index(
        "uq_cluster_create_key",
        "cluster",
        ["tenant_id", "created_by", "create_key"],
        unique=True,
        postgresql_where=sa.text("create_key IS NOT NULL"),
    )


def _create_environment() -> None:
    op.create_table(
        "environment",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fqn", sa.Text(), nullable=False),
        sa.Column("manifest", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("create_key", sa.Text(), nullable=True),
        sa.Column("create_digest", sa.Text(), nullable=True),
        sa.Column("is_deleting", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_environment_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_environment")),
        sa.UniqueConstraint("tenant_id", "fqn", name="uq_environment_fqn"),
    )
    op.create_index(op.f("ix_environment_tenant_id"), "environment", ["tenant_id"], unique=False)
    op.create_index(
        "uq_environment_create_key",
        "environment",
        ["tenant_id", "created_by", "create_key"],
        unique=True,
        postgresql_where=sa.text("create_key IS NOT NULL"),
    )


def _create_storage_integration() -> None:
    op.create_table(
        "storage_integration",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fqn", sa.Text(), nullable=False),
        sa.Column("manifest", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("create_key", sa.Text(), nullable=True),
        sa.Column("create_digest", sa.Text(), nullable=True),
        sa.Column("is_deleting", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_storage_integration_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_storage_integration")),
        sa.UniqueConstraint("tenant_id", "fqn", name="uq_storage_integration_fqn"),
    )
    op.create_index(
        op.f("ix_storage_integration_tenant_id"), "storage_integration", ["tenant_id"], unique=False
    )
    op.create_index(
        "uq_storage_integration_create_key",
        "storage_integration",
        ["tenant_id", "created_by", "create_key"],
        unique=True,
        postgresql_where=sa.text("create_key IS NOT NULL"),
    )


def _create_cluster_environment() -> None:
    op.create_table(
        "cluster_environment",
        sa.Column("cluster_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("environment_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["cluster_id"],
            ["cluster.id"],
            name=op.f("fk_cluster_environment_cluster_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environment.id"],
            name=op.f("fk_cluster_environment_environment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_cluster_environment_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "cluster_id", "environment_id", name=op.f("pk_cluster_environment")
        ),
    )
    op.create_index(
        op.f("ix_cluster_environment_environment_id"),
        "cluster_environment",
        ["environment_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_cluster_environment_tenant_id"), "cluster_environment", ["tenant_id"], unique=False
    )


def _create_ml_repo() -> None:
    op.create_table(
        "ml_repo",
        sa.Column("storage_integration_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fqn", sa.Text(), nullable=False),
        sa.Column("manifest", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("create_key", sa.Text(), nullable=True),
        sa.Column("create_digest", sa.Text(), nullable=True),
        sa.Column("is_deleting", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["storage_integration_id"],
            ["storage_integration.id"],
            name=op.f("fk_ml_repo_storage_integration_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_ml_repo_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ml_repo")),
        sa.UniqueConstraint("tenant_id", "fqn", name="uq_ml_repo_fqn"),
    )
    op.create_index(
        op.f("ix_ml_repo_storage_integration_id"),
        "ml_repo",
        ["storage_integration_id"],
        unique=False,
    )
    op.create_index(op.f("ix_ml_repo_tenant_id"), "ml_repo", ["tenant_id"], unique=False)
    op.create_index(
        "uq_ml_repo_create_key",
        "ml_repo",
        ["tenant_id", "created_by", "create_key"],
        unique=True,
        postgresql_where=sa.text("create_key IS NOT NULL"),
    )


def _create_workspace() -> None:
    op.create_table(
        "workspace",
        sa.Column("cluster_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("environment_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fqn", sa.Text(), nullable=False),
        sa.Column("manifest", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("create_key", sa.Text(), nullable=True),
        sa.Column("create_digest", sa.Text(), nullable=True),
        sa.Column("is_deleting", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_token", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("lease_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "next_check_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["cluster_id", "environment_id"],
            ["cluster_environment.cluster_id", "cluster_environment.environment_id"],
            name="fk_workspace_cluster_environment",
        ),
        sa.ForeignKeyConstraint(
            ["cluster_id"], ["cluster.id"], name=op.f("fk_workspace_cluster_id")
        ),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environment.id"], name=op.f("fk_workspace_environment_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_workspace_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspace")),
        sa.UniqueConstraint("tenant_id", "fqn", name="uq_workspace_fqn"),
    )
    op.create_index(op.f("ix_workspace_cluster_id"), "workspace", ["cluster_id"], unique=False)
    op.create_index(
        "ix_workspace_due",
        "workspace",
        ["next_check_at"],
        unique=False,
        postgresql_where=sa.text("next_check_at IS NOT NULL AND is_deleting"),
    )
    op.create_index(
        op.f("ix_workspace_environment_id"), "workspace", ["environment_id"], unique=False
    )
    op.create_index(op.f("ix_workspace_tenant_id"), "workspace", ["tenant_id"], unique=False)
    op.create_index(
        "uq_workspace_create_key",
        "workspace",
        ["tenant_id", "created_by", "create_key"],
        unique=True,
        postgresql_where=sa.text("create_key IS NOT NULL"),
    )


def _create_application() -> None:
    op.create_table(
        "application",
        sa.Column("workspace_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("cluster_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("last_deployment_version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("desired_deployment_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("delivered_deployment_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fqn", sa.Text(), nullable=False),
        sa.Column("manifest", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("create_key", sa.Text(), nullable=True),
        sa.Column("create_digest", sa.Text(), nullable=True),
        sa.Column("is_deleting", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_token", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("lease_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "next_check_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["cluster_id"], ["cluster.id"], name=op.f("fk_application_cluster_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_application_tenant_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_application_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("tenant_id", "fqn", name="uq_application_fqn"),
    )
    op.create_index(op.f("ix_application_cluster_id"), "application", ["cluster_id"], unique=False)
    op.create_index(
        "ix_application_due",
        "application",
        ["next_check_at"],
        unique=False,
        postgresql_where=sa.text("next_check_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_application_tenant_id"), "application", ["tenant_id"], unique=False)
    op.create_index(
        op.f("ix_application_workspace_id"), "application", ["workspace_id"], unique=False
    )
    op.create_index(
        "uq_application_create_key",
        "application",
        ["tenant_id", "created_by", "create_key"],
        unique=True,
        postgresql_where=sa.text("create_key IS NOT NULL"),
    )


def _create_deployment() -> None:
    op.create_table(
        "deployment",
        sa.Column("application_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("manifest", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "rendered", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("manifests_sha256", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("command_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_deployment_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_deployment_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deployment")),
        sa.UniqueConstraint(
            "application_id", "version", name=op.f("uq_deployment_application_id_version")
        ),
    )
    op.create_index(op.f("ix_deployment_tenant_id"), "deployment", ["tenant_id"], unique=False)
