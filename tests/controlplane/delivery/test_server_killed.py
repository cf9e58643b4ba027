"""The control plane is killed with -9 at the worst moments; the real server in its own process."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hub_harness import until
from scripted_agent import ScriptedAgent
from server_process import ServerProcess

from splitplane.contract import frames

MANIFESTS: list[dict[str, Any]] = [
    {
        "type": "cluster",
        "name": "prod-eu",
        "provider_kind": "local",
        "environments": ["dev"],
        "delivery": "direct",
    },
    {"type": "workspace", "name": "team1", "cluster": "prod-eu", "environment": "dev"},
]
SERVICE = {
    "type": "service",
    "name": "ranker",
    "workspace": "prod-eu:team1",
    "image": "nginx:1.29",
}


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[ServerProcess]:
    process = ServerProcess(database_url, tmp_path / "server")
    process.start()
    yield process
    process.stop()


@pytest.fixture
def token(server: ServerProcess) -> str:
    with server.api() as api:
        answer = api.post("/sign-in", json={"code": server.code}).raise_for_status().json()
    token: str = answer["token"]
    with server.api(token) as api:
        apply(api, *MANIFESTS)
    return token


@pytest.fixture
async def agent(server: ServerProcess, token: str) -> ScriptedAgent:
    with server.api(token) as api:
        made = api.post("/clusters/prod-eu/join-token").raise_for_status().json()
    scripted = ScriptedAgent(server.url)
    await scripted.enrol(made["token"])
    return scripted


def apply(api: httpx.Client, *manifests: dict[str, Any]) -> None:
    body = {"manifests": list(manifests)}
    assert api.post("/apply", json=body).raise_for_status().json()["applied"] is True


async def is_delivered(server: ServerProcess, token: str) -> None:
    async def check() -> bool:
        with server.api(token) as api:
            view = api.get("/applications/prod-eu:team1:ranker").raise_for_status().json()
        found = {item["type"]: item["status"] for item in view["conditions"]}
        return found["Delivered"] == "true"

    await until(check, what="the service to be delivered")


def commands(server: ServerProcess, token: str) -> list[tuple[str, str]]:
    with server.api(token) as api:
        page = api.get("/clusters/prod-eu/commands").raise_for_status().json()
    return [(item["kind"], item["state"]) for item in page["items"]]


async def test_killed_between_accepting_and_delivering_it_delivers_once(
    server: ServerProcess, token: str, agent: ScriptedAgent
) -> None:
    with server.api(token) as api:
        apply(api, SERVICE)
    server.kill()
    server.start()
    agent.hub_url = server.url

    await agent.open()
    await agent.answer(await agent.next_command())
    await is_delivered(server, token)

    assert commands(server, token) == [("apply-bundle", "succeeded")]
    await agent.hang_up()


async def test_killed_before_the_result_it_asks_again_and_counts_once(
    server: ServerProcess, token: str, agent: ScriptedAgent
) -> None:
    await agent.open()
    with server.api(token) as api:
        apply(api, SERVICE)
    command = await agent.next_command()
    await agent.send(frames.Accepted(seq=command.seq))
    server.kill()
    server.start()
    agent.hub_url = server.url

    assert (await agent.open(last_command_seq=command.seq)).generation == 2
    again = await agent.next_command()
    await agent.answer(again)
    await is_delivered(server, token)

    assert again == command
    assert commands(server, token) == [("apply-bundle", "succeeded")]
    await agent.hang_up()


async def test_stopped_in_good_order_it_tells_the_agent_when_to_come_back(
    server: ServerProcess, agent: ScriptedAgent
) -> None:
    await agent.open()

    server.stop()

    code, reason = await agent.closed()
    assert code == 1012
    assert 0.2 <= float(reason or "") <= 5.0
