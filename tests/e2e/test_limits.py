"""A workspace's quota and network policy, from the API through every real part to the pods."""

from __future__ import annotations

from typing import Any

import pytest
from platform_harness import CLUSTER, Platform, Workspace, wait_for

pytestmark = pytest.mark.needs_tools


def manifest(workspace: Workspace, **fields: Any) -> dict[str, Any]:
    name = {"type": "workspace", "name": workspace.name}
    return {**name, "cluster": CLUSTER, "environment": "dev", **fields}


def limit(workspace: Workspace, **fields: Any) -> None:
    """The workspace has these limits, and the cluster too."""
    workspace.platform.client.update("workspace", workspace.fqn, manifest(workspace, **fields))
    wait_for(lambda: is_ready(workspace), what=f"{workspace.fqn} to be ready")


def is_ready(workspace: Workspace) -> bool:
    view = workspace.platform.client.get("workspace", workspace.fqn)
    delivered = {c.type: c.status for c in view.conditions}.get("Delivered")
    return view.status == "ready" and delivered == "true"


def use_of(workspace: Workspace) -> object:
    return workspace.platform.client.get("workspace", workspace.fqn).observed["quota"]


def find(workspace: Workspace, path: str) -> dict[str, Any] | None:
    return workspace.platform.get_kubernetes(f"{path.format(workspace.name)}")


QUOTA = "/api/v1/namespaces/{}/resourcequotas/splitplane-quota"
INGRESS = "/apis/networking.k8s.io/v1/namespaces/{}/networkpolicies/splitplane-ingress"


def test_new_workspace_has_its_namespace_before_any_application(platform: Platform) -> None:
    workspace = platform.new_workspace()

    wait_for(lambda: is_ready(workspace), what="the namespace to be delivered")

    found = find(workspace, "/api/v1/namespaces/{}")
    assert found is not None
    assert found["metadata"]["labels"]["splitplane.io/workspace"] == workspace.name


def test_service_above_the_quota_is_degraded_until_the_quota_is_raised(
    workspace: Workspace,
) -> None:
    limit(workspace, quota={"cpu_millicores": 300})
    workspace.apply(workspace.service("ranker", replicas=2))

    view = workspace.wait_status("ranker", "degraded")
    available = {c.type: c for c in view.conditions}["Available"]
    assert available.reason == "QuotaExceeded"
    assert "exceeded quota: splitplane-quota" in available.message
    assert "limited: requests.cpu=300m" in available.message
    assert len(workspace.objects("pods")) == 1
    limit(workspace, quota={"cpu_millicores": 400})

    # Kubernetes tries again by itself, each time after twice the wait.
    workspace.wait_status("ranker", "available", version=1, seconds=60)
    assert len(workspace.objects("pods")) == 2
    wait_for(
        lambda: use_of(workspace) == {"requests.cpu": {"used": "400m", "hard": "400m"}},
        what="the use of the quota",
    )


def test_limits_and_labels_change_and_go_with_the_workspace_alone(workspace: Workspace) -> None:
    workspace.apply(workspace.service("ranker"))
    workspace.wait_status("ranker", "available", version=1)
    policy = {"ingress_from": "workspace", "ingress_namespaces": ["istio-system"]}
    limit(workspace, labels={"team": "a"}, quota={"pods": 5}, network_policy=policy)
    had = [find(workspace, path) is not None for path in (QUOTA, INGRESS)]

    limit(workspace, labels={"team": "b"})

    namespace = find(workspace, "/api/v1/namespaces/{}")
    assert namespace is not None
    assert namespace["metadata"]["labels"]["team"] == "b"
    assert had == [True, True]
    assert [find(workspace, path) for path in (QUOTA, INGRESS)] == [None, None]
    workspace.wait_status("ranker", "available", version=1)
