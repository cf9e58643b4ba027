"""Node groups lie in zones with their machines, look like Karpenter's, and are autoscaled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import iam_check
import pulumi
import pulumi_kubernetes as kubernetes
import pytest
from aws_plane import Parent, settings_of, with_plane
from clouds.answers import CloudAnswers
from clouds.graph import assert_after, recorded_graph
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from recording_monitor import Recording, record

from splitplane.components.addons.addon import AddonContext, ArgoCd
from splitplane.components.addons.charts import CHARTS
from splitplane.components.clouds.aws.cluster.versions import MINORS
from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.karpenter.node_pool import build_node_pool
from splitplane.components.clouds.aws.karpenter.pools import NodePool
from splitplane.components.clouds.aws.nodes.autoscaler import (
    CHART,
    IMAGE_TAGS,
    NAME,
    build_autoscaler_document,
    build_autoscaler_values,
)
from splitplane.components.clouds.aws.nodes.groups import (
    declare_autoscaler,
    declare_node_groups,
    node_labels,
    node_taints,
)
from splitplane.components.clouds.aws.nodes.security import declare_node_security_group
from splitplane.components.clouds.aws.nodes.system import declare_system_nodes
from splitplane.components.clouds.aws.parts import Plane
from splitplane.components.clouds.aws.settings import NodeGroupSettings
from splitplane.components.errors import WrongArgument

GROUP = "aws:eks/nodeGroup:NodeGroup"
APPLICATION = "kubernetes:argoproj.io/v1alpha1:Application"
OFFERINGS = "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings"
EU = Scope("aws", "eu-west-1", "111122223333")
KEY = "arn:aws:kms:eu-west-1:111122223333:key/0a1b"
ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
SYSTEM = {"m7i.large": ZONES}
EVERYWHERE = {"m7i.xlarge": ZONES, "g5.xlarge": ("eu-west-1a", "eu-west-1c")}
CPU = {"name": "cpu", "instance_types": ["m7i.xlarge"], "min_nodes": 1, "max_nodes": 5}
GPU = {
    "name": "gpu",
    "instance_types": ["g5.xlarge"],
    "max_nodes": 2,
    "gpu_name": "a10g",
    "capacity": "spot",
    "data_disk_gib": 200,
}


def declared(
    groups: list[dict[str, Any]],
    *,
    offered: Mapping[str, tuple[str, ...]] = EVERYWHERE,
    is_preview: bool = False,
    **args: Any,
) -> Recording:
    def declare(parent: Parent, plane: Plane) -> None:
        security = declare_node_security_group(parent, plane)
        system = declare_system_nodes(parent, plane, security=security, depends_on=[])
        made = declare_node_groups(parent, plane, security=security, depends_on=[])
        context = AddonContext(plane.kubernetes, ArgoCd("argocd", ()), plane.settings.addons)
        declare_autoscaler(parent, plane, context, depends_on=[*system, *made])

    pairs = [(kind, zone) for kind, zones in {**SYSTEM, **offered}.items() for zone in zones]
    answer = {
        "id": "eu-west-1",
        "instanceTypes": [kind for kind, _ in pairs],
        "locations": [zone for _, zone in pairs],
        "locationTypes": ["availability-zone" for _ in pairs],
    }
    program = with_plane(
        settings_of(**{"compute_mode": "node_groups", "node_groups": groups, **args}), declare
    )
    return record(program, is_preview=is_preview, answers=CloudAnswers({OFFERINGS: answer}))


def group_inputs(recording: Recording) -> dict[str, Any]:
    return {
        item.name: item.inputs
        for item in recording.resources
        if item.type == GROUP and item.name != "prod-eu-system"
    }


def test_a_group_lies_in_each_zone_that_has_its_machines() -> None:
    made = group_inputs(declared([CPU, GPU]))

    assert {name: item["subnetIds"] for name, item in made.items()} == {
        "prod-eu-cpu-eu-west-1a": ["subnet-a"],
        "prod-eu-cpu-eu-west-1b": ["subnet-b"],
        "prod-eu-cpu-eu-west-1c": ["subnet-c"],
        "prod-eu-gpu-eu-west-1a": ["subnet-a"],
        "prod-eu-gpu-eu-west-1c": ["subnet-c"],
    }


def test_a_gpu_group_has_nvidias_image_and_the_taint() -> None:
    gpu = group_inputs(declared([CPU, GPU]))["prod-eu-gpu-eu-west-1a"]

    assert gpu["amiType"] == "BOTTLEROCKET_x86_64_NVIDIA"
    assert gpu["capacityType"] == "SPOT"
    assert gpu["scalingConfig"] == {"desiredSize": 0.0, "maxSize": 2.0, "minSize": 0.0}
    assert gpu["labels"] == {
        "splitplane.io/node-pool": "gpu",
        "karpenter.sh/capacity-type": "spot",
        "karpenter.k8s.aws/instance-gpu-name": "a10g",
        "k8s.amazonaws.com/accelerator": "a10g",
    }
    assert gpu["taints"] == [{"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"}]


def test_a_group_without_gpus_has_no_taint() -> None:
    cpu = group_inputs(declared([CPU]))["prod-eu-cpu-eu-west-1a"]

    assert cpu["amiType"] == "AL2023_x86_64_STANDARD"
    assert cpu["labels"] == {
        "splitplane.io/node-pool": "cpu",
        "karpenter.sh/capacity-type": "on-demand",
    }
    assert "taints" not in cpu


@pytest.mark.parametrize("image", ["al2023", "bottlerocket"])
def test_labels_and_taints_are_those_of_karpenters_pools(image: Any) -> None:
    group = NodeGroupSettings("gpu", ("g5.xlarge",), 2, gpu_name="a10g", image=image)
    template = build_node_pool(NodePool("gpu", gpu_name="a10g", image=image))["spec"]["template"]

    assert template["metadata"]["labels"].items() <= node_labels(group).items()
    assert template["spec"]["taints"] == [
        {"key": taint.key, "value": taint.value, "effect": taint.effect}
        for taint in node_taints(group)
    ]


def test_the_autoscaler_owns_the_number_of_nodes() -> None:
    recording = declared([CPU])

    ignored = {item.name: item.ignore_changes for item in recording.resources if item.type == GROUP}
    assert ignored["prod-eu-cpu-eu-west-1a"] == ("scalingConfig.desiredSize",)
    assert ignored["prod-eu-system"] == ()


def test_node_groups_have_one_role_apart_from_system_nodes() -> None:
    roles = {item["nodeRoleArn"] for item in group_inputs(declared([CPU, GPU])).values()}

    assert roles == {"arn:aws:iam::111122223333:role/prod-eu-group-nodes-eu-west-1"}


def test_a_key_of_ones_own_is_lent_to_auto_scaling() -> None:
    recording = declared([GPU], storage={"kms_key_arn": KEY})

    graph = recorded_graph(recording)
    assert len(graph.all("aws:kms/grant:Grant")) == 2
    for name in group_inputs(recording):
        assert_after(graph, f"{GROUP}::{name}", "prod-eu-group-disks")


def test_machines_that_no_zone_offers_are_refused_before_any_group() -> None:
    with pytest.raises(WrongArgument) as caught:
        declared([CPU, GPU], offered={"m7i.xlarge": ZONES})

    assert str(caught.value) == (
        "node_groups[1].instance_types ['g5.xlarge'] are offered in none of the zones eu-west-1a, "
        "eu-west-1b, eu-west-1c: name machines that are, or choose other zones"
    )


def test_other_modes_have_neither_groups_nor_autoscaler() -> None:
    recording = declared([], compute_mode="karpenter")

    assert group_inputs(recording) == {}
    assert APPLICATION not in {item.type for item in recording.resources}


def test_the_autoscaler_comes_after_its_role_and_all_nodes() -> None:
    recording = declared([CPU, GPU], is_preview=True)

    graph = recorded_graph(recording)
    addon = graph.find(APPLICATION)
    assert_after(graph, addon, "aws:eks/podIdentityAssociation:PodIdentityAssociation")
    assert_after(graph, addon, "aws:iam/rolePolicy:RolePolicy")
    assert_after(graph, addon, GROUP)


def test_an_autoscaler_kept_by_others_has_no_role_here() -> None:
    recording = declared([CPU], addons={NAME: {"mode": "external"}})

    types = {item.type for item in recording.resources}
    assert APPLICATION not in types
    assert "aws:eks/podIdentityAssociation:PodIdentityAssociation" not in types


def test_the_autoscaler_changes_only_groups_of_its_cluster() -> None:
    document = build_autoscaler_document(EU, "prod-eu")

    statements = {item["Sid"]: item for item in json.loads(document)["Statement"]}
    assert iam_check.problems(document) == []
    assert statements["ScaleOwnGroups"]["Condition"] == {
        "StringEquals": {"aws:ResourceTag/k8s.io/cluster-autoscaler/prod-eu": "owned"}
    }
    assert statements["ReadNodeGroups"]["Resource"] == [
        "arn:aws:eks:eu-west-1:111122223333:nodegroup/prod-eu/*/*"
    ]
    assert {
        action.rpartition(":")[2][:3] for action in statements["ReadGroupsAndMachines"]["Action"]
    } == {"Des", "Get"}
    assert len(build_autoscaler_document(EU, "x" * 100)) <= 6144


def test_the_document_is_of_the_partition() -> None:
    china = Scope("aws-cn", "cn-north-1", "111122223333")

    assert '"arn:aws:' not in build_autoscaler_document(china, "prod-eu")


def test_the_values_are_keys_of_the_chart() -> None:
    # The collected charts have no cluster-autoscaler, so the keys of its values.yaml, release
    # 9.59.0, that are set here are written down.
    known = {
        "autoDiscovery.clusterName",
        "awsRegion",
        "cloudProvider",
        "dnsPolicy",
        "extraArgs",
        "fullnameOverride",
        "image.tag",
        "rbac.serviceAccount.annotations",
        "rbac.serviceAccount.name",
        "replicaCount",
        "resources",
        "tolerations",
    }
    context = AddonContext(pulumi.ProviderResource.__new__(kubernetes.Provider), None, {})

    values = build_autoscaler_values(
        context, EU, cluster_name="prod-eu", kubernetes_version="1.35", annotations={}
    )

    assert values["autoDiscovery"] == {"clusterName": "prod-eu"}
    assert values["awsRegion"] == "eu-west-1"
    assert values["image"] == {"tag": "v1.35.1"}
    assert values["dnsPolicy"] == "Default"
    assert values["extraArgs"] == {
        "balance-similar-node-groups": True,
        "expander": "least-waste",
        "skip-nodes-with-local-storage": False,
        "skip-nodes-with-system-pods": False,
    }
    paths = {
        f"{key}.{part}.{leaf}"
        for key in ("rbac",)
        for part, leaves in values[key].items()
        for leaf in leaves
    }
    for key, value in values.items():
        if key in ("autoDiscovery", "image"):
            paths |= {f"{key}.{part}" for part in value}
        elif key != "rbac":
            paths.add(key)
    assert paths == known


def test_the_autoscaler_has_the_minor_of_the_cluster() -> None:
    assert list(IMAGE_TAGS) == [minor.version for minor in MINORS]
    for minor, tag in IMAGE_TAGS.items():
        assert tag.startswith(f"v{minor}.")


def test_the_chart_is_pinned_once() -> None:
    assert CHART.version == "9.59.0"
    assert CHARTS["cluster-autoscaler"] is CHART


@hypothesis_settings(max_examples=15)
@given(
    gpu=st.sampled_from([None, "a10g"]),
    image=st.sampled_from([None, "al2023", "bottlerocket"]),
    capacity=st.sampled_from(["on_demand", "spot"]),
    zones=st.sets(st.sampled_from(ZONES), min_size=1),
    name=st.sampled_from(["a", "x" * 40]),
)
def test_every_group_is_tainted_with_its_gpu_and_within_names(
    gpu: str | None, image: str | None, capacity: str, zones: set[str], name: str
) -> None:
    kind = "m7i.xlarge" if gpu is None else "g5.xlarge"
    group = {"name": name, "instance_types": [kind], "max_nodes": 3, "capacity": capacity}
    group |= {key: value for key, value in (("gpu_name", gpu), ("image", image)) if value}

    made = group_inputs(declared([group], offered={kind: tuple(sorted(zones))}))

    assert set(made) == {f"prod-eu-{name}-{zone}" for zone in zones}
    for inputs in made.values():
        assert ("NVIDIA" in inputs["amiType"]) == ("taints" in inputs) == (gpu is not None)
        assert len(inputs["nodeGroupNamePrefix"]) <= 37
        assert inputs["tags"]["splitplane.io/cluster"] == "prod-eu"
