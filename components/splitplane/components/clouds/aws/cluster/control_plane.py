"""What the cluster resource is told about the programs of its control plane.

Nothing is sent that nobody asked for. The plugin takes a block that vanishes from a program as "no
change" (each has a value in the SDK's outputs, pulumi-aws 7.51.1, so it is optional and computed)
and EKS keeps what was set: so to go back is to write the default, which is sent like any value.
Defaults and ranges are in `control_plane_checks.py`.
"""

from __future__ import annotations

from typing import Final

import pulumi_aws as aws
from pulumi_aws.eks import (
    ClusterKubeControllerManagerConfigHorizontalPodAutoscalerControllerConfigArgs as Autoscaler,
)

from splitplane.components.clouds.aws.cluster.control_plane_checks import (
    DEFAULT_NODE_PORTS,
)
from splitplane.components.clouds.aws.settings import ControlPlaneSettings, Scoring

_WEIGHTS: Final = {"cpu": 1, "memory": 1}
"""What Kubernetes itself weighs. https://kubernetes.io/docs/concepts/scheduling-eviction/resource-bin-packing/"""
_STRATEGIES: Final[dict[Scoring, str | None]] = {
    "default": None,
    "least_allocated": "LeastAllocated",
    "most_allocated": "MostAllocated",
}


def api_server_config(
    wanted: ControlPlaneSettings,
) -> aws.eks.ClusterKubeApiServerConfigArgs | None:
    """How long events are kept and which ports NodePort Services get; None when neither is said."""
    minutes = wanted.event_lifetime_minutes
    ports = _node_ports(wanted)
    if minutes is None and ports is None:
        return None
    return aws.eks.ClusterKubeApiServerConfigArgs(
        # A duration of one unit. https://docs.aws.amazon.com/eks/latest/APIReference/API_KubeApiServerConfigRequest.html
        event_ttl=None if minutes is None else f"{minutes}m",
        service_node_port_range=ports,
    )


def controller_manager_config(
    wanted: ControlPlaneSettings,
) -> aws.eks.ClusterKubeControllerManagerConfigArgs | None:
    """How often pods are scaled and how many ended ones stay; None when neither is said."""
    seconds, ended = wanted.pod_autoscaler_sync_seconds, wanted.max_terminated_pods
    if seconds is None and ended is None:
        return None
    collector = aws.eks.ClusterKubeControllerManagerConfigPodGcControllerConfigArgs
    return aws.eks.ClusterKubeControllerManagerConfigArgs(
        horizontal_pod_autoscaler_controller_config=(
            None
            if seconds is None
            else Autoscaler(horizontal_pod_autoscaler_sync_period=f"{seconds}s")
        ),
        pod_gc_controller_config=(
            None if ended is None else collector(terminated_pod_gc_threshold=ended)
        ),
    )


def scheduler_config(scoring: Scoring) -> aws.eks.ClusterKubeSchedulerConfigArgs | None:
    """Which node pods go to: the fullest that has room, or the emptiest; None when nobody says."""
    strategy = _STRATEGIES[scoring]
    if strategy is None:
        return None
    resource = aws.eks.ClusterKubeSchedulerConfigNodeResourcesFitScoringStrategyResourceArgs
    return aws.eks.ClusterKubeSchedulerConfigArgs(
        node_resources_fit=aws.eks.ClusterKubeSchedulerConfigNodeResourcesFitArgs(
            scoring_strategy=aws.eks.ClusterKubeSchedulerConfigNodeResourcesFitScoringStrategyArgs(
                type=strategy,
                resources=[resource(name=name, weight=weight) for name, weight in _WEIGHTS.items()],
            )
        )
    )


def _node_ports(
    wanted: ControlPlaneSettings,
) -> aws.eks.ClusterKubeApiServerConfigServiceNodePortRangeArgs | None:
    """Both ends, so that one that is taken out of the program goes back while the other stays."""
    if wanted.node_port_min is None and wanted.node_port_max is None:
        return None
    first, last = DEFAULT_NODE_PORTS[0], DEFAULT_NODE_PORTS[-1]
    return aws.eks.ClusterKubeApiServerConfigServiceNodePortRangeArgs(
        min_port=first if wanted.node_port_min is None else wanted.node_port_min,
        max_port=last if wanted.node_port_max is None else wanted.node_port_max,
    )
