"""Node groups with chips of AWS, with EFA and from reservations are what EC2 and EKS ask for."""

from __future__ import annotations

from typing import Any

import pytest
from aws_plane import Parent, settings_of, with_plane
from clouds.answers import CloudAnswers
from recording_monitor import Recording, record

from splitplane.components.clouds.aws.karpenter.node_pool import build_node_pool
from splitplane.components.clouds.aws.karpenter.pools import NodePool
from splitplane.components.clouds.aws.nodes.groups import (
    declare_node_groups,
    node_labels,
    node_tags,
    node_taints,
)
from splitplane.components.clouds.aws.nodes.security import declare_node_security_group
from splitplane.components.clouds.aws.parts import Plane
from splitplane.components.clouds.aws.settings import NodeGroupSettings

GROUP = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
PLACEMENT = "aws:ec2/placementGroup:PlacementGroup"
ZONE = "eu-west-1b"
ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
TRAINING: dict[str, Any] = {
    "name": "training",
    "instance_types": ["trn1.32xlarge"],
    "max_nodes": 4,
    "neuron_name": "trainium",
    "has_efa": True,
    "zones": [ZONE],
}
RESERVED = {"capacity": "reserved", "reservation_id": "cr-0a1b2c"}


def declared(group: dict[str, Any], **args: Any) -> Recording:
    def declare(parent: Parent, plane: Plane) -> None:
        security = declare_node_security_group(parent, plane)
        declare_node_groups(parent, plane, security=security, depends_on=[])

    kinds = group["instance_types"]
    pairs = [(kind, zone) for kind in kinds for zone in ZONES]
    answer = {
        "id": "eu-west-1",
        "instanceTypes": [kind for kind, _ in pairs],
        "locations": [zone for _, zone in pairs],
        "locationTypes": ["availability-zone" for _ in pairs],
    }
    settings = settings_of(compute_mode="node_groups", node_groups=[group], **args)
    offerings = "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings"
    return record(with_plane(settings, declare), answers=CloudAnswers({offerings: answer}))


def test_a_group_of_chips_has_their_image_taint_and_resource() -> None:
    group = {**TRAINING, "has_efa": False, "instance_types": ["trn1.2xlarge"], "zones": []}
    recording = declared(group)

    made = {item.name: item.inputs for item in recording.resources if item.type == GROUP}
    assert list(made) == [f"prod-eu-training-{zone}" for zone in ZONES]
    one = made["prod-eu-training-eu-west-1a"]
    assert one["amiType"] == "AL2023_x86_64_NEURON"
    assert one["labels"] == {
        "splitplane.io/node-pool": "training",
        "karpenter.sh/capacity-type": "on-demand",
    }
    assert one["taints"] == [
        {"key": "aws.amazon.com/neuron", "value": "true", "effect": "NO_SCHEDULE"}
    ]
    resource = "k8s.io/cluster-autoscaler/node-template/resources/aws.amazon.com/neuron"
    assert one["tags"][resource] == "1"
    template = next(item.inputs for item in recording.resources if item.type == TEMPLATE)
    assert not {"networkInterfaces", "placement", "capacityReservationSpecification"} & {*template}


@pytest.mark.parametrize("image", ["al2023", "bottlerocket"])
def test_labels_and_taints_of_chips_are_those_of_karpenters_pools(image: Any) -> None:
    group = NodeGroupSettings("t", ("trn1.2xlarge",), 2, neuron_name="trainium", image=image)
    pool = NodePool("t", neuron_name="trainium", image=image)
    template = build_node_pool(pool)["spec"]["template"]

    assert template["metadata"]["labels"].items() <= node_labels(group).items()
    assert template["spec"]["taints"] == [
        {"key": taint.key, "value": taint.value, "effect": taint.effect}
        for taint in node_taints(group)
    ]


def test_the_autoscaler_is_told_the_fewest_chips_and_all_efa_interfaces() -> None:
    prefix = "k8s.io/cluster-autoscaler/node-template/resources"
    mixed = NodeGroupSettings("a", ("inf2.48xlarge", "inf2.24xlarge"), 2, neuron_name="inferentia2")
    joined = NodeGroupSettings("b", ("p5.48xlarge",), 2, gpu_name="h100", has_efa=True)

    assert node_tags(mixed) == {f"{prefix}/aws.amazon.com/neuron": "6"}
    assert node_tags(joined) == {f"{prefix}/vpc.amazonaws.com/efa": "32"}
    assert node_tags(NodeGroupSettings("c", ("g5.xlarge",), 2, gpu_name="a10g")) == {}


@pytest.mark.parametrize("profile", ["cluster", "restricted"])
def test_efa_has_all_interfaces_in_the_nodes_group_and_one_placement_group(profile: str) -> None:
    recording = declared(TRAINING, network={"security_group_profile": profile})

    placement = recording.one(PLACEMENT)
    assert (placement.name, placement.inputs["strategy"]) == ("prod-eu-training", "cluster")
    template = recording.one(TEMPLATE)
    assert template.inputs["placement"] == {"groupName": "prod-eu-training"}
    assert template.property_dependencies["placement"] == (placement.urn,)
    assert "vpcSecurityGroupIds" not in template.inputs
    interfaces = template.inputs["networkInterfaces"]
    assert [
        (item["networkCardIndex"], item["deviceIndex"], item["interfaceType"])
        for item in interfaces
    ] == [
        (0, 0, "interface"),
        (0, 1, "efa-only"),
        *((card, 0, "efa-only") for card in range(1, 8)),
    ]
    for item in interfaces:
        assert item.keys() == {
            "networkCardIndex",
            "deviceIndex",
            "interfaceType",
            "securityGroups",
            "deleteOnTermination",
        }
        assert len(item["securityGroups"]) == 1
    if profile == "cluster":
        assert interfaces[0]["securityGroups"] == ["sg-cluster"]
    made = recording.one(GROUP)
    assert made.name == f"prod-eu-training-{ZONE}"
    assert made.inputs["subnetIds"] == ["subnet-b"]


def test_reserved_machines_come_from_the_reservation_and_no_group() -> None:
    recording = declared(TRAINING | RESERVED)

    assert PLACEMENT not in {item.type for item in recording.resources}
    template = recording.one(TEMPLATE).inputs
    assert template["capacityReservationSpecification"] == {
        "capacityReservationTarget": {"capacityReservationId": "cr-0a1b2c"}
    }
    made = recording.one(GROUP).inputs
    assert made["capacityType"] == "ON_DEMAND"
    assert made["labels"]["karpenter.sh/capacity-type"] == "reserved"
    # No machine is to spare for an update.
    assert made["updateConfig"] == {"maxUnavailable": 1, "updateStrategy": "MINIMAL"}
