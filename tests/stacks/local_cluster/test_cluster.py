"""The real thing: what the cluster grants and refuses, schedules and keeps."""

from __future__ import annotations

import base64
import json
import ssl
from typing import Any

import httpx
import pytest
from polling import wait_for

from splitplane.stacks.local_cluster import LocalCluster
from splitplane.stacks.local_cluster.nodes import CPU_NODE, GPU_NODE

pytestmark = pytest.mark.needs_tools


@pytest.fixture
def namespace(kubernetes: httpx.Client, request: pytest.FixtureRequest) -> str:
    """An own namespace with its service account `default`."""
    name = request.node.name.replace("_", "-")[:50].strip("-")
    _create(kubernetes, "/api/v1/namespaces", {"metadata": {"name": name}})
    path = f"/api/v1/namespaces/{name}/serviceaccounts/default"
    wait_for(lambda: kubernetes.get(path).is_success, what="the default service account")
    return name


def test_a_service_account_without_rights_is_refused(
    local_cluster: LocalCluster, kubernetes: httpx.Client, namespace: str
) -> None:
    token = _request_token(kubernetes, namespace, audiences=None)

    with _as_bearer(local_cluster, token) as account:
        assert account.get("/version").status_code == 200
        refused = account.get(f"/api/v1/namespaces/{namespace}/pods")

    assert refused.status_code == 403
    assert f"system:serviceaccount:{namespace}:default" in refused.json()["message"]


def test_a_requested_token_carries_audience_and_subject(
    kubernetes: httpx.Client, namespace: str
) -> None:
    token = _request_token(kubernetes, namespace, audiences=["https://control.example"])

    claims = _claims(token)
    assert claims["aud"] == ["https://control.example"]
    assert claims["sub"] == f"system:serviceaccount:{namespace}:default"
    assert claims["iss"] == "https://kubernetes.default.svc.cluster.local"


def test_token_review_knows_a_projected_audience(kubernetes: httpx.Client, namespace: str) -> None:
    token = _request_token(kubernetes, namespace, audiences=["https://control.example"])

    review = _create(
        kubernetes,
        "/apis/authentication.k8s.io/v1/tokenreviews",
        {"spec": {"token": token, "audiences": ["https://control.example"]}},
    )

    assert review["status"]["authenticated"] is True


def test_anonymous_requests_reach_health_only(local_cluster: LocalCluster) -> None:
    with _as_bearer(local_cluster, None) as anonymous:
        assert anonymous.get("/readyz").status_code == 200
        assert anonymous.get("/version").status_code == 401
        assert anonymous.get("/api/v1/namespaces").status_code == 401


def test_a_deployment_becomes_available_on_the_cpu_pool(
    kubernetes: httpx.Client, namespace: str
) -> None:
    _create(kubernetes, f"/apis/apps/v1/namespaces/{namespace}/deployments", _deployment(3))

    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/web"
    wait_for(
        lambda: kubernetes.get(path).json().get("status", {}).get("availableReplicas") == 3,
        what="three available replicas",
    )

    assert _nodes_of(kubernetes, namespace) == {CPU_NODE}


def test_a_gpu_pod_runs_on_the_gpu_pool_only(kubernetes: httpx.Client, namespace: str) -> None:
    pod = _pod("trainer", {"nvidia.com/gpu": "1"})
    pod["spec"]["tolerations"] = [{"key": "nvidia.com/gpu", "operator": "Exists"}]
    _create(kubernetes, f"/api/v1/namespaces/{namespace}/pods", pod)

    path = f"/api/v1/namespaces/{namespace}/pods/trainer"
    wait_for(
        lambda: kubernetes.get(path).json()["status"].get("phase") == "Running",
        what="the running GPU pod",
    )

    assert _nodes_of(kubernetes, namespace) == {GPU_NODE}


def test_a_gpu_pod_without_toleration_stays_pending(
    kubernetes: httpx.Client, namespace: str
) -> None:
    _create(
        kubernetes,
        f"/api/v1/namespaces/{namespace}/pods",
        _pod("trainer", {"nvidia.com/gpu": "1"}),
    )

    def reason() -> str:
        pod = kubernetes.get(f"/api/v1/namespaces/{namespace}/pods/trainer").json()
        return "".join(one.get("reason", "") for one in pod["status"].get("conditions", []))

    wait_for(lambda: "Unschedulable" in reason(), what="the scheduler's refusal")


def test_a_job_completes(kubernetes: httpx.Client, namespace: str) -> None:
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}}
    job = {"metadata": {"name": "once"}, "spec": {"template": template}}
    _create(kubernetes, f"/apis/batch/v1/namespaces/{namespace}/jobs", job)

    path = f"/apis/batch/v1/namespaces/{namespace}/jobs/once"
    wait_for(
        lambda: kubernetes.get(path).json().get("status", {}).get("succeeded") == 1,
        what="the succeeded job",
    )


def test_deleting_a_namespace_ends(kubernetes: httpx.Client, namespace: str) -> None:
    kubernetes.delete(f"/api/v1/namespaces/{namespace}").raise_for_status()

    wait_for(
        lambda: kubernetes.get(f"/api/v1/namespaces/{namespace}").status_code == 404,
        what="the namespace to be gone",
    )


# Any: Kubernetes objects are free-form JSON.
def _create(client: httpx.Client, path: str, document: dict[str, Any]) -> dict[str, Any]:
    response = client.post(path, json=document)
    assert response.status_code == 201, response.text
    created: dict[str, Any] = response.json()
    return created


def _request_token(client: httpx.Client, namespace: str, *, audiences: list[str] | None) -> str:
    path = f"/api/v1/namespaces/{namespace}/serviceaccounts/default/token"
    spec = {} if audiences is None else {"audiences": audiences}
    return str(_create(client, path, {"spec": spec})["status"]["token"])


def _claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(
        base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    )
    return claims


def _as_bearer(cluster: LocalCluster, token: str | None) -> httpx.Client:
    context = ssl.create_default_context(cafile=str(cluster.authority_certificate))
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=cluster.server, verify=context, headers=headers, trust_env=False)


def _pod(name: str, limits: dict[str, str]) -> dict[str, Any]:
    container = {"name": "c", "image": "i", "resources": {"limits": limits}}
    return {"metadata": {"name": name}, "spec": {"containers": [container]}}


def _deployment(replicas: int) -> dict[str, Any]:
    labels = {"app": "web"}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": pod}
    return {"metadata": {"name": "web"}, "spec": spec}


def _nodes_of(client: httpx.Client, namespace: str) -> set[str]:
    pods = client.get(f"/api/v1/namespaces/{namespace}/pods").json()["items"]
    return {pod["spec"]["nodeName"] for pod in pods}
