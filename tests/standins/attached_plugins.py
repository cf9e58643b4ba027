"""Plugins that run once for many operations of an engine.

An operation starts each plugin anew, which imports the SDK of its cloud again: most of what a
preview costs. Where many operations follow each other the engine attaches to running ones instead.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

ATTACHED = "PULUMI_DEBUG_PROVIDERS"
"""The engine's variable for them."""
_STANDINS = Path(__file__).resolve().parent


@contextmanager
def running_plugins(clouds: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """`package:port`, comma-separated, of the plugins that the program `eks` needs.

    Args:
        clouds: folder of the clouds' stand-ins.
        environment: further variables of the plugins.
    """
    commands = {
        "aws": clouds / "pulumi-resource-aws",
        "kubernetes": _STANDINS / "pulumi-resource-kubernetes",
        "splitplane": Path(sys.executable).parent / "pulumi-resource-splitplane",
    }
    with ExitStack() as ends:
        ports: list[str] = []
        for package, command in commands.items():
            process = ends.enter_context(
                subprocess.Popen(
                    [sys.executable, command],
                    env={**os.environ, **environment},
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            ends.callback(process.terminate)
            assert process.stdout is not None
            ports.append(f"{package}:{int(process.stdout.readline())}")
        yield ",".join(ports)
