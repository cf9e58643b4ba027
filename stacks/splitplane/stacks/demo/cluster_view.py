"""Reads the cluster with the person's own kubeconfig, to check what the demo claims."""

from __future__ import annotations

import base64
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from splitplane.components.attached.access import read_kubeconfig
from splitplane.contract.agent_manifests import AGENT_NAMESPACE
from splitplane.contract.agent_rbac import NAME
from splitplane.contract.labels import APPLICATION_ID, MANAGED_BY, MANAGED_BY_VALUE, WORKSPACE

# Kinds that bundles are made of, and the namespaces of workspaces.
_LISTS: Final = (
    "/apis/apps/v1/deployments",
    "/apis/apps/v1/replicasets",
    "/apis/batch/v1/jobs",
    "/api/v1/services",
    "/api/v1/serviceaccounts",
    "/api/v1/pods",
    "/api/v1/namespaces",
    "/apis/argoproj.io/v1alpha1/applications",
    "/apis/argoproj.io/v1alpha1/appprojects",
)

_RBAC: Final = "/apis/rbac.authorization.k8s.io/v1"
_AGENT_LISTS: Final = (
    "/api/v1/namespaces",
    f"{_RBAC}/clusterroles",
    f"{_RBAC}/clusterrolebindings",
    f"{_RBAC}/roles",
    f"{_RBAC}/rolebindings",
)
_SELECTORS: Final = (f"{MANAGED_BY}={MANAGED_BY_VALUE}", WORKSPACE, APPLICATION_ID)


class ClusterView:
    """A connection to the API server of one kubeconfig context."""

    def __init__(self, kubeconfig: Path, context: str | None = None) -> None:
        """Raises WrongArgument when the kubeconfig has no such context; sends nothing yet."""
        text = kubeconfig.read_text(encoding="utf-8")
        access = read_kubeconfig(text, context, kubeconfig.parent)
        self.server = access.server
        authority = access.authority()
        self.authority_data: Final = authority and base64.b64encode(authority.encode()).decode()
        """The server's authorities, PEM in base64; None when the system's count."""
        self._http = access.open_client()

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def pods(self, namespace: str) -> list[str]:
        """Names of the pods in the namespace that are not being deleted."""
        items = self._items(f"/api/v1/namespaces/{namespace}/pods", {})
        return sorted(
            item["metadata"]["name"]
            for item in items
            if "deletionTimestamp" not in item["metadata"]
        )

    def delivered(self) -> list[str]:
        """`plural namespace/name` of what was delivered and is there; not of the agent itself."""
        return sorted(
            {
                f"{path.rpartition('/')[2]} {item['metadata'].get('namespace', '')}/"
                f"{item['metadata']['name']}"
                for path in _LISTS
                for selector in _SELECTORS
                for item in self._items(path, {"labelSelector": selector})
                if AGENT_NAMESPACE
                not in (item["metadata"]["name"], item["metadata"].get("namespace"))
            }
        )

    def agent_objects(self) -> list[str]:
        """`plural namespace/name` of the agent's namespace and rights, while any of it is left."""
        selector = {"labelSelector": f"app.kubernetes.io/name={NAME}"}
        return sorted(
            f"{path.rpartition('/')[2]} {item['metadata'].get('namespace', '')}/"
            f"{item['metadata']['name']}"
            for path in _AGENT_LISTS
            for item in self._items(path, selector)
        )

    def service_account_token(
        self, namespace: str, name: str, seconds: int
    ) -> tuple[str, datetime]:
        """A new token of the service account, and when it ends; the cluster may give less time."""
        answer = self._http.post(
            f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token",
            json={"spec": {"expirationSeconds": seconds}},
        )
        status = answer.raise_for_status().json()["status"]
        return str(status["token"]), datetime.fromisoformat(status["expirationTimestamp"])

    # Any: Kubernetes objects
    def _items(self, path: str, query: dict[str, str]) -> list[dict[str, Any]]:
        answer = self._http.get(path, params=query)
        if answer.status_code == 404:
            return []  # a cluster without Argo CD
        return list(answer.raise_for_status().json()["items"])
