"""A running agent and a hub that goes away, misbehaves and comes back, over real sockets."""

from __future__ import annotations

import asyncio
import logging
from functools import partial

import aiohttp
import pytest
from aiohttp import web
from bundles import Deployed
from fake_hub import FakeHub, until
from running_agent import AgentStarter

from splitplane.agent.errors import Refused, UserError
from splitplane.agent.kube import KubeClient
from splitplane.agent.kube.resources import CONFIG_MAP, DEPLOYMENT, SECRET
from splitplane.contract.agent_rbac import IDENTITY_SECRET

pytestmark = pytest.mark.needs_tools

FAST = {"reconnect_wait_seconds": 0.2}


async def test_key_is_made_in_the_cluster_and_the_token_is_needed_once(
    hub: FakeHub, start_agent: AgentStarter, kube: KubeClient
) -> None:
    async with start_agent() as agent:
        namespace = agent.settings.namespace
    async with start_agent(join_token=None):
        pass

    assert len(hub.enrolments) == 1
    secret = await kube.get(SECRET, namespace, IDENTITY_SECRET)
    assert sorted(secret["data"]) == ["enrolment", "private-key"]
    uid = (await kube.call("GET", "/api/v1/namespaces/kube-system")).decode()
    assert hub.cluster_uid in uid


async def test_without_token_and_enrolment_the_start_says_what_to_do(
    start_agent: AgentStarter,
) -> None:
    with pytest.raises(UserError, match="no join token was given"):
        async with start_agent(join_token=None):
            pass


async def test_burnt_token_is_refused(hub: FakeHub, start_agent: AgentStarter) -> None:
    hub.join_token = "another"

    with pytest.raises(Refused, match="the join token is used already; make a new join token"):
        async with start_agent():
            pass


async def test_new_token_enrols_anew_and_a_refused_one_keeps_the_enrolment(
    hub: FakeHub, start_agent: AgentStarter
) -> None:
    async with start_agent():
        first = hub.agent_id
    async with start_agent(join_token="spl_join_wrong"):
        assert hub.agent_id == first
    hub.join_token = "spl_join_second"
    async with start_agent(join_token="spl_join_second"):
        assert hub.agent_id != first


async def test_cut_connection_comes_back_and_nothing_is_lost(
    hub: FakeHub, start_agent: AgentStarter, unique: str
) -> None:
    app = Deployed(f"ws-{unique}")

    async with start_agent(**FAST):
        for generation in range(1, 6):
            command = await hub.order(app.bundle(generation, [app.deployment(version=generation)]))
            await hub.cut()
            await hub.result(command)
            await until(
                partial(hub_has_version, hub, app, generation), what="the new version at the hub"
            )

    assert hub.generation >= 5
    assert all(result.phase == "succeeded" for result in hub.results.values())


async def test_hub_that_was_away_gets_results_and_state_of_the_meantime(
    hub: FakeHub, start_agent: AgentStarter, kube: KubeClient, unique: str
) -> None:
    app = Deployed(f"ws-{unique}")

    async with start_agent(**FAST):
        command = await hub.order(app.bundle(1, [app.deployment()]))
        await hub.stop()
        hub.results.clear()
        await until(lambda: kube_has(kube, app), what="the bundle, applied while the hub was away")
        await hub.start()
        result = await hub.result(command)
        await until(lambda: bool(hub.of_kind("Pod", app.namespace)), what="the pods")

    assert result.phase == "succeeded"


def hub_has_version(hub: FakeHub, app: Deployed, version: int) -> bool:
    found = hub.of_kind("Deployment", app.namespace)
    return [item.doc["version"] for item in found] == [str(version)]


async def kube_has(kube: KubeClient, app: Deployed) -> bool:
    return await kube.find(DEPLOYMENT, app.namespace, "ranker") is not None


async def test_retry_after_of_the_hub_is_honoured(
    hub: FakeHub, start_agent: AgentStarter, caplog: pytest.LogCaptureFixture
) -> None:
    async with start_agent(**FAST):
        caplog.set_level(logging.INFO)
        hub.refuse_with = web.Response(status=503, headers={"Retry-After": "1"})
        await hub.cut()
        await until(lambda: len(hub.hellos) == 2, what="the second session")

    waits = [r.__dict__["in_seconds"] for r in caplog.records if r.message == "reconnecting"]
    assert 1.0 in waits


async def test_draining_hub_decides_the_wait(
    hub: FakeHub, start_agent: AgentStarter, caplog: pytest.LogCaptureFixture
) -> None:
    async with start_agent():
        caplog.set_level(logging.INFO)
        await hub.cut(1012, "0.3")
        await until(lambda: len(hub.hellos) == 2, what="the second session")

    waits = [r.__dict__["in_seconds"] for r in caplog.records if r.message == "reconnecting"]
    assert waits == [0.3]


async def test_stopped_agent_says_so_and_closes_in_order(
    hub: FakeHub, start_agent: AgentStarter
) -> None:
    async with start_agent():
        pass

    assert hub.drained == 1
    await until(lambda: hub.close_codes == [1001], what="the close code")


async def test_forged_command_is_refused_and_another_cluster_is_not_touched(
    hub: FakeHub, start_agent: AgentStarter, kube: KubeClient, unique: str
) -> None:
    app = Deployed(f"ws-{unique}")
    bundle = app.bundle(1, [app.config_map("c")])

    async with start_agent():
        forged = hub.sign(bundle).model_copy(update={"actor": "user:eve@example.com"})
        await hub.send_command(forged)
        foreign = hub.sign(bundle, cluster_uid="another")
        await hub.send_command(foreign)
        results = [await hub.result(forged), await hub.result(foreign)]

    assert [(r.phase, r.reason) for r in results] == [
        ("refused", "BadSignature"),
        ("refused", "WrongCluster"),
    ]
    assert await kube.find(CONFIG_MAP, app.namespace, "c") is None


async def test_resync_on_request_sends_the_kind_whole(
    hub: FakeHub, start_agent: AgentStarter, unique: str
) -> None:
    app = Deployed(f"ws-{unique}")

    async with start_agent():
        await hub.carry_out(app.bundle(1, [app.deployment()]))
        await until(lambda: bool(hub.of_kind("Deployment", app.namespace)), what="the deployment")
        hub.live.clear()
        hub.resynced.clear()
        await hub.ask_for("Deployment")
        await until(lambda: hub.resynced == ["Deployment"], what="the whole kind")

    assert [o.name for o in hub.of_kind("Deployment", app.namespace)] == ["ranker"]


async def test_status_server_tells_health_readiness_and_metrics(
    hub: FakeHub, start_agent: AgentStarter
) -> None:
    async with start_agent() as agent, aiohttp.ClientSession() as http:

        async def get(path: str) -> tuple[int, str]:
            async with http.get(f"http://127.0.0.1:{agent.status_port}{path}") as answer:
                return answer.status, await answer.text()

        async def is_ready() -> bool:
            return await get("/readyz") == (200, "ok\n")

        await until(is_ready, what="readiness")
        health = await get("/healthz")
        metrics = (await get("/metrics"))[1]

    assert health == (200, "ok\n")
    assert "splitplane_agent_connected 1\n" in metrics
    assert 'splitplane_agent_lists_total{kind="Pod"} 1\n' in metrics
    assert "# TYPE splitplane_agent_sessions_total counter\n" in metrics


async def test_hundred_commands_at_once_each_have_one_result(
    hub: FakeHub, start_agent: AgentStarter, unique: str
) -> None:
    apps = [Deployed(f"ws-{unique}") for _ in range(5)]

    async with start_agent():
        commands = [
            await hub.order(
                app.bundle(generation, [app.config_map(f"c-{index}", v=str(generation))])
            )
            for generation in range(1, 21)
            for index, app in enumerate(apps)
        ]
        async with asyncio.timeout(60):
            results = [await hub.result(command, seconds=60) for command in commands]

    assert {(result.phase, result.reason) for result in results} == {("succeeded", "Applied")}
    assert set(hub.result_count.values()) == {1}
