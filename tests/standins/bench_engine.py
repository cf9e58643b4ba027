"""The engine's own time: `pulumi up` of resources of a plugin that does nothing."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pulumi
from bench_report import ROOT

from splitplane.stacks.engine import Engine

_PLUGIN = ROOT / "tests" / "bench" / "peers" / "floor_provider.py"


def engine_floor(directory: Path, resources: int, rounds: int) -> list[float]:
    """Seconds of each of `rounds` updates that create `resources` resources; destroyed between."""

    def program() -> None:
        for number in range(resources):
            inputs = {"text": f"value {number}"}
            pulumi.CustomResource("floor:index:Thing", f"thing-{number}", inputs)

    plugins = directory / "plugins"
    plugins.mkdir()
    plugin = plugins / "pulumi-resource-floor"
    plugin.write_text(f"#!{sys.executable}\n{_PLUGIN.read_text(encoding='utf-8')}")
    plugin.chmod(0o700)
    engine = Engine(directory / "engine", passphrase="bench", plugin_directories=(plugins,))
    stack = engine.stack("floor", program)
    samples: list[float] = []
    for _ in range(rounds):
        started = time.perf_counter()
        result = stack.up(color="never")
        samples.append(time.perf_counter() - started)
        changes = result.summary.resource_changes or {}
        # The stack is a resource too.
        assert changes.get("create") == resources + 1, changes
        stack.destroy(color="never")
    return samples
