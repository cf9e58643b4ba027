from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def state_dir() -> Iterator[Path]:
    """A folder that the account of the embedded database may enter, also when we are root."""
    path = Path(tempfile.mkdtemp(prefix="splitplane-main-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


def test_the_embedded_database_has_ended_when_a_terminated_server_has(state_dir: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "SPLITPLANE_SERVER_PORT": "0",
        "SPLITPLANE_SERVER_STATE_DIR": str(state_dir),
    }
    command = [sys.executable, "-m", "splitplane.controlplane.main"]
    pid_file = state_dir / "postgres" / "data" / "postmaster.pid"
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        output: list[str] = []
        for line in server.stdout:
            output.append(line)
            if line.startswith("control plane:"):
                break
        assert pid_file.exists(), output

        server.terminate()
        server.stdout.read()
        code = server.wait(30)

    assert (code, pid_file.exists()) == (0, False)
