"""The engine or the plugin killed at every call that changes something, and the next `up`.

One stack goes to and fro between two programs; each way makes, changes, deletes and replaces. At
whichever call the one or the other dies, the next run ends with exactly the wanted objects.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from control_plane import ControlPlane
from engine_programs import PASSPHRASE
from pulumi import automation

from splitplane import resources as sp
from splitplane.stacks.engine import Engine

pytestmark = [pytest.mark.needs_tools, pytest.mark.slow]

# create, update, 2 for what is replaced after and 2 for what is replaced before, delete.
CALLS = 7
KINDS = {"environment": "environment:", "storage-integration": "storage-integration:"}


@dataclass
class Pendulum:
    """A stack that swings between two programs."""

    engine: Engine
    plane: ControlPlane
    calls: Path
    name: str = "swing"
    side: str = "a"
    is_clean: bool = False

    @cached_property
    def stack(self) -> automation.Stack:
        """The stack; its program is the one of the present side."""
        return self.engine.stack(self.name, self._register)

    def up(self, crash: str = "") -> None:
        """Runs an update in which there is this crash."""
        variables = {**self.engine.variables(), "SPLITPLANE_TEST_CRASH": crash}
        self.stack.workspace.env_vars = variables
        # One call after the other, so that a number is always the same call.
        self.stack.up(parallel=1 if crash else None)

    def settle(self) -> None:
        """The stack is as its program wants; what a failed test left is put right."""
        if not self.is_clean:
            self.stack.cancel()
            self.up()
        self.is_clean = False

    def state(self) -> dict[str, Any]:  # Any: JSON
        """The recorded state."""
        (file,) = self.engine.backend.rglob(f"{self.name}.json")
        latest: dict[str, Any] = json.loads(file.read_text())["checkpoint"]["latest"]
        return latest

    def _register(self) -> None:
        name, side = self.name, self.side
        sp.Environment("changed", name=f"{name}-changed", display_name=side)
        sp.Environment(f"only-{side}", name=f"{name}-only-{side}")
        sp.Environment("replaced", name=f"{name}-replaced-{side}")
        local = sp.LocalStorageArgs(path=f"/tmp/{name}-{side}")
        sp.StorageIntegration("deleted-first", name=f"{name}-first", local=local)

    def turn(self) -> None:
        """The other program is the present one."""
        self.side = "b" if self.side == "a" else "a"

    def objects(self) -> dict[str, str]:
        """Name → id of what the control plane has of this stack."""
        return {
            item.fqn: item.id
            for kind in KINDS
            for item in self.plane.client.list(kind)
            if item.name.startswith(f"{self.name}-")
        }

    def wanted(self) -> set[str]:
        """Names of what it should have."""
        names = ("changed", f"only-{self.side}", f"replaced-{self.side}")
        environments = {f"environment:{self.name}-{name}" for name in names}
        return environments | {f"storage-integration:{self.name}-first"}


@pytest.fixture(scope="module")
def pendulum(
    tmp_path_factory: pytest.TempPathFactory, control_plane: ControlPlane, repository: Path
) -> Iterator[Pendulum]:
    directory = tmp_path_factory.mktemp("crashes")
    engine = Engine(
        directory=directory / "engine",
        passphrase=PASSPHRASE,
        plugin_directories=(repository / "tests" / "standins" / "crashing",),
        environment={
            "SPLITPLANE_ENDPOINT": control_plane.endpoint,
            "SPLITPLANE_TOKEN": control_plane.token,
            "SPLITPLANE_TEST_CALLS": str(directory / "calls"),
        },
    )
    with engine:
        made = Pendulum(engine, control_plane, directory / "calls")
        yield made
        made.stack.destroy()
        assert made.objects() == {}


@pytest.mark.parametrize("number", range(1, CALLS + 1))
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("victim", ["provider", "engine"])
def test_an_update_that_was_killed_is_completed_by_the_next(
    pendulum: Pendulum, victim: str, when: str, number: int
) -> None:
    pendulum.settle()
    pendulum.turn()
    pendulum.calls.write_text("")

    with suppress(automation.CommandError):
        pendulum.up(f"{victim}:{when}:{number}")
    pendulum.engine.close()
    assert f"killed {victim} {when} call {number}\n" in pendulum.calls.read_text()
    if victim == "engine":
        # Its lock is left; a machine that died would leave it too.
        pendulum.stack.cancel()
    pendulum.up()

    state = pendulum.state()
    recorded = {
        item["outputs"]["fqn"]: item["id"]
        for item in state["resources"]
        if item["type"].startswith("splitplane:")
    }
    assert set(recorded) == pendulum.wanted()
    assert pendulum.objects() == recorded
    assert not [item["urn"] for item in state["resources"] if item.get("delete")]
    if pending := state.get("pending_operations"):
        _check_pending(pendulum, pending)
    pendulum.is_clean = True


@pytest.mark.parametrize("victim", ["provider", "engine"])
def test_many_calls_in_flight_may_die_together(pendulum: Pendulum, victim: str) -> None:
    name = f"flight-{victim}"
    variables = {**pendulum.engine.variables(), "SPLITPLANE_TEST_CRASH": f"{victim}:after:15"}

    def register() -> None:
        for number in range(30):
            sp.Environment(f"env-{number}", name=f"{name}-{number}")

    def ids() -> dict[str, str]:
        listed = pendulum.plane.client.list("environment")
        return {item.fqn: item.id for item in listed if item.name.startswith(f"{name}-")}

    stack = pendulum.engine.stack(name, register)
    stack.workspace.env_vars = variables
    with suppress(automation.CommandError):
        stack.up(parallel=16)
    pendulum.engine.close()
    made = ids()
    stack.workspace.env_vars = pendulum.engine.variables()
    stack.cancel()
    stack.refresh(clear_pending_creates=True)
    stack.up(parallel=16)

    assert made
    assert len(ids()) == 30
    # What was made before is the same object, not another of its name.
    assert made.items() <= ids().items()
    deployment = stack.export_stack().deployment
    assert deployment is not None
    assert not deployment.get("pending_operations")
    stack.destroy(parallel=16)
    assert ids() == {}


def _check_pending(pendulum: Pendulum, pending: list[dict[str, Any]]) -> None:
    """Creates of a killed engine are kept by the engine until it is told to forget them.

    What they made was adopted, so forgetting them changes nothing.
    """
    assert {item["type"] for item in pending} == {"creating"}
    before = pendulum.objects()

    pendulum.stack.refresh(clear_pending_creates=True)

    assert not pendulum.state().get("pending_operations")
    assert pendulum.objects() == before
