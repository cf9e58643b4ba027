"""What an application waits for, and what the engine keeps of one that is not ready in time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from control_plane import ControlPlane
from google.protobuf import empty_pb2
from kinds_table import SERVICE, make_workspace
from platform_harness import IMAGE, Platform
from polling import wait_for
from provider_harness import PluginProcess, init_failure

from splitplane.provider.codec import Properties, decode
from splitplane.stacks.local_cluster import LocalCluster

TOKEN = "splitplane:index:Application"


def _inputs(plane: ControlPlane, name: str, **changes: Any) -> Properties:  # Any: property values
    return {
        "name": name,
        "workspace": make_workspace(plane, name),
        "service": SERVICE,
        **changes,
    }


def test_an_application_without_an_agent_is_kept_and_tried_again(
    plugin: PluginProcess, control_plane: ControlPlane, unique: str
) -> None:
    inputs = _inputs(control_plane, unique)

    with pytest.raises(grpc.RpcError) as info:
        plugin.create(TOKEN, inputs, timeout=1)

    failure = init_failure(info.value)
    outputs = decode(failure.properties)
    assert failure.id
    assert decode(failure.inputs) == inputs
    assert outputs["fqn"] == f"{unique}-c:{unique}:{unique}"
    assert failure.reasons
    assert control_plane.is_listed("application", unique)

    patient = {**inputs, "waitFor": "none"}
    after = plugin.update(TOKEN, failure.id, inputs, outputs, patient)
    assert after["waitFor"] == "none"


def test_cancel_ends_a_wait_and_keeps_the_object(
    control_plane: ControlPlane, plugin_command: Path, unique: str
) -> None:
    inputs = _inputs(control_plane, unique)
    failures: list[grpc.RpcError] = []

    with PluginProcess([plugin_command, "127.0.0.1:1"]) as plugin:
        plugin.configure({"endpoint": control_plane.endpoint, "token": control_plane.token})

        def create() -> None:
            try:
                plugin.create(TOKEN, inputs)
            except grpc.RpcError as error:
                failures.append(error)

        creation = threading.Thread(target=create)
        creation.start()
        wait_for(lambda: control_plane.is_listed("application", unique), what="the application")
        plugin.stub.Cancel(empty_pb2.Empty())
        creation.join(timeout=10)

    assert len(failures) == 1
    assert init_failure(failures[0]).id


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
