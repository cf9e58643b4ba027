"""What an application waits for where there is an agent; test_timeouts is about where none is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from platform_harness import IMAGE, Platform
from provider_harness import PluginProcess

from splitplane.stacks.local_cluster import LocalCluster

TOKEN = "splitplane:index:Application"
CLUSTER = "splitplane:index:Cluster"


@pytest.fixture(scope="module")
def platform(local_cluster: LocalCluster) -> Iterator[Platform]:
    with Platform.start(local_cluster) as platform:
        yield platform


@pytest.mark.needs_tools
def test_create_returns_when_the_service_runs_and_delete_when_it_is_gone(
    platform: Platform, plugin_command: Path
) -> None:
    workspace = platform.new_workspace("provider")
    inputs = {
        "name": "ranker",
        "workspace": workspace.fqn,
        "service": {"image": IMAGE, "ports": [{"port": 8000}], "replicas": 2},
    }
    with PluginProcess([plugin_command, "127.0.0.1:1"]) as plugin:
        plugin.configure({"endpoint": platform.endpoint, "token": platform.token})

        created = plugin.create(TOKEN, inputs, timeout=60)
        deployment = workspace.deployment("ranker")
        assert deployment is not None
        assert deployment["status"]["availableReplicas"] == 2

        news = {**inputs, "service": {**inputs["service"], "replicas": 1, "env": {"A": "1"}}}
        plugin.update(TOKEN, created.id, inputs, created.outputs, news, timeout=60)
        deployment = workspace.deployment("ranker")
        assert deployment is not None
        assert deployment["spec"]["replicas"] == 1
        assert deployment["spec"]["template"]["spec"]["containers"][0]["env"][0]["name"]

        plugin.delete(TOKEN, created.id, news, timeout=60)
        assert workspace.deployment("ranker") is None
        plugin.delete(TOKEN, created.id, news)


@pytest.mark.needs_tools
def test_a_cluster_is_ready_when_its_agent_holds_the_connection(
    platform: Platform, plugin_command: Path
) -> None:
    (cluster,) = platform.client.list("cluster")
    with PluginProcess([plugin_command, "127.0.0.1:1"]) as plugin:
        plugin.configure({"endpoint": platform.endpoint, "token": platform.token})
        id, inputs, outputs = plugin.read(CLUSTER, cluster.fqn)
        waiting = {**inputs, "waitUntilConnected": True}

        after = plugin.update(CLUSTER, id, inputs, outputs, waiting, timeout=60)

    assert after["waitUntilConnected"] is True
    assert platform.client.session(id).is_connected
