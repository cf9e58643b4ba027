"""Embedded PostgreSQL 18 for a first run; see docs/postgres.md."""

from splitplane.controlplane.postgres.embedded import EmbeddedPostgres

__all__ = ["EmbeddedPostgres"]
