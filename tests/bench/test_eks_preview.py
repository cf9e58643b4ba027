"""How long people wait for a preview of the production example of EKS, and its parts."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import bench_engine
import bench_process
import bench_report
import pytest

from splitplane.stacks.engine import Engine
from splitplane.stacks.tools.catalogue import TOOLS

pytestmark = [pytest.mark.bench, pytest.mark.needs_tools, pytest.mark.timeout(1200)]

ROUNDS = 3
IMPORT_ROUNDS = 15
PREVIEW_GOAL_SECONDS = 15
IMPORT_GOAL_SECONDS = 0.3
STANDINS = bench_report.ROOT / "tests" / "standins"
RECORD = (
    f"import sys; sys.path.insert(0, {str(STANDINS)!r})\n"
    "import time\n"
    "from eks_account import read_example\n"
    "from recording_monitor import record\n"
    "import clouds.answers\n"
    "example = read_example('production')\n"
    "answers = example.answers()\n"
    "def program():\n"
    "    from splitplane.stacks.programs import deploy_program\n"
    "    deploy_program('eks', example.args)\n"
    "started = time.perf_counter()\n"
    "record(program, is_preview=True, answers=answers)\n"
    "print(time.perf_counter() - started)\n"
)


def test_preview_of_the_production_example(
    tmp_path: Path,
    pytestconfig: pytest.Config,
    report: Callable[[bench_report.Result], None],
) -> None:
    bytecode = pytestconfig.cache.mkdir("bytecode")
    _preview(tmp_path / "warm", bytecode)  # byte code and page cache
    ours, floor = [], []
    resources = 0
    for number in range(ROUNDS):
        seconds, resources = _preview(tmp_path / f"ours-{number}", bytecode)
        ours.append(seconds)
        floor.append(_floor(tmp_path / f"floor-{number}", resources - 1))

    report(
        bench_report.Result(
            name="eks_preview",
            unit="s",
            what="pulumi preview of stacks/eks/Pulumi.production.yaml with nothing made, against "
            "stand-ins, with the imports of the program",
            ours=ours,
            peer=bench_report.Peer(
                "engine floor",
                TOOLS["pulumi"].version,
                floor,
                "pulumi preview of as many resources of a plugin that does nothing",
            ),
            goal=PREVIEW_GOAL_SECONDS,
            details={"resources": resources},
            versions={"pulumi_aws": version("pulumi_aws")},
        )
    )


def test_program_under_mocks(report: Callable[[bench_report.Result], None]) -> None:
    samples = [float(_output((sys.executable, "-c", RECORD)).strip()) for _ in range(ROUNDS + 1)]

    report(
        bench_report.Result(
            name="eks_program",
            unit="s",
            what="the program of the production example under mocks, with its imports, in a "
            "process of its own",
            ours=samples[1:],
            peer=bench_report.Missing("no other program makes the same resources"),
            versions={"pulumi_aws": version("pulumi_aws")},
        )
    )


def test_import_of_the_package(report: Callable[[bench_report.Result], None]) -> None:
    python = bench_process.python()
    commands = [
        (python, "-c", text) for text in ("import splitplane.components", "import pulumi", "pass")
    ]
    for command in commands:
        bench_process.seconds_of(command)
    rounds = [
        [bench_process.seconds_of(command) for command in commands] for _ in range(IMPORT_ROUNDS)
    ]
    ours, peer, bare = (list(samples) for samples in zip(*rounds, strict=True))

    report(
        bench_report.Result(
            name="import_components_package",
            unit="s",
            what="python -c 'import splitplane.components', whole process",
            ours=ours,
            peer=bench_report.Peer(
                name="import pulumi",
                version=version("pulumi"),
                samples=peer,
                how="python -c 'import pulumi', whole process",
            ),
            goal=IMPORT_GOAL_SECONDS,
            details={"bare_interpreter": bench_report.summary(bare)},
        )
    )


def _preview(folder: Path, bytecode: Path) -> tuple[float, int]:
    """Seconds, and how many resources there were."""
    script = STANDINS / "bench_eks.py"
    seconds, resources = _output((sys.executable, str(script), str(folder), str(bytecode))).split()
    return float(seconds), int(resources)


def _floor(folder: Path, resources: int) -> float:
    plugins = folder / "plugins"
    bench_engine.install_floor(plugins)
    with Engine(folder, passphrase="bench", plugin_directories=(plugins,)) as engine:
        stack = engine.stack("bench", bench_engine.floor_program(resources))
        started = time.perf_counter()
        stack.preview(color="never")
        return time.perf_counter() - started


def _output(command: tuple[str, ...]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
