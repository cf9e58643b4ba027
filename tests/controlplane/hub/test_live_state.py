from hub_harness import RunningHub, World
from scripted_agent import ScriptedAgent, gone, live
from sqlalchemy import select

from splitplane.contract import frames
from splitplane.contract.live import KindDigest
from splitplane.controlplane import tables
from splitplane.controlplane.hub.live import combined_digest
from splitplane.controlplane.state import AppState


async def stored(state: AppState, *, is_deleted: bool = False) -> list[tuple[str, str, str]]:
    """Kind, name and resource version of what is there, or of the tombstones."""
    row = tables.LiveObject
    async with state.sessions() as session:
        found = await session.execute(
            select(row.kind, row.name, row.resource_version)
            .where(row.deleted_at.is_not(None) if is_deleted else row.deleted_at.is_(None))
            .order_by(row.kind, row.name)
        )
        return [(kind, name, version) for kind, name, version in found]


async def test_state_is_acknowledged_when_it_is_stored(
    hub: RunningHub, world: World, agent: ScriptedAgent
) -> None:
    await agent.open()

    ack = await agent.report(live("Pod", "a", None), live("Pod", "b", None))

    assert (ack.epoch, ack.seq) == ("epoch-1", 1)
    assert await stored(hub.state) == [("Pod", "a", "1"), ("Pod", "b", "1")]


async def test_the_newest_of_several_changes_in_a_frame_wins(
    hub: RunningHub, world: World, agent: ScriptedAgent
) -> None:
    await agent.open()

    await agent.report(
        live("Pod", "a", None),
        live("Pod", "a", None, resource_version="2"),
        live("Pod", "b", None),
        gone("Pod", "b"),
    )

    assert await stored(hub.state) == [("Pod", "a", "2")]


async def test_a_repeated_frame_is_acknowledged_and_changes_nothing(
    hub: RunningHub, world: World, agent: ScriptedAgent
) -> None:
    await agent.open()
    await agent.report(live("Pod", "a", None, resource_version="2"))
    await agent.hang_up()
    await agent.open()

    ack = await agent.report(live("Pod", "a", None, resource_version="1"), seq=1)

    assert ack.seq == 1
    assert await stored(hub.state) == [("Pod", "a", "2")]


async def test_a_new_epoch_counts_from_one(
    hub: RunningHub, world: World, agent: ScriptedAgent
) -> None:
    await agent.open()
    await agent.report(live("Pod", "a", None), seq=1)
    await agent.hang_up()
    agent.epoch = "epoch-2"
    await agent.open()

    ack = await agent.report(live("Pod", "a", None, resource_version="2"), seq=1)

    assert (ack.epoch, ack.seq) == ("epoch-2", 1)
    assert await stored(hub.state) == [("Pod", "a", "2")]


async def test_deleted_objects_leave_tombstones(
    hub: RunningHub, world: World, agent: ScriptedAgent
) -> None:
    await agent.open()
    await agent.report(live("Pod", "a", None))

    await agent.report(gone("Pod", "a"))

    assert await stored(hub.state) == []
    assert await stored(hub.state, is_deleted=True) == [("Pod", "a", "1")]


async def test_what_was_missed_is_asked_for(
    hub: RunningHub, world: World, agent: ScriptedAgent
) -> None:
    await agent.open()
    await agent.report(live("Pod", "a", None), seq=1)

    await agent.report(live("Pod", "b", None), seq=3)
    asked = await agent.next(frames.Resync)

    assert asked.kinds == [
        "Application",
        "Deployment",
        "Event",
        "Job",
        "Pod",
        "ResourceQuota",
    ]


async def test_only_kinds_that_differ_are_sent_whole(
    hub: RunningHub, world: World, agent: ScriptedAgent
) -> None:
    await agent.open()
    await agent.report(live("Pod", "a", None), live("Job", "j", None))
    await agent.hang_up()

    same = combined_digest([("team1", "a", "1")])
    other = combined_digest([("team1", "j", "7")])
    welcome = await agent.open(kinds={"Pod": same, "Job": other})

    assert welcome.resync == ["Job"]


async def test_kinds_that_the_agent_no_longer_has_are_asked_for(
    hub: RunningHub, world: World, agent: ScriptedAgent
) -> None:
    await agent.open()
    await agent.report(live("Pod", "a", None))
    await agent.hang_up()

    welcome = await agent.open(kinds={})

    assert welcome.resync == ["Pod"]


async def test_the_end_of_a_whole_kind_removes_what_was_not_sent(
    hub: RunningHub, world: World, agent: ScriptedAgent
) -> None:
    await agent.open()
    await agent.report(live("Pod", "old", None), live("Pod", "kept", None), live("Job", "j", None))

    await agent.report(live("Pod", "kept", None), resync_kind="Pod", is_resync_start=True)
    await agent.report(live("Pod", "between", None))
    await agent.report(live("Pod", "late", None), resync_kind="Pod", is_resync_end=True)

    assert await stored(hub.state) == [
        ("Job", "j", "1"),
        ("Pod", "between", "1"),
        ("Pod", "kept", "1"),
        ("Pod", "late", "1"),
    ]
    assert await stored(hub.state, is_deleted=True) == [("Pod", "old", "1")]


async def test_a_whole_kind_that_is_empty_removes_all_of_it(
    hub: RunningHub, world: World, agent: ScriptedAgent
) -> None:
    await agent.open()
    await agent.report(live("Pod", "a", None))

    await agent.report(resync_kind="Pod", is_resync_start=True, is_resync_end=True)

    assert await stored(hub.state) == []


async def test_an_end_without_its_start_removes_nothing(
    hub: RunningHub, world: World, agent: ScriptedAgent
) -> None:
    await agent.open()
    await agent.report(live("Pod", "a", None))

    await agent.report(live("Pod", "b", None), resync_kind="Pod", is_resync_end=True)

    assert await stored(hub.state) == [("Pod", "a", "1"), ("Pod", "b", "1")]


def test_the_digest_of_nothing_is_zero_and_order_does_not_matter() -> None:
    one, other = ("a", "x", "1"), ("b", "y", "2")

    assert combined_digest([]) == KindDigest(count=0, digest="0000000000000000")
    assert combined_digest([one, other]) == combined_digest([other, one])
    assert combined_digest([one]) != combined_digest([other])
