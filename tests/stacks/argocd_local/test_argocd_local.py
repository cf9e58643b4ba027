"""A real Argo CD renders a chart of a loopback repository, applies it, prunes and heals."""

from __future__ import annotations

import hashlib
import http.server
import io
import tarfile
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import psutil
import pytest
import yaml
from polling import wait_for

from splitplane.stacks.argocd_local import ArgoCd, find_redis_server
from splitplane.stacks.local_cluster import LocalCluster

NAMESPACE = "argocd-team1"
_PROJECTS = "/apis/argoproj.io/v1alpha1/namespaces/argocd/appprojects"
_APPLICATIONS = f"/apis/argoproj.io/v1alpha1/namespaces/{NAMESPACE}/applications"
_DEPLOYMENTS = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments"
_TEMPLATE = "{{- range .Values.objects }}\n---\n{{ toYaml . }}\n{{- end }}\n"


def _chart() -> bytes:
    files = {
        "bundle/Chart.yaml": "apiVersion: v2\nname: bundle\nversion: 1.0.0\n",
        "bundle/templates/objects.yaml": _TEMPLATE,
    }
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as tar:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
    return target.getvalue()


@pytest.fixture(scope="module")
def chart_repository() -> Iterator[str]:
    """URL of a chart repository with one chart, `bundle` 1.0.0, that renders `.Values.objects`."""
    chart = _chart()
    entry = {
        "apiVersion": "v2",
        "name": "bundle",
        "version": "1.0.0",
        "digest": hashlib.sha256(chart).hexdigest(),
        "urls": ["bundle-1.0.0.tgz"],
    }
    index = yaml.safe_dump({"apiVersion": "v1", "entries": {"bundle": [entry]}}).encode()
    files = {"/index.yaml": index, "/bundle-1.0.0.tgz": chart}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = files.get(self.path)
            self.send_response(404 if body is None else 200)
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def application(
    kubernetes: httpx.Client, local_argocd: ArgoCd, chart_repository: str
) -> Iterator[dict[str, Any]]:
    """An Application in the workspace's namespace, in a project with no cluster objects."""
    _create(kubernetes, "/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
    destination = {"server": local_argocd.destination_server, "namespace": NAMESPACE}
    project = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": "team1"},
        "spec": {
            "sourceRepos": [chart_repository],
            "sourceNamespaces": [NAMESPACE],
            "destinations": [destination],
            "clusterResourceWhitelist": [],
        },
    }
    _create(kubernetes, _PROJECTS, project)
    application = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "web", "finalizers": ["resources-finalizer.argocd.argoproj.io"]},
        "spec": {
            "project": "team1",
            "destination": destination,
            "source": {
                "repoURL": chart_repository,
                "chart": "bundle",
                "targetRevision": "1.0.0",
                "helm": {"valuesObject": {"objects": [_deployment(2)]}},
            },
            "syncPolicy": {"automated": {"enabled": True, "prune": True, "selfHeal": True}},
        },
    }
    _create(kubernetes, _APPLICATIONS, application)
    yield application
    kubernetes.delete(f"{_APPLICATIONS}/web")
    wait_for(
        lambda: kubernetes.get(f"{_APPLICATIONS}/web").status_code == 404,
        what="the Application to be gone",
    )


@pytest.mark.needs_tools
def test_an_application_becomes_synced_and_healthy(
    kubernetes: httpx.Client, application: dict[str, Any]
) -> None:
    del application

    _wait_synced(kubernetes)

    assert _available(kubernetes) == 2


@pytest.mark.needs_tools
def test_drift_is_healed(kubernetes: httpx.Client, application: dict[str, Any]) -> None:
    del application
    _wait_synced(kubernetes)

    kubernetes.patch(
        f"{_DEPLOYMENTS}/web",
        json={"spec": {"replicas": 5}},
        headers={"Content-Type": "application/merge-patch+json"},
    ).raise_for_status()

    wait_for(
        lambda: kubernetes.get(f"{_DEPLOYMENTS}/web").json()["spec"]["replicas"] == 2,
        what="the two replicas that the Application wants",
    )


@pytest.mark.needs_tools
def test_a_changed_value_is_rolled_out(
    kubernetes: httpx.Client, application: dict[str, Any]
) -> None:
    del application
    _wait_synced(kubernetes)

    kubernetes.patch(
        f"{_APPLICATIONS}/web",
        json={"spec": {"source": {"helm": {"valuesObject": {"objects": [_deployment(3)]}}}}},
        headers={"Content-Type": "application/merge-patch+json"},
    ).raise_for_status()

    wait_for(lambda: _available(kubernetes) == 3, what="three available replicas")


@pytest.mark.needs_tools
def test_stopping_leaves_no_process_and_the_objects(
    local_cluster: LocalCluster, tmp_path_factory: pytest.TempPathFactory
) -> None:
    argocd = ArgoCd.start(local_cluster, tmp_path_factory.mktemp("argocd-second"))
    identifiers = argocd.process_ids()
    assert sorted(identifiers) == ["application-controller", "redis", "repo-server"]

    argocd.stop()

    assert [pid for pid in identifiers.values() if psutil.pid_exists(pid)] == []
    with local_cluster.open_client() as client:
        assert client.get(_PROJECTS).status_code == 200


def test_a_redis_server_comes_with_the_development_packages() -> None:
    assert find_redis_server().name == "redis-server"


# Any: Kubernetes objects are free-form JSON.
def _create(client: httpx.Client, path: str, document: dict[str, Any]) -> None:
    response = client.post(path, json=document)
    assert response.status_code == 201, response.text


def _deployment(replicas: int) -> dict[str, Any]:
    labels = {"app": "web"}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": pod},
    }


def _wait_synced(client: httpx.Client) -> None:
    def state() -> tuple[str, str]:
        status = client.get(f"{_APPLICATIONS}/web").json().get("status", {})
        return (
            status.get("sync", {}).get("status", ""),
            status.get("health", {}).get("status", ""),
        )

    wait_for(lambda: state() == ("Synced", "Healthy"), what="Synced and Healthy")


def _available(client: httpx.Client) -> int:
    status = client.get(f"{_DEPLOYMENTS}/web").json().get("status", {})
    return int(status.get("availableReplicas", 0))
