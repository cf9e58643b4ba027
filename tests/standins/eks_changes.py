"""A running example and what the engine would do to it for other arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from attached_plugins import ATTACHED, running_plugins
from clouds.program import Clouds, install
from control_plane import ControlPlane
from eks_account import Example, read_example
from eks_runs import operations, unprotect
from k8s_plugin.exec_user import VARIABLE
from pulumi import automation

from splitplane.stacks.engine import Engine
from splitplane.stacks.local_cluster import LocalCluster
from splitplane.stacks.programs import deploy_program

STANDINS = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Plan:
    """What a preview says.

    Attributes:
        steps: operation → type → how many; steps of a replacement count as one `replace`.
        refused: the engine's error; empty when there is none.
    """

    steps: Mapping[str, Mapping[str, int]]
    refused: str


@dataclass
class Running:
    """A stack that is up; what a test changes stays changed.

    To select a stack and to configure it starts the engine several times, so that it is done once
    and only the arguments of its program differ.
    """

    engine: Engine
    clouds: Clouds
    example: Example
    config: Mapping[str, str]
    changed: dict[str, Any] = field(default_factory=dict[str, Any])  # Any: arguments
    _args: dict[str, Any] = field(default_factory=dict[str, Any], init=False)  # Any: arguments

    def stack(self, changes: Mapping[str, Any]) -> automation.Stack:  # Any: arguments
        """The stack with its arguments but for these, `field.inner` → value; None removes."""
        self._args = with_paths(self.example.args, {**self.changed, **changes})
        return self._selected

    @cached_property
    def _selected(self) -> automation.Stack:
        return self.engine.stack("running", lambda: deploy_program("eks", self._args), self.config)

    def plan(self, changes: Mapping[str, Any]) -> Plan:  # Any: arguments
        """What an update would do."""
        events: list[automation.EngineEvent] = []
        refused = ""
        try:
            self.stack(changes).preview(on_event=events.append)
        except automation.CommandError as error:
            refused = str(error)
        return Plan(_steps(events), refused)

    def change(self, changes: Mapping[str, Any]) -> None:  # Any: arguments
        """Does it."""
        self.changed.update(changes)
        self.stack({}).up()

    def try_to_change(self, changes: Mapping[str, Any]) -> str:  # Any: arguments
        """The engine's error; empty when there is none."""
        try:
            self.stack(changes).up()
        except automation.CommandError as error:
            return str(error)
        return ""


@contextmanager
def running_example(
    name: str,
    folder: Path,
    *,
    control_plane: ControlPlane,
    cluster: LocalCluster,
    bytecode: Path,
    base: Mapping[str, Any],
) -> Iterator[Running]:
    """The example is up, with these of its arguments changed, and goes at the end."""
    example = read_example(name)
    example = Example(
        {**example.config, "program:args": with_paths(example.args, base)}, example.functions
    )
    clouds = install(folder / "clouds", bytecode)
    config = {
        "aws:region": example.region,
        "splitplane:endpoint": control_plane.endpoint,
        "splitplane:token": control_plane.token,
    }
    environment = {VARIABLE: str(cluster.kubeconfig)}
    with (
        running_plugins(clouds.plugins, environment) as attached,
        Engine(
            folder / "engine",
            passphrase="passphrase",
            environment={**environment, ATTACHED: attached},
            plugin_directories=(clouds.plugins, STANDINS),
        ) as engine,
    ):
        running = Running(engine, clouds, example, config)
        example.settle(clouds)
        running.stack({}).up()
        example.settle(clouds, is_running=True)
        yield running
        running.change({"is_deletion_protected": False})
        stack = running.stack({})
        unprotect(stack)
        stack.destroy()


def with_paths(args: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of the program with fields of the compute plane set by path; None removes."""
    plane = dict(args["compute_plane"])
    for path, value in changes.items():
        *outer, last = path.split(".")
        place = plane
        for key in outer:
            place[key] = dict(place.get(key, {}))
            place = place[key]
        place.pop(last, None)
        if value is not None:
            place[last] = value
    return {**args, "compute_plane": plane}


def _steps(events: list[automation.EngineEvent]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for urn, operation in operations(events).items():
        token = urn.rpartition("::")[0]
        operation = "replace" if "replace" in operation else operation
        found.setdefault(operation, {})
        found[operation][token] = found[operation].get(token, 0) + 1
    return found
