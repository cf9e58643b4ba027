"""The demo's own processes: the control plane and the agent, each known by pid and start time."""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Final

import httpx
import psutil

from splitplane.stacks.demo.state import control_plane_directory
from splitplane.stacks.demo.waiting import wait_for
from splitplane.stacks.local_cluster.process import ManagedProcess

DEFAULT_PORT: Final = 8470
"""Port that `splitplane server` has by default, so that what the docs say holds for the demo."""
_READY_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 15.0
"""The control plane closes sessions and shuts its PostgreSQL down in this time."""


def choose_port(state: Path) -> int:
    """The port of the last run in this folder, else the default, else a free one."""
    remembered = state / "port"
    candidates = [DEFAULT_PORT]
    if remembered.is_file() and remembered.read_text().strip().isdigit():
        candidates.insert(0, int(remembered.read_text()))
    port = next((number for number in candidates if _is_free(number)), 0) or _free_port()
    remembered.write_text(f"{port}\n")
    return port


class ControlPlaneProcess:
    """`splitplane server` as a process of its own."""

    def __init__(self, state: Path, public_url: str | None = None) -> None:
        """Knows the process of this state folder; starts nothing."""
        self._state = state
        self._public_url = public_url
        self.process = ManagedProcess("control-plane", state)
        self.port = 0

    @property
    def endpoint(self) -> str:
        """Address of the control plane."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """It runs and answers; on the same port as before when it was started before."""
        if not self.port:
            self.port = choose_port(self._state)
        command = [sys.executable, "-m", "splitplane.cli", "server"]
        command += ["--host", "127.0.0.1", "--port", str(self.port)]
        command += ["--state-dir", str(control_plane_directory(self._state))]
        if self._public_url:
            command += ["--public-url", self._public_url]
        self.process.start(command)
        wait_for(
            self._is_ready,
            what="the control plane's readiness",
            seconds=_READY_SECONDS,
            explain=self.process.last_log_lines,
            check=self.process.check_alive,
        )

    def stop(self) -> None:
        """It has ended, after a clean shutdown where it manages one; safe to call twice."""
        end(self.process)

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.endpoint}/readyz", timeout=5, trust_env=False).is_success
        except httpx.HTTPError:
            return False


def end(process: ManagedProcess) -> None:
    """The process has ended: asked first, made to after 15 seconds."""
    identity = process.identity
    found = identity.find() if identity is not None else None
    if found is not None:
        try:
            found.terminate()
            found.wait(timeout=_STOP_SECONDS)
        except (psutil.TimeoutExpired, psutil.NoSuchProcess):
            pass
    process.stop()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
