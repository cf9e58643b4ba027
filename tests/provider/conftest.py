"""The engine with its things in the test's own folder, a control plane, and the plugin."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from control_plane import ControlPlane, running_control_plane
from engine_programs import PASSPHRASE
from provider_harness import PluginProcess

from splitplane.stacks.engine import Engine

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def control_plane() -> Iterator[ControlPlane]:
    """A real control plane, shared by all tests of the process: use names of your own."""
    with running_control_plane() as found:
        yield found


@pytest.fixture(scope="session")
def plugin_command() -> Path:
    """The console script that the engine would start."""
    return Path(sys.executable).with_name("pulumi-resource-splitplane")


@pytest.fixture(scope="module")
def plugin(control_plane: ControlPlane, plugin_command: Path) -> Iterator[PluginProcess]:
    """The plugin, configured for the control plane."""
    with PluginProcess([plugin_command, "127.0.0.1:1"]) as process:
        process.handshake()
        process.configure({"endpoint": control_plane.endpoint, "token": control_plane.token})
        yield process


@pytest.fixture
def unique() -> str:
    """A name that no other test of the process uses."""
    return f"t{next(_NUMBERS)}"


@pytest.fixture
def engine(tmp_path: Path, repository: Path) -> Iterator[Engine]:
    """An engine that finds our plugin and the stand-ins."""
    made = Engine(
        directory=tmp_path / "engine",
        passphrase=PASSPHRASE,
        plugin_directories=(repository / "tests" / "standins",),
    )
    with made:
        yield made


@pytest.fixture
def platform_engine(engine: Engine, control_plane: ControlPlane) -> Iterator[Engine]:
    """An engine whose plugin finds the control plane by the environment."""
    made = replace(
        engine,
        environment={
            "SPLITPLANE_ENDPOINT": control_plane.endpoint,
            "SPLITPLANE_TOKEN": control_plane.token,
        },
    )
    with made:
        yield made
