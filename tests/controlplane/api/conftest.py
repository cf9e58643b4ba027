from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from api_harness import Api, fresh_database, run_api, start_database

from splitplane.controlplane.postgres import EmbeddedPostgres


@pytest.fixture(scope="session")
def api_postgres() -> Iterator[EmbeddedPostgres]:
    yield from start_database()


@pytest.fixture
async def database_url(api_postgres: EmbeddedPostgres) -> str:
    return await fresh_database(api_postgres)


@pytest.fixture
async def api(database_url: str, tmp_path: Path) -> AsyncIterator[Api]:
    async with run_api(database_url, tmp_path) as running:
        yield running
