"""What each resource costs under the real engine, beside plugins that do nothing.

In turns: our program with our plugin and a local control plane; the same program with a plugin that
does nothing, which is the floor; the smallest program with that plugin; and the same environments
by the SDK's dynamic provider with the same client.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import bench_dynamic
import bench_engine
import bench_report
import pytest
from bench_engine import Cycle
from control_plane import running_control_plane

from splitplane import resources as sp
from splitplane.stacks.tools.catalogue import TOOLS

pytestmark = [pytest.mark.bench, pytest.mark.needs_tools, pytest.mark.timeout(3600)]

RESOURCES = 500
ROUNDS = 3
GOAL_RATIO = 1.5
"""Creates and previews may take that much of the floor of the same run."""
MEMORY_GOAL_MB = 80
OURS = "pulumi-resource-splitplane"
DYNAMIC = f"pulumi-resource-{bench_engine.DYNAMIC}"
OPERATIONS = {
    "create": ("provider_500_creates", "pulumi up that creates"),
    "preview_unchanged": ("provider_500_preview", "pulumi preview without a change of"),
    "up_unchanged": ("provider_500_up", "pulumi up without a change of"),
    "destroy": ("provider_500_destroy", "pulumi destroy of"),
}
"""Operation → name of its benchmark, and what is done."""
WITH_GOAL = ("create", "preview_unchanged")


class Samples:
    """Cycles of every program and peaks of memory, a round each."""

    def __init__(self) -> None:
        self.ours: list[Cycle] = []
        self.floor: list[Cycle] = []
        self.things: list[Cycle] = []
        self.dynamic: list[Cycle] = []
        self.our_memory: list[float] = []
        self.dynamic_memory: list[float] = []


def environments() -> None:
    """The program: resources without references between them, so that the engine is not slowed."""
    for number in range(RESOURCES):
        sp.Environment(f"environment-{number}", name=f"bench-{number}", optimize_for="cost")


def dynamic_environments() -> None:
    bench_dynamic.program(RESOURCES)


def test_provider_under_the_engine(
    tmp_path: Path, report: Callable[[bench_report.Result], None]
) -> None:
    floor_plugins, our_floor_plugins = tmp_path / "plugins", tmp_path / "our-floor-plugins"
    bench_engine.install_floor(floor_plugins)
    bench_engine.install_dynamic(floor_plugins)
    bench_engine.install_floor(our_floor_plugins, "splitplane")
    things = bench_engine.floor_program(RESOURCES)
    samples = Samples()
    with running_control_plane() as control_plane:
        login = {
            "SPLITPLANE_ENDPOINT": control_plane.endpoint,
            "SPLITPLANE_TOKEN": control_plane.token,
        }

        def run(name: str, program: bench_engine.Program, *plugins: Path) -> Cycle:
            return bench_engine.run_cycle(
                tmp_path / name, program, RESOURCES, plugins=plugins, environment=login
            )

        for number in range(ROUNDS):
            samples.floor.append(run(f"floor-{number}", environments, our_floor_plugins))
            with bench_engine.peak_memory(OURS) as peak:
                samples.ours.append(run(f"ours-{number}", environments))
            samples.our_memory.append(peak.mb)
            samples.things.append(run(f"things-{number}", things, floor_plugins))
            with bench_engine.peak_memory(DYNAMIC) as peak:
                samples.dynamic.append(
                    run(f"dynamic-{number}", dynamic_environments, floor_plugins)
                )
            samples.dynamic_memory.append(peak.mb)

    for result in results(samples):
        report(result)


def results(samples: Samples) -> list[bench_report.Result]:
    engine = TOOLS["pulumi"].version
    return [
        *(_operation(samples, operation, engine) for operation in OPERATIONS),
        bench_report.Result(
            name="provider_overhead",
            unit="s",
            what="what our plugin and the control plane add to a create of one resource: seconds "
            f"of {RESOURCES} creates above the floor of the same program, by resource",
            ours=_overhead(samples.ours, samples.floor),
            peer=bench_report.Peer(
                "pulumi.dynamic",
                version("pulumi"),
                _overhead(samples.dynamic, samples.things),
                "the same environments by the SDK's dynamic provider with the same client, above a "
                "plugin that does nothing; its provider is pickled once for all resources",
            ),
            goal=_median(_overhead(samples.dynamic, samples.things)),
            versions={"pulumi": engine},
        ),
        bench_report.Result(
            name="provider_memory_at_500",
            unit="MB",
            what=f"largest resident set of the plugin in a cycle of {RESOURCES} resources",
            ours=samples.our_memory,
            peer=bench_report.Peer(
                "pulumi.dynamic",
                version("pulumi"),
                samples.dynamic_memory,
                "the same of the SDK's dynamic provider",
            ),
            goal=MEMORY_GOAL_MB,
            versions={"pulumi": engine},
        ),
    ]


def _operation(samples: Samples, operation: str, engine: str) -> bench_report.Result:
    name, done = OPERATIONS[operation]
    floor = _seconds(samples.floor, operation)
    return bench_report.Result(
        name=name,
        unit="s",
        what=f"{done} {RESOURCES} environments, beside a local control plane",
        ours=_seconds(samples.ours, operation),
        peer=bench_report.Peer(
            "engine floor",
            engine,
            floor,
            "the same program with a plugin that does nothing, same engine and backend",
        ),
        goal=GOAL_RATIO * _median(floor) if operation in WITH_GOAL else None,
        details={
            "smallest_program_with_the_floor_plugin": bench_report.summary(
                _seconds(samples.things, operation)
            ),
            "dynamic_provider": bench_report.summary(_seconds(samples.dynamic, operation)),
        },
        versions={"pulumi": engine},
    )


def _seconds(cycles: list[Cycle], operation: str) -> list[float]:
    return [getattr(cycle, operation) for cycle in cycles]


def _overhead(cycles: list[Cycle], floor: list[Cycle]) -> list[float]:
    """Of each round: both sides of a round ran one after the other."""
    return [
        (cycle.create - beside.create) / RESOURCES
        for cycle, beside in zip(cycles, floor, strict=True)
    ]


def _median(samples: list[float]) -> float:
    median: float = bench_report.summary(samples)["median"]
    return median
