"""The agent's own service account in a cluster, with just the rights that its manifests grant."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import httpx
import yaml

from splitplane.contract.agent_manifests import AgentInstall, build_manifests
from splitplane.contract.agent_rbac import NAME
from splitplane.contract.manifests.cluster import Delivery
from splitplane.stacks.local_cluster import LocalCluster

_PATHS: Final = {
    "ClusterRole": "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "ClusterRoleBinding": "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    "Namespace": "/api/v1/namespaces",
    "Role": "/apis/rbac.authorization.k8s.io/v1/namespaces/{}/roles",
    "RoleBinding": "/apis/rbac.authorization.k8s.io/v1/namespaces/{}/rolebindings",
    "ServiceAccount": "/api/v1/namespaces/{}/serviceaccounts",
}
"""What is applied: all of the installation but the settings and the Deployment, since the agent
runs as a process of the test."""
_TOKEN_SECONDS: Final = 7200


def agent_kubeconfig(
    cluster: LocalCluster,
    kubernetes: httpx.Client,
    path: Path,
    *,
    namespace: str,
    delivery: Delivery,
) -> Path:
    """A kubeconfig with which a process is the agent of `namespace`, whose rights now exist."""
    install = AgentInstall(hub_url="http://127.0.0.1", namespace=namespace, delivery=delivery)
    for document in build_manifests(install):
        if document["kind"] in _PATHS:
            _apply(kubernetes, document)
    answer = kubernetes.post(
        f"/api/v1/namespaces/{namespace}/serviceaccounts/{NAME}/token",
        json={"spec": {"expirationSeconds": _TOKEN_SECONDS}},
    )
    token = answer.raise_for_status().json()["status"]["token"]
    document = yaml.safe_load(cluster.kubeconfig.read_text())
    document["users"][0]["user"] = {"token": token}
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(document))
    return path


def _apply(kubernetes: httpx.Client, document: dict[str, Any]) -> None:
    metadata = document["metadata"]
    folder = _PATHS[document["kind"]].format(metadata.get("namespace"))
    kubernetes.patch(
        f"{folder}/{metadata['name']}",
        params={"fieldManager": "splitplane-tests", "force": "true"},
        json=document,
        headers={"Content-Type": "application/apply-patch+yaml"},
    ).raise_for_status()
