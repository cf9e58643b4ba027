from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hub_harness import RunningHub, World, fresh_database, make_state, start_database
from scripted_agent import ScriptedAgent

from splitplane.controlplane.postgres.embedded import EmbeddedPostgres


@pytest.fixture(scope="session")
def hub_postgres() -> Iterator[EmbeddedPostgres]:
    yield from start_database()


@pytest.fixture
async def database_url(hub_postgres: EmbeddedPostgres) -> str:
    return await fresh_database(hub_postgres)


@pytest.fixture
async def hub(database_url: str, tmp_path: Path) -> AsyncIterator[RunningHub]:
    async with RunningHub(make_state(database_url, tmp_path)) as running:
        yield running


@pytest.fixture
async def world(hub: RunningHub) -> World:
    return await World(hub.state).build()


@pytest.fixture
async def agent(hub: RunningHub, world: World) -> AsyncIterator[ScriptedAgent]:
    scripted = ScriptedAgent(hub.url)
    await scripted.enrol(await world.join_token())
    yield scripted
    await scripted.hang_up()
