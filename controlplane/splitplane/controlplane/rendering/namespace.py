"""The namespace of a workspace: its labels, its quota, and who may talk to whom. Pure.

Each direction of traffic is one NetworkPolicy that selects every pod: it denies by being there and
allows what it lists, so that no moment lies between the two.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from splitplane.contract import labels
from splitplane.contract.commands import NamespaceBundle
from splitplane.contract.manifests.workload import Resources
from splitplane.contract.manifests.workspace import NetworkPolicy, Quota, WorkspaceManifest
from splitplane.controlplane.rendering.bundle import namespace_labels
from splitplane.platforms import GPU_RESOURCE, NEURON_RESOURCE

KubernetesObject = dict[str, Any]  # Any: JSON of the Kubernetes API

QUOTA_NAME: Final = "splitplane-quota"
DEFAULTS_NAME: Final = "splitplane-defaults"
INGRESS_NAME: Final = "splitplane-ingress"
EGRESS_NAME: Final = "splitplane-egress"

NAMESPACE_NAME_LABEL: Final = "kubernetes.io/metadata.name"
"""The API server puts it on every namespace (Kubernetes 1.22)."""
DNS_NAMESPACE: Final = "kube-system"
NODE_LOCAL_DNS: Final = "169.254.20.10/32"
"""Address of NodeLocal DNSCache where nodes have one (kubernetes.io, NodeLocal DNSCache)."""
DNS_PORT: Final = 53

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def render_namespace(
    manifest: WorkspaceManifest, *, workspace_id: str, generation: int, control_plane_url: str
) -> NamespaceBundle:
    """The whole wanted state of the namespace; equal arguments give equal states.

    Args:
        manifest: the workspace.
        workspace_id: its id.
        generation: number of the state.
        control_plane_url: can be reached under any network policy if its host is an address.
    """
    objects: list[KubernetesObject] = []
    if manifest.quota is not None:
        objects += _quota(manifest.quota)
    if manifest.network_policy is not None:
        objects += _policies(manifest.network_policy, control_plane_url)
    for item in objects:
        item["metadata"] = {
            "labels": {
                labels.LIMITS: manifest.name,
                labels.MANAGED_BY: labels.MANAGED_BY_VALUE,
                labels.WORKSPACE: manifest.name,
            },
            "name": item["metadata"]["name"],
            "namespace": manifest.name,
        }
    return NamespaceBundle(
        workspace_id=workspace_id,
        workspace=manifest.name,
        namespace=manifest.name,
        labels=namespace_labels(manifest.name, manifest.labels),
        generation=generation,
        objects=objects,
    )


def _quota(quota: Quota) -> list[KubernetesObject]:
    hard = {
        "pods": _text(quota.pods, ""),
        "requests.cpu": _text(quota.cpu_millicores, "m"),
        "requests.memory": _text(quota.memory_mib, "Mi"),
        f"requests.{GPU_RESOURCE}": _text(quota.gpu_count, ""),
        f"requests.{NEURON_RESOURCE}": _text(quota.neuron_count, ""),
        "requests.storage": _text(quota.storage_gib, "Gi"),
    }
    spec = {"hard": {name: value for name, value in hard.items() if value is not None}}
    objects = [_object("v1", "ResourceQuota", QUOTA_NAME, spec)]
    if quota.cpu_millicores is not None or quota.memory_mib is not None:
        objects.append(_object("v1", "LimitRange", DEFAULTS_NAME, _defaults(quota)))
    return objects


def _defaults(quota: Quota) -> KubernetesObject:
    """Requests of containers that name none: a quota of CPU or memory refuses their pods.

    Our own workloads always name theirs; a pod that somebody makes by hand (`kubectl run`) or that
    a tool makes gets what a workload of ours gets by default, so that it runs, and counts.
    """
    usual = Resources()
    request: dict[str, str] = {}
    if quota.cpu_millicores is not None:
        request["cpu"] = f"{usual.cpu_request_millicores}m"
    if quota.memory_mib is not None:
        request["memory"] = f"{usual.memory_request_mib}Mi"
    return {"limits": [{"defaultRequest": request, "type": "Container"}]}


def _policies(policy: NetworkPolicy, control_plane_url: str) -> list[KubernetesObject]:
    policies: list[KubernetesObject] = []
    own: KubernetesObject = {"podSelector": {}}
    if policy.ingress_from == "workspace":
        peers = [own, *_namespaces(policy.ingress_namespaces)]
        spec = {"ingress": [{"from": peers}], "podSelector": {}, "policyTypes": ["Ingress"]}
        policies.append(_object("networking.k8s.io/v1", "NetworkPolicy", INGRESS_NAME, spec))
    if policy.egress_to == "workspace":
        blocks = [{"ipBlock": {"cidr": cidr}} for cidr in policy.egress_cidrs]
        rules: list[KubernetesObject] = [
            {"to": [own, *_namespaces(policy.egress_namespaces), *blocks]},
            {
                "ports": [
                    {"port": DNS_PORT, "protocol": "UDP"},
                    {"port": DNS_PORT, "protocol": "TCP"},
                ],
                "to": [
                    *_namespaces([DNS_NAMESPACE]),
                    {"ipBlock": {"cidr": NODE_LOCAL_DNS}},
                ],
            },
            *_control_plane(control_plane_url),
        ]
        spec = {"egress": rules, "podSelector": {}, "policyTypes": ["Egress"]}
        policies.append(_object("networking.k8s.io/v1", "NetworkPolicy", EGRESS_NAME, spec))
    return policies


def _namespaces(names: list[str]) -> list[KubernetesObject]:
    if not names:
        return []
    chosen = {"key": NAMESPACE_NAME_LABEL, "operator": "In", "values": sorted(names)}
    return [{"namespaceSelector": {"matchExpressions": [chosen]}}]


def _control_plane(url: str) -> list[KubernetesObject]:
    """A rule for the control plane, which workloads show their identity to.

    Only for an address: a NetworkPolicy cannot name a host, and whatever a name stands for now may
    change. The API server is not among the rules for the same reason, and workloads have no token
    for it.
    """
    parts = urlsplit(url)
    try:
        address = ip_address(parts.hostname or "")
    except ValueError:
        return []
    if address.is_loopback or address.is_unspecified:
        return []
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 443)
    return [
        {
            "ports": [{"port": port, "protocol": "TCP"}],
            "to": [{"ipBlock": {"cidr": f"{address}/{address.max_prefixlen}"}}],
        }
    ]


def _text(value: int | None, unit: str) -> str | None:
    return None if value is None else f"{value}{unit}"


def _object(api_version: str, kind: str, name: str, spec: KubernetesObject) -> KubernetesObject:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, "spec": spec}
