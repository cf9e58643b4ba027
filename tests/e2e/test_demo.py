"""The demo as a newcomer runs it: every promise holds, and nothing stays behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

pytestmark = [pytest.mark.needs_tools, pytest.mark.slow, pytest.mark.timeout(600)]

SPLITPLANE = str(Path(sys.executable).with_name("splitplane"))


@pytest.fixture
def state() -> Iterator[Path]:
    """A folder that the database's account can pass through."""
    path = Path(tempfile.mkdtemp(prefix="splitplane-demo-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


def test_every_promise_of_the_demo_holds(state: Path) -> None:
    done = subprocess.run(
        [SPLITPLANE, "demo", "--once"],
        env=os.environ | {"DEMO_STATE": str(state)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    checks = [line for line in done.stdout.splitlines() if "check: " in line]
    assert len(checks) == 7
    assert all(line.startswith("ok ") for line in checks)
    assert _processes_of(state) == []


def test_an_interrupt_ends_everything_and_a_second_run_reuses_the_state(state: Path) -> None:
    first = _run_until_invited_and_interrupt(state)
    second = _run_until_invited_and_interrupt(state)

    assert "11 create" in first
    assert "11 same" in second
    assert "still signed in as user:admin@splitplane.local" in second
    assert _processes_of(state) == []


def _run_until_invited_and_interrupt(state: Path) -> str:
    with subprocess.Popen(
        [SPLITPLANE, "demo"],
        env=os.environ | {"DEMO_STATE": str(state)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as demo:
        assert demo.stdout is not None
        lines: list[str] = []
        for line in demo.stdout:
            lines.append(line)
            if line.startswith("Ctrl-C ends everything"):
                demo.send_signal(signal.SIGINT)
    output = "".join(lines)
    assert demo.returncode == 0, output
    assert "Sign-in code: " in output
    return output


def _processes_of(state: Path) -> list[str]:
    found: list[str] = []
    for process in psutil.process_iter(["cmdline"]):
        command = " ".join(process.info["cmdline"] or [])
        if str(state) in command:
            found.append(command)
    return found
