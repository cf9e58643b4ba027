"""The run's side of the watchdog: tells it what to end should this run die."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

from splitplane.stacks.local_cluster import watchdog
from splitplane.stacks.local_cluster.process import Identity

_STOP_SECONDS = 10.0


class Guard:
    """A running watchdog; `dismiss` it after a clean stop."""

    def __init__(self, *, remove_directory: Path | None = None) -> None:
        """Start the watchdog; it also deletes `remove_directory` when it has to act."""
        self._process = subprocess.Popen(
            [sys.executable, str(Path(watchdog.__file__).resolve())],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        if remove_directory is not None:
            self._say(f"directory {remove_directory.resolve()}")

    def add(self, identity: Identity) -> None:
        """Have this process ended should the run die."""
        self._say(f"add {identity.pid} {identity.started_at!r}")

    def remove(self, identity: Identity) -> None:
        """Forget this process; it was stopped."""
        self._say(f"remove {identity.pid}")

    def dismiss(self) -> None:
        """End the watchdog without any cleaning up; idempotent."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            self._say("dismiss")
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        try:
            self._process.wait(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        # A watchdog that somebody killed must not stop the run: it only loses its safety net.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
