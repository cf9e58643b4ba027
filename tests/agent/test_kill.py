"""An agent that dies by kill -9 at any moment: an order happens once, and its result comes."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from pathlib import Path

import pytest
from bundles import Deployed
from fake_hub import FakeHub, until

from splitplane.agent.kube import KubeClient
from splitplane.agent.kube.objects import Partial
from splitplane.agent.kube.resources import DEPLOYMENT, Resource
from splitplane.stacks.local_cluster import LocalCluster

pytestmark = [pytest.mark.needs_tools, pytest.mark.slow]

REPLICA_SET = Resource("apps/v1", "ReplicaSet", "replicasets", is_namespaced=True)


async def start(hub: FakeHub, kubeconfig: Path, namespace: str) -> Process:
    sessions = len(hub.hellos)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "splitplane.agent",
        env={
            "PATH": os.environ["PATH"],
            "SPLITPLANE_AGENT_HUB_URL": hub.url,
            "SPLITPLANE_AGENT_JOIN_TOKEN": "spl_join_test",
            "SPLITPLANE_AGENT_KUBECONFIG": str(kubeconfig),
            "SPLITPLANE_AGENT_NAMESPACE": namespace,
        },
        stderr=DEVNULL,
    )
    await until(lambda: len(hub.hellos) > sessions, what="the agent's session")
    return process


@pytest.mark.parametrize("milliseconds", [0, 10, 25, 50, 100, 300])
async def test_killed_agent_applies_once_and_the_result_comes(
    hub: FakeHub,
    local_cluster: LocalCluster,
    kube: KubeClient,
    unique: str,
    milliseconds: int,
) -> None:
    app = Deployed(f"ws-{unique}")
    hub.acknowledges = False
    process = await start(hub, local_cluster.kubeconfig, f"splitplane-{unique}")

    command = await hub.order(app.bundle(1, [app.deployment(), app.config_map("c")]))
    await asyncio.sleep(milliseconds / 1000)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    hub.results.clear()
    hub.acknowledges = True
    process = await start(hub, local_cluster.kubeconfig, f"splitplane-{unique}")
    result = await hub.result(command)
    process.terminate()

    assert await process.wait() == 0
    assert result.phase == "succeeded"
    found = await kube.get(DEPLOYMENT, app.namespace, "ranker")
    assert found["metadata"]["generation"] == 1
    assert found["metadata"]["annotations"]["splitplane.io/command-id"] == command.id
    sets = await kube.list_all(REPLICA_SET, Partial, namespace=app.namespace)
    assert len(sets) <= 1
