"""The NodePool of a pool: which machines, which pods, and when nodes go again. Pure.

Checked against karpenter.sh/v1 of Karpenter 1.14.1. EKS Auto Mode has the same kind and other names
in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from splitplane.components.clouds.aws.addons.gpu_sharing import sharing_labels
from splitplane.components.clouds.aws.karpenter.pools import NodePool
from splitplane.contract.labels import PREFIX
from splitplane.platforms import capabilities_of
from splitplane.platforms.aws_neurons import NEURON_RESOURCE, NEURON_TAINT

Manifest = dict[str, Any]  # Any: a Kubernetes object

POOL_LABEL: Final = f"{PREFIX}/node-pool"
_CAPACITY: Final = {"on_demand": "on-demand", "spot": "spot", "reserved": "reserved"}
_CPU_SECONDS: Final = 60
_GPU_SECONDS: Final = 600
"""A GPU node takes minutes to come up and its images minutes to load; ten minutes keep it for the
next run of an experiment."""
MAX_POOL_CORES: Final = 32
"""Most cores of one machine without a GPU."""
_CATEGORIES: Final = ("c", "m", "r")
_OLDEST_GENERATION: Final = 5


@dataclass(frozen=True)
class Vocabulary:
    """The names by which a controller of NodePools knows machines and their classes.

    Attributes:
        group: API group of its node classes, which starts its labels of machines too.
        kind: kind of its node classes.
        has_system_label: whether it takes requirements of `kubernetes.io/os`.
        has_inclusive_bounds: whether it is known to take the operators Gte and Lte.
    """

    group: str
    kind: str
    has_system_label: bool
    has_inclusive_bounds: bool


KARPENTER: Final = Vocabulary("karpenter.k8s.aws", "EC2NodeClass", True, True)
"""Karpenter on our own nodes."""
AUTO_MODE: Final = Vocabulary("eks.amazonaws.com", "NodeClass", False, False)
"""EKS Auto Mode: "Supported Labels" and, of `kubernetes.io/os`, "Not Supported Labels" in
https://docs.aws.amazon.com/eks/latest/userguide/create-node-pool.html. No page says which Karpenter
it runs; its own pool general-purpose has `Gt`. Checked 2026-11-21."""


def build_node_pool(
    pool: NodePool, *, startup_taints: tuple[str, ...] = (), vocabulary: Vocabulary = KARPENTER
) -> Manifest:
    """The manifest; it refers to the node class of the same name.

    Args:
        pool: a checked pool.
        startup_taints: keys of taints that an add-on removes from a new node; only of add-ons that
            are installed, for a node that keeps one never becomes ready.
        vocabulary: of the controller that makes its nodes.
    """
    spec: Manifest = {
        "template": {
            "metadata": {"labels": _labels(pool)},
            "spec": {
                "nodeClassRef": {
                    "group": vocabulary.group,
                    "kind": vocabulary.kind,
                    "name": pool.name,
                },
                "requirements": _requirements(pool, vocabulary),
                "taints": _taints(pool),
                "startupTaints": [{"key": key, "effect": "NoExecute"} for key in startup_taints],
                "expireAfter": f"{pool.effective_lifetime_hours}h",
            },
        },
    }
    if pool.termination_grace_seconds is not None:
        grace = f"{pool.termination_grace_seconds}s"
        spec["template"]["spec"]["terminationGracePeriod"] = grace
    spec["disruption"] = _disruption(pool)
    if pool.static_nodes is not None:
        spec["replicas"] = pool.static_nodes
    else:
        spec["limits"] = _limits(pool)
    if pool.weight is not None:
        spec["weight"] = pool.weight
    return {
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodePool",
        "metadata": {"name": pool.name},
        "spec": spec,
    }


def _labels(pool: NodePool) -> dict[str, str]:
    labels = {POOL_LABEL: pool.name}
    if pool.gpu_name is not None and pool.effective_image == "al2023":
        # What the device plugin's chart looks for where nothing discovers features of nodes.
        labels["nvidia.com/gpu.present"] = "true"
    return labels | sharing_labels(pool)


def _requirements(pool: NodePool, vocabulary: Vocabulary) -> list[Manifest]:
    machine = f"{vocabulary.group}/instance"
    found = [_is_in("kubernetes.io/os", "linux")] if vocabulary.has_system_label else []
    found += [
        _is_in("kubernetes.io/arch", *pool.architectures),
        _is_in("karpenter.sh/capacity-type", _CAPACITY[pool.capacity]),
    ]
    if pool.neuron is not None:
        # The family says the chip: Karpenter's documentation has no label's value for trainium2.
        families = pool.families or tuple(pool.neuron.families)
        found.append(_is_in(f"{machine}-family", *families))
        if pool.has_efa:
            # Smaller machines of a family have fewer EFA interfaces, or none.
            found.append(_is_in("node.kubernetes.io/instance-type", *pool.efa_machines))
    elif pool.gpu is None:
        found += [
            _is_in(f"{machine}-category", *_CATEGORIES),
            _at_least(f"{machine}-generation", _OLDEST_GENERATION, vocabulary),
            _at_most(f"{machine}-cpu", MAX_POOL_CORES, vocabulary),
        ]
        if pool.families:
            found.append(_is_in(f"{machine}-family", *pool.families))
    else:
        families = pool.families or tuple(pool.gpu.families)
        counts = pool.gpu_counts or pool.gpu.counts
        found += [
            _is_in(f"{machine}-gpu-name", pool.gpu.name),
            _is_in(f"{machine}-family", *families),
            _is_in(f"{machine}-gpu-count", *map(str, counts)),
        ]
    if pool.zones:
        found.append(_is_in("topology.kubernetes.io/zone", *pool.zones))
    return found


def _taints(pool: NodePool) -> list[Manifest]:
    taint = capabilities_of("eks").gpu_taint
    taints: list[Manifest] = []
    if pool.gpu_name is not None and taint is not None:
        taints.append({"key": taint.key, "value": taint.value, "effect": taint.effect})
    if pool.neuron_name is not None:
        taint = NEURON_TAINT
        taints.append({"key": taint.key, "value": taint.value, "effect": taint.effect})
    if pool.is_dedicated:
        taints.append({"key": POOL_LABEL, "value": pool.name, "effect": "NoSchedule"})
    return taints


def _disruption(pool: NodePool) -> Manifest:
    is_dear = pool.has_accelerators
    # Moving a model that serves costs more than the part of a GPU node that it leaves idle.
    moves = not is_dear if pool.moves_running_pods is None else pool.moves_running_pods
    seconds = pool.consolidate_after_seconds
    if seconds is None:
        seconds = _GPU_SECONDS if is_dear else _CPU_SECONDS
    budgets: list[Manifest] = [{"nodes": f"{pool.disruption_budget_percent}%"}]
    if pool.quiet_schedule is not None and pool.quiet_hours is not None:
        quiet = {"schedule": pool.quiet_schedule, "duration": f"{pool.quiet_hours}h"}
        budgets.append({"nodes": "0", **quiet})
    return {
        "consolidationPolicy": "WhenEmptyOrUnderutilized" if moves else "WhenEmpty",
        "consolidateAfter": f"{seconds}s",
        "budgets": budgets,
    }


def _limits(pool: NodePool) -> dict[str, str]:
    limits = {"cpu": str(pool.limit_cpu_cores), "memory": f"{pool.limit_memory_gib}Gi"}
    if pool.limit_gpus is not None:
        limits["nvidia.com/gpu"] = str(pool.limit_gpus)
    if pool.limit_neurons is not None:
        limits[NEURON_RESOURCE] = str(pool.limit_neurons)
    return limits


def _is_in(key: str, *values: str) -> Manifest:
    return {"key": key, "operator": "In", "values": list(values)}


def _at_least(key: str, value: int, vocabulary: Vocabulary) -> Manifest:
    if vocabulary.has_inclusive_bounds:
        return {"key": key, "operator": "Gte", "values": [str(value)]}
    return {"key": key, "operator": "Gt", "values": [str(value - 1)]}


def _at_most(key: str, value: int, vocabulary: Vocabulary) -> Manifest:
    if vocabulary.has_inclusive_bounds:
        return {"key": key, "operator": "Lte", "values": [str(value)]}
    return {"key": key, "operator": "Lt", "values": [str(value + 1)]}
