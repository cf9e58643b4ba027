"""Where the embedded server's files lie, and how a new data directory is made.

<state>/postgres/           0700, belongs to the server's account
    data/                   PGDATA
    run/                    the socket; a short path in the system's temporary folder if too long
    postgres.log            the server's log, started anew above 10 MiB
    owner.lock              held by the process that runs the server
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from splitplane.controlplane.errors import StartError
from splitplane.controlplane.postgres.account import (
    SYSTEM_DIRECTORY,
    Account,
    can_enter,
    make_passable_directory,
    make_private_directory,
)
from splitplane.controlplane.postgres.binaries import MAJOR_VERSION

DATABASE: Final = "splitplane"
"""Name of the database and of the role that owns everything in it."""

_SOCKET_FILE: Final = ".s.PGSQL.5432"
# sun_path is 108 bytes with its final NUL on Linux, 104 on macOS (unix(7), unix(4)).
_LONGEST_SOCKET_PATH: Final = 103
_LOG_LIMIT_BYTES: Final = 10 * 1024 * 1024

_HBA: Final = """\
# Written by splitplane. Only the accounts in pg_ident.conf may connect, only by the socket.
local all splitplane peer map=splitplane
"""


@dataclass(frozen=True)
class Layout:
    """The server's paths."""

    base: Path
    data: Path
    run: Path
    log: Path
    lock: Path

    @property
    def pid_file(self) -> Path:
        """The file in which the running server keeps its process id and state."""
        return self.data / "postmaster.pid"


def plan_layout(state_dir: Path, account: Account) -> Layout:
    """The paths for a state directory; below /var/lib/splitplane when the account cannot enter it.

    The folder there is named by a digest of `state_dir`, so that the same state directory always
    finds the same data.
    """
    state_dir = state_dir.resolve()
    if can_enter(account, state_dir):
        base = state_dir / "postgres"
    else:
        base = SYSTEM_DIRECTORY / f"postgres-{_short_digest(state_dir)}"
    run = base / "run"
    if len(os.fsencode(run / _SOCKET_FILE)) > _LONGEST_SOCKET_PATH:
        run = Path(tempfile.gettempdir()) / f"splitplane-{_short_digest(base)}"
    return Layout(base, base / "data", run, base / "postgres.log", base / "owner.lock")


def make_directories(layout: Layout, account: Account) -> None:
    """The folders exist, belong to the account and are closed to everybody else.

    Raises:
        StartError: the socket's folder belongs to somebody else.
    """
    make_passable_directory(layout.base.parent)
    make_private_directory(account, layout.base)
    if layout.run.exists() and layout.run.lstat().st_uid not in (account.uid, os.geteuid()):
        raise StartError(
            f"socket directory {str(layout.run)!r} belongs to another account; "
            "remove it or choose another state directory"
        )
    make_private_directory(account, layout.run)
    if layout.log.exists() and layout.log.stat().st_size > _LOG_LIMIT_BYTES:
        layout.log.unlink()


def check_version(layout: Layout) -> None:
    """Raises StartError when the data belongs to another major version of PostgreSQL."""
    found = (layout.data / "PG_VERSION").read_text().strip()
    if found != str(MAJOR_VERSION):
        raise StartError(
            f"data in {str(layout.data)!r} was made by PostgreSQL {found!r}, "
            f"the embedded server is {MAJOR_VERSION}: upgrade it as docs/postgres.md describes"
        )


def make_data(layout: Layout, account: Account, binaries: Path) -> None:
    """A new data directory is there, complete: it is made beside and moved into place.

    Raises:
        StartError: `initdb` failed; the message holds the end of its output.
    """
    partial = layout.base / "data.partial"
    shutil.rmtree(partial, ignore_errors=True)
    _run(
        account,
        layout,
        [
            str(binaries / "initdb"),
            f"--pgdata={partial}",
            f"--username={DATABASE}",
            "--auth=peer",
            "--encoding=UTF8",
            "--locale=C",
            "--no-instructions",
            # Everything is written to disk once, below: that takes as long as making it.
            "--no-sync",
        ],
    )
    _write(account, partial / "pg_hba.conf", _HBA)
    names = {account.name, _own_name()}
    lines = "".join(f"splitplane {name} {DATABASE}\n" for name in sorted(names))
    _write(account, partial / "pg_ident.conf", f"# Written by splitplane.\n{lines}")
    _run(
        account,
        layout,
        [str(binaries / "postgres"), "--single", "-F", "-D", str(partial), "postgres"],
        text=f"CREATE DATABASE {DATABASE}\n",
    )
    _run(account, layout, [str(binaries / "initdb"), "--sync-only", f"--pgdata={partial}"])
    partial.rename(layout.data)


def _run(account: Account, layout: Layout, command: list[str], text: str = "") -> None:
    done = subprocess.run(
        command,
        input=text,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=layout.base,
        env=server_environment(),
        check=False,
        timeout=120,
        umask=0o077,
        **as_account(account),
    )
    if done.returncode != 0 or "ERROR:" in done.stdout or "FATAL:" in done.stdout:
        raise StartError(
            f"{Path(command[0]).name} failed with {done.returncode}: {done.stdout[-1000:].strip()}"
        )


def as_account(account: Account) -> dict[str, Any]:  # Any: keyword arguments of subprocess
    """Arguments of `subprocess` that start a program as the account."""
    if not account.is_other:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def server_environment() -> dict[str, str]:
    """What the server's programs see: no PG* variable of ours may change what they do."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _own_name() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name


def _write(account: Account, path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o600)
    if account.is_other:
        os.chown(path, account.uid, account.gid)


def _short_digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
