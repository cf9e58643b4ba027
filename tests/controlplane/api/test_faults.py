import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from api_harness import ENVIRONMENT, Api, administrate, fresh_database, run_api, start_database

from splitplane.controlplane.postgres import EmbeddedPostgres


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[EmbeddedPostgres]:
    """A server that the tests here may kill."""
    yield from start_database(is_durable=True)


@pytest.fixture
async def fragile(own_postgres: EmbeddedPostgres, tmp_path: Path) -> AsyncIterator[Api]:
    async with run_api(await fresh_database(own_postgres), tmp_path) as running:
        yield running


async def until_status(api: Api, path: str, status: int, **arguments: Any) -> Any:
    """The first answer with that status, within ten seconds."""
    async with asyncio.timeout(10):
        while True:
            answer = await api.admin.request(arguments.get("method", "GET"), path)
            if answer.status_code == status:
                return answer
            await asyncio.sleep(0.02)


def kill(server: EmbeddedPostgres) -> None:
    """The server died by SIGKILL, and its process is gone."""
    import os
    import signal

    os.kill(server.pid, signal.SIGKILL)
    while server.is_running():
        pass


async def test_while_the_database_is_away_requests_say_when_to_come_back(
    fragile: Api, own_postgres: EmbeddedPostgres
) -> None:
    kept = await fragile.admin.post("/api/v1/environments", json={"name": "kept"})
    kill(own_postgres)

    read = await fragile.admin.get("/api/v1/environments")
    written = await fragile.admin.post("/api/v1/environments", json=ENVIRONMENT)
    ready = await fragile.anonymous.get("/readyz")
    healthy = await fragile.anonymous.get("/healthz")
    own_postgres.launch()
    again = await until_status(fragile, "/api/v1/environments/kept", 200)
    refused = await fragile.admin.get("/api/v1/environments/qa")

    for answer in (read, written, ready):
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert answer.headers["retry-after"] == "2"
    assert healthy.status_code == 200
    assert again.json()["id"] == kept.json()["id"]
    assert refused.status_code == 404


async def test_no_acknowledged_write_is_lost_when_the_database_is_killed(
    fragile: Api, own_postgres: EmbeddedPostgres
) -> None:
    acknowledged: list[str] = []
    is_killed = asyncio.Event()

    async def write(worker: int) -> None:
        for number in range(200):
            name = f"w{worker}-{number:03}"
            answer = await fragile.admin.post(
                "/api/v1/environments", json={"name": name}, headers={"Idempotency-Key": name}
            )
            if answer.status_code == 201:
                acknowledged.append(name)
            if len(acknowledged) > 20:
                is_killed.set()
            if answer.status_code == 503:
                return

    async def strike() -> None:
        await is_killed.wait()
        kill(own_postgres)

    async with asyncio.timeout(60):
        await asyncio.gather(strike(), *(write(worker) for worker in range(4)))
    own_postgres.launch()
    await until_status(fragile, "/readyz", 200)

    names: set[str] = set()
    cursor = None
    while True:
        parameters = {"limit": "200", **({"cursor": cursor} if cursor else {})}
        page = (await fragile.admin.get("/api/v1/environments", params=parameters)).json()
        names |= {item["name"] for item in page["items"]}
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(acknowledged) > 20
    assert set(acknowledged) - names == set()


async def test_a_write_that_the_outage_swallowed_is_repeated_safely(
    fragile: Api, own_postgres: EmbeddedPostgres
) -> None:
    key = {"Idempotency-Key": "k1"}
    first = await fragile.admin.post("/api/v1/environments", json=ENVIRONMENT, headers=key)
    kill(own_postgres)
    lost = await fragile.admin.post("/api/v1/environments", json=ENVIRONMENT, headers=key)
    own_postgres.launch()
    await until_status(fragile, "/readyz", 200)

    again = await fragile.admin.post("/api/v1/environments", json=ENVIRONMENT, headers=key)

    assert (first.status_code, lost.status_code, again.status_code) == (201, 503, 200)
    assert again.json()["id"] == first.json()["id"]


async def test_a_statement_that_takes_too_long_is_a_503(
    api_postgres: EmbeddedPostgres, database_url: str, tmp_path: Path
) -> None:
    async with run_api(database_url, tmp_path, statement_timeout_seconds=0.2) as api:
        await api.make("environments")
        async with api.state.engine.connect() as connection:
            from sqlalchemy import text

            await connection.execute(text("LOCK TABLE environment IN ACCESS EXCLUSIVE MODE"))
            answer = await api.admin.get("/api/v1/environments")
            await connection.rollback()
        after = await api.admin.get("/api/v1/environments")

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert after.status_code == 200


async def test_an_old_schema_is_not_ready(
    api_postgres: EmbeddedPostgres, database_url: str, tmp_path: Path
) -> None:
    async with run_api(database_url, tmp_path) as api:
        await administrate(database_url, "UPDATE alembic_version SET version_num = '0000'")

        answer = await api.anonymous.get("/readyz")

    assert answer.status_code == 503
    assert "'0000'" in answer.json()["detail"]


async def test_a_bug_tells_nothing_but_its_request_id(api: Api) -> None:
    from splitplane.controlplane.permissions.declare import public

    @public("for the test")
    async def broken() -> None:
        raise ValueError("canary")

    api.app.add_api_route("/broken", broken)
    with contextlib.suppress(ValueError):
        answer = await api.admin.get("/broken", headers={"X-Request-Id": "abc-2"})

    assert answer.status_code == 500
    assert answer.json()["request_id"] == "abc-2"
    assert "canary" not in answer.text


async def test_metrics_count_requests(api: Api) -> None:
    await api.admin.get("/api/v1/environments")

    text = (await api.anonymous.get("/metrics")).text

    assert 'splitplane_http_requests_total{method="GET",route=' in text
    assert "splitplane_database_connections_in_use" in text
