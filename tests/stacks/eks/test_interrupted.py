"""An update that fails at every resource in turn, and one that is killed: nothing is lost."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import psutil
import pytest
from clouds.store import Fault, FaultKind, Store
from control_plane import ControlPlane
from eks_account import read_example, record_example
from eks_runs import (
    World,
    assert_nothing_is_lost,
    assert_only_what_is_kept_is_left,
    attached,
    counts,
    resources_of,
    unprotect,
)
from k8s_plugin.faults import VARIABLE
from polling import wait_for
from pulumi import automation
from recording_monitor import Registered
from refusing_proxy import RefusingProxy, refusing_proxy

from splitplane.stacks.engine import Engine

pytestmark = [pytest.mark.needs_tools, pytest.mark.slow, pytest.mark.timeout(1200)]

MOST_ROUNDS = 60
"""Each round gets one step further in the longest chain, which has some 30."""
KINDS: tuple[FaultKind, FaultKind] = ("failed", "partial")
"""Nothing was made, or it was made and is not ready."""
EXAMPLES = ("dev", "existing-vpc", "gpu", "private", "production")
"""All that have a resource which those before them lack; the existing cluster has none."""


@cache
def _resources(name: str) -> dict[tuple[str, str], Registered]:
    """What the example makes, by type and by name without what is the example's own."""
    example = read_example(name)
    return {
        (item.type, item.name.replace(example.plane_name, "").replace(example.region, "")): item
        for item in record_example(name, is_preview=True).resources
        if item.is_custom
    }


def _faults(name: str, package: str) -> list[Fault]:
    """One for each resource of a package that no example before has, every other after the work."""
    known = {key for other in EXAMPLES[: EXAMPLES.index(name)] for key in _resources(other)}
    found = [
        item
        for key, item in _resources(name).items()
        if item.type.startswith(f"{package}:") and key not in known
    ]
    return [
        Fault("create", item.type, item.name, 1, KINDS[number % 2], f"refused {item.name} once")
        for number, item in enumerate(found)
    ]


def _attempts(store: Store, faults: list[Fault]) -> dict[str, int]:
    """What was not tried as often as it should: twice if the first made nothing, else once."""
    tried = Counter(
        (type, name) for operation, type, name in store.calls() if operation == "create"
    )
    return {
        f"{fault.type}::{fault.name}": tried[fault.type, fault.name]
        for fault in faults
        if tried[fault.type, fault.name] != (2 if fault.kind == "failed" else 1)
    }


@pytest.fixture
def proxy(control_plane: ControlPlane) -> Iterator[RefusingProxy]:
    """A way to the control plane; a stack keeps it, so that it outlives the stacks of a test."""
    with refusing_proxy(control_plane.endpoint) as made:
        yield made


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_update_that_fails_at_every_resource_in_turn_loses_nothing(
    name: str,
    proxy: RefusingProxy,
    make_stack: Callable[..., automation.Stack],
    world: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    in_account, in_cluster = world.clouds.store("aws"), Store(tmp_path / "kubernetes")
    monkeypatch.setenv(VARIABLE, str(in_cluster.folder))
    faults = {package: _faults(name, package) for package in ("aws", "kubernetes")}
    assert any(faults.values())
    in_account.set_faults(faults["aws"])
    in_cluster.set_faults(faults["kubernetes"])
    stack = make_stack(read_example(name), is_deletion_protected=False)
    stack.set_config("splitplane:endpoint", automation.ConfigValue(proxy.url))
    with attached(stack, world):
        for _ in range(MOST_ROUNDS):
            try:
                stack.up(continue_on_error=True)
                break
            except automation.CommandError as error:
                assert "once" in str(error)

        assert _attempts(in_account, faults["aws"]) == {}
        assert _attempts(in_cluster, faults["kubernetes"]) == {}
        if name == "dev":
            assert {refused for _, refused in proxy.refused} == {"dev-eu", "fraud", "team1"}
        assert_nothing_is_lost(stack, world)
        stack.up(expect_no_changes=True)
        unprotect(stack)
        stack.destroy()
    assert_only_what_is_kept_is_left(name, world)
    assert world.registered() == {}


def test_an_update_whose_engine_is_killed_is_completed_by_the_next(
    make_stack: Callable[..., automation.Stack], world: World, cloud_engine: Engine
) -> None:
    example = read_example("dev")
    store = world.clouds.store("aws")
    store.set_faults([Fault("create", "aws:eks/cluster:Cluster", delay_seconds=30)])
    stack = make_stack(example)
    errors: list[BaseException] = []

    def up() -> None:
        try:
            stack.up()
        except automation.CommandError as error:
            errors.append(error)

    thread = threading.Thread(target=up)
    thread.start()
    wait_for(
        lambda: ("create", "aws:eks/cluster:Cluster", "dev-eu") in store.calls(),
        what="the cluster to be made",
        seconds=120,
    )
    (engine,) = [item for item in psutil.Process().children() if item.name().startswith("pulumi")]
    engine.kill()
    thread.join()
    assert len(errors) == 1
    cloud_engine.close()
    store.set_faults([])
    wait_for(lambda: not _plugins(world), what="the plugins to see that the engine is gone")

    stack.cancel()
    assert 0 < len(resources_of(stack)) < 100
    made = stack.up()
    assert counts(made.summary.resource_changes)["create"] > 0
    # The engine remembers that it does not know of the cluster until somebody says that it is so.
    stack.refresh(clear_pending_creates=True)
    assert_nothing_is_lost(stack, world)
    stack.up(expect_no_changes=True)
    stack.destroy()
    assert world.objects() == set()


def _plugins(world: World) -> list[int]:
    """Processes of the clouds' stand-ins."""
    folder = str(world.clouds.plugins)
    return [
        item.pid
        for item in psutil.process_iter(["cmdline"])
        if any(folder in part for part in item.info["cmdline"] or ())
    ]
