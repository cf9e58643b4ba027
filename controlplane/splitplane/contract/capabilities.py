"""What a cluster can do: facts about its kind, and what its agent reported."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from splitplane.contract.base import PeerModel
from splitplane.contract.manifests.cluster import Delivery, ProviderKind

NodeScaling = Literal["karpenter", "cluster_autoscaler", "vendor_managed", "external", "none"]


class NodeTaint(PeerModel):
    """A taint that nodes carry."""

    key: str
    """Label-like key."""
    value: str
    """Value; clouds differ in it, so that tolerations go by the key alone."""
    effect: Literal["NoSchedule", "NoExecute", "PreferNoSchedule"]
    """What happens to pods that do not tolerate it."""


class CapabilitiesView(PeerModel):
    """What one cluster can do."""

    cluster_id: str
    """UUID of the cluster."""
    fqn: str
    """Name of the cluster."""
    provider_kind: ProviderKind
    """What kind of cluster it is."""
    delivery: Delivery
    """How bundles reach the cluster."""
    node_scaling: NodeScaling
    """Who adds nodes."""
    gpu_selector_label: str
    """Node label whose value is the GPU's product name."""
    gpu_taint: NodeTaint | None = None
    """Taint of GPU nodes; null when they have none."""
    spot_selector_label: str | None = None
    """Node label of interruptible nodes; null where there are none."""
    spot_selector_value: str | None = None
    """Value of that label."""
    spot_taint: NodeTaint | None = None
    """Taint of interruptible nodes; null when they have none."""
    is_connected: bool
    """Whether the agent is connected now."""
    agent_version: str | None = None
    """Version that the agent reported last; null before it first connected."""
    kubernetes_version: str | None = None
    """Version of the cluster that the agent reported last; null before it first connected."""
    agent_capabilities: list[str] = Field(default_factory=list[str])
    """What the agent said that it can do, such as `delivery:direct`; sorted, empty before it first
    connected."""
