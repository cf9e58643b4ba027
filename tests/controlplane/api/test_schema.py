"""The database's schema against the models, and the API's document against the routes."""

import json
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from api_harness import administrate, named
from sqlalchemy import Connection

from splitplane.controlplane.db import make_engine
from splitplane.controlplane.migrate import current_revision, migrate, newest_revision
from splitplane.controlplane.openapi import render_document
from splitplane.controlplane.permissions.matrix import render_matrix
from splitplane.controlplane.postgres import EmbeddedPostgres
from splitplane.controlplane.tables import Base


async def test_the_migrations_make_exactly_the_models(database_url: str) -> None:
    engine = make_engine(database_url, pool_size=1, statement_timeout_seconds=30)

    def compare(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        return list(compare_metadata(context, Base.metadata))

    async with engine.connect() as connection:
        differences = await connection.run_sync(compare)
    await engine.dispose()

    assert differences == []


async def test_many_replicas_may_migrate_at_once(api_postgres: EmbeddedPostgres) -> None:
    import asyncio

    await administrate(api_postgres.url, "CREATE DATABASE empty")
    engines = [
        make_engine(named(api_postgres.url, "empty"), pool_size=2, statement_timeout_seconds=30)
        for _ in range(4)
    ]
    for engine in engines:  # one loop serves all four here: a busy one must not delay connecting
        assert await current_revision(engine) is None

    await asyncio.gather(*(migrate(engine) for engine in engines))

    assert await current_revision(engines[0]) == newest_revision()
    for engine in engines:
        await engine.dispose()


def test_the_committed_openapi_document_is_current(repository: Path) -> None:
    committed = (repository / "docs" / "openapi.json").read_text()

    assert committed == render_document(), "run: python -m splitplane.controlplane.openapi"


def test_the_openapi_document_is_complete(repository: Path) -> None:
    document = json.loads((repository / "docs" / "openapi.json").read_text())
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    text = json.dumps(document)
    references = {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}

    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert [o["operationId"] for o in operations if "x-permission" not in o] == []
    assert references - document["components"]["schemas"].keys() == set()
    assert "ServiceManifest" in references


def test_the_committed_permission_matrix_is_current(repository: Path) -> None:
    committed = (repository / "docs" / "permissions.md").read_text()

    assert committed == render_matrix(), "run: python -m splitplane.controlplane.permissions.matrix"
