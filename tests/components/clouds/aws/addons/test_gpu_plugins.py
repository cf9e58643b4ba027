"""Plugins for GPUs: one on each node that needs one, none on the others, shared as was asked."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from aws_plane import Parent, make_plane, settings_of
from chart_values import CHARTS as DATA
from chart_values import chart_problems
from clouds.answers import CloudAnswers
from clouds.graph import assert_after, recorded_graph
from recording_monitor import Recording, record

from splitplane.components.addons.addon import AddonContext, ArgoCd
from splitplane.components.clouds.aws.addons.gpu_plugins import (
    build_device_plugin_values,
    build_efa_values,
    build_neuron_values,
    build_operator_values,
    declare_gpu_plugins,
)
from splitplane.components.clouds.aws.addons.gpu_sharing import (
    GpuNodes,
    build_plugin_configs,
    find_gpu_nodes,
    sharing_labels,
)
from splitplane.components.clouds.aws.karpenter.node_pool import build_node_pool
from splitplane.components.clouds.aws.karpenter.pools import Mig, Mps, NodePool, TimeSlicing

APPLICATION = "kubernetes:argoproj.io/v1alpha1:Application"
CONTEXT = AddonContext(None, None, {})  # type: ignore[arg-type]  # no engine here
ALL = GpuNodes(("plain", "sliced"), ("cut",), ("training",), (4,), (8,), ("chips",))
LIMITS = {"limit_cpu_cores": 64, "limit_memory_gib": 512, "limit_gpus": 8}
POOLS: dict[str, dict[str, Any]] = {
    "cpu": {"limit_cpu_cores": 64, "limit_memory_gib": 512},
    "rocket": {"gpu_name": "a10g", **LIMITS},
    "plain": {"gpu_name": "a10g", "image": "al2023", **LIMITS},
    "sliced": {
        "gpu_name": "l4",
        "image": "al2023",
        "sharing": {"time_slicing_replicas": 4},
        "static_nodes": 1,
    },
    "joined": {
        "gpu_name": "l4",
        "image": "al2023",
        "sharing": {"mps_replicas": 8},
        "static_nodes": 1,
    },
    "cut": {
        "gpu_name": "a100",
        "image": "al2023",
        "sharing": {"mig_profile": "1g.10gb"},
        "static_nodes": 1,
    },
    "chips": {
        "neuron_name": "inferentia2",
        "limit_cpu_cores": 64,
        "limit_memory_gib": 512,
        "limit_neurons": 8,
    },
    "training": {"gpu_name": "h100", "gpu_counts": [8], "has_efa": True, **LIMITS},
}


def pools(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, **POOLS[name]} for name in names]


def test_only_al2023_needs_a_plugin_and_only_mig_the_operator() -> None:
    found = find_gpu_nodes(settings_of(pools=pools(*POOLS)))

    assert found == GpuNodes(
        plugin=("joined", "plain", "sliced"),
        operator=("cut",),
        efa=("training",),
        slices=(4,),
        clients=(8,),
        neuron=("chips",),
    )


def test_node_groups_on_al2023_need_the_plugin() -> None:
    groups = [
        {"name": "a", "instance_types": ["g5.xlarge"], "max_nodes": 2, "gpu_name": "a10g"},
        {
            "name": "b",
            "instance_types": ["g5.xlarge"],
            "max_nodes": 2,
            "gpu_name": "a10g",
            "image": "al2023",
        },
        {"name": "c", "instance_types": ["m7i.xlarge"], "max_nodes": 2, "image": "al2023"},
    ]

    found = find_gpu_nodes(settings_of(compute_mode="node_groups", node_groups=groups))

    assert found == GpuNodes(("b",), (), (), ())


def test_node_groups_with_chips_or_efa_need_their_plugins() -> None:
    group = {"instance_types": ["trn1.32xlarge"], "max_nodes": 2, "neuron_name": "trainium"}
    groups = [
        {"name": "chips", **group},
        {"name": "joined", **group, "has_efa": True, "zones": ["eu-west-1a"]},
    ]

    found = find_gpu_nodes(settings_of(compute_mode="node_groups", node_groups=groups))

    assert found == GpuNodes((), (), ("joined",), (), neuron=("chips", "joined"))


@pytest.mark.parametrize("mode", ["karpenter", "auto_mode"])
def test_nothing_is_needed_without_gpus(mode: str) -> None:
    assert find_gpu_nodes(settings_of(compute_mode=mode)) == GpuNodes((), (), (), ())


@pytest.mark.parametrize(
    ("pool", "labels"),
    [
        (NodePool("p", gpu_name="a10g", image="al2023"), {}),
        (
            NodePool("p", gpu_name="l4", image="al2023", sharing=TimeSlicing(4)),
            {"nvidia.com/device-plugin.config": "time-slicing-4"},
        ),
        (
            NodePool("p", gpu_name="l4", image="al2023", sharing=Mps(8)),
            {"nvidia.com/device-plugin.config": "mps-8", "nvidia.com/mps.capable": "true"},
        ),
        (
            NodePool("p", gpu_name="a100", image="al2023", sharing=Mig("1g.5gb+me")),
            {"nvidia.com/mig.config": "all-1g.5gb.me"},
        ),
        (NodePool("p", gpu_name="l4", sharing=TimeSlicing(4)), {}),
    ],
    ids=["whole", "time slices", "at the same time", "parts", "bottlerocket"],
)
def test_nodes_carry_the_name_of_their_sharing(pool: NodePool, labels: dict[str, str]) -> None:
    assert sharing_labels(pool) == labels
    made = build_node_pool(pool)["spec"]["template"]["metadata"]["labels"]
    assert labels.items() <= made.items()


def test_the_plugin_shares_as_bottlerocket_does() -> None:
    configs = build_plugin_configs(GpuNodes((), (), (), (2, 4)))

    assert sorted(configs) == ["time-slicing-2", "time-slicing-4", "whole"]
    assert yaml.safe_load(configs["whole"]) == {"version": "v1", "flags": {"migStrategy": "none"}}
    assert yaml.safe_load(configs["time-slicing-4"])["sharing"] == {
        "timeSlicing": {
            "renameByDefault": False,
            "failRequestsGreaterThanOne": True,
            "resources": [{"name": "nvidia.com/gpu", "replicas": 4}],
        }
    }
    assert build_plugin_configs(GpuNodes(("plain",), (), (), ())) == {}


def test_pods_at_the_same_time_are_clients_of_mps() -> None:
    configs = build_plugin_configs(GpuNodes((), (), (), (4,), (4, 8)))

    assert sorted(configs) == ["mps-4", "mps-8", "time-slicing-4", "whole"]
    assert yaml.safe_load(configs["mps-8"]) == {
        "version": "v1",
        "flags": {"migStrategy": "none"},
        "sharing": {
            "mps": {
                "renameByDefault": False,
                "failRequestsGreaterThanOne": True,
                "resources": [{"name": "nvidia.com/gpu", "replicas": 8}],
            }
        },
    }


def test_the_plugin_runs_on_its_pools_al2023_nodes_alone() -> None:
    values = build_device_plugin_values(ALL)

    required = values["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert required["nodeSelectorTerms"] == [
        {
            "matchExpressions": [
                {"key": "nvidia.com/gpu.present", "operator": "In", "values": ["true"]},
                {
                    "key": "splitplane.io/node-pool",
                    "operator": "In",
                    "values": ["plain", "sliced"],
                },
            ]
        }
    ]
    assert values["tolerations"][0] == {
        "key": "nvidia.com/gpu",
        "operator": "Equal",
        "value": "true",
        "effect": "NoSchedule",
    }
    assert values["config"]["default"] == "whole"
    assert "config" not in build_device_plugin_values(GpuNodes(("plain",), (), (), ()))


def test_the_operator_leaves_driver_toolkit_and_other_nodes_alone() -> None:
    values = build_operator_values(CONTEXT, ALL)

    assert values["driver"] == values["toolkit"] == {"enabled": False}
    worker = values["node-feature-discovery"]["worker"]
    required = worker["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert required["nodeSelectorTerms"][0]["matchExpressions"] == [
        {"key": "splitplane.io/node-pool", "operator": "In", "values": ["cut"]}
    ]


def test_the_efa_plugin_knows_nodes_by_their_pool() -> None:
    assert build_efa_values(ALL)["supportedInstanceLabels"] == {
        "keys": ["splitplane.io/node-pool"],
        "values": ["training"],
    }


def test_the_efa_plugin_runs_beside_chips_of_aws_where_they_have_efa() -> None:
    joined = GpuNodes((), (), ("joined",), (), neuron=("joined",))

    keys = [item["key"] for item in build_efa_values(joined)["tolerations"]]
    assert keys == ["nvidia.com/gpu", "splitplane.io/node-pool", "aws.amazon.com/neuron"]
    assert len(build_efa_values(ALL)["tolerations"]) == 2


def test_the_plugin_of_aws_runs_on_its_pools_nodes_alone() -> None:
    # Upstream's values are not among those that the others are held against; written down here is
    # what the chart's values.yaml of 1.9.0 has.
    assert build_neuron_values(ALL) == {
        "devicePlugin": {
            "affinity": {
                "nodeAffinity": {
                    "requiredDuringSchedulingIgnoredDuringExecution": {
                        "nodeSelectorTerms": [
                            {
                                "matchExpressions": [
                                    {
                                        "key": "splitplane.io/node-pool",
                                        "operator": "In",
                                        "values": ["chips"],
                                    }
                                ]
                            }
                        ]
                    }
                }
            },
            "tolerations": [
                {
                    "key": "aws.amazon.com/neuron",
                    "operator": "Equal",
                    "value": "true",
                    "effect": "NoSchedule",
                },
                {"key": "splitplane.io/node-pool", "operator": "Exists", "effect": "NoSchedule"},
            ],
        },
        "npd": {"enabled": False},
    }


@pytest.mark.skipif(not DATA.is_dir(), reason=f"needs the values of charts in {DATA}")
def test_the_charts_read_every_value() -> None:
    # One configuration for each key; the affinity has the chart's own form.
    plugin = build_device_plugin_values(ALL)
    assert chart_problems("nvidia-device-plugin", plugin, free=("config.map",)) == []
    # The operator's values name only what they change of the subchart, whose pods take these.
    subchart = "node-feature-discovery"
    free = (
        f"{subchart}.gc.tolerations",
        f"{subchart}.master.tolerations",
        f"{subchart}.worker.affinity",
    )
    assert chart_problems("gpu-operator", build_operator_values(CONTEXT, ALL), free=free) == []


def run(names: tuple[str, ...], **args: Any) -> Recording:
    def program() -> None:
        whole = Parent("prod-eu")
        plane = make_plane(settings_of(pools=pools(*names), **args))
        context = AddonContext(plane.kubernetes, ArgoCd("argocd", ()), plane.settings.addons)
        declare_gpu_plugins(whole, plane, context, depends_on=plane.cluster.ready)

    return record(program, answers=CloudAnswers())


def test_each_plugin_is_installed_only_where_a_pool_needs_it() -> None:
    recording = run(tuple(POOLS))
    made = {item.name for item in recording.resources if item.type == APPLICATION}

    assert made == {
        "prod-eu-nvidia-device-plugin",
        "prod-eu-gpu-operator",
        "prod-eu-aws-efa-k8s-device-plugin",
        "prod-eu-neuron-helm-chart",
    }
    assert_after(recorded_graph(recording), "prod-eu-gpu-operator", "cluster")
    assert not [item for item in run(("cpu", "rocket")).resources if item.type == APPLICATION]
    off = {"gpu-operator": {"mode": "off"}}
    assert not [item for item in run(("cut",), addons=off).resources if item.type == APPLICATION]
