"""Which operating-system account runs the embedded server, and what that account can reach.

PostgreSQL refuses to run as root. As root we run it as `nobody`, which can enter neither /root nor
any other private directory, so its files then lie below /var/lib/splitplane.
"""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SYSTEM_DIRECTORY: Final = Path("/var/lib/splitplane")
"""Where state lies when we are root (Filesystem Hierarchy Standard 3.0, section 5.8)."""


@dataclass(frozen=True)
class Account:
    """The account that runs the server.

    Attributes:
        name: its name, for the ident map.
        uid: user id.
        gid: group id.
        is_other: whether it differs from the account of this process.
    """

    name: str
    uid: int
    gid: int
    is_other: bool


def server_account() -> Account:
    """This process's account, or `nobody` when that is root."""
    if os.geteuid() != 0:
        return Account(pwd.getpwuid(os.geteuid()).pw_name, os.geteuid(), os.getegid(), False)
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_name, nobody.pw_uid, nobody.pw_gid, True)


def can_enter(account: Account, path: Path) -> bool:
    """Whether the account can reach what lies in `path`; parents that do not exist yet count."""
    if not account.is_other:
        return True
    existing = path.resolve()
    while not existing.exists():
        existing = existing.parent
    return all(_may_search(account, folder) for folder in (existing, *existing.parents))


def can_read_all(account: Account, paths: Sequence[Path]) -> bool:
    """Whether the account can read every file and list every folder below the paths."""
    if not account.is_other:
        return True
    for top in paths:
        if not can_enter(account, top):
            return False
        for folder, _, names in os.walk(top):
            files = [Path(folder) / name for name in names]
            if not _may_search(account, Path(folder)):
                return False
            if any(not _may_read(account, file) for file in files):
                return False
    return True


def make_private_directory(account: Account, path: Path) -> None:
    """`path` exists, belongs to the account and nobody else may enter it (0700)."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if account.is_other:
        os.chown(path, account.uid, account.gid)
    path.chmod(0o700)


def make_passable_directory(path: Path) -> None:
    """`path` exists; folders that had to be made can be passed through, whatever the umask."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for folder in missing:
        folder.chmod(0o711)


def _may_search(account: Account, folder: Path) -> bool:
    return _may(account, folder, stat.S_IXUSR, stat.S_IXGRP, stat.S_IXOTH)


def _may_read(account: Account, file: Path) -> bool:
    return _may(account, file, stat.S_IRUSR, stat.S_IRGRP, stat.S_IROTH)


def _may(account: Account, path: Path, user: int, group: int, other: int) -> bool:
    facts = path.stat()
    if facts.st_uid == account.uid:
        return bool(facts.st_mode & user)
    if facts.st_gid == account.gid:
        return bool(facts.st_mode & group)
    return bool(facts.st_mode & other)
