"""Ends what a run started when that run dies without being able to clean up, even by kill -9.

Runs as its own small process and reads lines from a pipe whose other end only the run holds. The
kernel closes that end whenever the run ends, however it ends; what is still listed then is killed.
(PR_SET_PDEATHSIG is no substitute: it fires when the starting *thread* ends, and only on Linux.)

Lines: `add PID STARTED_AT`, `remove PID`, `directory PATH` (to be deleted too), `dismiss`.
Runs by its path with nothing of ours imported, so that it is up in 50 ms and takes 12 MB.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys

import psutil

_TOLERANCE_SECONDS = 0.05
_WAIT_SECONDS = 10.0


def main() -> int:
    """Follow the pipe until it closes, then clean up unless dismissed."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    processes: dict[int, float] = {}
    directories: list[str] = []
    for line in sys.stdin:
        verb, _, rest = line.rstrip("\n").partition(" ")
        if verb == "add":
            pid, started_at = rest.split()
            processes[int(pid)] = float(started_at)
        elif verb == "remove":
            processes.pop(int(rest), None)
        elif verb == "directory":
            directories.append(rest)
        elif verb == "dismiss":
            return 0
    _kill(processes)
    for directory in directories:
        shutil.rmtree(directory, ignore_errors=True)
    return 0


def _kill(processes: dict[int, float]) -> None:
    killed: list[psutil.Process] = []
    for pid, started_at in reversed(processes.items()):
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError, PermissionError):
            process = psutil.Process(pid)
            if abs(process.create_time() - started_at) < _TOLERANCE_SECONDS:
                os.killpg(pid, signal.SIGKILL)
                killed.append(process)
    psutil.wait_procs(killed, timeout=_WAIT_SECONDS)


if __name__ == "__main__":
    raise SystemExit(main())
