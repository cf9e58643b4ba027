"""Looks at an existing cluster without changing it, and reports what was found.

What follows from the report is decided in `decide.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from splitplane.components.attached.access import Access
from splitplane.components.errors import ClusterUnreachable

if TYPE_CHECKING:
    import httpx

Json = Mapping[str, Any]  # Any: Kubernetes objects

_DEFAULT_CLASS: Final = "storageclass.kubernetes.io/is-default-class"
_VERSION: Final = re.compile(r"v?(\d+)\.(\d+)")


@dataclass(frozen=True)
class Right:
    """Something that the deployer may or may not do.

    Attributes:
        verb: verb of RBAC.
        group: API group, empty for the core one.
        resource: plural.
        namespace: where; everywhere when empty.
    """

    verb: str
    group: str
    resource: str
    namespace: str = ""

    def __str__(self) -> str:
        name = f"{self.resource}.{self.group}" if self.group else self.resource
        return f"{self.verb} {name}" + (f" in namespace {self.namespace}" if self.namespace else "")


@dataclass(frozen=True)
class Report:
    """What was seen.

    Attributes:
        server: URL of the API server.
        version: `v1.36.1`, as the server says it.
        minor: (major, minor).
        distribution: vanilla, aks, eks, gke, openshift, k3s, rke2 or kind.
        cluster_uid: UID of the namespace kube-system; empty when it may not be read.
        granted: the rights that were asked for and are there.
        missing: the rights that were asked for and are not there.
        default_storage_classes: names of the classes marked as default.
        custom_kinds: names of the installed CustomResourceDefinitions; None when they may not be
            listed.
        missing_namespaces: those that were asked for and do not exist.
    """

    server: str
    version: str
    minor: tuple[int, int]
    distribution: str
    cluster_uid: str
    granted: frozenset[Right]
    missing: frozenset[Right]
    default_storage_classes: tuple[str, ...]
    custom_kinds: frozenset[str] | None
    missing_namespaces: tuple[str, ...] = ()


def read_report(access: Access, rights: Iterable[Right], namespaces: Iterable[str] = ()) -> Report:
    """The report on the cluster; asks for each of the rights and the namespaces.

    Raises:
        ClusterUnreachable: no API server answers there, or it does not know the user.
    """
    import httpx

    try:
        with access.open_client() as client:
            return _read(client, access.server, sorted(rights, key=str), sorted(namespaces))
    except httpx.HTTPStatusError as exc:
        code = exc.response.status_code
        raise ClusterUnreachable(
            f"API server {access.server} answered {code} to {exc.request.url.path}: "
            + ("the kubeconfig's user is not known there; sign in again" if code == 401 else "")
            + exc.response.text[:256]
        ) from exc
    except (httpx.HTTPError, OSError, ValueError) as exc:
        raise ClusterUnreachable(
            f"API server {access.server} of context {access.context!r} did not answer: {exc}; "
            "check the kubeconfig and the network"
        ) from exc


def _read(
    client: httpx.Client, server: str, rights: Sequence[Right], namespaces: Sequence[str]
) -> Report:
    version: Json = client.get("/version").raise_for_status().json()
    groups = {item["name"] for item in _optional(client, "/apis").get("groups", [])}
    nodes = _optional(client, "/api/v1/nodes", limit="5").get("items", [])
    allowed = {right: _is_allowed(client, right) for right in rights}
    classes = _optional(client, "/apis/storage.k8s.io/v1/storageclasses").get("items", [])
    kinds = _optional(client, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions")
    system = _optional(client, "/api/v1/namespaces/kube-system")
    git_version = str(version["gitVersion"])
    return Report(
        server=server,
        version=git_version,
        minor=parse_minor(git_version),
        distribution=distribution_of(git_version, groups, nodes),
        cluster_uid=str(system.get("metadata", {}).get("uid", "")),
        granted=frozenset(right for right, is_granted in allowed.items() if is_granted),
        missing=frozenset(right for right, is_granted in allowed.items() if not is_granted),
        default_storage_classes=tuple(
            sorted(item["metadata"]["name"] for item in classes if _is_default(item))
        ),
        custom_kinds=(
            frozenset(item["metadata"]["name"] for item in kinds["items"])
            if "items" in kinds
            else None
        ),
        missing_namespaces=tuple(
            name for name in namespaces if not _optional(client, f"/api/v1/namespaces/{name}")
        ),
    )


def parse_minor(version: str) -> tuple[int, int]:
    """(major, minor) of `v1.31.4-eks-1`; raises ValueError for what is no version."""
    found = _VERSION.match(version)
    if found is None:
        raise ValueError(f"{version!r} is not a version of Kubernetes")
    return int(found[1]), int(found[2])


def distribution_of(version: str, groups: Iterable[str], nodes: Iterable[Json]) -> str:
    """Who made the cluster, from the server's version, its API groups and its nodes."""
    if "config.openshift.io" in set(groups):
        return "openshift"
    for mark, name in (("+k3s", "k3s"), ("+rke2", "rke2"), ("-eks-", "eks"), ("-gke.", "gke")):
        if mark in version:
            return name
    for node in nodes:
        if "kubernetes.azure.com/cluster" in node["metadata"].get("labels", {}):
            return "aks"
        if str(node.get("spec", {}).get("providerID", "")).startswith("kind://"):
            return "kind"
    return "vanilla"


def _is_allowed(client: httpx.Client, right: Right) -> bool:
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {
            "resourceAttributes": {
                "verb": right.verb,
                "group": right.group,
                "resource": right.resource,
                "namespace": right.namespace,
            }
        },
    }
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    answer: Json = client.post(path, json=review).raise_for_status().json()
    return bool(answer["status"].get("allowed"))


def _optional(client: httpx.Client, path: str, **query: str) -> Json:
    """What is there, or nothing when it may not be read or does not exist."""
    answer = client.get(path, params=query)
    if answer.status_code in (403, 404):
        return {}
    found: Json = answer.raise_for_status().json()
    return found


def _is_default(storage_class: Json) -> bool:
    annotations = storage_class["metadata"].get("annotations") or {}
    return bool(annotations.get(_DEFAULT_CLASS) == "true")
