"""Quota and network policy of a workspace, from its row through the hub to a scripted agent."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hub_harness import RunningHub, World, until
from scripted_agent import ScriptedAgent
from sqlalchemy import update

from splitplane.contract.commands import SignedCommand
from splitplane.controlplane import tables
from splitplane.controlplane.signing import is_signed_by

MODERN = ("command:apply-namespace", "delivery:direct")


async def answer_first(world: World, agent: ScriptedAgent) -> SignedCommand:
    """The order for the namespace as it is at first, carried out and known to be."""
    command = await agent.next_command()
    await agent.answer(command)
    await world.has_condition(world.workspace_id, "Delivered", "true", "Applied")
    return command


async def has_order(world: World, seq: int, state: str) -> None:
    """Waits for the order of that number to have the state."""

    async def check() -> bool:
        return (seq, "apply-namespace", state) in await world.commands()

    await until(check, what=f"order {seq} to be {state}")


async def test_workspace_is_ordered_signed_and_becomes_delivered(
    world: World, agent: ScriptedAgent
) -> None:
    await world.change_workspace(labels={"team": "ranking"}, quota={"pods": 5})
    await agent.open(capabilities=MODERN)

    command = await agent.next_command()
    await agent.answer(command)

    await world.has_condition(world.workspace_id, "Delivered", "true", "Applied")
    assert command.kind == "apply-namespace"
    assert agent.enrolment is not None
    assert is_signed_by(command, agent.enrolment.signing_keys)
    state = json.loads(command.spec)
    assert (state["namespace"], state["generation"]) == ("team1", 2)
    assert state["workspace_id"] == world.workspace_id
    assert state["labels"]["team"] == "ranking"
    assert [item["spec"] for item in state["objects"]] == [{"hard": {"pods": "5"}}]


async def test_change_is_ordered_at_once_and_an_equal_state_is_not(
    world: World, agent: ScriptedAgent
) -> None:
    await agent.open(capabilities=MODERN)
    await answer_first(world, agent)

    await world.change_workspace(quota={"cpu_millicores": 500})
    changed = await agent.next_command()
    await agent.answer(changed)
    await world.has_condition(world.workspace_id, "Delivered", "true", "Applied")
    await world.change_workspace(display_name="Team one")
    await world.change_workspace(quota=None)
    removed = await agent.next_command()

    kinds = [item["kind"] for item in json.loads(changed.spec)["objects"]]
    assert kinds == ["ResourceQuota", "LimitRange"]
    assert json.loads(removed.spec)["objects"] == []
    assert [json.loads(c.spec)["generation"] for c in (changed, removed)] == [2, 4]
    assert [kind for _, kind, _ in await world.commands()] == ["apply-namespace"] * 3


async def test_only_the_newest_state_is_sent_to_an_agent_that_was_away(
    world: World, agent: ScriptedAgent
) -> None:
    await agent.open(capabilities=MODERN)
    await answer_first(world, agent)
    await agent.hang_up()

    for pods in (1, 2, 3):
        await world.change_workspace(quota={"pods": pods})
        await has_order(world, pods + 1, "queued")
    await world.has_condition(world.workspace_id, "Delivered", "false", "Queued")
    await agent.open(capabilities=MODERN, last_command_seq=1)
    command = await agent.next_command()

    assert json.loads(command.spec)["objects"][0]["spec"] == {"hard": {"pods": "3"}}
    assert [state for _, _, state in await world.commands()] == [
        "succeeded",
        "superseded",
        "superseded",
        "sent",
    ]


async def test_agent_of_the_former_version_gets_no_such_order(
    world: World, agent: ScriptedAgent
) -> None:
    await agent.open()
    await world.has_condition(world.workspace_id, "Delivered", "unknown", "AgentTooOld")

    await world.change_workspace(quota={"pods": 5})

    await world.has_condition(world.workspace_id, "Delivered", "false", "AgentTooOld")
    assert await world.commands() == []


async def test_order_that_waits_is_withdrawn_when_the_agent_became_older(
    world: World, agent: ScriptedAgent
) -> None:
    await agent.open(capabilities=MODERN)
    await answer_first(world, agent)
    await agent.hang_up()
    await world.change_workspace(quota={"pods": 5})
    await has_order(world, 2, "queued")

    await agent.open(last_command_seq=1)
    await has_order(world, 2, "superseded")
    await world.has_condition(world.workspace_id, "Delivered", "false", "AgentTooOld")
    await agent.hang_up()
    await agent.open(capabilities=MODERN, last_command_seq=1)
    command = await agent.next_command()

    assert command.seq == 3
    assert [state for _, _, state in await world.commands()] == ["succeeded", "superseded", "sent"]


async def test_without_an_agent_the_state_waits_for_it(hub: RunningHub, world: World) -> None:
    await world.change_workspace(quota={"pods": 5})
    await world.has_condition(world.workspace_id, "Delivered", "unknown", "NeverConnected")
    assert await world.commands() == []

    late = ScriptedAgent(hub.url)
    await late.enrol(await world.join_token())
    await late.open(capabilities=MODERN)
    await late.answer(await late.next_command())

    await world.has_condition(world.workspace_id, "Delivered", "true", "Applied")
    await late.hang_up()


async def test_refusal_is_told_and_tried_again_after_an_hour(
    hub: RunningHub, world: World, agent: ScriptedAgent
) -> None:
    await agent.open(capabilities=MODERN)
    await agent.answer(await agent.next_command(), "refused", "Forbidden")
    await world.has_condition(world.workspace_id, "Delivered", "false", "Refused")
    assert len(await world.commands()) == 1

    await make_due(hub, finished=timedelta(hours=1, minutes=1))
    await agent.answer(await agent.next_command())

    await world.has_condition(world.workspace_id, "Delivered", "true", "Applied")


async def test_invalid_state_is_not_tried_again_until_it_changes(
    hub: RunningHub, world: World, agent: ScriptedAgent
) -> None:
    await agent.open(capabilities=MODERN)
    await agent.answer(await agent.next_command(), "failed", "Invalid")
    await world.has_condition(world.workspace_id, "Delivered", "false", "ApplyFailed")
    await make_due(hub, finished=timedelta(hours=2))

    await world.change_workspace(quota={"pods": 1})
    command = await agent.next_command()

    assert command.seq == 2


async def test_failure_is_tried_again_with_the_same_number(
    hub: RunningHub, world: World, agent: ScriptedAgent
) -> None:
    await agent.open(capabilities=MODERN)
    first = await agent.next_command()
    await agent.answer(first, "failed", "Unavailable")
    await world.has_condition(world.workspace_id, "Delivered", "false", "Retrying")

    await make_due(hub, finished=timedelta(minutes=1))
    second = await agent.next_command()

    assert second.id != first.id
    assert second.spec == first.spec


async def test_namespace_without_applications_is_removed_by_the_agent(
    world: World, agent: ScriptedAgent
) -> None:
    await agent.open(capabilities=MODERN)
    await answer_first(world, agent)

    await world.delete(tables.Workspace, world.workspace_id)
    command = await agent.next_command()
    await agent.answer(command)

    await world.is_gone(tables.Workspace, world.workspace_id)
    assert command.kind == "delete-namespace"


async def test_removal_withdraws_a_state_that_was_not_sent(
    world: World, agent: ScriptedAgent
) -> None:
    await agent.open(capabilities=MODERN)
    await answer_first(world, agent)
    await agent.hang_up()
    await world.change_workspace(quota={"pods": 1})
    await has_order(world, 2, "queued")
    await world.delete(tables.Workspace, world.workspace_id)

    await agent.open(capabilities=MODERN, last_command_seq=1)
    command = await agent.next_command()
    await agent.answer(command)

    await world.is_gone(tables.Workspace, world.workspace_id)
    assert await world.commands() == [
        (1, "apply-namespace", "succeeded"),
        (2, "apply-namespace", "superseded"),
        (3, "delete-namespace", "succeeded"),
    ]


async def test_each_change_of_the_condition_is_one_event(
    world: World, agent: ScriptedAgent
) -> None:
    await agent.open(capabilities=MODERN)
    await answer_first(world, agent)
    await world.has_condition(world.workspace_id, "Delivered", "true", "Applied")

    events = [name for name in await world.events() if name == "workspace.condition-changed"]

    assert 2 <= len(events) <= 4


async def make_due(hub: RunningHub, *, finished: timedelta) -> None:
    """As if that much time had passed since the last result."""
    async with hub.state.sessions.begin() as session:
        past: Any = datetime.now(UTC) - finished
        await session.execute(update(tables.Command).values(finished_at=past))
        await session.execute(update(tables.Workspace).values(next_check_at=datetime.now(UTC)))
    hub.state.wakeups.notify("applications")
