"""The plugin programs: console scripts in a folder for the engine's PATH, and what they run."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from clouds.plugin import CloudPlugin, CloudServicer
from clouds.sdk_types import MODULES
from clouds.store import Store
from splitplane.provider.host import run

_STANDINS: Final = Path(__file__).resolve().parents[1]
_SCRIPT: Final = """#!{python}
import sys

if sys.dont_write_bytecode:
    sys.dont_write_bytecode = False
    sys.pycache_prefix = {bytecode!r}
sys.path.insert(0, {standins!r})
from clouds.program import main

main({package!r}, {folder!r}, sys.argv[1:])
"""


def main(package: str, folder: str, arguments: Sequence[str]) -> None:
    """Serves one cloud out of a folder until the engine ends it."""
    run(arguments, lambda: CloudPlugin(package, Path(folder)), CloudServicer)


@dataclass(frozen=True)
class Clouds:
    """The stand-ins of one test: where the engine finds them and where they keep their objects."""

    folder: Path

    @property
    def plugins(self) -> Path:
        """Folder for PATH."""
        return self.folder / "plugins"

    def store(self, package: str) -> Store:
        """Objects, calls and faults of `aws`, `azure-native` or `gcp`."""
        return Store(self.folder / package)

    def answer(self, package: str, functions: Mapping[str, Any]) -> None:  # Any: rows of a table
        """These functions answer so from now on, whatever the table says."""
        file = self.store(package).folder / "functions.json"
        file.write_text(json.dumps(dict(functions)))

    def settle(self, package: str, settings: Mapping[str, str]) -> None:
        """The table's settings, such as `account`, are so from now on."""
        file = self.store(package).folder / "settings.json"
        file.write_text(json.dumps(dict(settings)))


def install(folder: Path, bytecode: Path | None = None) -> Clouds:
    """Writes one console script for each cloud; they keep their objects below `folder`.

    Args:
        folder: made when missing.
        bytecode: where the scripts keep compiled modules if Python is told to keep none;
            to compile an SDK takes seconds.
    """
    made = Clouds(folder)
    made.plugins.mkdir(parents=True, exist_ok=True)
    for package in MODULES:
        script = made.plugins / f"pulumi-resource-{package}"
        script.write_text(
            _SCRIPT.format(
                python=sys.executable,
                standins=str(_STANDINS),
                package=package,
                folder=str(folder / package),
                bytecode=str(bytecode or folder / "bytecode"),
            )
        )
        script.chmod(0o700)
    return made
