"""What identifies a kind and an object in the Kubernetes API, and the paths that follow from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote


@dataclass(frozen=True)
class Resource:
    """A kind as the API server serves it.

    Attributes:
        api_version: `v1`, `apps/v1`, …
        kind: such as `Deployment`.
        plural: last part of its path, `deployments`.
        is_namespaced: whether its objects are in namespaces.
    """

    api_version: str
    kind: str
    plural: str
    is_namespaced: bool

    @property
    def group(self) -> str:
        """The API group, empty for the core group."""
        return group_of(self.api_version)

    def path(self, namespace: str | None = None, name: str | None = None) -> str:
        """URL path of the collection or of one object; of all namespaces without `namespace`."""
        parts = [base_path(self.api_version)]
        if self.is_namespaced and namespace is not None:
            parts += ["namespaces", quote(namespace, safe="")]
        parts.append(self.plural)
        if name is not None:
            parts.append(quote(name, safe=""))
        return "/".join(parts)


@dataclass(frozen=True, order=True)
class ObjectRef:
    """One object, whatever version it is read in."""

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


def group_of(api_version: str) -> str:
    """`apps` of `apps/v1`, empty of `v1`."""
    return api_version.rpartition("/")[0]


def base_path(api_version: str) -> str:
    """`/api/v1` or `/apis/apps/v1`."""
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"


def ref_of(document: Mapping[str, Any]) -> ObjectRef:  # Any: a Kubernetes object
    """The identity of a complete object."""
    metadata = document["metadata"]
    return ObjectRef(
        group=group_of(document["apiVersion"]),
        kind=document["kind"],
        namespace=metadata.get("namespace") or "",
        name=metadata["name"],
    )


CONFIG_MAP = Resource("v1", "ConfigMap", "configmaps", is_namespaced=True)
EVENT = Resource("v1", "Event", "events", is_namespaced=True)
NAMESPACE = Resource("v1", "Namespace", "namespaces", is_namespaced=False)
POD = Resource("v1", "Pod", "pods", is_namespaced=True)
RESOURCE_QUOTA = Resource("v1", "ResourceQuota", "resourcequotas", is_namespaced=True)
SECRET = Resource("v1", "Secret", "secrets", is_namespaced=True)
DEPLOYMENT = Resource("apps/v1", "Deployment", "deployments", is_namespaced=True)
JOB = Resource("batch/v1", "Job", "jobs", is_namespaced=True)
ARGOCD_APPLICATION = Resource(
    "argoproj.io/v1alpha1", "Application", "applications", is_namespaced=True
)
ARGOCD_PROJECT = Resource("argoproj.io/v1alpha1", "AppProject", "appprojects", is_namespaced=True)
