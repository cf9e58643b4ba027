from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hub_harness import RunningHub, World
from scripted_agent import ScriptedAgent, live

from splitplane.controlplane import tables

PAST = datetime.now(UTC) - timedelta(minutes=1)


async def test_a_join_token_makes_an_agent(hub: RunningHub, world: World) -> None:
    agent = ScriptedAgent(hub.url)

    enrolment = await agent.enrol(await world.join_token())

    assert enrolment.cluster_fqn == "prod-eu"
    assert enrolment.delivery == "direct"
    assert len(enrolment.signing_keys) == 1
    assert await world.events() == ["agent.enrolled"]
    assert await world.exists(tables.Agent, enrolment.agent_id)


async def test_a_join_token_works_once(hub: RunningHub, world: World) -> None:
    token = await world.join_token()
    await ScriptedAgent(hub.url).enrol(token)

    response = await ScriptedAgent(hub.url).post_enrolment(token)

    assert response.status_code == 403
    assert response.json()["code"] == "join_token_refused"
    assert "used already" in response.json()["detail"]
    assert await world.events() == ["agent.enrolled", "join-token.refused"]


async def test_an_agent_that_lost_the_answer_gets_it_again(hub: RunningHub, world: World) -> None:
    token = await world.join_token()
    agent = ScriptedAgent(hub.url)
    first = await agent.enrol(token)

    assert await agent.enrol(token) == first
    assert await world.events() == ["agent.enrolled"]


async def test_a_used_token_is_refused_on_another_cluster_with_the_same_key(
    hub: RunningHub, world: World
) -> None:
    token = await world.join_token()
    agent = ScriptedAgent(hub.url)
    await agent.enrol(token)
    agent.cluster_uid = "another"

    assert (await agent.post_enrolment(token)).status_code == 403


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"expires_at": PAST}, "expired"), ({"revoked_at": PAST}, "replaced by a newer one")],
    ids=["expired", "replaced"],
)
async def test_a_token_past_its_time_is_refused_and_audited(
    hub: RunningHub, world: World, changes: dict[str, Any], said: str
) -> None:
    response = await ScriptedAgent(hub.url).post_enrolment(await world.join_token(**changes))

    assert response.status_code == 403
    assert said in response.json()["detail"]
    assert await world.events() == ["join-token.refused"]


async def test_a_token_of_another_control_plane_is_refused_and_audited(
    hub: RunningHub, world: World
) -> None:
    response = await ScriptedAgent(hub.url).post_enrolment("spl_join_" + "A" * 49)

    assert response.status_code == 403
    assert response.json()["detail"] == "the join token is unknown"
    assert await world.events() == ["join-token.refused"]


async def test_a_public_key_of_the_wrong_size_is_named(hub: RunningHub, world: World) -> None:
    agent = ScriptedAgent(hub.url)
    token = await world.join_token()
    body = {
        "join_token": token,
        "public_key": "AAAA",
        "cluster_uid": "u",
        "agent_version": "0",
        "kubernetes_version": "v1",
    }

    response = await agent.post_body(body)

    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "public_key"


async def test_enrolling_anew_ends_the_former_agent(
    hub: RunningHub, world: World, agent: ScriptedAgent
) -> None:
    await agent.open()
    newcomer = ScriptedAgent(hub.url)

    await newcomer.enrol(await world.join_token())

    assert (await agent.closed())[0] == 4409
    await agent.prove(await agent.dial())
    assert (await agent.closed())[0] == 4403
    assert (await newcomer.open()).generation > 1


async def test_another_kubernetes_cluster_forgets_what_was_seen_on_the_former(
    hub: RunningHub, world: World, agent: ScriptedAgent
) -> None:
    await agent.open()
    await agent.report(live("Deployment", "ranker", None))
    newcomer = ScriptedAgent(hub.url, cluster_uid="6d1f3f0e-0000-4000-8000-000000000002")

    await newcomer.enrol(await world.join_token())

    assert (await newcomer.open()).resync == []
