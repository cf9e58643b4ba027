"""A part dies, freezes or loses its link at the worst moment: nothing is lost, nothing doubled."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable

import httpx
import pytest
from platform_harness import CLUSTER, Platform, Workspace, wait_for

from splitplane.contract import labels

pytestmark = pytest.mark.needs_tools

_LEASE_SECONDS = 60.0
"""A worker that is killed holds its row for 30 s; then come delivery and start."""
NEXT_IMAGE = "registry.example.com/ranker:2"


def _freeze_agent(platform: Platform) -> None:
    platform.agent.pause()


def _leave_agent(platform: Platform) -> None:
    """The agent goes on: the kill falls anywhere between the apply and the result."""
    platform.wait_connected()


def _disconnect_agent(platform: Platform) -> None:
    platform.proxy.refuse(True)
    platform.proxy.cut()
    platform.wait_connected(False)


@pytest.mark.parametrize(
    "hold_back",
    [_leave_agent, _freeze_agent, _disconnect_agent],
    ids=["agent connected", "agent frozen", "agent disconnected"],
)
def test_apply_is_delivered_once_after_the_control_plane_was_killed(
    broken: Platform, workspace: Workspace, hold_back: Callable[[Platform], None]
) -> None:
    known = broken.command_ids()
    hold_back(broken)
    workspace.apply(workspace.service("ranker"))

    broken.restart_server()
    broken.agent.resume()
    broken.proxy.heal()

    workspace.wait_status("ranker", "available", version=1, seconds=_LEASE_SECONDS)
    _assert_applied_once(workspace, known)


def test_control_plane_killed_before_the_result_was_stored(
    broken: Platform, workspace: Workspace
) -> None:
    known = broken.command_ids()
    broken.proxy.swallow("result")
    workspace.apply(workspace.service("ranker"))
    wait_for(lambda: broken.proxy.swallowed["result"], what="a result on its way")

    broken.restart_server()
    broken.proxy.heal()

    workspace.wait_status("ranker", "available", version=1, seconds=_LEASE_SECONDS)
    _assert_applied_once(workspace, known)


def test_agent_killed_between_apply_and_acknowledgement(
    broken: Platform, workspace: Workspace
) -> None:
    known = broken.command_ids()
    seen = broken.proxy.swallowed["result"]
    broken.proxy.swallow("result")
    workspace.apply(workspace.service("ranker"))
    wait_for(lambda: broken.proxy.swallowed["result"] > seen, what="a result on its way")
    broken.agent.kill()
    applied = _fingerprint(workspace)

    broken.proxy.heal()
    broken.agent.start()

    workspace.wait_status("ranker", "available", version=1, seconds=_LEASE_SECONDS)
    _assert_applied_once(workspace, known)
    assert _fingerprint(workspace) == applied


def test_agent_killed_before_it_acted(broken: Platform, workspace: Workspace) -> None:
    known = broken.command_ids()
    broken.agent.pause()
    workspace.apply(workspace.service("ranker"))
    wait_for(lambda: broken.commands_since(known), what="the command to be queued")

    broken.agent.kill()
    broken.agent.start()

    workspace.wait_status("ranker", "available", version=1, seconds=_LEASE_SECONDS)
    _assert_applied_once(workspace, known)


def test_database_killed_answers_503_and_loses_no_write(broken: Platform) -> None:
    answers: list[tuple[str, httpx.Response | httpx.HTTPError]] = []
    stop = threading.Event()

    def write() -> None:
        headers = {"authorization": f"Bearer {broken.token}"}
        number = 0
        with httpx.Client(base_url=broken.endpoint, headers=headers, trust_env=False) as http:
            while not stop.is_set():
                number += 1
                body = {"type": "environment", "name": f"written-{number}"}
                try:
                    answer = http.post("/api/v1/environments", json=body)
                except httpx.HTTPError as error:
                    answers.append((body["name"], error))
                else:
                    answers.append((body["name"], answer))
                stop.wait(0.02)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        wait_for(lambda: len(answers) > 3, what="the first writes")
        os.kill(broken.postmaster_pid(), signal.SIGKILL)
        refused = wait_for(
            lambda: [a for _, a in answers if _status(a) == 503], what="a refused write"
        )
        before = len(answers)
        wait_for(
            lambda: [a for _, a in answers[before:] if _status(a) == 201][5:],
            what="writes to be accepted again",
        )
    finally:
        stop.set()
        writer.join()

    assert {_status(answer) for _, answer in answers} == {201, 503}
    assert isinstance(refused[0], httpx.Response)
    assert int(refused[0].headers["retry-after"]) >= 1
    assert refused[0].json()["code"] == "unavailable"
    accepted = {name for name, answer in answers if _status(answer) == 201}
    stored = {view.name for view in broken.client.list("environment")}
    assert accepted <= stored


def test_link_survives_the_database(broken: Platform, workspace: Workspace) -> None:
    killed = broken.postmaster_pid()
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: broken.postmaster_pid() not in (0, killed), what="a new database server")
    broken.wait_ready()

    workspace.apply(workspace.service("ranker"))

    workspace.wait_status("ranker", "available", version=1)


def test_agent_goes_on_after_the_api_server_restarted(
    broken: Platform, workspace: Workspace
) -> None:
    workspace.apply(workspace.service("ranker"))
    workspace.wait_status("ranker", "available", version=1)
    connections = broken.proxy.connections
    lists = broken.agent_metric("lists_total")
    known = broken.command_ids()

    broken.cluster.kill_apiserver()
    workspace.apply(workspace.service("ranker", image=NEXT_IMAGE))
    wait_for(
        lambda: [c.state for c in broken.commands_since(known)] == ["accepted"],
        what="the agent to take the command",
    )
    broken.cluster.restart_apiserver()

    # A server that has just started denies everything for a moment; that must not be final.
    workspace.wait_status("ranker", "available", version=2, seconds=60)
    assert broken.proxy.connections == connections
    again = broken.agent_metric("lists_total")
    assert set(again) == set(lists)
    assert all(again[kind] - lists[kind] <= 1 for kind in lists), (lists, again)


def test_pods_stay_while_the_control_plane_is_stopped(
    broken: Platform, workspace: Workspace
) -> None:
    workspace.apply(workspace.service("ranker"))
    workspace.wait_status("ranker", "available", version=1)
    before = _fingerprint(workspace)

    broken.server.stop()

    assert _fingerprint(workspace) == before
    broken.start_server()
    broken.wait_connected()
    assert workspace.application("ranker").status == "available"
    workspace.apply(workspace.service("ranker", image=NEXT_IMAGE))
    workspace.wait_status("ranker", "available", version=2)


def test_changes_converge_while_the_link_is_cut_at_random(
    broken: Platform, workspace: Workspace
) -> None:
    names = ("first", "second", "third")
    applied = {name: [0] for name in names}
    pause = threading.Event()
    cuts = 0
    for turn in range(1, 7):
        for name in names:
            workspace.apply(workspace.service(name, env={"TURN": str(turn)}))
            applied[name].append(_applied_version(workspace, name))
        cuts += broken.proxy.cut()
        pause.wait(0.4 * (turn % 3))

    assert cuts >= 3
    wait_for(
        lambda: [_applied_version(workspace, name) for name in names] == [6, 6, 6],
        what="the last version of each to reach the cluster",
        seconds=60,
    )
    for name in names:
        workspace.wait_status(name, "available", version=6)
        assert applied[name] == sorted(applied[name])
    wait_for(
        lambda: [_versions_seen(workspace, name) for name in names] == [["6"], ["6"], ["6"]],
        what="the control plane to show one pod of each, of the last version",
    )


def test_old_connection_that_closes_late_does_not_end_the_new_session(broken: Platform) -> None:
    old = broken.client.session(CLUSTER)
    broken.proxy.linger(True)
    broken.agent.kill()
    broken.agent.start()
    renewed = wait_for(
        lambda: _newer_session(broken, old.generation), what="the session of the new agent"
    )

    broken.proxy.linger(False)

    stays = [broken.client.session(CLUSTER) for _ in range(20)]
    assert {view.generation for view in stays} == {renewed}
    assert all(view.is_connected for view in stays)
    assert broken.client.get("cluster", CLUSTER).status == "connected"


def _newer_session(platform: Platform, generation: int) -> int | None:
    view = platform.client.session(CLUSTER)
    return view.generation if view.is_connected and view.generation > generation else None


def _status(answer: httpx.Response | httpx.HTTPError) -> int | str:
    return answer.status_code if isinstance(answer, httpx.Response) else repr(answer)


def _applied_version(workspace: Workspace, name: str) -> int:
    deployment = workspace.deployment(name)
    return int(deployment["metadata"]["labels"][labels.VERSION]) if deployment else 0


def _versions_seen(workspace: Workspace, name: str) -> list[str]:
    return [pod.doc["version"] for pod in workspace.pods_seen(name)]


def _fingerprint(workspace: Workspace) -> dict[str, tuple[int, str]]:
    """What changes when an object is applied again with another content, or made anew."""
    return {
        item["metadata"]["name"]: (item["metadata"]["generation"], item["metadata"]["uid"])
        for item in workspace.objects("deployments") + workspace.objects("replicasets")
    }


def _assert_applied_once(workspace: Workspace, known: set[str]) -> None:
    commands = [
        item for item in workspace.platform.commands_since(known) if item.kind == "apply-bundle"
    ]
    assert [item.state for item in commands] == ["succeeded"]
    deployment = workspace.deployment("ranker")
    assert deployment is not None
    assert deployment["metadata"]["generation"] == 1
    assert deployment["metadata"]["annotations"][labels.GENERATION] == "1"
    assert deployment["metadata"]["annotations"][labels.COMMAND_ID] == commands[0].id
    assert len(workspace.objects("replicasets")) == 1
