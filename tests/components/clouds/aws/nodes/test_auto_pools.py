"""Pools of one's own in Auto Mode: what they say, and what outlives them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from aws_plane import Parent, settings_of, with_plane
from clouds.answers import CloudAnswers
from clouds.graph import assert_after, recorded_graph
from recording_monitor import Recording, record

from splitplane.components.clouds.aws.karpenter.default_pools import in_auto_mode
from splitplane.components.clouds.aws.karpenter.node_class import NodeNetwork
from splitplane.components.clouds.aws.karpenter.node_pool import AUTO_MODE, build_node_pool
from splitplane.components.clouds.aws.karpenter.pools import NodePool
from splitplane.components.clouds.aws.network.gpu_zones import gpu_needs
from splitplane.components.clouds.aws.nodes.auto_pools import build_auto_class, declare_auto_pools
from splitplane.components.clouds.aws.nodes.security import declare_node_security_group
from splitplane.components.clouds.aws.parts import Plane

POOL = "kubernetes:karpenter.sh/v1:NodePool"
CLASS = "kubernetes:eks.amazonaws.com/v1:NodeClass"
SUPPORTED_LABELS = {
    "topology.kubernetes.io/zone",
    "kubernetes.io/arch",
    "karpenter.sh/capacity-type",
    "eks.amazonaws.com/instance-category",
    "eks.amazonaws.com/instance-generation",
    "eks.amazonaws.com/instance-family",
    "eks.amazonaws.com/instance-cpu",
    "eks.amazonaws.com/instance-gpu-name",
    "eks.amazonaws.com/instance-gpu-count",
}
"""Those used here of "EKS Auto Mode Supported Labels" in
https://docs.aws.amazon.com/eks/latest/userguide/create-node-pool.html, checked 2026-11-21."""
NETWORK = NodeNetwork(
    subnet_ids={"eu-west-1a": "subnet-0a", "eu-west-1b": "subnet-0b"},
    security_group_ids=["sg-0c"],
    role_name="prod-eu-auto-node-eu-west-1",
    tags={"environment": "prod"},
)
CPU = NodePool("cpu", 256, 1024)
GPU = NodePool("gpu", 512, 4096, 16, gpu_name="a10g")
ASKED: dict[str, Any] = {
    "name": "gpu",
    "gpu_name": "a10g",
    "limit_cpu_cores": 96,
    "limit_memory_gib": 384,
    "limit_gpus": 8,
}


def built(pool: NodePool) -> dict[str, Any]:
    return build_node_pool(in_auto_mode(pool), vocabulary=AUTO_MODE)


def declare(parent: Parent, plane: Plane) -> list[pulumi.Resource]:
    opts = pulumi.ResourceOptions(parent=parent)
    base = aws.ec2.InternetGateway("base", vpc_id="vpc-1", opts=opts)
    return declare_auto_pools(
        parent,
        plane,
        security=declare_node_security_group(parent, plane),
        startup_taints=("efs.csi.aws.com/agent-not-ready",),
        depends_on=[*plane.cluster.ready, *plane.network.ways_out, base],
    )


def declared(*, is_preview: bool = False, **args: Any) -> Recording:
    program = with_plane(settings_of(**{"compute_mode": "auto_mode", **args}), declare)
    return record(program, is_preview=is_preview, answers=CloudAnswers())


def test_gpu_pool_asks_for_machines_by_the_labels_of_auto_mode() -> None:
    assert built(GPU) == {
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodePool",
        "metadata": {"name": "gpu"},
        "spec": {
            "template": {
                "metadata": {"labels": {"splitplane.io/node-pool": "gpu"}},
                "spec": {
                    "nodeClassRef": {
                        "group": "eks.amazonaws.com",
                        "kind": "NodeClass",
                        "name": "gpu",
                    },
                    "requirements": [
                        {"key": "kubernetes.io/arch", "operator": "In", "values": ["amd64"]},
                        {
                            "key": "karpenter.sh/capacity-type",
                            "operator": "In",
                            "values": ["on-demand"],
                        },
                        {
                            "key": "eks.amazonaws.com/instance-gpu-name",
                            "operator": "In",
                            "values": ["a10g"],
                        },
                        {
                            "key": "eks.amazonaws.com/instance-family",
                            "operator": "In",
                            "values": ["g5"],
                        },
                        {
                            "key": "eks.amazonaws.com/instance-gpu-count",
                            "operator": "In",
                            "values": ["1", "4", "8"],
                        },
                    ],
                    "taints": [{"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}],
                    "startupTaints": [],
                    "expireAfter": "336h",
                    "terminationGracePeriod": "86400s",
                },
            },
            "disruption": {
                "consolidationPolicy": "WhenEmpty",
                "consolidateAfter": "600s",
                "budgets": [{"nodes": "10%"}],
            },
            "limits": {"cpu": "512", "memory": "4096Gi", "nvidia.com/gpu": "16"},
        },
    }


def test_bounds_leave_their_value_out() -> None:
    requirements = built(CPU)["spec"]["template"]["spec"]["requirements"]

    assert requirements[2:] == [
        {
            "key": "eks.amazonaws.com/instance-category",
            "operator": "In",
            "values": ["c", "m", "r"],
        },
        {"key": "eks.amazonaws.com/instance-generation", "operator": "Gt", "values": ["4"]},
        {"key": "eks.amazonaws.com/instance-cpu", "operator": "Lt", "values": ["33"]},
    ]


@pytest.mark.parametrize(
    "pool",
    [
        replace(CPU, families=("c7i",), zones=("eu-west-1a",)),
        GPU,
        NodePool("chips", 96, 384, limit_neurons=4, neuron_name="trainium2"),
        NodePool("fixed", static_nodes=2, gpu_name="h100", gpu_counts=(8,)),
    ],
    ids=lambda pool: pool.name,
)
def test_every_requirement_is_one_that_auto_mode_knows(pool: NodePool) -> None:
    requirements = built(pool)["spec"]["template"]["spec"]["requirements"]

    assert {item["key"] for item in requirements} <= SUPPORTED_LABELS


def test_a_life_that_is_given_stays() -> None:
    pool = replace(CPU, node_lifetime_hours=100, termination_grace_seconds=60)

    spec = built(pool)["spec"]["template"]["spec"]

    assert (spec["expireAfter"], spec["terminationGracePeriod"]) == ("100h", "60s")


def test_the_class_has_disk_role_network_and_tags() -> None:
    assert build_auto_class(replace(GPU, data_disk_gib=500), NETWORK) == {
        "apiVersion": "eks.amazonaws.com/v1",
        "kind": "NodeClass",
        "metadata": {"name": "gpu"},
        "spec": {
            "role": "prod-eu-auto-node-eu-west-1",
            "subnetSelectorTerms": [{"id": "subnet-0a"}, {"id": "subnet-0b"}],
            "securityGroupSelectorTerms": [{"id": "sg-0c"}],
            "ephemeralStorage": {"size": "500Gi"},
            "tags": {"environment": "prod"},
        },
    }


def test_the_class_of_a_reservation_names_it_and_only_its_zone() -> None:
    pool = replace(
        GPU, capacity="reserved", reservation_ids=("cr-1", "cr-2"), zones=("eu-west-1b",)
    )

    spec = build_auto_class(pool, replace(NETWORK, kms_key_arn="arn:key"))["spec"]

    assert spec["capacityReservationSelectorTerms"] == [{"id": "cr-1"}, {"id": "cr-2"}]
    assert spec["subnetSelectorTerms"] == [{"id": "subnet-0b"}]
    assert spec["ephemeralStorage"] == {"size": "100Gi", "kmsKeyID": "arn:key"}


@pytest.mark.parametrize("is_preview", [False, True], ids=["update", "preview"])
def test_nodes_end_while_cluster_and_ways_out_are_there(is_preview: bool) -> None:
    graph = recorded_graph(declared(is_preview=is_preview, pools=[ASKED]))

    assert_after(graph, f"{POOL}::prod-eu-pool-gpu", f"{CLASS}::prod-eu-class-gpu")
    for needed in ("cluster", "way-out", "base"):
        assert_after(graph, f"{POOL}::prod-eu-pool-gpu", needed)
        assert_after(graph, f"{CLASS}::prod-eu-class-gpu", needed)


def test_pools_have_the_cluster_s_own_group_and_its_role_of_nodes() -> None:
    recording = declared(
        pools=[ASKED],
        tags={"team": "ml"},
        storage={"kms_key_arn": "arn:aws:kms:eu-west-1:111122223333:key/0a1b"},
        delete_timeout_minutes=50,
    )

    node_class, pool = recording.one(CLASS), recording.one(POOL)
    spec = node_class.inputs["spec"]
    assert spec["role"] == "prod-eu-auto-node-eu-west-1"
    assert spec["securityGroupSelectorTerms"] == [{"id": "sg-cluster"}]
    assert [item["id"] for item in spec["subnetSelectorTerms"]] == [
        "subnet-a",
        "subnet-b",
        "subnet-c",
    ]
    assert spec["ephemeralStorage"]["kmsKeyID"] == "arn:aws:kms:eu-west-1:111122223333:key/0a1b"
    assert spec["tags"] == {"splitplane.io/cluster": "prod-eu", "team": "ml"}
    assert pool.inputs["spec"]["template"]["spec"]["startupTaints"] == [
        {"key": "efs.csi.aws.com/agent-not-ready", "effect": "NoExecute"}
    ]
    assert (pool.timeouts["delete"], node_class.timeouts["delete"]) == ("50m", "50m")


def test_no_access_entry_is_made_for_nodes_that_eks_knows() -> None:
    types = {item.type for item in declared(pools=[ASKED]).resources}

    assert "aws:eks/accessEntry:AccessEntry" not in types


def test_zones_are_held_against_the_machines_of_the_pools() -> None:
    (need,) = gpu_needs(settings_of(compute_mode="auto_mode", pools=[ASKED]))

    assert (need.field, need.instance_types) == ("pools[0].gpu_name 'a10g'", ("g5.xlarge",))


@pytest.mark.parametrize(
    "args",
    [{}, {"pools": []}, {"compute_mode": "karpenter", "pools": [ASKED]}],
    ids=["none asked for", "no pools", "Karpenter"],
)
def test_without_pools_of_auto_mode_there_is_nothing(args: dict[str, Any]) -> None:
    types = {item.type for item in declared(**args).resources}

    assert not types & {POOL, CLASS}
