"""Each example under the real engine: planned, made, left alone, and taken away in order."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import pytest
from clouds.graph import assert_destroyed_in_reverse, state_graph
from clouds.program import Clouds
from eks_account import EXAMPLES, Example, read_example
from eks_runs import (
    World,
    assert_nothing_is_lost,
    assert_only_what_is_kept_is_left,
    attached,
    counts,
    operations,
    resources_of,
    said,
    unprotect,
)
from pulumi import automation

pytestmark = [pytest.mark.needs_tools, pytest.mark.slow]

RESOURCES = {
    "dev": 118,
    "existing-cluster": 26,
    "existing-vpc": 97,
    "gpu": 127,
    "private": 125,
    "production": 118,
}
"""Example → resources of its preview, the stack among them."""
WARNINGS: dict[str, list[str]] = {name: [] for name in EXAMPLES}
"""Example → what its preview and its update warn of."""


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_lives_from_preview_to_destroy(
    name: str, make_stack: Callable[..., automation.Stack], clouds: Clouds, world: World
) -> None:
    example = read_example(name)
    is_production = example.args["compute_plane"].get("profile") == "prod"
    stack = make_stack(example)
    with _plugins_of(name, stack, world):
        _make(name, stack, world)
        example.settle(clouds, is_running=True)
        stack.up(expect_no_changes=True)
        if is_production:
            # People see a preview first, which ends here; without it all that is not protected
            # goes.
            with pytest.raises(automation.CommandError, match="protected"):
                stack.preview_destroy()
            assert_nothing_is_lost(stack, world)
    if is_production:
        stack = make_stack(example, is_deletion_protected=False)
    with _plugins_of(name, stack, world):
        if is_production:
            example.settle(clouds, is_running=True)
            _allow_deletion(example, stack)
        _destroy(name, stack, world)


def _plugins_of(name: str, stack: automation.Stack, world: World) -> AbstractContextManager[None]:
    """One example starts its plugins for each operation, as users do; most of what others cost."""
    return nullcontext() if name == "dev" else attached(stack, world)


def _make(name: str, stack: automation.Stack, world: World) -> None:
    events: list[automation.EngineEvent] = []
    planned = stack.preview(on_event=events.append)
    assert counts(planned.change_summary) == {"create": RESOURCES[name]}
    assert said(events) == WARNINGS[name]
    assert world.objects() == set()
    assert world.registered() == {}

    events.clear()
    made = stack.up(on_event=events.append)
    assert counts(made.summary.resource_changes) == {"create": RESOURCES[name]}
    assert said(events) == WARNINGS[name]
    assert_nothing_is_lost(stack, world)


def _allow_deletion(example: Example, stack: automation.Stack) -> None:
    events: list[automation.EngineEvent] = []
    stack.up(on_event=events.append)
    assert operations(events) == {
        f"splitplane:index:EksComputePlane::{example.plane_name}": "update",
        f"aws:eks/cluster:Cluster::{example.plane_name}": "update",
    }
    unprotect(stack)


def _destroy(name: str, stack: automation.Stack, world: World) -> None:
    events: list[automation.EngineEvent] = []
    resources = resources_of(stack)
    graph = state_graph(stack.export_stack().deployment or {})
    stack.destroy(on_event=events.append)
    assert_destroyed_in_reverse(graph, events)
    assert said(events) == []
    assert_only_what_is_kept_is_left(name, world)
    assert world.in_cluster(resources) == set()
    assert world.registered() == {}
    assert resources_of(stack) == []
