from __future__ import annotations

import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from splitplane.controlplane.postgres import EmbeddedPostgres
from splitplane.controlplane.postgres.account import server_account
from splitplane.controlplane.postgres.layout import as_account


@pytest.fixture
def state_dir() -> Iterator[Path]:
    """A folder that the server's account may enter, also when we are root."""
    path = Path(tempfile.mkdtemp(prefix="splitplane-restart-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


def test_a_server_starts_while_its_killed_predecessor_is_still_ending(state_dir: Path) -> None:
    EmbeddedPostgres.start(state_dir).stop()
    # A process that takes a moment to end; a killed server that writes to a slow disk does so too.
    ending = subprocess.Popen(["sleep", "1"], cwd="/", **as_account(server_account()))
    threading.Thread(target=ending.wait).start()
    socket_lock = state_dir / "postgres" / "run" / ".s.PGSQL.5432.lock"
    socket_lock.write_text(f"{ending.pid}\n")

    server = EmbeddedPostgres.start(state_dir)

    assert server.is_running()
    server.stop()
