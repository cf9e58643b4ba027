"""What makes GPUs and EFA interfaces known on nodes whose image does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pulumi

from splitplane.components.addons.addon import Addon, AddonContext, declare_addon
from splitplane.components.addons.charts import CHARTS
from splitplane.components.clouds.aws.addons.gpu_sharing import (
    WHOLE,
    GpuNodes,
    build_plugin_configs,
    find_gpu_nodes,
)
from splitplane.components.clouds.aws.karpenter.node_pool import POOL_LABEL
from splitplane.components.clouds.aws.parts import Plane
from splitplane.platforms import capabilities_of
from splitplane.platforms.aws_neurons import NEURON_TAINT

DEVICE_PLUGIN: Final = "nvidia-device-plugin"
NEURON_PLUGIN: Final = "neuron-helm-chart"
EFA_PLUGIN: Final = "aws-efa-k8s-device-plugin"
OPERATOR: Final = "gpu-operator"
SYSTEM: Final = "kube-system"
_NEURON_TOLERATION: Final = {
    "key": NEURON_TAINT.key,
    "operator": "Equal",
    "value": NEURON_TAINT.value,
    "effect": NEURON_TAINT.effect,
}

Values = dict[str, Any]  # Any: values of a chart


def declare_gpu_plugins(
    parent: pulumi.Resource,
    plane: Plane,
    context: AddonContext,
    *,
    depends_on: Sequence[pulumi.Resource] = (),
) -> list[pulumi.Resource]:
    """Pods may ask for GPUs, chips of AWS and EFA interfaces wherever a pool has them.

    Each plugin is there only if a pool needs it: the device plugin with GPUs on AL2023 that are not
    cut by MIG, the GPU operator with those that are, the EFA plugin with `has_efa`, AWS' own with
    `neuron_name`.

    Args:
        parent: the component.
        plane: the compute plane.
        context: what all add-ons share.
        depends_on: what has to be there before them; nodes of the pools need not.
    """
    nodes = find_gpu_nodes(plane.settings)
    addons: list[Addon] = []
    if nodes.plugin:
        values = build_device_plugin_values(nodes)
        addons.append(Addon(DEVICE_PLUGIN, SYSTEM, CHARTS[DEVICE_PLUGIN], values))
    if nodes.operator:
        values = build_operator_values(context, nodes)
        addons.append(Addon(OPERATOR, OPERATOR, CHARTS[OPERATOR], values))
    if nodes.efa:
        addons.append(Addon(EFA_PLUGIN, SYSTEM, CHARTS[EFA_PLUGIN], build_efa_values(nodes)))
    if nodes.neuron:
        values = build_neuron_values(nodes)
        addons.append(Addon(NEURON_PLUGIN, SYSTEM, CHARTS[NEURON_PLUGIN], values))
    made = [declare_addon(parent, context, addon, depends_on=depends_on) for addon in addons]
    return [item for item in made if item is not None]


def build_device_plugin_values(nodes: GpuNodes) -> Values:
    """Values of the chart nvidia-device-plugin 0.20, on its own pools' AL2023 nodes alone.

    The label of the GPU is on AL2023 nodes only, so that none of Bottlerocket's has it while a pool
    changes its image. The plugin does not see that its ConfigMap changes; the chart puts the
    checksum on the pods, so that they are replaced. The chart's daemon of MPS takes affinity and
    tolerations from here too; it runs where the node is labelled for it.
    """
    required = {
        "nodeSelectorTerms": [
            {
                "matchExpressions": [
                    {"key": "nvidia.com/gpu.present", "operator": "In", "values": ["true"]},
                    _of_pools(nodes.plugin),
                ]
            }
        ]
    }
    values: Values = {
        "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}},
        "tolerations": _tolerations(),
    }
    if configs := build_plugin_configs(nodes):
        values["config"] = {"map": configs, "default": WHOLE}
    return values


def build_operator_values(context: AddonContext, nodes: GpuNodes) -> Values:
    """Values of the chart gpu-operator 26.7; driver and toolkit are in the image.

    The operator acts on nodes that feature discovery found a GPU on, and that looks at nodes of
    these pools alone: so the other GPU nodes keep their own plugin. All GPUs of a node are cut
    alike, and the parts are `nvidia.com/gpu` as everywhere.
    """
    of_system = [dict(item) for item in context.tolerations]
    required = {"nodeSelectorTerms": [{"matchExpressions": [_of_pools(nodes.operator)]}]}
    return {
        "driver": {"enabled": False},
        "toolkit": {"enabled": False},
        "mig": {"strategy": "single"},
        # Some GPUs are cut only after a restart of the machine.
        "migManager": {"enabled": True, "env": [{"name": "WITH_REBOOT", "value": "true"}]},
        "daemonsets": {"tolerations": _tolerations()},
        # Argo CD applies the kinds of the chart itself.
        "operator": {"tolerations": of_system, "upgradeCRD": False},
        # Its kind is there only with Prometheus.
        "dcgmExporter": {"serviceMonitor": {"enabled": False}},
        "node-feature-discovery": {
            "gc": {"tolerations": of_system},
            "master": {"tolerations": of_system},
            "worker": {
                "affinity": {
                    "nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}
                },
                "tolerations": _tolerations(),
            },
        },
    }


def build_efa_values(nodes: GpuNodes) -> Values:
    """Values of the chart aws-efa-k8s-device-plugin 0.5, on nodes of pools with EFA alone.

    The chart knows nodes by a list of instance types; pools are said by the same affinity.
    """
    return {
        "supportedInstanceLabels": {"keys": [POOL_LABEL], "values": list(nodes.efa)},
        "tolerations": [
            *_tolerations(),
            *([_NEURON_TOLERATION] if {*nodes.efa} & {*nodes.neuron} else []),
        ],
    }


def build_neuron_values(nodes: GpuNodes) -> Values:
    """Values of the chart neuron-helm-chart 1.9: the device plugin alone, on its own pools' nodes.

    The chart knows nodes by a list of instance types; pools are said by the same affinity. Its
    problem detector is left out: EKS' node monitoring agent looks at these chips too.
    """
    required = {"nodeSelectorTerms": [{"matchExpressions": [_of_pools(nodes.neuron)]}]}
    return {
        "devicePlugin": {
            "affinity": {
                "nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}
            },
            "tolerations": [
                _NEURON_TOLERATION,
                {"key": POOL_LABEL, "operator": "Exists", "effect": "NoSchedule"},
            ],
        },
        "npd": {"enabled": False},
    }


def _of_pools(names: Sequence[str]) -> dict[str, Any]:  # Any: part of a Kubernetes object
    return {"key": POOL_LABEL, "operator": "In", "values": list(names)}


def _tolerations() -> list[dict[str, str]]:
    """Of the taints that GPU nodes have, and that nodes of dedicated pools have."""
    taint = capabilities_of("eks").gpu_taint
    assert taint is not None, "GPU nodes of EKS are tainted"
    return [
        {
            "key": taint.key,
            "operator": "Equal",
            "value": taint.value,
            "effect": taint.effect,
        },
        {"key": POOL_LABEL, "operator": "Exists", "effect": "NoSchedule"},
    ]
