"""The embedded server as a child process: start, watch, stop, and never two on one directory.

A shell stands between us and the server. It ends the server when our end of its standard input
closes, so that a control plane that was killed with -9 leaves no server behind, and it passes on
the server's exit code. Durability is PostgreSQL's own: fsync stays on.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Generator
from pathlib import Path
from typing import Final
from urllib.parse import quote

from splitplane.controlplane.errors import StartError
from splitplane.controlplane.postgres.account import Account, server_account
from splitplane.controlplane.postgres.binaries import find_binaries
from splitplane.controlplane.postgres.layout import (
    DATABASE,
    Layout,
    as_account,
    check_version,
    make_data,
    make_directories,
    plan_layout,
    server_environment,
)

# Crash recovery replays the write-ahead log; 1 GiB (the default max_wal_size) takes seconds.
_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 20.0
_POLL_SECONDS: Final = 0.02

# $1 is the server; everything after are its arguments. SIGINT is PostgreSQL's fast shutdown.
_KEEPER: Final = """
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
( read -r _ <&3; kill -INT "$server" 2>/dev/null ) &
watcher=$!
wait "$server"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"
"""

# Small on purpose: the embedded server is for one control plane on one machine.
_SETTINGS: Final = (
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "max_connections=100",
    "shared_buffers=64MB",
    "log_timezone=UTC",
    "timezone=UTC",
)


class EmbeddedPostgres:
    """A running server that belongs to this process.

    Attributes:
        url: SQLAlchemy URL of the database, by the server's socket.
        data_dir: where the data lies.
    """

    def __init__(self, layout: Layout, account: Account, binaries: Path, lock: int) -> None:
        """Used by `start`; holds the lock until `stop`."""
        self._layout = layout
        self._account = account
        self._binaries = binaries
        self._lock: int | None = lock
        self._keeper: subprocess.Popen[bytes] | None = None
        self.data_dir = layout.data
        self.url = _url(layout)

    @classmethod
    def start(cls, state_dir: Path) -> EmbeddedPostgres:
        """A server that answers, with its data below `state_dir`; blocks for 0.2 to 1 second.

        The first start makes the data directory. As root the server runs as `nobody`, and where
        that account cannot enter `state_dir` the data lies below /var/lib/splitplane.

        Raises:
            StartError: another process owns the directory, the data is of another major version,
                or the server does not come up; the message holds the end of its log.
        """
        account = server_account()
        layout = plan_layout(state_dir, account)
        make_directories(layout, account)
        binaries = find_binaries(account)
        lock = _take_lock(layout)
        try:
            if not layout.data.exists():
                make_data(layout, account, binaries)
            check_version(layout)
            server = cls(layout, account, binaries, lock)
            server.launch()
        except BaseException:
            os.close(lock)
            raise
        return server

    @staticmethod
    def find_running(state_dir: Path) -> str:
        """The URL of the server that another process runs on this state directory.

        Raises:
            StartError: none is running.
        """
        layout = plan_layout(state_dir, server_account())
        if not _is_ready(layout):
            raise StartError(
                f"no server runs on the state directory {str(state_dir)!r}: start it with "
                "splitplane server, or name another state directory or DATABASE_URL"
            )
        return _url(layout)

    def is_running(self) -> bool:
        """Whether the server's process is there."""
        return self._keeper is not None and self._keeper.poll() is None

    @property
    def pid(self) -> int:
        """Process id of the server; for tests that kill it."""
        return int(self._layout.pid_file.read_text().split("\n", 1)[0])

    def launch(self) -> None:
        """The server runs and accepts connections; does nothing when it does already.

        Raises:
            StartError: it does not come up within 60 seconds.
        """
        if self.is_running():
            return
        if self._lock is None:
            raise StartError("the embedded PostgreSQL was stopped; start a new one")
        self._end_keeper()
        _end_orphan(self._layout)
        deadline = time.monotonic() + _START_SECONDS
        while True:
            self._keeper = self._spawn()
            if self._wait_ready(self._keeper, deadline):
                return
            # A killed server and its children may hold files and memory for a moment longer.
            self._end_keeper()
            if time.monotonic() > deadline or not _is_predecessor_ending(self._layout):
                raise StartError(
                    "the embedded PostgreSQL did not start; the end of "
                    f"{str(self._layout.log)!r}: {_tail(self._layout.log)}"
                )
            time.sleep(0.1)

    def stop(self) -> None:
        """The server has shut down cleanly and its lock is free; safe to call twice."""
        self._end_keeper()
        if self._layout.run.parent != self._layout.base:
            shutil.rmtree(self._layout.run, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _spawn(self) -> subprocess.Popen[bytes]:
        command = [str(self._binaries / "postgres"), "-D", str(self._layout.data)]
        command += ["-k", str(self._layout.run)]
        for setting in _SETTINGS:
            command += ["-c", setting]
        with self._open_log() as log:
            return subprocess.Popen[bytes](
                ["/bin/sh", "-c", _KEEPER, "splitplane-postgres", *command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self._layout.base,
                env=server_environment(),
                start_new_session=True,  # Ctrl-C in the terminal is for us; we stop the server
                umask=0o077,
                **as_account(self._account),
            )

    def _open_log(self) -> contextlib.AbstractContextManager[int]:
        descriptor = os.open(
            self._layout.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600
        )
        return _closing(descriptor)

    def _wait_ready(self, keeper: subprocess.Popen[bytes], deadline: float) -> bool:
        while time.monotonic() < deadline:
            if keeper.poll() is not None:
                return False
            if _is_ready(self._layout):
                return True
            time.sleep(_POLL_SECONDS)
        return False

    def _end_keeper(self) -> None:
        keeper, self._keeper = self._keeper, None
        if keeper is None:
            return
        if keeper.stdin is not None:
            keeper.stdin.close()
        try:
            keeper.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(keeper.pid, signal.SIGQUIT)  # immediate shutdown; recovery at next start
            keeper.wait(_STOP_SECONDS)


@contextlib.contextmanager
def _closing(descriptor: int) -> Generator[int]:
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _url(layout: Layout) -> str:
    return f"postgresql+asyncpg://{DATABASE}@/{DATABASE}?host={quote(str(layout.run))}"


def _take_lock(layout: Layout) -> int:
    lock = os.open(layout.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.read(lock, 32).decode(errors="replace").strip() or "unknown"
        os.close(lock)
        raise StartError(
            f"state directory {str(layout.base)!r} is in use by process {owner}: "
            "stop that server or choose another state directory"
        ) from None
    os.ftruncate(lock, 0)
    os.write(lock, f"{os.getpid()}\n".encode())
    return lock


def _is_ready(layout: Layout) -> bool:
    # Line 8 of postmaster.pid is the server's state (miscadmin.h, LOCK_FILE_LINE_PM_STATUS).
    try:
        lines = layout.pid_file.read_text().split("\n")
    except (FileNotFoundError, NotADirectoryError):
        return False
    return len(lines) > 7 and lines[7].strip() == "ready"


def _end_orphan(layout: Layout) -> None:
    """No server runs on the data, and no pid file of a dead one is left.

    We hold the lock, so a server that still runs was left by a process that died. A pid file whose
    number meanwhile belongs to another program would make the server refuse to start.
    """
    try:
        pid = int(layout.pid_file.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return
    deadline = time.monotonic() + _STOP_SECONDS
    is_told = False
    while _is_server_of(pid, layout):
        if not is_told or time.monotonic() > deadline:
            os.kill(pid, signal.SIGINT if not is_told else signal.SIGQUIT)
            is_told = True
        time.sleep(_POLL_SECONDS)
    layout.pid_file.unlink(missing_ok=True)


def _is_server_of(pid: int, layout: Layout) -> bool:
    """Whether the process is a server on this data: the server works in its data directory."""
    if Path("/proc/self/cwd").exists():
        try:
            return Path(f"/proc/{pid}/cwd").readlink() == layout.data
        except OSError:
            return False
    arguments = subprocess.run(
        ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout
    return "postgres" in arguments and str(layout.data) in arguments


def _is_predecessor_ending(layout: Layout) -> bool:
    end = _tail(layout.log)
    is_memory_held = "shared memory block" in end and "still in use" in end
    # Not another server: only one that holds our lock makes this socket.
    is_socket_held = "lock file" in end and "already exists" in end
    return is_memory_held or is_socket_held


def _tail(path: Path) -> str:
    try:
        return path.read_text(errors="replace")[-1000:].strip()
    except FileNotFoundError:
        return ""
