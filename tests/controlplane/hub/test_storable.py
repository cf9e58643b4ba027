from typing import Any

import pytest
from hub_harness import RunningHub, World
from scripted_agent import ScriptedAgent, live
from sqlalchemy import select

from splitplane.contract import frames
from splitplane.contract.commands import CommandResult
from splitplane.controlplane import tables
from splitplane.controlplane.hub.storable import storable


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("a\0b", "ab"),
        ("é\0\ud800", "é?"),
        (float("nan"), None),
        (1.5, 1.5),
        ({"k\0": ["\0", {"n": float("inf")}]}, {"k": ["", {"n": None}]}),
        (None, None),
        (True, True),
    ],
)
def test_what_postgres_refuses_is_left_out(value: Any, stored: Any) -> None:
    assert storable(value) == stored


async def test_odd_texts_of_a_cluster_do_not_end_the_session(
    hub: RunningHub, world: World, agent: ScriptedAgent
) -> None:
    await agent.open()

    await agent.report(live("Pod", "a", None, message="exit\0 1", load=float("nan")))

    async with hub.state.sessions() as session:
        doc = await session.scalar(select(tables.LiveObject.doc))
    assert doc == {"message": "exit 1", "load": None}


async def test_an_odd_result_is_stored(world: World, agent: ScriptedAgent) -> None:
    await agent.open()
    await world.apply()
    command = await agent.next_command()
    result = CommandResult(
        command_id=command.id,
        seq=command.seq,
        phase="failed",
        reason="Invalid",
        message="\0" + "x" * 10_000,
    )

    await agent.send(frames.Result(result=result))

    assert (await agent.next(frames.Ack)).results == [command.id]
    async with world.state.sessions() as session:
        stored = await session.scalar(select(tables.Command.result))
    assert stored is not None
    assert stored["message"] == "x" * 4095
