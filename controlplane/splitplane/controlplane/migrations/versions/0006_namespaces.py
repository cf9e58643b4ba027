"""Workspaces are due also while they live, and their newest order is found by an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Widens the index of due workspaces, adds that of namespace orders."""
    op.drop_index("ix_workspace_due", table_name="workspace")
    op.create_index(
        "ix_workspace_due",
        "workspace",
        ["next_check_at"],
        unique=False,
        postgresql_where=sa.text("next_check_at IS NOT NULL"),
    )
    op.create_index(
        "ix_command_namespace",
        "command",
        ["workspace_id", "seq"],
        unique=False,
        postgresql_where=sa.text("kind = 'apply-namespace'"),
    )


def downgrade() -> None:
    """Takes both back."""
    op.drop_index("ix_command_namespace", table_name="command")
    op.drop_index("ix_workspace_due", table_name="workspace")
    op.create_index(
        "ix_workspace_due",
        "workspace",
        ["next_check_at"],
        unique=False,
        postgresql_where=sa.text("next_check_at IS NOT NULL AND is_deleting"),
    )
