"""Delivery by a real Argo CD: deployed, changed, deleted, and healed with nobody of ours around."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from platform_harness import CLUSTER, Json, Platform, Workspace, free_port, wait_for

from splitplane.client import NotFound
from splitplane.stacks.argocd_local import ArgoCd
from splitplane.stacks.local_cluster import LocalCluster

pytestmark = [pytest.mark.needs_tools, pytest.mark.slow]

NEXT_IMAGE = "registry.example.com/ranker:2"
_SECONDS = 60.0
"""Argo CD compares within a second; a loaded machine needs ten times that."""


@pytest.fixture(scope="module")
def argocd_platform(
    local_cluster: LocalCluster,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Platform]:
    """A platform of its own whose cluster is delivered to by Argo CD."""
    with ArgoCd.start(local_cluster, tmp_path_factory.mktemp("argocd")) as argocd:
        environment = {
            "SPLITPLANE_AGENT_ARGOCD_DESTINATION": argocd.destination_server,
            # Fixed, since Applications keep the chart's address over restarts of the agent.
            "SPLITPLANE_AGENT_CHART_PORT": str(free_port()),
        }
        with Platform.start(
            local_cluster,
            delivery="argocd",
            agent_namespace="splitplane-agent-argocd",
            agent_environment=environment,
        ) as platform:
            yield platform


@pytest.fixture
def workspace(argocd_platform: Platform) -> Workspace:
    """A workspace that no other test uses."""
    return argocd_platform.new_workspace("argo")


def test_service_becomes_available_through_an_application_of_its_project(
    workspace: Workspace,
) -> None:
    workspace.apply(workspace.service("ranker"))

    workspace.wait_status("ranker", "available", version=1, seconds=_SECONDS)

    application, project = _application(workspace, "ranker"), _project(workspace)
    assert application is not None
    assert project is not None
    assert application["status"]["sync"]["status"] == "Synced"
    assert application["spec"]["project"] == project["metadata"]["name"]
    assert project["spec"]["sourceNamespaces"] == [workspace.name]
    assert [d["namespace"] for d in project["spec"]["destinations"]] == [workspace.name]
    assert not project["spec"].get("clusterResourceWhitelist")
    (pod,) = workspace.pods_seen("ranker")
    assert pod.doc["ready"] is True
    wait_for(lambda: _health(workspace, "ranker") == "Healthy", what="Argo CD to say Healthy")


def test_changed_service_is_rolled_out_and_pruned(workspace: Workspace) -> None:
    workspace.apply(workspace.service("ranker"))
    workspace.wait_status("ranker", "available", version=1, seconds=_SECONDS)
    assert workspace.names("services") == {"ranker"}

    workspace.apply(workspace.service("ranker", image=NEXT_IMAGE, ports=[]))

    workspace.wait_status("ranker", "available", version=2, seconds=_SECONDS)
    wait_for(lambda: workspace.names("services") == set(), what="the Service to be pruned")
    wait_for(
        lambda: (
            [p["spec"]["containers"][0]["image"] for p in workspace.objects("pods")] == [NEXT_IMAGE]
        ),
        what="one pod of the next version",
    )


def test_deleted_service_and_workspace_leave_nothing(workspace: Workspace) -> None:
    platform = workspace.platform
    workspace.apply(workspace.service("ranker"))
    workspace.wait_status("ranker", "available", seconds=_SECONDS)

    platform.client.delete("application", f"{workspace.fqn}:ranker")

    wait_for(
        lambda: _is_gone(platform, "application", f"{workspace.fqn}:ranker"),
        what="the application to be gone",
        seconds=_SECONDS,
    )
    assert _application(workspace, "ranker") is None
    assert workspace.names("deployments") | workspace.names("services") == set()
    platform.client.delete("workspace", workspace.fqn)
    wait_for(
        lambda: _is_gone(platform, "workspace", workspace.fqn),
        what="the workspace to be gone",
        seconds=_SECONDS,
    )
    assert _project(workspace) is None
    assert platform.get_kubernetes(f"/api/v1/namespaces/{workspace.name}") is None


def test_change_of_the_clusters_delivery_reaches_what_runs_without_a_new_pod(
    workspace: Workspace,
) -> None:
    platform = workspace.platform
    workspace.apply(workspace.service("ranker"))
    workspace.wait_status("ranker", "available", version=1, seconds=_SECONDS)
    pods = workspace.names("pods")

    _deliver_by(platform, "direct")
    wait_for(
        lambda: _application(workspace, "ranker") is None,
        what="the Application to go",
        seconds=_SECONDS,
    )
    workspace.wait_status("ranker", "available", version=1, seconds=_SECONDS)
    after_direct = workspace.names("pods")
    _deliver_by(platform, "argocd")
    wait_for(
        lambda: _health(workspace, "ranker") == "Healthy",
        what="Argo CD to have it again",
        seconds=_SECONDS,
    )
    workspace.wait_status("ranker", "available", version=1, seconds=_SECONDS)

    assert after_direct == pods
    assert workspace.names("pods") == pods


def test_drift_is_healed_with_agent_and_control_plane_stopped(workspace: Workspace) -> None:
    platform = workspace.platform
    workspace.apply(workspace.service("ranker"))
    workspace.wait_status("ranker", "available", seconds=_SECONDS)
    platform.agent.stop()
    platform.server.stop()
    deployments = f"/apis/apps/v1/namespaces/{workspace.name}/deployments"
    services = f"/api/v1/namespaces/{workspace.name}/services"

    platform.kubernetes.patch(
        f"{deployments}/ranker",
        json={"spec": {"replicas": 3}},
        headers={"Content-Type": "application/merge-patch+json"},
    ).raise_for_status()
    platform.kubernetes.delete(f"{services}/ranker").raise_for_status()

    wait_for(lambda: _replicas(workspace) == 1, what="the replicas to be healed", seconds=_SECONDS)
    wait_for(
        lambda: workspace.names("services") == {"ranker"},
        what="the deleted Service to come back",
        seconds=_SECONDS,
    )
    platform.start_server()
    platform.agent.start()
    platform.wait_connected()
    workspace.wait_status("ranker", "available", version=1, seconds=_SECONDS)


def _application(workspace: Workspace, name: str) -> Json | None:
    folder = f"/apis/argoproj.io/v1alpha1/namespaces/{workspace.name}/applications"
    return workspace.platform.get_kubernetes(f"{folder}/{name}")


def _health(workspace: Workspace, name: str) -> str | None:
    application = _application(workspace, name)
    status: Json = {} if application is None else application.get("status", {})
    health: str | None = status.get("health", {}).get("status")
    return health


def _project(workspace: Workspace) -> Json | None:
    folder = "/apis/argoproj.io/v1alpha1/namespaces/argocd/appprojects"
    return workspace.platform.get_kubernetes(f"{folder}/splitplane-{workspace.name}")


def _replicas(workspace: Workspace) -> int | None:
    deployment = workspace.deployment("ranker")
    return None if deployment is None else deployment["spec"]["replicas"]


def _is_gone(platform: Platform, kind: str, fqn: str) -> bool:
    try:
        platform.client.get(kind, fqn)
    except NotFound:
        return True
    return False


def _deliver_by(platform: Platform, delivery: str) -> None:
    manifest = platform.client.get("cluster", CLUSTER).manifest
    platform.client.update("cluster", CLUSTER, {**manifest, "delivery": delivery})
