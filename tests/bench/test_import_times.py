"""What our packages cost before they do anything, beside a bare `import pulumi`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

import bench_process
import bench_report
import pytest

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

ROUNDS = 15
PYTHON = bench_process.python()
PEER = (PYTHON, "-c", "import pulumi")
OURS: dict[str, tuple[str | Path, ...]] = {
    "import_cli_help": (PYTHON.with_name("splitplane"), "--help"),
    "import_client": (PYTHON, "-c", "from splitplane.client import Client"),
    "import_components": (PYTHON, "-c", "from splitplane.components import *"),
    "import_resources": (PYTHON, "-c", "from splitplane.resources import *"),
}
"""Benchmark → a whole process, from its start to its end."""


def test_import_times(report: Callable[[bench_report.Result], None]) -> None:
    bare, peer, *ours = measure_in_turns((PYTHON, "-c", "pass"), PEER, *OURS.values())

    for (name, command), samples in zip(OURS.items(), ours, strict=True):
        report(
            bench_report.Result(
                name=name,
                unit="s",
                what=f"{Path(command[0]).name} {' '.join(map(str, command[1:]))}, whole process",
                ours=samples,
                peer=bench_report.Peer(
                    name="import pulumi",
                    version=version("pulumi"),
                    samples=peer,
                    how="python -c 'import pulumi', whole process",
                ),
                details={"bare_interpreter": bench_report.summary(bare)},
            )
        )


def measure_in_turns(*commands: Sequence[str | Path]) -> list[list[float]]:
    """Samples for each command; one round of all before the next, so that noise hits all alike."""
    for command in commands:
        bench_process.seconds_of(command)  # byte code and page cache
    rounds = [[bench_process.seconds_of(command) for command in commands] for _ in range(ROUNDS)]
    return [list(samples) for samples in zip(*rounds, strict=True)]
