"""The engine with the policy pack's starter and plugins that make anything of the clouds."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from splitplane.stacks.engine import Engine

_PACKAGES = ("aws", "azure-native", "gcp", "splitplane")


@pytest.fixture
def engine(tmp_path: Path, repository: Path) -> Iterator[Engine]:
    """An engine that starts policy packs and finds a plugin for each package."""
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    source = (repository / "tests" / "bench" / "peers" / "floor_provider.py").read_text()
    for package in _PACKAGES:
        plugin = plugins / f"pulumi-resource-{package}"
        plugin.write_text(f"#!{sys.executable}\n{source}")
        plugin.chmod(0o700)
    with Engine(
        directory=tmp_path / "engine",
        passphrase="passphrase",
        plugin_directories=(plugins, repository / "policy" / "bin"),
    ) as made:
        yield made
