"""Secret stores and groups, registries, teams, role bindings, named tokens."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the tables, and the link from a token to its manifest."""
    _create_object("secret_store")
    _create_object("secret_group", _id("secret_store_id"))
    _refer("secret_group", "secret_store")
    _create_object(
        "container_registry",
        _id("secret_group_id", nullable=True),
        sa.Column("secret_key", sa.Text(), nullable=True),
    )
    _refer("container_registry", "secret_group")
    _create_application_secret()
    _create_object("team")
    _create_team_member()
    _create_object(
        "role_binding",
        sa.Column("subject_kind", sa.Text(), nullable=False),
        _id("subject_id"),
        sa.Column("object_kind", sa.Text(), nullable=False),
        _id("object_id"),
        _id("cluster_id", nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index("ix_role_binding_subject", "role_binding", ["subject_id"], unique=False)
    op.create_index("ix_role_binding_object", "role_binding", ["object_id"], unique=False)
    _create_object("service_account_token", _id("service_account_id"))
    _refer("service_account_token", "service_account", ondelete="CASCADE")
    op.add_column("token", _id("service_account_token_id", nullable=True))
    _refer("token", "service_account_token", ondelete="CASCADE")


def downgrade() -> None:
    """Drops the tables; tokens that followed from a manifest stay as tokens of their own."""
    op.drop_index("ix_token_service_account_token_id", table_name="token")
    op.drop_constraint("fk_token_service_account_token_id", "token", type_="foreignkey")
    op.drop_column("token", "service_account_token_id")
    for table in (
        "service_account_token",
        "role_binding",
        "team_member",
        "team",
        "application_secret",
        "container_registry",
        "secret_group",
        "secret_store",
    ):
        op.drop_table(table)


def _id(name: str, *, nullable: bool = False) -> sa.Column[Any]:  # Any: any type of column
    return sa.Column(name, sa.Uuid(as_uuid=False), nullable=nullable)


def _now(name: str) -> sa.Column[Any]:
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )


def _create_object(table: str, *columns: sa.Column[Any]) -> None:
    """A table of objects: what all of them have, and its own columns."""
    op.create_table(
        table,
        *columns,
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fqn", sa.Text(), nullable=False),
        sa.Column("manifest", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _now("updated_at"),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("create_key", sa.Text(), nullable=True),
        sa.Column("create_digest", sa.Text(), nullable=True),
        sa.Column("is_deleting", sa.Boolean(), server_default="false", nullable=False),
        _id("id"),
        _id("tenant_id"),
        _now("created_at"),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f(f"fk_{table}_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("tenant_id", "fqn", name=f"uq_{table}_fqn"),
    )
    op.create_index(op.f(f"ix_{table}_tenant_id"), table, ["tenant_id"], unique=False)
    op.create_index(
        f"uq_{table}_create_key",
        table,
        ["tenant_id", "created_by", "create_key"],
        unique=True,
        postgresql_where=sa.text("create_key IS NOT NULL"),
    )


def _refer(table: str, other: str, *, ondelete: str | None = None) -> None:
    """The column `<other>_id` refers to the other table and is indexed."""
    column = f"{other}_id"
    op.create_foreign_key(
        op.f(f"fk_{table}_{column}"), table, other, [column], ["id"], ondelete=ondelete
    )
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def _create_application_secret() -> None:
    op.create_table(
        "application_secret",
        _id("application_id"),
        _id("secret_group_id"),
        sa.Column("key", sa.Text(), nullable=False),
        _id("tenant_id"),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_application_secret_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["secret_group_id"],
            ["secret_group.id"],
            name=op.f("fk_application_secret_secret_group_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenant.id"],
            name=op.f("fk_application_secret_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "application_id", "secret_group_id", "key", name=op.f("pk_application_secret")
        ),
    )
    for column in ("secret_group_id", "tenant_id"):
        op.create_index(
            op.f(f"ix_application_secret_{column}"), "application_secret", [column], unique=False
        )


def _create_team_member() -> None:
    op.create_table(
        "team_member",
        _id("subject_id"),
        _id("team_id"),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        _id("tenant_id"),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_team_member_team_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_team_member_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subject_id", "team_id", name=op.f("pk_team_member")),
    )
    for column in ("team_id", "tenant_id"):
        op.create_index(op.f(f"ix_team_member_{column}"), "team_member", [column], unique=False)
