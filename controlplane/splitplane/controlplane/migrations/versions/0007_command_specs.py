"""Finding the finished commands that still carry what they ordered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the index."""
    op.create_index(
        "ix_command_spec",
        "command",
        ["finished_at"],
        unique=False,
        postgresql_where=sa.text("spec <> '' AND kind <> 'apply-namespace'"),
    )


def downgrade() -> None:
    """Drops the index."""
    op.drop_index("ix_command_spec", table_name="command")
