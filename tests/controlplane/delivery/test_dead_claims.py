"""What a killed worker had claimed is taken up at once where nobody else can be alive; what a
living one has claimed survives an outage of the database."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hub_harness import RunningHub, World, make_state
from scripted_agent import ScriptedAgent
from sqlalchemy.exc import OperationalError

from splitplane.controlplane import tables
from splitplane.controlplane.delivery import worker
from splitplane.controlplane.delivery.claims import claim_next
from splitplane.controlplane.state import AppState


@pytest.fixture
def state(database_url: str, tmp_path: Path) -> AppState:
    return make_state(database_url, tmp_path)


async def _claim_as_a_worker_that_dies(state: AppState) -> None:
    async with state.sessions.begin() as session:
        claim = await claim_next(session, tables.Application, owner="dead")
    assert claim is not None


async def test_alone_with_the_database_dead_claims_are_dropped(state: AppState) -> None:
    world = await World(state).build()
    application_id = await world.apply()
    await _claim_as_a_worker_that_dies(state)
    embedded = replace(state, settings=state.settings.model_copy(update={"database_url": None}))

    async with RunningHub(embedded) as hub:
        agent = ScriptedAgent(hub.url)
        await agent.enrol(await world.join_token())
        await agent.open()
        await agent.answer(await agent.next_command())
        await world.has_condition(application_id, "Delivered", "true", "Applied")
        await agent.hang_up()


async def test_beside_other_replicas_a_claim_has_to_run_out(state: AppState) -> None:
    world = await World(state).build()
    await world.apply()
    await _claim_as_a_worker_that_dies(state)

    async with RunningHub(state), state.sessions.begin() as session:
        assert await claim_next(session, tables.Application, owner="other") is None


async def test_outage_in_the_middle_of_a_step_delays_it_by_no_lease(
    state: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await World(state).build()
    outages = [OperationalError("COMMIT", {}, OSError("connection lost"))]
    carry_out = worker.carry_out

    async def interrupted(*arguments: Any) -> bool:
        if outages:
            raise outages.pop()
        return await carry_out(*arguments)

    monkeypatch.setattr(worker, "carry_out", interrupted)
    async with RunningHub(state):
        application_id = await world.apply()

        # A lease is 30 s, this waits for at most 15.
        await world.has_condition(application_id, "Rendered", "true", "Rendered")

    assert outages == []
