"""Values of Karpenter's chart, and the names that they share with its role and queue. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from splitplane.components.clouds.aws.karpenter.pools import NodePool
from splitplane.components.clouds.aws.names import derived_name
from splitplane.components.clouds.aws.settings import EksSettings

Values = dict[str, Any]  # Any: values of a chart

ADDON: Final = "karpenter"
"""Name of the add-on, of its release and of its service account."""
NAMESPACE: Final = "kube-system"
"""Where requests to the API server have priority, which Karpenter's docs advise."""
REPLICAS: Final = 2
"""One works, the other takes over within seconds; each on a host of its own, hence two system
nodes."""
_REQUESTS: Final = {"cpu": "1", "memory": "1Gi"}
"""What the chart's own example reserves; a decision is a simulation of the whole cluster."""
_SPOT_TYPES: Final = 15
"""Fewer types than that and Karpenter does not replace one spot machine by another, since it would
then go from one that is reclaimed to the next: https://karpenter.sh/docs/concepts/disruption/."""
_SIZES_OF_A_FAMILY: Final = 5
"""large, xlarge, 2xlarge, 4xlarge and 8xlarge: those of a CPU family with at most 32 cores."""


def build_values(
    pools: Sequence[NodePool],
    *,
    cluster_name: str,
    cluster_endpoint: object,
    queue_name: str,
    is_isolated: bool,
    has_zonal_shift: bool,
    tolerations: Sequence[Mapping[str, Any]],  # Any: part of a Kubernetes object
    annotations: Mapping[str, object],
) -> Values:
    """Values of the chart; what is left out is right as the chart has it.

    Args:
        pools: the pools that it makes nodes for; they say which gates it needs.
        cluster_name: name in EKS.
        cluster_endpoint: URL of the API server, or an output of it.
        queue_name: queue of interruptions.
        is_isolated: whether the VPC has no way to the APIs of IAM and prices.
        has_zonal_shift: whether a zone that is shifted away from gets no nodes.
        tolerations: of its pods, which run on the system nodes alone.
        annotations: of its service account.
    """
    return {
        "replicas": REPLICAS,
        # The resolver of the node: CoreDNS itself may wait for a node.
        "dnsPolicy": "Default",
        "serviceAccount": {"name": ADDON, "annotations": dict(annotations)},
        "tolerations": [dict(item) for item in tolerations],
        "controller": {
            # No limit of CPU: a throttled controller makes nodes late.
            "resources": {"requests": _REQUESTS, "limits": {"memory": _REQUESTS["memory"]}}
        },
        "settings": {
            "clusterName": cluster_name,
            "clusterEndpoint": cluster_endpoint,
            "interruptionQueue": queue_name,
            "isolatedVPC": is_isolated,
            "enableZonalShift": has_zonal_shift,
            "featureGates": {
                "nodeRepair": True,
                "staticCapacity": any(pool.static_nodes is not None for pool in pools),
                "spotToSpotConsolidation": has_spot_choice(pools),
            },
        },
    }


def has_spot_choice(pools: Iterable[NodePool]) -> bool:
    """Whether there are spot pools whose pods move, all with enough types to choose from."""
    spot = [
        pool
        for pool in pools
        if pool.capacity == "spot"
        and not pool.has_accelerators
        and pool.moves_running_pods is not False
    ]
    few = any(
        pool.families and len(pool.families) * _SIZES_OF_A_FAMILY < _SPOT_TYPES for pool in spot
    )
    return bool(spot) and not few


def queue_name(settings: EksSettings) -> str:
    """Name of the queue of interruptions."""
    return derived_name("queue", settings.eks_name, ADDON)


def is_isolated(settings: EksSettings) -> bool:
    """Whether machines reach AWS by endpoints alone: there is none of IAM and of prices."""
    return settings.effective_nat == "none"
