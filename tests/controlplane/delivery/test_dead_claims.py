"""What a killed worker had claimed is taken up at once where nobody else can be alive."""

from dataclasses import replace
from pathlib import Path

import pytest
from hub_harness import RunningHub, ScriptedAgent, World, make_state

from splitplane.controlplane import tables
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
