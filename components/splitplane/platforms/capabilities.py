"""What each kind of cluster can do and what it forces, as one frozen record a kind.

A flag has the same name on every kind, so that code asks for the flag and never for the cloud.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from splitplane.contract.labels import AUTO_MODE, COMPUTE_MODE
from splitplane.contract.manifests.cluster import ProviderKind

NodeScaling = Literal["karpenter", "cluster_autoscaler", "vendor_managed", "external", "none"]

_NO_LABELS: Final[Mapping[str, str]] = {}
_AUTO_MODE_GPU_LABEL: Final = "eks.amazonaws.com/instance-gpu-name"
"""https://docs.aws.amazon.com/eks/latest/userguide/create-node-pool.html, "Supported Labels"; no
node there has Karpenter's own. Checked 2026-11-21."""


@dataclass(frozen=True)
class Taint:
    """A taint that the nodes of a kind carry.

    Attributes:
        key: label-like key.
        value: value on the nodes; clouds differ in it, so tolerations go by the key alone.
        effect: what happens to pods that do not tolerate it.
    """

    key: str
    value: str
    effect: Literal["NoSchedule", "NoExecute", "PreferNoSchedule"]


@dataclass(frozen=True)
class Capabilities:
    """The flags of one cluster.

    Attributes:
        provider_kind: the kind of cluster that they describe.
        node_scaling: who adds nodes.
        gpu_selector_label: node label whose value is the GPU's product name.
        gpu_taint: taint of GPU nodes; None when they have none.
        spot_selector_label: node label of interruptible nodes; None where there are none.
        spot_selector_value: value of that label.
        spot_taint: taint of interruptible nodes; None when they have none.
    """

    provider_kind: ProviderKind
    node_scaling: NodeScaling
    gpu_selector_label: str
    gpu_taint: Taint | None
    spot_selector_label: str | None = None
    spot_selector_value: str | None = None
    spot_taint: Taint | None = None


def capabilities_of(
    provider_kind: ProviderKind, labels: Mapping[str, str] = _NO_LABELS
) -> Capabilities:
    """The flags of a cluster of that kind whose agent has not probed anything yet.

    Args:
        provider_kind: the kind.
        labels: of the cluster; `splitplane.io/compute-mode` tells EKS Auto Mode from Karpenter.
    """
    found = _CAPABILITIES[provider_kind]
    if provider_kind == "eks" and labels.get(COMPUTE_MODE) == AUTO_MODE:
        return replace(
            found, node_scaling="vendor_managed", gpu_selector_label=_AUTO_MODE_GPU_LABEL
        )
    return found


# GKE sets the taint by itself with the value "present"; on EKS our node pools set "true".
_GPU_PRESENT: Final = Taint("nvidia.com/gpu", "present", "NoSchedule")
_GPU_TRUE: Final = Taint("nvidia.com/gpu", "true", "NoSchedule")
# Label of NVIDIA's GPU feature discovery, for clusters whose vendor sets none.
_GPU_PRODUCT_LABEL: Final = "nvidia.com/gpu.product"
_GKE_SPOT: Final = Taint("cloud.google.com/gke-spot", "true", "NoSchedule")
_AKS_SPOT: Final = Taint("kubernetes.azure.com/scalesetpriority", "spot", "NoSchedule")

_CAPABILITIES: Final[dict[ProviderKind, Capabilities]] = {
    "eks": Capabilities(
        provider_kind="eks",
        node_scaling="karpenter",
        gpu_selector_label="karpenter.k8s.aws/instance-gpu-name",
        gpu_taint=_GPU_TRUE,
        spot_selector_label="karpenter.sh/capacity-type",
        spot_selector_value="spot",
    ),
    "gke": Capabilities(
        provider_kind="gke",
        node_scaling="vendor_managed",
        gpu_selector_label="cloud.google.com/gke-accelerator",
        gpu_taint=_GPU_PRESENT,
        spot_selector_label="cloud.google.com/gke-spot",
        spot_selector_value="true",
        spot_taint=_GKE_SPOT,
    ),
    "aks": Capabilities(
        provider_kind="aks",
        node_scaling="cluster_autoscaler",
        gpu_selector_label="splitplane.io/gpu",
        gpu_taint=_GPU_PRESENT,
        spot_selector_label="kubernetes.azure.com/scalesetpriority",
        spot_selector_value="spot",
        spot_taint=_AKS_SPOT,
    ),
    "attached": Capabilities(
        provider_kind="attached",
        node_scaling="external",
        gpu_selector_label=_GPU_PRODUCT_LABEL,
        gpu_taint=_GPU_PRESENT,
    ),
    "local": Capabilities(
        provider_kind="local",
        node_scaling="none",
        gpu_selector_label=_GPU_PRODUCT_LABEL,
        gpu_taint=_GPU_PRESENT,
    ),
}
