"""One program of the platform as a child process that a test may kill, pause and start again."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import psutil

from splitplane.stacks.local_cluster.guard import Guard
from splitplane.stacks.local_cluster.process import Identity

_STOP_SECONDS: Final = 30.0
"""After SIGTERM: the agent may drain for 20 s."""
_INHERITED: Final = ("PATH", "HOME", "TMPDIR", "LANG")


class Program:
    """A program with its own session, its log in a file, and a guard should the tests die."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        guard: Guard,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Know the program; nothing is started."""
        self.name = name
        self.command = list(command)
        self.environment = dict(environment or {})
        self.log = log
        self._guard = guard
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Process id of the running program."""
        assert self._child is not None, f"{self.name} is not running"
        return self._child.pid

    def is_running(self) -> bool:
        """Whether it has been started and has not ended."""
        return self._child is not None and self._child.poll() is None

    def start(self) -> None:
        """It has been started; what it needs to be ready is for the caller to wait for."""
        assert not self.is_running(), f"{self.name} already runs"
        base = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=base | {"PYTHONUNBUFFERED": "1"} | self.environment,
                start_new_session=True,
            )
        self._guard.add(self._identity())

    def check_alive(self) -> None:
        """Fail with the end of the log when it has ended."""
        if not self.is_running():
            code = self._child.poll() if self._child is not None else None
            raise AssertionError(f"{self.name} ended with {code}:\n{self.tail()}")

    def kill(self) -> None:
        """End it by SIGKILL, as a crash would."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """End it by SIGTERM and return its exit code; by SIGKILL after 30 s."""
        return self._end(signal.SIGTERM)

    def pause(self) -> None:
        """Freeze it; connections stay open."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after `pause`."""
        os.kill(self.pid, signal.SIGCONT)

    def tail(self, lines: int = 60, *, without: re.Pattern[str] | None = None) -> str:
        """The end of the log, without the lines in which the pattern is found."""
        if not self.log.exists():
            return "(no log)"
        found = self.log.read_text(errors="replace").splitlines()
        kept = [line for line in found if without is None or without.search(line) is None]
        return "\n".join(kept[-lines:])

    def _identity(self) -> Identity:
        return Identity(self.pid, psutil.Process(self.pid).create_time())

    def _end(self, how: signal.Signals) -> int:
        child, self._child = self._child, None
        if child is None:
            return 0
        if child.poll() is None:
            os.kill(child.pid, how)
            os.kill(child.pid, signal.SIGCONT)  # a paused one only then sees SIGTERM
            try:
                child.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        self._guard.remove(Identity(child.pid, 0.0))
        return child.returncode
