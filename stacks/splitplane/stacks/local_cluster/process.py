"""One long-running process: in its own group, known by pid and start time, stopped for sure.

Knows nothing of Kubernetes. The record on disk lets another run find and stop it; the start time in
it guards against a pid that the system gave to somebody else meanwhile.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from splitplane.stacks.local_cluster.errors import ProcessFailed

_LOG_LINES = 15
_GRACE_SECONDS = 2.0
"""After SIGTERM; then SIGKILL. etcd and the controllers need 0.2 s. The API server would wait 60 s
for the watches of clients that stay; killed it loses nothing: what it acknowledged is in etcd."""
_KILL_SECONDS = 10.0
"""Longest wait for the kernel to end a killed process."""
_POLL_SECONDS = 0.01
_START_TIME_TOLERANCE_SECONDS = 0.05  # psutil computes it from clock ticks of 10 ms
# What a child may inherit: no proxies, no KUBECONFIG, no Go settings of the caller.
_INHERITED = ("PATH", "HOME", "TMPDIR", "LANG")


@dataclass(frozen=True)
class Identity:
    """A process, not just a number: pid and start time (seconds since the epoch)."""

    pid: int
    started_at: float

    def find(self) -> psutil.Process | None:
        """Return the process while it is alive (a zombie is not)."""
        try:
            process = psutil.Process(self.pid)
            is_same = abs(process.create_time() - self.started_at) < _START_TIME_TOLERANCE_SECONDS
            if is_same and process.status() != psutil.STATUS_ZOMBIE:
                return process
        except psutil.NoSuchProcess:
            pass
        return None


class ManagedProcess:
    """A process with a record and a log in the cluster's directory."""

    def __init__(self, name: str, directory: Path) -> None:
        """Know the process of that name; it may have been started by another run."""
        self.name = name
        self.log = directory / "logs" / f"{name}.log"
        self._record = directory / "run" / f"{name}.json"
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def identity(self) -> Identity | None:
        """The last started process, dead or alive; None when none was started or it was stopped."""
        try:
            record = json.loads(self._record.read_text(encoding="utf-8"))
            return Identity(pid=record["pid"], started_at=record["started_at"])
        except (FileNotFoundError, json.JSONDecodeError, KeyError):
            return None

    def is_running(self) -> bool:
        """Whether the recorded process is alive."""
        if self._child is not None and self._child.poll() is not None:
            return False
        identity = self.identity
        return identity is not None and identity.find() is not None

    def start(
        self, command: Sequence[str], *, environment: dict[str, str] | None = None
    ) -> Identity:
        """Start it in its own session (a terminal's Ctrl-C does not reach it) and record it."""
        for folder in (self.log.parent, self._record.parent):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        base = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=base | (environment or {}),
                start_new_session=True,
            )
        identity = Identity(self._child.pid, psutil.Process(self._child.pid).create_time())
        staging = self._record.with_suffix(".new")
        staging.write_text(
            json.dumps({"pid": identity.pid, "started_at": identity.started_at}), encoding="utf-8"
        )
        os.replace(staging, self._record)
        return identity

    def check_alive(self) -> None:
        """Raise ProcessFailed with the last log lines if it has ended."""
        if not self.is_running():
            code = self._child.poll() if self._child is not None else None
            raise ProcessFailed(
                f"{self.name} ended with exit code {code}:\n{self.last_log_lines()}"
            )

    def stop(self, *, graceful: bool = True) -> None:
        """End it and wait until it is gone; does nothing when it is not running."""
        identity = self.identity
        process = identity.find() if identity is not None else None
        if identity is not None and process is not None:
            if graceful:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.terminate()
                _wait_gone(identity, _GRACE_SECONDS)
            # The whole group, also when its leader ended: nothing it started may stay.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            _wait_gone(identity, _KILL_SECONDS)
        if self._child is not None:
            self._child.wait()
            self._child = None
        self._record.unlink(missing_ok=True)

    def last_log_lines(self) -> str:
        """Return the end of the log."""
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return "(no log)"
        return "\n".join(lines[-_LOG_LINES:])


def _wait_gone(identity: Identity, seconds: float) -> None:
    # Polled, not waited for: a process that is not our child stays a zombie until its new parent,
    # init, looks after it, which may take seconds.
    deadline = time.monotonic() + seconds
    while identity.find() is not None and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
