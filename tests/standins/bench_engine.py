"""The engine's own time: operations on resources of plugins, and of one that does nothing."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pulumi
from bench_report import ROOT

from splitplane.stacks.engine import Engine

Program = Callable[[], None]
FLOOR = "floor"
"""Package of the plugin that does nothing."""
DYNAMIC = "pulumi-python"
"""Package of the SDK's dynamic provider."""

_PEERS = ROOT / "tests" / "bench" / "peers"
_STANDINS = ROOT / "tests" / "standins"
_MEMORY_POLL_SECONDS = 0.05
_BYTES_PER_KB = 1024  # of /proc/PID/status
_BYTES_PER_MB = 1e6


@dataclass(frozen=True)
class Cycle:
    """Seconds of each operation on the same resources, in the order in which they ran."""

    create: float
    preview_unchanged: float
    up_unchanged: float
    destroy: float


@dataclass
class Peak:
    """Most memory that any process of a plugin had resident."""

    mb: float = 0.0
    seen: set[int] = field(default_factory=set[int])
    """Process ids."""


def install_plugin(directory: Path, package: str, source: str) -> None:
    """`directory` has an executable plugin of this package, which runs the Python source."""
    directory.mkdir(parents=True, exist_ok=True)
    plugin = directory / f"pulumi-resource-{package}"
    plugin.write_text(f"#!{sys.executable}\n{source}")
    plugin.chmod(0o700)


def install_floor(directory: Path, package: str = FLOOR) -> None:
    """`directory` has the plugin that does nothing."""
    install_plugin(directory, package, (_PEERS / "floor_provider.py").read_text(encoding="utf-8"))


def install_dynamic(directory: Path) -> None:
    """`directory` has what the SDK's starter of dynamic providers does, with this Python."""
    source = (
        "import runpy\nimport sys\n\n"
        f"sys.path.append({str(_STANDINS)!r})\n"
        'runpy.run_module("pulumi.dynamic", run_name="__main__", alter_sys=True)\n'
    )
    install_plugin(directory, DYNAMIC, source)


class Thing(pulumi.CustomResource):
    """A resource of the plugin that does nothing, of a class of its own as SDKs have them.

    For such a class the SDK records the stack trace of its maker, some 2 kB of state a resource.
    """

    def __init__(self, name: str, text: str) -> None:
        super().__init__("floor:index:Thing", name, {"text": text})


def floor_program(resources: int) -> Program:
    """That many resources of the plugin that does nothing."""

    def program() -> None:
        for number in range(resources):
            Thing(f"thing-{number}", f"value {number}")

    return program


def run_cycle(
    directory: Path,
    program: Program,
    resources: int,
    *,
    plugins: Sequence[Path] = (),
    environment: Mapping[str, str] | None = None,
) -> Cycle:
    """Creates the program's resources, looks and updates without a change, and destroys them.

    Args:
        directory: for the engine's things.
        program: registers the resources.
        resources: how many it registers, without the stack; what was done is held against it.
        plugins: folders of plugins.
        environment: of the engine and its plugins.
    """
    with Engine(
        directory,
        passphrase="bench",
        plugin_directories=tuple(plugins),
        environment=environment or {},
    ) as engine:
        stack = engine.stack("bench", program)

        def timed(operation: Callable[[], Mapping[str, int] | None], **expected: int) -> float:
            started = time.perf_counter()
            changes = operation()
            elapsed = time.perf_counter() - started
            # The stack is a resource too.
            assert changes == {name: n + 1 for name, n in expected.items()}, changes
            return elapsed

        return Cycle(
            create=timed(
                lambda: stack.up(color="never").summary.resource_changes, create=resources
            ),
            preview_unchanged=timed(
                lambda: {
                    str(kind): n for kind, n in stack.preview(color="never").change_summary.items()
                },
                same=resources,
            ),
            up_unchanged=timed(
                lambda: stack.up(color="never").summary.resource_changes, same=resources
            ),
            destroy=timed(
                lambda: stack.destroy(color="never").summary.resource_changes, delete=resources
            ),
        )


def engine_floor(directory: Path, resources: int, rounds: int) -> list[float]:
    """Seconds of each of `rounds` updates that create `resources` resources; destroyed between."""
    plugins = directory / "plugins"
    install_floor(plugins)
    return [
        run_cycle(
            directory / f"engine-{number}", floor_program(resources), resources, plugins=[plugins]
        ).create
        for number in range(rounds)
    ]


@contextmanager
def peak_memory(name: str) -> Iterator[Peak]:
    """The peak of every process below this one that runs a program of this name."""
    peak, stop = Peak(), threading.Event()

    def watch() -> None:
        while not stop.wait(_MEMORY_POLL_SECONDS):
            for process in psutil.Process().children(recursive=True):
                _note(process, name, peak)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        stop.set()
        thread.join()


def _note(process: psutil.Process, name: str, peak: Peak) -> None:
    try:
        if process.pid not in peak.seen and not any(
            Path(part).name == name for part in process.cmdline()[:3]
        ):
            return
        peak.seen.add(process.pid)
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    except (psutil.Error, OSError):  # it has just ended
        return
    highest = next((line for line in status.splitlines() if line.startswith("VmHWM")), None)
    if highest is not None:
        peak.mb = max(peak.mb, int(highest.split()[1]) * _BYTES_PER_KB / _BYTES_PER_MB)
