"""The clouds' stand-ins and an engine that finds them, for every folder of tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from clouds.program import Clouds

    from splitplane.stacks.engine import Engine


@pytest.fixture
def clouds(tmp_path: Path, pytestconfig: pytest.Config) -> Clouds:
    """Stand-ins for the clouds' plugins, with nothing in them."""
    from clouds.program import install

    return install(tmp_path / "clouds", pytestconfig.cache.mkdir("bytecode"))


@pytest.fixture
def cloud_engine(clouds: Clouds, tmp_path: Path) -> Iterator[Engine]:
    """An engine that finds the stand-ins of this test."""
    from splitplane.stacks.engine import Engine

    with Engine(
        directory=tmp_path / "engine",
        passphrase="passphrase",
        plugin_directories=(clouds.plugins,),
    ) as made:
        yield made
