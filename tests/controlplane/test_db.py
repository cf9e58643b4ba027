"""Connections to the database: which are asked whether they live, and what comes of the dead."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from hub_harness import fresh_database, start_database
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from splitplane.controlplane.db import make_engine
from splitplane.controlplane.postgres import EmbeddedPostgres

_BACKEND = text("SELECT pg_backend_pid()")


class Clock:
    """Seconds as the test says."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def database() -> Iterator[EmbeddedPostgres]:
    yield from start_database()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def engine(database: EmbeddedPostgres, clock: Clock) -> AsyncIterator[AsyncEngine]:
    """An engine with one connection, which has been used."""
    url = await fresh_database(database)
    made = make_engine(url, pool_size=1, statement_timeout_seconds=5, clock=clock)
    await backend(made)
    yield made
    await made.dispose()


@pytest.fixture
def pings(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The connections that were asked whether they live."""
    asked: list[object] = []
    ping = engine.dialect.do_ping

    def noted(connection: object) -> bool:
        asked.append(connection)
        return ping(connection)

    monkeypatch.setattr(engine.dialect, "do_ping", noted)
    return asked


async def backend(engine: AsyncEngine) -> int:
    """The server's process that the next connection talks to."""
    async with engine.connect() as connection:
        return int((await connection.execute(_BACKEND)).scalar_one())


async def test_a_connection_just_used_is_not_asked(
    engine: AsyncEngine, pings: list[object], clock: Clock
) -> None:
    clock.now += 0.9

    await backend(engine)

    assert pings == []


async def test_a_connection_that_lay_idle_is_asked(
    engine: AsyncEngine, pings: list[object], clock: Clock
) -> None:
    clock.now += 1.0

    await backend(engine)

    assert len(pings) == 1


async def test_a_connection_that_died_while_idle_is_replaced(
    engine: AsyncEngine, database: EmbeddedPostgres, clock: Clock
) -> None:
    dead = await backend(engine)
    other = make_engine(database.url, pool_size=1, statement_timeout_seconds=5)
    async with other.connect() as connection:
        await connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": dead})
    await other.dispose()
    clock.now += 1.0

    alive = await backend(engine)

    assert alive != dead
