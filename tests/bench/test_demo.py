"""How long a newcomer waits: the whole demo, and of it the first `pulumi up`."""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import bench_report
import pytest
from bench_engine import engine_floor

from splitplane.stacks.tools.catalogue import TOOLS

pytestmark = [pytest.mark.bench, pytest.mark.needs_tools, pytest.mark.timeout(1800)]

ROUNDS = 3
GOAL_SECONDS = 60
UP_GOAL_SECONDS = 8
REGISTRATIONS = 10
UP_LABEL = "pulumi up"
"""The demo's step that creates everything."""
TOTAL_LABEL = "everything, cleaned up"
"""Its last line, which is no step."""
_STEP = re.compile(r"^ok\s+(?P<seconds>[\d.]+) s\s+(?P<label>\S+(?: \S+)*)(?:\s{2,}.*)?$")
_LONGEST_SECONDS = 600


@dataclass(frozen=True)
class Run:
    """One run of the demo."""

    seconds: float
    steps: dict[str, float]


def test_demo(
    repository: Path, tmp_path: Path, report: Callable[[bench_report.Result], None]
) -> None:
    state = repository / "build" / "bench" / "demo"
    shutil.rmtree(state, ignore_errors=True)
    cold = run_demo(repository, state)
    runs = [run_demo(repository, state) for _ in range(ROUNDS)]
    floor = engine_floor(tmp_path, REGISTRATIONS, ROUNDS)

    steps = {
        label: round(statistics.median(run.steps[label] for run in runs), 2)
        for label in runs[-1].steps
        if label != TOTAL_LABEL
    }
    report(
        bench_report.Result(
            name="demo_warm",
            unit="s",
            what="make demo ONCE=1 with tools in the cache and the state of an earlier run, whole "
            "process",
            ours=[run.seconds for run in runs],
            peer=bench_report.Missing("no other project has this story to run"),
            goal=GOAL_SECONDS,
            details={"steps_median_seconds": steps, "first_run_seconds": round(cold.seconds, 2)},
        )
    )
    engine = TOOLS["pulumi"].version
    report(
        bench_report.Result(
            name="pulumi_up",
            unit="s",
            what=f"the demo's pulumi up of {REGISTRATIONS} registrations, as the demo timed it",
            ours=[run.steps[UP_LABEL] for run in runs],
            peer=bench_report.Peer(
                "engine floor",
                engine,
                floor,
                f"pulumi up of {REGISTRATIONS} resources of a plugin that does nothing, by the "
                "same engine, backend and Automation API",
            ),
            goal=UP_GOAL_SECONDS,
            versions={"pulumi": engine},
        )
    )


def run_demo(repository: Path, state: Path) -> Run:
    """Seconds of one whole run and of its steps; fails with its output when a check did."""
    started = time.perf_counter()
    done = subprocess.run(
        ["make", "--no-print-directory", "demo", "ONCE=1"],
        cwd=repository,
        env=os.environ | {"DEMO_STATE": str(state)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_LONGEST_SECONDS,
        check=False,
    )
    seconds = time.perf_counter() - started
    assert done.returncode == 0, done.stdout
    return Run(seconds, parse_steps(done.stdout))


def parse_steps(output: str) -> dict[str, float]:
    """The demo's steps and their seconds, in order."""
    matches = (_STEP.match(line) for line in output.splitlines())
    return {match["label"]: float(match["seconds"]) for match in matches if match}
