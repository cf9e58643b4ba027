"""Reads the cluster with the person's own kubeconfig, to check what the demo claims."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from splitplane.components.attached.access import read_kubeconfig
from splitplane.contract.agent_manifests import AGENT_NAMESPACE
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


_SELECTORS: Final = (f"{MANAGED_BY}={MANAGED_BY_VALUE}", WORKSPACE, APPLICATION_ID)


class ClusterView:
    """A connection to the API server of one kubeconfig context."""

    def __init__(self, kubeconfig: Path, context: str | None = None) -> None:
        """Raises WrongArgument when the kubeconfig has no such context; sends nothing yet."""
        text = kubeconfig.read_text(encoding="utf-8")
        access = read_kubeconfig(text, context, kubeconfig.parent)
        self.server = access.server
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
        """`plural namespace/name` of everything that Splitplane delivered and that is there."""
        return sorted(
            {
                f"{path.rpartition('/')[2]} {item['metadata'].get('namespace', '')}/"
                f"{item['metadata']['name']}"
                for path in _LISTS
                for selector in _SELECTORS
                for item in self._items(path, {"labelSelector": selector})
                if item["metadata"]["name"] != AGENT_NAMESPACE
            }
        )

    def has_namespace(self, name: str) -> bool:
        """Whether the namespace is there, also while it is being deleted."""
        return self._http.get(f"/api/v1/namespaces/{name}").status_code != 404

    def delete_namespace(self, name: str) -> None:
        """The namespace is being deleted, if it was there."""
        answer = self._http.delete(f"/api/v1/namespaces/{name}")
        if answer.status_code != 404:
            answer.raise_for_status()

    # Any: Kubernetes objects
    def _items(self, path: str, query: dict[str, str]) -> list[dict[str, Any]]:
        answer = self._http.get(path, params=query)
        if answer.status_code == 404:
            return []  # a cluster without Argo CD
        return list(answer.raise_for_status().json()["items"])
