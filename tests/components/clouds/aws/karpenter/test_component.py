"""Karpenter's resources: what waits for what, what each says, and what is refused beforehand."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import aws_plane
import pulumi
import pulumi_aws as aws
import pytest
from clouds.answers import CloudAnswers
from clouds.graph import Graph, assert_after, recorded_graph
from hypothesis import Phase, given, settings, strategies
from recording_monitor import Recording, record

from splitplane.components.addons.addon import AddonContext, ArgoCd
from splitplane.components.clouds.aws.karpenter.component import Karpenter
from splitplane.components.clouds.aws.nodes.role import NODE_POLICIES
from splitplane.components.clouds.aws.nodes.security import NodeSecurity
from splitplane.components.clouds.aws.parts import Plane
from splitplane.components.clouds.aws.settings import EksSettings

OBJECT = "kubernetes:{}:{}"
POOL = OBJECT.format("karpenter.sh/v1", "NodePool")
CLASS = OBJECT.format("karpenter.k8s.aws/v1", "EC2NodeClass")
APPLICATION = OBJECT.format("argoproj.io/v1alpha1", "Application")
GPU = {
    "limit_cpu_cores": 512,
    "limit_memory_gib": 4096,
    "limit_gpus": 16,
    "gpu_name": "a10g",
    "termination_grace_seconds": 3600,
}


def declare(
    asked: EksSettings,
    *,
    is_preview: bool = False,
    startup_taints: tuple[str, ...] = (),
    **place: Any,  # as `aws_plane.make_plane` takes them
) -> tuple[Recording, list[Karpenter]]:
    made: list[Karpenter] = []

    def program(parent: pulumi.Resource, plane: Plane) -> None:
        provider_arn = pulumi.Output.from_input("arn:aws:iam::111122223333:oidc-provider/oidc/1")
        plane = replace(plane, cluster=replace(plane.cluster, oidc_provider_arn=provider_arn))
        opts = pulumi.ResourceOptions(parent=parent)
        nodes = aws.ec2.InternetGateway("system-nodes", vpc_id="vpc-1", opts=opts)
        argocd = aws.ec2.InternetGateway("argocd", vpc_id="vpc-1", opts=opts)
        group = aws.ec2.SecurityGroup("group", vpc_id="vpc-1", opts=opts)
        karpenter = Karpenter(
            "prod-eu",
            plane,
            AddonContext(plane.kubernetes, ArgoCd("argocd", (argocd,)), asked.addons),
            opts,
            security=NodeSecurity([group.id], (group,), is_own=True),
            startup_taints=startup_taints,
            depends_on=[nodes],
        )
        made.append(karpenter)

    recording = record(
        aws_plane.with_plane(asked, program, **place),
        is_preview=is_preview,
        answers=CloudAnswers(),
    )
    return recording, made


def graph_of(asked: EksSettings, **options: Any) -> Graph:
    return recorded_graph(declare(asked, **options)[0])


def inputs_of(recording: Recording, name: str, kind: str = "") -> dict[str, Any]:
    (found,) = [
        item.inputs
        for item in recording.resources
        if item.name == name and item.type.endswith(kind)
    ]
    return found


def values_of(recording: Recording) -> dict[str, Any]:
    application = inputs_of(recording, "prod-eu-karpenter", "Application")
    found: dict[str, Any] = application["spec"]["source"]["helm"]["valuesObject"]
    return found


NEEDED = [
    "kubernetes:argoproj.io/v1alpha1:Application::prod-eu-karpenter",
    "kubernetes:argoproj.io/v1alpha1:Application::prod-eu-karpenter-crd",
    "aws:eks/podIdentityAssociation:PodIdentityAssociation",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:sqs/queuePolicy:QueuePolicy",
    "aws:cloudwatch/eventTarget:EventTarget",
    "aws:eks/accessEntry:AccessEntry",
    "group",
    "system-nodes",
    "cluster",
]


@pytest.mark.parametrize("is_preview", [True, False])
@pytest.mark.parametrize("needed", NEEDED)
def test_pools_come_after_all_that_ends_their_nodes(needed: str, is_preview: bool) -> None:
    graph = graph_of(aws_plane.settings_of(), is_preview=is_preview)

    assert_after(graph, CLASS, needed)
    assert_after(graph, POOL, needed)


def test_each_pool_goes_before_its_class_and_the_controller_after_both() -> None:
    graph = graph_of(aws_plane.settings_of())

    for name in ("cpu-ondemand", "cpu-spot", "critical"):
        assert_after(graph, f"{POOL}::prod-eu-pool-{name}", f"{CLASS}::prod-eu-class-{name}")
    release = graph.find(f"{APPLICATION}::prod-eu-karpenter")
    assert not [urn for urn in graph.before(release) if "NodePool" in urn or "NodeClass" in urn]


def test_controller_starts_with_its_rights_its_queue_and_its_definitions() -> None:
    graph = graph_of(aws_plane.settings_of())

    for needed in (
        f"{APPLICATION}::prod-eu-karpenter-crd",
        "aws:eks/podIdentityAssociation:PodIdentityAssociation",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:sqs/queuePolicy:QueuePolicy",
        "system-nodes",
        "argocd",
    ):
        assert_after(graph, f"{APPLICATION}::prod-eu-karpenter", needed)


def test_nothing_of_it_is_left_to_the_end_of_the_cluster() -> None:
    recording, _ = declare(aws_plane.settings_of(delete_timeout_minutes=50))

    objects = [item for item in recording.resources if item.type in (POOL, CLASS)]
    assert [item.deleted_with for item in objects] == [""] * 6
    assert [item.timeouts for item in objects] == [{"delete": "50m"}] * 6
    assert not [item.name for item in objects if item.retain_on_delete or item.ignore_changes]


def test_three_default_pools_take_17_resources_beside_the_policies_of_the_nodes() -> None:
    recording, (karpenter,) = declare(aws_plane.settings_of())

    own = [item for item in recording.resources if "splitplane:aws:Karpenter" in item.urn]
    assert len(own) == 1 + 17 + len(NODE_POLICIES)
    assert {item.parent for item in own[1:]} == {"prod-eu"}
    assert len(karpenter.node_pools) == 3


def test_one_rule_sends_all_events_to_the_queue() -> None:
    recording, _ = declare(aws_plane.settings_of())

    rule = recording.one("aws:cloudwatch/eventRule:EventRule").inputs
    assert rule["name"] == "prod-eu-interruptions"
    assert json.loads(rule["eventPattern"]) == {
        "source": ["aws.ec2", "aws.health"],
        "detail-type": [
            "AWS Health Event",
            "EC2 Capacity Reservation Instance Interruption Warning",
            "EC2 Instance Rebalance Recommendation",
            "EC2 Instance State-change Notification",
            "EC2 Spot Instance Interruption Warning",
        ],
    }
    target = recording.one("aws:cloudwatch/eventTarget:EventTarget").inputs
    assert target == {
        "rule": "prod-eu-interruptions",
        "arn": "arn:aws:sqs:eu-west-1:111122223333:prod-eu-karpenter",
        "targetId": "queue",
    }
    queue = recording.one("aws:sqs/queue:Queue").inputs
    assert queue == {
        "name": "prod-eu-karpenter",
        "messageRetentionSeconds": 300,
        "sqsManagedSseEnabled": True,
        "tags": {"splitplane.io/cluster": "prod-eu"},
    }


def test_machines_join_by_their_own_entry() -> None:
    recording, _ = declare(aws_plane.settings_of())

    entry = recording.one("aws:eks/accessEntry:AccessEntry").inputs
    assert (
        entry["principalArn"] == "arn:aws:iam::111122223333:role/prod-eu-karpenter-nodes-eu-west-1"
    )
    assert entry["type"] == "EC2_LINUX"


def test_controller_gets_its_place_and_what_its_pools_need() -> None:
    recording, _ = declare(aws_plane.settings_of())

    values = values_of(recording)
    endpoint = values["settings"].pop("clusterEndpoint")
    assert endpoint.endswith(".gr7.eu-west-1.eks.amazonaws.com")
    assert values == {
        "replicas": 2,
        "dnsPolicy": "Default",
        "serviceAccount": {"name": "karpenter", "annotations": {}},
        "tolerations": [{"key": "CriticalAddonsOnly", "operator": "Exists"}],
        "controller": {
            "resources": {
                "requests": {"cpu": "1", "memory": "1Gi"},
                "limits": {"memory": "1Gi"},
            }
        },
        "settings": {
            "clusterName": "prod-eu",
            "interruptionQueue": "prod-eu-karpenter",
            "isolatedVPC": False,
            "enableZonalShift": True,
            "featureGates": {
                "nodeRepair": True,
                "staticCapacity": False,
                "spotToSpotConsolidation": True,
            },
        },
    }
    application = inputs_of(recording, "prod-eu-karpenter", "Application")
    assert application["spec"]["source"]["helm"]["skipCrds"] is True
    assert application["spec"]["destination"]["namespace"] == "kube-system"


def test_class_takes_subnets_groups_and_role_by_id() -> None:
    recording, _ = declare(aws_plane.settings_of(storage={"kms_key_arn": "arn:aws:kms:k"}))

    inputs = inputs_of(recording, "prod-eu-class-cpu-spot")
    assert inputs["metadata"] == {
        "name": "cpu-spot",
        "annotations": {"pulumi.com/waitFor": "condition=Ready"},
    }
    spec = inputs["spec"]
    assert spec["subnetSelectorTerms"] == [
        {"id": "subnet-a"},
        {"id": "subnet-b"},
        {"id": "subnet-c"},
    ]
    assert spec["securityGroupSelectorTerms"][0]["id"].startswith("sg-")
    assert spec["role"] == "prod-eu-karpenter-nodes-eu-west-1"
    assert spec["tags"] == {"splitplane.io/cluster": "prod-eu"}
    assert spec["blockDeviceMappings"][0]["ebs"]["kmsKeyID"] == "arn:aws:kms:k"
    assert spec["kubelet"] == {"maxPods": 110}


def test_machines_with_efa_lie_close_to_each_other() -> None:
    pool = {
        "name": "training",
        "gpu_name": "a100",
        "families": ["p4d"],
        "gpu_counts": [8],
        "has_efa": True,
        "zones": ["eu-west-1a"],
        "limit_cpu_cores": 96,
        "limit_memory_gib": 1152,
        "limit_gpus": 8,
        "termination_grace_seconds": 3600,
    }
    reserved = {**pool, "name": "own", "capacity": "reserved", "reservation_ids": ["cr-1"]}

    recording, _ = declare(aws_plane.settings_of(pools=[pool, reserved]))

    group = recording.one("aws:ec2/placementGroup:PlacementGroup")
    assert group.inputs == {
        "name": "prod-eu-training",
        "strategy": "cluster",
        "tags": {"splitplane.io/cluster": "prod-eu"},
    }
    close = inputs_of(recording, "prod-eu-class-training")["spec"]
    assert close["placementGroupSelector"] == {"name": "prod-eu-training"}
    # Reservations are only found outside of groups that they were not made in.
    assert "placementGroupSelector" not in inputs_of(recording, "prod-eu-class-own")["spec"]
    assert_after(recorded_graph(recording), "prod-eu-class-training", "prod-eu-training")


def test_startup_taints_are_on_every_pool() -> None:
    recording, _ = declare(
        aws_plane.settings_of(), startup_taints=("efs.csi.aws.com/agent-not-ready",)
    )

    taints = [
        item.inputs["spec"]["template"]["spec"]["startupTaints"]
        for item in recording.resources
        if item.type == POOL
    ]
    assert taints == [[{"key": "efs.csi.aws.com/agent-not-ready", "effect": "NoExecute"}]] * 3


def test_vpc_without_a_way_out_gets_an_instance_profile_and_fewer_rights() -> None:
    asked = aws_plane.settings_of(network={"nat": "none"})
    recording, _ = declare(asked)

    profile = recording.one("aws:iam/instanceProfile:InstanceProfile").inputs
    assert profile["name"] == "prod-eu-karpenter-nodes-eu-west-1"
    assert profile["role"] == "prod-eu-karpenter-nodes-eu-west-1"
    spec = inputs_of(recording, "prod-eu-class-critical")["spec"]
    assert (spec["instanceProfile"], "role" in spec) == ("prod-eu-karpenter-nodes-eu-west-1", False)
    assert values_of(recording)["settings"]["isolatedVPC"] is True
    allowed = json.dumps(
        [item.inputs for item in recording.resources if item.type.endswith(":RolePolicy")]
    )
    assert "iam:PassRole" in allowed
    assert "iam:CreateInstanceProfile" not in allowed
    assert "pricing:GetProducts" not in allowed
    assert_after(recorded_graph(recording), CLASS, "aws:iam/instanceProfile:InstanceProfile")


def test_irsa_names_the_role_on_the_service_account() -> None:
    recording, _ = declare(aws_plane.settings_of(workload_identity="irsa"))

    assert values_of(recording)["serviceAccount"]["annotations"] == {
        "eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/prod-eu-karpenter-eu-west-1"
    }
    kinds = {item.type for item in recording.resources}
    assert "aws:eks/podIdentityAssociation:PodIdentityAssociation" not in kinds


def test_static_pools_turn_their_gate_on_and_known_zones_are_kept_to() -> None:
    pool = {"name": "fixed", "static_nodes": 2, "zones": ["eu-west-1b"]}
    asked = aws_plane.settings_of(pools=[{**pool, "termination_grace_seconds": 60}])
    recording, _ = declare(asked)

    assert values_of(recording)["settings"]["featureGates"]["staticCapacity"] is True
    spec = inputs_of(recording, "prod-eu-class-fixed")["spec"]
    assert spec["subnetSelectorTerms"] == [{"id": "subnet-b"}]


@pytest.mark.parametrize(
    ("image", "needs"), [(None, False), ("bottlerocket", False), ("al2023", True)]
)
def test_only_al2023_needs_a_device_plugin(image: str | None, needs: bool) -> None:
    asked = aws_plane.settings_of(pools=[{"name": "gpu", "image": image, **GPU}])

    _, (karpenter,) = declare(asked)

    assert karpenter.needs_device_plugin is needs


def test_controller_that_others_run_gets_its_pools_all_the_same() -> None:
    addons = {"karpenter": {"mode": "external"}, "karpenter-crd": {"mode": "external"}}
    recording, (karpenter,) = declare(aws_plane.settings_of(addons=addons))

    assert not [item for item in recording.resources if item.type == APPLICATION]
    assert len(karpenter.node_pools) == 3


# Shrinking would run the program thousands of times.
@settings(max_examples=15, phases=[Phase.explicit, Phase.generate])
@given(
    cluster=strategies.from_regex(r"[a-z][a-z0-9-]{0,98}[a-z0-9]", fullmatch=True),
    nat=strategies.sampled_from(["single", "none"]),
    has_zonal_shift=strategies.booleans(),
    names=strategies.lists(
        strategies.sampled_from(["a", "b-1", "gpu", "critical"]), unique=True, max_size=4
    ),
)
def test_any_compute_plane_is_complete_and_within_the_limits(
    cluster: str, nat: str, has_zonal_shift: bool, names: list[str]
) -> None:
    asked = aws_plane.settings_of(
        name=cluster,
        network={"nat": nat},
        is_zonal_shift_enabled=has_zonal_shift,
        pools=[
            {"name": name, "static_nodes": 1, "termination_grace_seconds": 60} for name in names
        ],
    )

    recording, _ = declare(asked)

    own = [item for item in recording.resources if "splitplane:aws:Karpenter" in item.urn]
    policies = [item for item in own if item.type == "aws:iam/rolePolicy:RolePolicy"]
    assert len(own) == 11 + len(NODE_POLICIES) + len(policies) + (nat == "none") + 2 * len(names)
    assert len(policies) <= 2
    sizes = [len(item.inputs["policy"]) for item in policies]
    assert max(sizes) <= 6144
    assert sum(sizes) <= 10_240
    for kind, limit in (("Role", 64), ("Queue", 80), ("EventRule", 64)):
        longest = max(len(item.inputs["name"]) for item in own if item.type.endswith(f":{kind}"))
        assert longest <= limit
