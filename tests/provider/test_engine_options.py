"""Options of resources that the engine and the provider have to honour together."""

from __future__ import annotations

import pulumi
import pytest
from control_plane import ControlPlane
from engine_programs import Program
from pulumi import automation

from splitplane import resources as sp
from splitplane.stacks.engine import Engine

pytestmark = pytest.mark.needs_tools


def _summary(result: automation.PreviewResult) -> dict[str, int]:
    return {str(key): count for key, count in result.change_summary.items()}


def test_ignored_changes_are_left_as_they_are(
    platform_engine: Engine, control_plane: ControlPlane, unique: str
) -> None:
    name = f"{unique}-c"

    def program(region: str, labels: dict[str, str]) -> Program:
        def register() -> None:
            opts = pulumi.ResourceOptions(ignore_changes=["region", 'labels["a/b"]'])
            sp.Cluster(
                "cluster",
                name=name,
                environments=["dev"],
                region=region,
                labels=labels,
                opts=opts,
            )

        return register

    platform_engine.stack("ignore", program("one", {"a/b": "1", "c": "1"})).up()
    stack = platform_engine.stack("ignore", program("two", {"a/b": "2", "c": "1"}))
    stack.up(expect_no_changes=True)
    stack = platform_engine.stack("ignore", program("two", {"a/b": "2", "c": "2"}))
    stack.up()

    manifest = control_plane.client.get("cluster", name).manifest
    assert manifest["region"] == "one"
    assert manifest["labels"] == {"a/b": "1", "c": "2"}
    stack.destroy()


def test_what_was_not_ready_in_time_is_kept_and_completed_by_the_next_run(
    platform_engine: Engine, control_plane: ControlPlane, unique: str
) -> None:
    def program(*, waits: bool) -> Program:
        def register() -> None:
            timeouts = pulumi.CustomTimeouts(create="1s", update="1s")
            opts = pulumi.ResourceOptions(custom_timeouts=timeouts)
            # No agent will ever connect.
            sp.Cluster(
                "cluster",
                name=f"{unique}-c",
                environments=["dev"],
                wait_until_connected=waits,
                opts=opts,
            )

        return register

    stack = platform_engine.stack("late", program(waits=True))
    with pytest.raises(automation.CommandError, match="connect"):
        stack.up()
    first = control_plane.client.get("cluster", f"{unique}-c").id
    with pytest.raises(automation.CommandError, match="connect"):
        stack.up()
    stack = platform_engine.stack("late", program(waits=False))
    assert _summary(stack.preview()) == {"update": 1, "same": 1}
    stack.up()

    stack.up(expect_no_changes=True)
    assert control_plane.client.get("cluster", f"{unique}-c").id == first
    stack.destroy()
    assert not control_plane.is_listed("cluster", f"{unique}-c")


def test_a_kept_object_is_adopted_by_the_same_program(
    platform_engine: Engine, control_plane: ControlPlane, unique: str
) -> None:
    def register() -> None:
        opts = pulumi.ResourceOptions(retain_on_delete=True)
        sp.Environment("env", name=f"{unique}-env", color="#112233", opts=opts)

    stack = platform_engine.stack("retain", register)
    stack.up()
    before = control_plane.client.get("environment", f"environment:{unique}-env").id
    stack.destroy()
    assert control_plane.is_listed("environment", f"{unique}-env")
    stack.up()

    assert control_plane.client.get("environment", f"environment:{unique}-env").id == before
    stack.destroy()
    control_plane.client.delete("environment", before)
