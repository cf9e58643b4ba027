"""The engine, with everything that it keeps in the test's own folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from splitplane.stacks.engine import Engine


@pytest.fixture
def engine(tmp_path: Path, repository: Path) -> Iterator[Engine]:
    """An engine that finds our plugin and the stand-ins."""
    made = Engine(
        directory=tmp_path / "engine",
        passphrase="passphrase",
        plugin_directories=(repository / "tests" / "standins",),
    )
    with made:
        yield made
