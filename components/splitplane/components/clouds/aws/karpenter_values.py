"""Values of Karpenter's chart, and whether its role may do what they ask for. Pure.

A setting without its rights fails much later, when the first node does not come; so what the chart
gets in the end, with the user's own values in it, is held against the documents of the role.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from splitplane.components.clouds.aws.pools import NodePool
from splitplane.components.errors import WrongArgument

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

RIGHTS: Final[dict[str, tuple[str, ...]]] = {
    "settings.enableZonalShift": ("arc-zonal-shift:GetManagedResource",),
    "settings.interruptionQueue": (
        "sqs:DeleteMessage",
        "sqs:GetQueueUrl",
        "sqs:ReceiveMessage",
    ),
    "settings.featureGates.nodeRepair": ("ec2:DescribeInstanceStatus", "ec2:TerminateInstances"),
    "settings.featureGates.reservedCapacity": ("ec2:DescribeCapacityReservations",),
    "settings.featureGates.spotToSpotConsolidation": ("ec2:DescribeSpotPriceHistory",),
    "settings.featureGates.staticCapacity": ("ec2:CreateFleet", "ec2:RunInstances"),
}
"""Path of a setting → what Karpenter calls once it is set. Sources: the permissions of
https://karpenter.sh/docs/reference/cloudformation/ and the upgrade guide, for 1.14."""
_ON_BY_DEFAULT: Final = ("settings.featureGates.reservedCapacity",)
_NO_RIGHTS: Final = frozenset(
    {"settings.featureGates.nodeOverlay", "settings.featureGates.capacityBuffer"}
)
"""Gates that only the API server of the cluster sees."""
_OWN: Final = {"settings.clusterName": False, "settings.interruptionQueue": True}
"""Settings that the documents name, since another cluster or queue is out of reach → whether
Karpenter works without it."""


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
        and pool.gpu_name is None
        and pool.moves_running_pods is not False
    ]
    few = any(
        pool.families and len(pool.families) * _SIZES_OF_A_FAMILY < _SPOT_TYPES for pool in spot
    )
    return bool(spot) and not few


def check_values(
    values: Mapping[str, Any],  # Any: values of a chart
    *,
    defaults: Mapping[str, Any],  # Any: values of a chart
    pools: Sequence[NodePool],
    documents: Iterable[str],
) -> None:
    """Raises WrongArgument unless Karpenter may do, and does, what is asked for.

    Args:
        values: what the chart gets, with the user's values in it.
        defaults: of `build_values`.
        pools: the pools that it makes nodes for.
        documents: the documents of its role.
    """
    problems = [
        *_right_problems(values, _actions_of(documents)),
        *_own_problems(values, defaults),
        *_gate_problems(values, pools),
    ]
    if problems:
        raise WrongArgument("; ".join(problems))


def _right_problems(values: Mapping[str, Any], actions: set[str]) -> Iterable[str]:
    for path, needed in RIGHTS.items():
        missing = sorted(set(needed) - actions)
        if _at(values, path, default=path in _ON_BY_DEFAULT) and missing:
            yield (
                f"addons['karpenter'].values: {path} needs {', '.join(missing)}, which its role "
                "does not have: leave it out, or set what it belongs to in the arguments"
            )
    gates = _at(values, "settings.featureGates", default={})
    for name in sorted(gates if isinstance(gates, Mapping) else ()):
        path = f"settings.featureGates.{name}"
        if gates[name] and path not in RIGHTS and path not in _NO_RIGHTS:
            yield f"addons['karpenter'].values: {path} is not known in this version: leave it out"


def _own_problems(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> Iterable[str]:
    for path, is_optional in _OWN.items():
        found, own = _at(values, path, default=""), _at(defaults, path, default="")
        if found != own and not (is_optional and found == ""):
            yield (
                f"addons['karpenter'].values: {path} {found!r} is out of reach of its role, which "
                f"is made for {own!r}: leave it out"
            )


def _gate_problems(values: Mapping[str, Any], pools: Sequence[NodePool]) -> Iterable[str]:
    gates: dict[str, list[str]] = {
        "staticCapacity": [pool.name for pool in pools if pool.static_nodes is not None],
        "reservedCapacity": [pool.name for pool in pools if pool.capacity == "reserved"],
    }
    for gate, names in gates.items():
        path = f"settings.featureGates.{gate}"
        if names and not _at(values, path, default=path in _ON_BY_DEFAULT):
            yield (
                f"addons['karpenter'].values: {path} is off, but pools {', '.join(names)} get no "
                "nodes without it: leave it out"
            )


def _actions_of(documents: Iterable[str]) -> set[str]:
    return {
        action
        for text in documents
        for statement in json.loads(text)["Statement"]
        if statement["Effect"] == "Allow"
        for action in statement["Action"]
    }


def _at(values: Mapping[str, Any], path: str, *, default: object) -> Any:  # Any: of a chart
    found: Any = values  # Any: values of a chart
    for key in path.split("."):
        if not isinstance(found, Mapping) or key not in found:
            return default
        found = found[key]
    return found
