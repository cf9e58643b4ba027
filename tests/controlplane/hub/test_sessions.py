import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hub_harness import RunningHub, World, make_state, until
from scripted_agent import ScriptedAgent
from sqlalchemy import delete, select, update

from splitplane.contract import frames
from splitplane.controlplane import tables
from splitplane.controlplane.hub import leases
from splitplane.controlplane.hub.sessions import clean, drain, renew
from splitplane.controlplane.state import AppState


async def session_row(state: AppState) -> tables.AgentSession:
    async with state.sessions() as session:
        return (await session.execute(select(tables.AgentSession))).scalar_one()


async def test_a_session_connects_the_cluster(world: World, agent: ScriptedAgent) -> None:
    welcome = await agent.open()

    assert (welcome.generation, welcome.protocol, welcome.delivery) == (1, 1, "direct")
    assert await world.conditions(world.cluster_id) == {"Connected": ("true", "Connected")}
    row = await session_row(world.state)
    assert (row.replica, row.generation) == ("replica-a", 1)
    assert row.lease_until is not None
    assert row.lease_until > datetime.now(UTC) + timedelta(seconds=30)


async def test_the_end_of_a_session_disconnects_the_cluster(
    world: World, agent: ScriptedAgent
) -> None:
    await agent.open()

    await agent.hang_up()

    await world.has_condition(world.cluster_id, "Connected", "false", "Disconnected")
    assert (await world.events())[-1] == "cluster.disconnected"


async def test_a_newer_session_replaces_the_older_and_stays_connected(
    hub: RunningHub, world: World, agent: ScriptedAgent
) -> None:
    await agent.open()
    again = ScriptedAgent(hub.url, key=agent.key, enrolment=agent.enrolment)

    welcome = await again.open()

    assert welcome.generation == 2
    assert (await agent.closed())[0] == 4409
    assert await world.conditions(world.cluster_id) == {"Connected": ("true", "Connected")}
    await again.hang_up()


async def test_an_agent_that_nobody_enrolled_is_blocked(
    hub: RunningHub, world: World, agent: ScriptedAgent
) -> None:
    challenge = await agent.dial()

    await agent.prove(challenge, agent_id="0198d2f0-0000-7000-8000-000000000001")

    assert await agent.closed() == (4403, "unknown_agent")


async def test_a_nonce_is_good_for_one_connection(world: World, agent: ScriptedAgent) -> None:
    first = await agent.dial()
    await agent.hang_up()
    second = await agent.dial()

    await agent.prove(frames.Challenge(nonce=first.nonce, server_time=second.server_time))

    assert await agent.closed() == (4403, "bad_signature")


async def test_a_lapsed_lease_disconnects_the_cluster(
    hub: RunningHub, world: World, agent: ScriptedAgent
) -> None:
    await agent.open()
    async with hub.state.sessions.begin() as session:
        await session.execute(
            update(tables.AgentSession).values(
                replica="killed", lease_until=datetime.now(UTC) - timedelta(seconds=1)
            )
        )

    await clean(hub.state)  # or the hub's own housekeeping, if it holds the row just now

    await world.has_condition(world.cluster_id, "Connected", "false", "LeaseLapsed")


async def test_a_session_that_another_replica_took_over_ends_at_the_next_renewal(
    hub: RunningHub, world: World, agent: ScriptedAgent
) -> None:
    await agent.open()
    async with hub.state.sessions.begin() as session:
        await session.execute(update(tables.AgentSession).values(generation=9, replica="other"))

    await renew(hub.state)

    assert (await agent.closed())[0] == 4409
    assert (await session_row(hub.state)).replica == "other"


async def test_a_removed_cluster_ends_its_session(
    hub: RunningHub, world: World, agent: ScriptedAgent
) -> None:
    await agent.open()
    async with hub.state.sessions.begin() as session:
        await session.execute(delete(tables.Agent))
        await session.execute(delete(tables.AgentSession))

    await renew(hub.state)

    # "Replaced" when the sender of commands notices first; the agent's return then ends with 4403.
    assert (await agent.closed())[0] in (4403, 4409)


async def test_renewal_moves_the_lease(hub: RunningHub, world: World, agent: ScriptedAgent) -> None:
    await agent.open()
    soon = datetime.now(UTC) + timedelta(seconds=1)
    async with hub.state.sessions.begin() as session:
        await session.execute(update(tables.AgentSession).values(lease_until=soon))

    await renew(hub.state)

    renewed = (await session_row(hub.state)).lease_until
    assert renewed is not None
    assert renewed > soon + timedelta(seconds=leases.LEASE_SECONDS - 10)


async def test_draining_sends_agents_away_and_takes_none(
    hub: RunningHub, world: World, agent: ScriptedAgent
) -> None:
    await agent.open()

    await drain(hub.state)

    code, reason = await agent.closed()
    assert code == 1012
    assert reason is not None
    assert 0.2 <= float(reason) <= 5.0
    assert any(isinstance(body, frames.Draining) for body in agent.received)
    await world.has_condition(world.cluster_id, "Connected", "false", "Disconnected")


async def test_commands_without_a_result_come_again_in_the_next_session(
    world: World, agent: ScriptedAgent
) -> None:
    await agent.open()
    await world.apply()
    first = await agent.next_command()
    await agent.send(frames.Accepted(seq=first.seq))
    await agent.hang_up()

    await agent.open(last_command_seq=first.seq)
    again = await agent.next_command()

    assert again == first
    await agent.answer(again)
    await agent.answer(again)
    assert await world.commands() == [(1, "apply-bundle", "succeeded")]
    assert (await world.events()).count("command.succeeded") == 1


async def test_a_result_for_a_command_of_another_cluster_changes_nothing(
    world: World, agent: ScriptedAgent
) -> None:
    await agent.open()
    await world.apply()
    command = await agent.next_command()

    await agent.answer(command.model_copy(update={"id": "0198d2f0-0000-7000-8000-000000000001"}))
    await agent.answer(command.model_copy(update={"id": "no uuid"}))

    assert [state for _, _, state in await world.commands()] == ["accepted"]


async def test_the_worker_of_another_replica_reaches_the_agent(
    hub: RunningHub, world: World, agent: ScriptedAgent, database_url: str, tmp_path: Path
) -> None:
    await agent.open()
    other = make_state(database_url, tmp_path, replica="replica-b")
    relays = [
        asyncio.create_task(state.wakeups.relay(state.sessions, database_url))
        for state in (hub.state, other)
    ]
    async with RunningHub(other):

        async def is_delivered() -> bool:
            await World(other, world.tenant_id, world.cluster_id, world.workspace_id).apply()
            return bool(await agent.next_command())

        await until(is_delivered, what="the command")
    for relay in relays:
        relay.cancel()
    await asyncio.gather(*relays, return_exceptions=True)
