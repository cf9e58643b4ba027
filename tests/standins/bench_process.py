"""Processes under measurement: start, first line, first answer, memory, end.

Memory is read from /proc: what the kernel counts, the same way for ours and for the peer's.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

BYTES_PER_MB = 1e6
_POLL_SECONDS = 0.005  # far below the shortest time that is reported
_GRACE_SECONDS = 10.0
_STEADY_SECONDS = 1.0
_STEADY_SHARE = 0.002
"""Memory is idle when it moved less than this in _STEADY_SECONDS, three times in a row."""


class NotThere(Exception):
    """What was waited for did not come; the message has the end of the program's output."""


@dataclass(frozen=True)
class Memory:
    """Memory of a process and all its descendants, MB."""

    pss: float
    """Proportional set: pages shared within the tree count once. The fair number for a tree."""
    rss: float
    """Resident set, summed: pages shared between processes count each time."""
    processes: int


@contextmanager
def running(
    command: Sequence[str | Path],
    log: Path,
    *,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
    stdout: int | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """The program runs in a group of its own, and the whole group is gone afterwards.

    Args:
        command: program and arguments.
        log: takes standard error, and standard output unless `stdout` says otherwise.
        environment: the whole environment; this process's when None.
        directory: working directory; this process's when None.
        stdout: `subprocess.PIPE` to read it.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output if stdout is None else stdout,
            stderr=output,
            env=None if environment is None else dict(environment),
            cwd=directory,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """The process and everything in its group has ended; first asked, then killed."""
    descendants = _tree(process.pid)
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE_SECONDS)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    # Some (a database server) leave the group.
    for descendant in descendants:
        with contextlib.suppress(psutil.NoSuchProcess):
            descendant.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def wait_until(
    condition: Callable[[], bool], *, what: str, seconds: float, poll_seconds: float = _POLL_SECONDS
) -> None:
    """The condition holds; raises NotThere when it does not within `seconds`."""
    deadline = time.perf_counter() + seconds
    pause = threading.Event()
    while not condition():
        if time.perf_counter() > deadline:
            raise NotThere(f"{what} did not come within {seconds:g} s")
        pause.wait(poll_seconds)


def seconds_to_first_ok(
    url: str, process: subprocess.Popen[bytes], log: Path, since: float
) -> float:
    """Seconds from `since` (perf_counter) to the first answer 200 of `url`."""
    with httpx.Client(trust_env=False, timeout=5.0) as client:

        def answers() -> bool:
            if process.poll() is not None:
                raise NotThere(f"the program ended with {process.returncode}: {tail(log)}")
            try:
                return client.get(url).status_code == httpx.codes.OK
            except httpx.TransportError:
                return False

        try:
            wait_until(answers, what=f"a 200 of {url}", seconds=180)
        except NotThere as exc:
            raise NotThere(f"{exc}: {tail(log)}") from exc
    return time.perf_counter() - since


def seconds_to_first_line(
    process: subprocess.Popen[bytes], log: Path, since: float
) -> tuple[float, str]:
    """Seconds from `since` (perf_counter) to the end of the first line, and that line."""
    assert process.stdout is not None
    line = process.stdout.readline()
    elapsed = time.perf_counter() - since
    if not line.endswith(b"\n"):
        raise NotThere(f"the program ended without a line: {tail(log)}")
    return elapsed, line.decode().strip()


def idle_memory(pid: int, *, settle_seconds: float = 0.0) -> Memory:
    """Memory of the tree once it no longer moves; after a minute as it then is.

    Args:
        pid: root of the tree.
        settle_seconds: wait before looking, for work that starts late.
    """
    pause = threading.Event()
    pause.wait(settle_seconds)
    deadline = time.perf_counter() + 60
    steady, last = 0, memory(pid)
    while steady < 3 and time.perf_counter() < deadline:
        pause.wait(_STEADY_SECONDS)
        now = memory(pid)
        steady = steady + 1 if abs(now.pss - last.pss) <= _STEADY_SHARE * last.pss else 0
        last = now
    return last


def memory(pid: int) -> Memory:
    """Memory of the process and its descendants now; those that have just ended count nothing."""
    pss = rss = 0.0
    processes = 0
    for process in _tree(pid):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            text = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii")
            fields = dict(line.split(":", 1) for line in text.splitlines()[1:])
            pss += _megabytes(fields["Pss"])
            rss += _megabytes(fields["Rss"])
            processes += 1
    return Memory(pss, rss, processes)


def process_rss(pid: int) -> float:
    """Resident set of this one process, MB."""
    return psutil.Process(pid).memory_info().rss / BYTES_PER_MB


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log."""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def seconds_of(command: Sequence[str | Path]) -> float:
    """Seconds from start to end of a program that succeeds; raises NotThere when it does not."""
    started = time.perf_counter()
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False
    )
    elapsed = time.perf_counter() - started
    if done.returncode:
        raise NotThere(f"{command} ended with {done.returncode}: {done.stderr[-2000:]}")
    return elapsed


def python() -> Path:
    """The interpreter of this run."""
    return Path(sys.executable)


def _tree(pid: int) -> list[psutil.Process]:
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _megabytes(field: str) -> float:
    return int(field.split()[0]) * 1024 / BYTES_PER_MB
