"""The way of a service and a job through every real part, when nothing breaks."""

from __future__ import annotations

import statistics
import time

import pytest
from platform_harness import CLUSTER, IMAGE, Platform, Workspace, wait_for

from splitplane.client import NotFound

pytestmark = pytest.mark.needs_tools

NEXT_IMAGE = "registry.example.com/ranker:2"
GPU_PRODUCT = "NVIDIA-A100-SXM4-80GB"


def test_service_becomes_available_and_its_pod_is_seen(workspace: Workspace) -> None:
    workspace.apply(workspace.service("ranker"))

    view = workspace.wait_status("ranker", "available", version=1)

    (pod,) = workspace.objects("pods")
    (seen,) = workspace.pods_seen("ranker")
    assert [c.status for c in view.conditions] == ["true"] * 4
    assert pod["spec"]["containers"][0]["image"] == IMAGE
    assert seen.name == pod["metadata"]["name"]
    assert seen.doc["phase"] == "Running"
    assert seen.doc["ready"] is True
    assert seen.is_stale is False


def test_service_is_available_within_three_seconds_at_the_median(workspace: Workspace) -> None:
    latencies_seconds: list[float] = []

    for number in range(5):
        started = time.monotonic()
        workspace.apply(workspace.service(f"quick-{number}"))
        workspace.wait_status(f"quick-{number}", "available")
        latencies_seconds.append(time.monotonic() - started)

    assert statistics.median(latencies_seconds) < 3.0, latencies_seconds


def test_changed_image_is_rolled_out_as_the_next_version(workspace: Workspace) -> None:
    workspace.apply(workspace.service("ranker"))
    workspace.wait_status("ranker", "available", version=1)

    workspace.apply(workspace.service("ranker", image=NEXT_IMAGE))

    def only_the_next_runs() -> bool:
        images = [pod["spec"]["containers"][0]["image"] for pod in workspace.objects("pods")]
        return images == [NEXT_IMAGE]

    wait_for(only_the_next_runs, what="one pod of the next version")
    workspace.wait_status("ranker", "available", version=2)
    wait_for(
        lambda: [pod.doc["version"] for pod in workspace.pods_seen("ranker")] == ["2"],
        what="the control plane to show the next version's pod alone",
    )
    versions = workspace.platform.client.deployments(f"{workspace.fqn}:ranker")
    assert [(item.version, item.is_current) for item in versions] == [(2, True), (1, False)]


def test_unchanged_manifest_makes_no_version_and_no_command(workspace: Workspace) -> None:
    workspace.apply(workspace.service("ranker"))
    workspace.wait_status("ranker", "available", version=1)
    known = workspace.platform.command_ids()

    response = workspace.platform.client.apply([workspace.service("ranker")])

    assert [result.action for result in response.results] == ["unchanged"]
    workspace.wait_status("ranker", "available", version=1)
    assert workspace.platform.commands_since(known) == []


def test_object_that_is_no_longer_rendered_is_pruned(workspace: Workspace) -> None:
    workspace.apply(workspace.service("ranker"))
    workspace.wait_status("ranker", "available")
    assert workspace.names("services") == {"ranker"}

    workspace.apply(workspace.service("ranker", ports=[]))

    wait_for(lambda: workspace.names("services") == set(), what="the Service to be pruned")
    workspace.wait_status("ranker", "available", version=2)
    assert workspace.names("deployments") == {"ranker"}


def test_deleted_service_leaves_nothing_in_the_cluster(workspace: Workspace) -> None:
    workspace.apply(workspace.service("ranker"))
    workspace.apply(workspace.service("keeper"))
    workspace.wait_status("ranker", "available")
    workspace.wait_status("keeper", "available")

    workspace.platform.client.delete("application", f"{workspace.fqn}:ranker")

    wait_for(
        lambda: workspace.names("deployments") | workspace.names("services") == {"keeper"},
        what="Deployment and Service of the deleted service to go",
    )
    wait_for(lambda: len(workspace.objects("pods")) == 1, what="the pod to go")
    assert "app-ranker" not in workspace.names("serviceaccounts")
    wait_for(lambda: _is_gone(workspace.platform, "application", f"{workspace.fqn}:ranker"),
             what="the application to be gone")  # fmt: skip
    assert workspace.application("keeper").status == "available"


def test_job_succeeds(workspace: Workspace) -> None:
    workspace.apply({"type": "job", "name": "train", "workspace": workspace.fqn, "image": IMAGE})

    view = workspace.wait_status("train", "succeeded")

    assert {c.type: c.reason for c in view.conditions}["Available"] == "JobComplete"
    assert workspace.names("jobs") == {"train-v1"}


def test_deleted_workspace_takes_its_namespace_along(platform: Platform) -> None:
    workspace = platform.new_workspace()
    workspace.apply(workspace.service("ranker"))
    workspace.wait_status("ranker", "available")
    platform.client.delete("application", f"{workspace.fqn}:ranker")
    wait_for(lambda: _is_gone(platform, "application", f"{workspace.fqn}:ranker"),
             what="the application to be gone")  # fmt: skip
    # Kubernetes looks again only every 5 to 15 s at a namespace that still has pods.
    wait_for(lambda: workspace.objects("pods") == [], what="the pod to go")

    platform.client.delete("workspace", workspace.fqn)

    wait_for(
        lambda: platform.get_kubernetes(f"/api/v1/namespaces/{workspace.name}") is None,
        what="the namespace to go",
    )
    wait_for(lambda: _is_gone(platform, "workspace", workspace.fqn), what="the workspace to go")


def test_gpu_service_runs_on_the_gpu_node(workspace: Workspace) -> None:
    resources = {"gpu_count": 1, "gpu_type": GPU_PRODUCT}

    workspace.apply(workspace.service("embedder", resources=resources))

    workspace.wait_status("embedder", "available")
    (seen,) = workspace.pods_seen("embedder")
    assert seen.doc["node"] == "local-gpu-0"


def test_agent_and_versions_are_shown(platform: Platform) -> None:
    session = platform.client.session(CLUSTER)

    assert session.is_connected is True
    assert session.agent_version == "0.1.0"
    assert session.kubernetes_version == "v1.36.1"
    assert platform.client.get("cluster", CLUSTER).status == "connected"


def _is_gone(platform: Platform, kind: str, fqn: str) -> bool:
    try:
        platform.client.get(kind, fqn)
    except NotFound:
        return True
    return False
