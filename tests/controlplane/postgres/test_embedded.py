"""The embedded server: durable, private, one owner, no process left behind."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from polling import wait_for

from splitplane.controlplane.db import check_server, make_engine
from splitplane.controlplane.errors import StartError
from splitplane.controlplane.postgres import EmbeddedPostgres
from splitplane.controlplane.postgres.account import server_account
from splitplane.controlplane.postgres.layout import DATABASE, plan_layout


@pytest.fixture
def state_dir() -> Iterator[Path]:
    """A folder that the server's account may enter, also when we are root."""
    path = Path(tempfile.mkdtemp(prefix="splitplane-pg-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


def execute(state_dir: Path, statement: str) -> list[Any]:
    async def run() -> list[Any]:
        connection = await asyncpg.connect(
            user=DATABASE,
            database=DATABASE,
            host=str(plan_layout(state_dir, server_account()).run),
        )
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    return asyncio.run(run())


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_rows_survive_a_stop_and_a_start(state_dir: Path) -> None:
    first = EmbeddedPostgres.start(state_dir)
    execute(state_dir, "CREATE TABLE kept AS SELECT 7 AS number")
    first.stop()

    second = EmbeddedPostgres.start(state_dir)
    rows = execute(state_dir, "SELECT number FROM kept")
    second.stop()

    assert rows == [(7,)]


def test_rows_survive_kill_9_of_the_server(state_dir: Path) -> None:
    server = EmbeddedPostgres.start(state_dir)
    execute(state_dir, "CREATE TABLE kept AS SELECT 7 AS number")
    os.kill(server.pid, signal.SIGKILL)
    wait_for(lambda: not server.is_running(), what="the server to be gone")

    server.launch()
    rows = execute(state_dir, "SELECT number FROM kept")
    server.stop()

    assert rows == [(7,)]


def test_a_server_ends_with_an_owner_that_was_killed(state_dir: Path) -> None:
    script = (
        "import sys; from pathlib import Path; "
        "from splitplane.controlplane.postgres import EmbeddedPostgres; "
        "server = EmbeddedPostgres.start(Path(sys.argv[1])); "
        "print(server.pid, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(state_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        assert is_alive(pid)
        owner.kill()

    wait_for(lambda: not is_alive(pid), what="the server to end with its owner")
    EmbeddedPostgres.start(state_dir).stop()


def test_a_directory_has_one_owner(state_dir: Path) -> None:
    server = EmbeddedPostgres.start(state_dir)

    with pytest.raises(StartError, match=f"in use by process {os.getpid()}"):
        EmbeddedPostgres.start(state_dir)

    server.stop()


def test_a_running_server_is_found_by_its_directory(state_dir: Path) -> None:
    with pytest.raises(StartError, match="no server runs"):
        EmbeddedPostgres.find_running(state_dir)
    server = EmbeddedPostgres.start(state_dir)

    found = EmbeddedPostgres.find_running(state_dir)
    server.stop()

    assert found == server.url


def test_nobody_else_can_reach_the_server(state_dir: Path) -> None:
    server = EmbeddedPostgres.start(state_dir)
    layout = plan_layout(state_dir, server_account())
    modes = {
        path: stat.S_IMODE(path.stat().st_mode) for path in (layout.base, layout.data, layout.run)
    }
    listening = execute(state_dir, "SHOW listen_addresses")
    methods = execute(state_dir, "SELECT DISTINCT auth_method FROM pg_hba_file_rules")
    owner = layout.data.stat().st_uid
    server.stop()

    assert set(modes.values()) == {0o700}
    assert listening == [("",)]
    assert methods == [("peer",)]
    assert owner != 0


def test_a_pid_file_of_another_program_does_not_stop_the_start(state_dir: Path) -> None:
    EmbeddedPostgres.start(state_dir).stop()
    layout = plan_layout(state_dir, server_account())
    layout.pid_file.write_text(f"{os.getpid()}\n{layout.data}\n")

    server = EmbeddedPostgres.start(state_dir)
    rows = execute(state_dir, "SELECT 1")
    server.stop()

    assert rows == [(1,)]


def test_data_of_another_major_version_is_refused(state_dir: Path) -> None:
    EmbeddedPostgres.start(state_dir).stop()
    layout = plan_layout(state_dir, server_account())
    (layout.data / "PG_VERSION").write_text("17\n")

    with pytest.raises(StartError, match=r"made by PostgreSQL '17'.*docs/postgres\.md"):
        EmbeddedPostgres.start(state_dir)


def test_a_half_made_data_directory_is_made_anew(state_dir: Path) -> None:
    layout = plan_layout(state_dir, server_account())
    partial = layout.base / "data.partial"
    partial.mkdir(parents=True)
    (partial / "junk").write_text("x")

    server = EmbeddedPostgres.start(state_dir)
    server.stop()

    assert not partial.exists()


def test_a_long_state_directory_gets_a_short_socket_directory(state_dir: Path) -> None:
    deep = state_dir / ("d" * 120)

    server = EmbeddedPostgres.start(deep)
    rows = execute(deep, "SELECT 1")
    run = plan_layout(deep, server_account()).run
    server.stop()

    assert rows == [(1,)]
    assert len(str(run / ".s.PGSQL.5432")) <= 103
    assert not run.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another account")
def test_a_directory_that_the_account_cannot_enter_is_replaced() -> None:
    closed = Path(tempfile.mkdtemp(prefix="splitplane-closed-"))  # 0700
    server = EmbeddedPostgres.start(closed)
    base = server.data_dir.parent
    server.stop()
    shutil.rmtree(closed)
    shutil.rmtree(base)

    assert base.parent == Path("/var/lib/splitplane")
    assert base.name.startswith("postgres-")


async def test_an_old_server_is_refused(state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = EmbeddedPostgres.start(state_dir)
    engine = make_engine(server.url, pool_size=1, statement_timeout_seconds=5)
    monkeypatch.setattr("splitplane.controlplane.db.MINIMUM_SERVER_VERSION", 190000)

    with pytest.raises(StartError, match="PostgreSQL 18, needed is"):
        await check_server(engine)

    await engine.dispose()
    server.stop()
