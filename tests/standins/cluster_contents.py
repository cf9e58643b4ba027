"""What workloads and controllers have in a cluster of EKS, on a local API server without them.

What a controller would hold by its finalizer is held, until `release` plays the controllers.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

Object = dict[str, Any]  # Any: Kubernetes objects
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
KINDS = [
    ("argoproj.io", "v1alpha1", "Application", "Namespaced"),
    ("argoproj.io", "v1alpha1", "ApplicationSet", "Namespaced"),
    ("gateway.networking.k8s.io", "v1", "Gateway", "Namespaced"),
    ("karpenter.sh", "v1", "NodePool", "Cluster"),
    ("karpenter.sh", "v1", "NodeClaim", "Cluster"),
    ("karpenter.k8s.aws", "v1", "EC2NodeClass", "Cluster"),
]
_PROVISIONER = "external-provisioner.volume.kubernetes.io/finalizer"
"""Of the driver, which lets go of a volume once its disk is gone."""


def define_kinds(client: httpx.Client) -> None:
    """The cluster serves the kinds of Argo CD, Gateway API and Karpenter, without their schemas."""
    for entry in KINDS:
        post(client, DEFINITIONS, _crd(*entry))
    for entry in KINDS:
        wait(functools.partial(_is_served, client, path_of(*entry)))


def _is_served(client: httpx.Client, path: str) -> bool:
    return client.get(path).is_success


def path_of(group: str, version: str, kind: str, _: str) -> str:
    """Where all objects of a kind of `KINDS` are."""
    return f"/apis/{group}/{version}/{_plural(kind)}"


def _plural(kind: str) -> str:
    return f"{kind.lower()}es" if kind.endswith("s") else f"{kind.lower()}s"


def wait(is_done: Callable[[], bool]) -> None:
    """It is done, within a minute."""
    deadline = datetime.now(UTC) + timedelta(seconds=60)
    while not is_done():
        assert datetime.now(UTC) < deadline


def _crd(group: str, version: str, kind: str, scope: str) -> Object:
    plural = _plural(kind)
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": f"{plural}.{group}",
            "annotations": {
                "api-approved.kubernetes.io": "https://github.com/kubernetes/kubernetes"
            },
        },
        "spec": {
            "group": group,
            "scope": scope,
            "names": {"kind": kind, "plural": plural},
            "versions": [
                {
                    "name": version,
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": schema},
                }
            ],
        },
    }


def post(client: httpx.Client, path: str, document: Object) -> Object:
    """The object as it was made."""
    response = client.post(path, json=document)
    assert response.is_success, response.text
    created: Object = response.json()
    return created


def _custom(client: httpx.Client, api: str, plural: str, name: str, **fields: Any) -> None:
    """An object that a controller holds by a finalizer."""
    is_namespaced = api.startswith(("argoproj", "gateway"))
    kind = next(kind for _, _, kind, _ in KINDS if _plural(kind) == plural)
    metadata = {"name": name, "finalizers": ["example.com/held"]} | fields.pop("metadata", {})
    place = "/namespaces/default" if is_namespaced else ""
    post(
        client,
        f"/apis/{api}{place}/{plural}",
        {"apiVersion": api, "kind": kind, "metadata": metadata, "spec": fields},
    )


def fill(client: httpx.Client) -> None:
    """One of everything that a destroy has to wait for, and of what it leaves alone."""
    core = "/api/v1/namespaces/default"
    argo, karpenter = "argoproj.io/v1alpha1", "karpenter.sh/v1"
    automated = {"automated": {"selfHeal": True}}
    _custom(client, argo, "applications", "ranker", project="default", syncPolicy=automated)
    _custom(
        client, argo, "applications", "karpenter", project="splitplane-addons", syncPolicy=automated
    )
    _custom(client, argo, "applicationsets", "all")
    _custom(client, "gateway.networking.k8s.io/v1", "gateways", "edge")
    for name, kind in (("web", "LoadBalancer"), ("inner", "ClusterIP")):
        spec: Object = {"type": kind, "ports": [{"port": 80}]}
        service = {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name, "finalizers": ["service.k8s.aws/resources"]},
            "spec": spec,
        }
        if kind == "LoadBalancer":
            spec["loadBalancerClass"] = "service.k8s.aws/nlb"
        post(client, f"{core}/services", service)
    for name, finalizers in (("public", ["ingress.k8s.aws/resources"]), ("nginx", [])):
        post(
            client,
            "/apis/networking.k8s.io/v1/namespaces/default/ingresses",
            {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "Ingress",
                "metadata": {"name": name, "finalizers": finalizers},
                "spec": {"defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}},
            },
        )
    _custom(client, karpenter, "nodepools", "cpu")
    _custom(
        client,
        karpenter,
        "nodepools",
        "general-purpose",
        metadata={"labels": {"app.kubernetes.io/managed-by": "eks"}},
    )
    for name, pool in (("cpu-1", "cpu"), ("auto-1", "general-purpose")):
        metadata = {"labels": {"karpenter.sh/nodepool": pool}}
        _custom(client, karpenter, "nodeclaims", name, metadata=metadata)
    _custom(client, "karpenter.k8s.aws/v1", "ec2nodeclasses", "cpu")
    for name, policy in (("data", "Delete"), ("keep", "Retain")):
        _volume(client, name, policy)
    post(client, "/apis/apps/v1/namespaces/default/statefulsets", _stateful_set())


def _volume(client: httpx.Client, name: str, policy: str) -> None:
    """A volume that is bound to a claim of its name, as a driver would leave it."""
    size = {"storage": "1Gi"}
    post(
        client,
        "/api/v1/persistentvolumes",
        {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": f"pv-{name}", "finalizers": [_PROVISIONER]},
            "spec": {
                "capacity": size,
                "accessModes": ["ReadWriteOnce"],
                "persistentVolumeReclaimPolicy": policy,
                "storageClassName": "gp3",
                "csi": {"driver": "ebs.csi.aws.com", "volumeHandle": f"vol-{name}"},
            },
        },
    )
    post(
        client,
        "/api/v1/namespaces/default/persistentvolumeclaims",
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": f"{name}-db-0"},
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "storageClassName": "gp3",
                "volumeName": f"pv-{name}",
                "resources": {"requests": size},
            },
        },
    )
    wait(lambda: _phase(client, f"pv-{name}") == "Bound")


def _phase(client: httpx.Client, name: str) -> str | None:
    found: Object = client.get(f"/api/v1/persistentvolumes/{name}").json()
    phase: str | None = found.get("status", {}).get("phase")
    return phase


def _stateful_set() -> Object:
    labels = {"app": "db"}
    mounts = [{"name": "data", "mountPath": "/data"}]
    container = {"name": "db", "image": "example.com/db", "volumeMounts": mounts}
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "db"},
        "spec": {
            "serviceName": "db",
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
            "volumeClaimTemplates": [
                {"metadata": {"name": "data"}, "spec": claim | {"storageClassName": "gp3"}}
            ],
        },
    }


def release(client: httpx.Client) -> list[str]:
    """What controllers do: let go of what is being deleted, drivers of released volumes too.

    Returns:
        `KIND NAME` of everything that was let go of.
    """
    core = ["/api/v1/services", "/api/v1/persistentvolumes"]
    paths = [*core, "/apis/networking.k8s.io/v1/ingresses", *(path_of(*one) for one in KINDS)]
    found = [(path, client.get(path).json()) for path in paths]
    return [
        f"{answer['kind'].removesuffix('List')} {item['metadata']['name']}"
        for path, answer in found
        for item in answer["items"]
        if _release_one(client, path, item)
    ]


def _release_one(client: httpx.Client, path: str, item: Object) -> bool:
    metadata = item["metadata"]
    group, _, plural = path.rpartition("/")
    place = f"/namespaces/{metadata['namespace']}" if "namespace" in metadata else ""
    target = f"{group}{place}/{plural}/{metadata['name']}"
    phase = item.get("status", {}).get("phase")
    if phase in ("Released", "Failed") and metadata["name"] == "pv-data":
        client.delete(target)
    if "deletionTimestamp" not in metadata or not metadata.get("finalizers"):
        return False
    client.patch(
        target,
        json={"metadata": {"finalizers": None}},
        headers={"content-type": "application/merge-patch+json"},
    )
    return True
