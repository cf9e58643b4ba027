"""Entry point of Alembic: runs on the connection that `migrate` hands over."""

from __future__ import annotations

from alembic import context

from splitplane.controlplane.tables import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
