"""The whole compute plane: what is refused, what it makes in each mode, and its outputs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from datetime import date
from typing import Any

import pulumi
import pytest
from aws_adopted import AdoptedAnswers, adopted_functions
from aws_certificates import NameAnswers
from aws_vpc import ARGUMENTS, existing_vpc
from clouds.answers import CloudAnswers
from clouds.graph import assert_after
from clouds.sdk_types import kind_of
from eks_compute_planes import (
    ACCOUNT,
    LEAST,
    MODES,
    OFFERINGS,
    PEM,
    PLANE,
    PRODUCTION,
    declare_plane,
    run_mode,
    run_plane,
)
from recording_monitor import Recording, record

from splitplane.components import EksComputePlane, WrongArgument
from splitplane.components.clouds.aws import component

UNTAGGED = {
    # Tags would need a role that ECR assumes.
    "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate",
}


@pytest.mark.parametrize("mode", MODES)
def test_everything_is_below_the_component(mode: str) -> None:
    recording = run_mode(mode).recording

    plane = recording.one(PLANE)
    parents = {item.urn: item.parent_urn for item in recording.resources}
    for item in recording.resources:
        above = item.urn
        while above != plane.urn and above in parents:
            above = parents[above]
        assert above == plane.urn, f"{item.type} {item.name} is not below it"


@pytest.mark.parametrize("mode", MODES)
def test_everything_that_takes_tags_has_them(mode: str) -> None:
    untagged = []
    for item in run_mode(mode).recording.resources:
        kind = kind_of(item.type) if item.type.startswith("aws:") else None
        if kind is not None and "tags" in kind.inputs and item.type not in UNTAGGED:
            if item.inputs.get("tags", {}).get("splitplane.io/cluster") != "prod-eu":
                untagged.append(f"{item.type} {item.name}")

    assert untagged == []


@pytest.mark.parametrize("mode", MODES)
def test_objects_use_the_provider_that_knows_the_cluster_by_its_arn(mode: str) -> None:
    recording = run_mode(mode).recording

    provider = recording.one("pulumi:providers:kubernetes")
    assert provider.inputs["clusterIdentifier"] == (
        f"arn:aws:eks:eu-west-1:{ACCOUNT}:cluster/prod-eu"
    )
    objects = [item for item in recording.resources if item.type.startswith("kubernetes:")]
    assert {item.provider.rpartition("::")[0] for item in objects} == {provider.urn}


def test_the_same_inputs_give_the_same_names() -> None:
    ran = [run_mode("production"), run_mode("production", is_preview=True), run_plane(PRODUCTION)]

    one, preview, other = (sorted(item.urn for item in each.recording.resources) for each in ran)
    assert one == other
    assert one == preview


def test_production_has_at_most_120_resources() -> None:
    found = Counter(
        item.type for item in run_mode("production", is_preview=True).recording.resources
    )

    listed = "\n".join(f"{count:3} {name}" for name, count in found.most_common())
    # One more is the stack itself.
    assert sum(found.values()) + 1 <= 120, listed


def test_production_protects_what_holds_data() -> None:
    protected = {item.type for item in run_mode("production").recording.resources if item.protect}

    assert protected == {
        # A change of its range would replace it, and the cluster cannot follow.
        "aws:ec2/vpc:Vpc",
        "aws:eks/cluster:Cluster",
        "aws:efs/fileSystem:FileSystem",
        "aws:s3/bucket:Bucket",
    }
    assert not any(item.protect for item in run_mode("dev").recording.resources)


def test_the_outputs_say_what_the_plane_is() -> None:
    outputs = run_mode("production").outputs

    assert outputs["providerKind"] == "eks"
    assert outputs["clusterName"] == "prod-eu"
    assert outputs["region"] == "eu-west-1"
    assert outputs["kubernetesVersion"] == "1.35"
    assert outputs["delivery"] == "argocd"
    assert outputs["clusterArn"] == f"arn:aws:eks:eu-west-1:{ACCOUNT}:cluster/prod-eu"
    assert outputs["registryPrefix"] == f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/prod-eu"
    assert outputs["pullThroughPrefixes"] == {}
    assert outputs["shareVolumes"] == {}
    assert outputs.get("bucketVolume") is None
    assert outputs["secretStorePrefix"] == "prod-eu"
    assert outputs["platformRoleArn"] == f"arn:aws:iam::{ACCOUNT}:role/prod-eu-platform-eu-west-1"
    assert outputs["storageLocation"] == {
        "bucket": outputs["bucket"],
        "region": "eu-west-1",
        "role_arn": f"arn:aws:iam::{ACCOUNT}:role/prod-eu-platform-eu-west-1",
        "external_id": "acme-7f3a",
    }
    assert outputs["storageClasses"] == {
        "block": "gp3",
        "block_retain": "gp3-retain",
        "shared": "efs-sc",
    }
    assert [item["name"] for item in outputs["nodeClasses"]] == [
        "system",
        "cpu-ondemand",
        "cpu-spot",
        "critical",
    ]
    assert sorted(outputs["roleArns"]) == ["cluster", "karpenter-nodes", "platform", "system-nodes"]


def test_roles_and_queue_are_those_that_are_made() -> None:
    ran = run_mode("production")

    roles = {
        f"arn:aws:iam::{ACCOUNT}:role/{item.inputs['name']}"
        for item in ran.recording.resources
        if item.type == "aws:iam/role:Role"
    }
    pods = ran.outputs["identityBindings"]
    assert {*ran.outputs["roleArns"].values(), *pods.values()} == roles
    assert (
        pods["kube-system/karpenter"] == f"arn:aws:iam::{ACCOUNT}:role/prod-eu-karpenter-eu-west-1"
    )
    queue = ran.recording.one("aws:sqs/queue:Queue").inputs["name"]
    assert ran.outputs["karpenterQueueName"] == queue


def test_kubeconfigs_hold_no_credential_and_the_deployers_is_secret() -> None:
    outputs = run_mode("production").outputs

    user = json.loads(outputs["userKubeconfig"])
    assert list(user["users"][0]["user"]) == ["exec"]
    deployer = outputs["deployerKubeconfig"]
    assert deployer["4dabf18193072939515e22adb298388d"] == "1b47061264138c4ac30d75fd1eb44270"
    token = outputs["joinToken"]
    assert token["4dabf18193072939515e22adb298388d"] == "1b47061264138c4ac30d75fd1eb44270"


def test_the_ids_of_the_network_are_given_by_tier() -> None:
    found = run_mode("production").outputs["networkIds"]

    assert {key: len(value) for key, value in found.items() if isinstance(value, list)} == {
        "node_subnet_ids": 3,
        "private_subnet_ids": 3,
        "public_subnet_ids": 0,
        "control_plane_subnet_ids": 3,
        "security_group_ids": 1,
    }


def test_node_groups_come_before_their_autoscaler() -> None:
    ran = run_mode("node groups")

    autoscaler = "kubernetes:argoproj.io/v1alpha1:Application::prod-eu-cluster-autoscaler"
    assert_after(ran.graph, autoscaler, "aws:eks/nodeGroup:NodeGroup")
    project = ran.recording.one("kubernetes:argoproj.io/v1alpha1:AppProject")
    repository = "https://kubernetes.github.io/autoscaler"
    assert repository in project.inputs["spec"]["sourceRepos"]
    assert ran.outputs["capabilities"]["node_scaling"] == "cluster_autoscaler"
    assert [item["name"] for item in ran.outputs["nodeClasses"]] == ["system", "cpu"]
    assert sorted(ran.outputs["roleArns"]) == ["cluster", "group-nodes", "system-nodes"]


def test_a_plugin_makes_gpus_known_on_images_without_one() -> None:
    ran = run_mode("gpu")

    assert ran.graph.all(
        "kubernetes:argoproj.io/v1alpha1:Application::prod-eu-nvidia-device-plugin"
    )
    assert ran.outputs["capabilities"]["gpu_plugin_owner"] == "chart"
    assert ran.outputs["capabilities"]["gpu_taint"] == "nvidia.com/gpu=true:NoSchedule"
    (pool,) = ran.outputs["nodeClasses"][1:]
    assert pool["taints"] == ["nvidia.com/gpu=true:NoSchedule"]
    assert pool["gpu"] == "a10g"
    assert pool["limits"] == {"cpu": "96", "memory": "384Gi", "nvidia.com/gpu": "8"}


def test_only_allowed_namespaces_are_made_before_the_agent() -> None:
    ran = run_mode("allowed namespaces")

    assert_after(ran.graph, "kubernetes:apps/v1:Deployment", "prod-eu-team1")
    assert ran.outputs["capabilities"]["has_cluster_scope"] is False


def test_auto_mode_has_neither_nodes_nor_karpenter() -> None:
    ran = run_mode("auto mode")

    types = {item.type for item in ran.recording.resources}
    assert not types & {
        "aws:eks/nodeGroup:NodeGroup",
        "splitplane:aws:Karpenter",
        "aws:sqs/queue:Queue",
    }
    assert "karpenterQueueName" not in ran.outputs
    assert ran.outputs["capabilities"]["load_balancer_class"] == "eks.amazonaws.com/nlb"


@pytest.mark.parametrize(
    ("mode", "labels"),
    [("auto mode", {"splitplane.io/compute-mode": "auto_mode"}), ("dev", None)],
)
def test_the_control_plane_knows_auto_mode_by_a_label(
    mode: str, labels: dict[str, str] | None
) -> None:
    cluster = run_mode(mode).recording.one("splitplane:index:Cluster")

    assert cluster.inputs.get("labels") == labels


@pytest.mark.parametrize("is_preview", [False, True], ids=["update", "preview"])
def test_an_adopted_cluster_gets_add_ons_agent_and_registration(is_preview: bool) -> None:
    answers = AdoptedAnswers(adopted_functions({"certificateAuthorities": [{"data": PEM}]}))
    answers.addons = {"eks-pod-identity-agent": {}}
    args = {key: LEAST[key] for key in ("name", "environments", "hub_url")}

    ran = run_plane({**args, "cluster_name": "old"}, is_preview=is_preview, answers=answers)

    types = {item.type for item in ran.recording.resources}
    assert not types & {
        "aws:eks/cluster:Cluster",
        "aws:ec2/vpc:Vpc",
        "aws:eks/nodeGroup:NodeGroup",
        "aws:efs/fileSystem:FileSystem",
        "kubernetes:karpenter.sh/v1:NodePool",
    }
    assert ran.graph.all("prod-eu-aws-load-balancer-controller")
    assert_after(ran.graph, "kubernetes:apps/v1:Deployment", "kubernetes:helm.sh/v3:Release")
    assert ran.recording.one("splitplane:index:Cluster").inputs["name"] == "prod-eu"
    assert ran.outputs["clusterArn"] == f"arn:aws:eks:eu-west-1:{ACCOUNT}:cluster/old"
    assert ran.outputs["kubernetesVersion"] == "1.34"
    assert ran.outputs["nodeClasses"] == []
    assert ran.outputs["roleArns"] == {}


def test_an_existing_vpc_gets_no_network() -> None:
    answers = CloudAnswers({**existing_vpc(), **OFFERINGS})

    ran = run_plane({**LEAST, "network": dict(ARGUMENTS)}, answers=answers)

    assert not [item for item in ran.recording.resources if item.type.startswith("aws:ec2/vpc:")]
    assert ran.outputs["networkIds"]["network_id"] == "vpc-1"
    assert ran.outputs["networkIds"]["node_subnet_ids"] == ["subnet-priv-a", "subnet-priv-b"]


def test_an_internet_facing_load_balancer_has_public_subnets() -> None:
    ran = run_plane({**LEAST, "ingress": {"scheme": "internet-facing"}})

    prefix = "service.beta.kubernetes.io/aws-load-balancer"
    annotations = ran.outputs["gatewayAnnotations"]
    assert annotations[f"{prefix}-scheme"] == "internet-facing"
    assert len(annotations[f"{prefix}-subnets"].split(",")) == 3


def test_a_plane_with_a_zone_of_its_own_says_whom_to_delegate_it_to() -> None:
    ran = run_plane(
        {
            **LEAST,
            "profile": "prod",
            "ingress": {"certificate_domains": ["*.ml.example.com"]},
            "dns": {"zone_names": ["ml.example.com"]},
        }
    )

    assert ran.outputs["nameServers"] == {
        "ml.example.com": [
            "ns-1.awsdns-00.com",
            "ns-2.awsdns-00.net",
            "ns-3.awsdns-00.org",
            "ns-4.awsdns-00.co.uk",
        ]
    }
    (zone,) = (item for item in ran.recording.resources if item.type == "aws:route53/zone:Zone")
    assert zone.protect
    assert ran.graph.all("kubernetes:argoproj.io/v1alpha1:Application::prod-eu-external-dns")
    assert not ran.graph.all("kubernetes:argoproj.io/v1alpha1:Application::prod-eu-cert-manager")


def test_the_load_balancer_gets_a_certificate_that_is_proven() -> None:
    ran = run_plane(
        {
            **LEAST,
            "ingress": {"certificate_domains": ["ml.example.com"]},
            "dns": {"zone_arns": ["arn:aws:route53:::hostedzone/Z1"]},
        },
        answers=NameAnswers({"Z1": "example.com"}, functions=OFFERINGS),
    )

    validation = ran.recording.one("aws:acm/certificateValidation:CertificateValidation")
    annotation = "service.beta.kubernetes.io/aws-load-balancer-ssl-cert"
    arn = validation.inputs["certificateArn"]
    assert ran.outputs["gatewayAnnotations"][annotation] == arn
    assert ran.outputs["certificateArn"] == arn
    assert ran.outputs["nameServers"] == {}
    assert ran.recording.one("aws:route53/record:Record").inputs["zoneId"] == "Z1"


def test_without_argo_cd_bundles_are_applied_by_the_agent() -> None:
    off = {name: {"mode": "off"} for name in ("argocd", "aws-load-balancer-controller")}

    ran = run_plane({**LEAST, "compute_mode": "auto_mode", "addons": off})

    assert ran.outputs["delivery"] == "direct"
    assert ran.recording.one("splitplane:index:Cluster").inputs["delivery"] == "direct"
    assert not ran.graph.all("kubernetes:helm.sh/v3:Release")


def test_timeouts_are_those_of_registration_and_agent() -> None:
    opts = pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="7m"))
    args: Any = LEAST

    found = record(lambda: EksComputePlane("eu", args, opts), answers=CloudAnswers(OFFERINGS))

    assert found.one("splitplane:index:Cluster").timeouts["create"] == "7m"
    assert found.one("kubernetes:apps/v1:Deployment").timeouts["create"] == "7m"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": "P"}, "cluster name 'P' is not allowed"),
        ({"kubernetes_version": "1.20"}, "kubernetes_version '1.20' is not supported"),
        ({"platform": {"external_id": "x1"}}, "platform.external_id 'x1' means nothing alone"),
        ({"addons": {"nope": {"mode": "off"}}}, "'nope'"),
        ({"color": "red"}, "color is unknown"),
        (
            {"ingress": {"scheme": "internet-facing"}, "network": {"has_public_subnets": False}},
            "has_public_subnets",
        ),
        (
            {
                "ingress": {"scheme": "internet-facing"},
                "network": {**ARGUMENTS, "public_subnet_ids": []},
            },
            "public_subnet_ids",
        ),
        ({"addons": {"karpenter": {"mode": "off"}}}, "karpenter"),
        ({"addons": {"argocd": {"mode": "off"}}}, "needs it"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_registered(
    changes: dict[str, Any], problem: str
) -> None:
    found = Recording()

    def program() -> None:
        with pytest.raises(WrongArgument, match=problem):
            declare_plane("eu", {**LEAST, **changes})

    found = record(program, answers=CloudAnswers(OFFERINGS))

    assert found.resources == []


def test_another_account_is_refused_before_any_resource_of_a_cloud() -> None:
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1b2c"

    def program() -> None:
        with pytest.raises(WrongArgument, match=r"storage\.kms_key_arn"):
            declare_plane("eu", {**LEAST, "storage": {"kms_key_arn": key}})

    found = record(program, answers=CloudAnswers(OFFERINGS))

    assert [item.type for item in found.resources] == [PLANE]


def test_a_step_of_two_minors_is_refused_before_any_resource_of_a_cloud() -> None:
    running = {
        "aws:eks/getClusters:getClusters": {"id": "eu-west-1", "names": ["prod-eu"]},
        "aws:eks/getCluster:getCluster": {"id": "prod-eu", "name": "prod-eu", "version": "1.33"},
    }

    def program() -> None:
        with pytest.raises(WrongArgument, match=r"go to '1\.34' and then '1\.35'"):
            declare_plane("eu", LEAST)

    found = record(program, answers=CloudAnswers({**OFFERINGS, **running}))

    assert [item.type for item in found.resources] == [PLANE]


def test_the_end_of_support_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda text, **_: said.append(text))
    monkeypatch.setattr(component, "_today", lambda: date(2027, 3, 1))

    run_plane(LEAST)

    assert [text for text in said if "support" in text] == [
        "cluster prod-eu: support (STANDARD) of Kubernetes 1.35 ends on 2027-03-27, then EKS "
        "upgrades the cluster by itself; upgrade it first"
    ]


def test_the_package_loads_no_sdk_of_a_cloud() -> None:
    script = (
        "import sys; import splitplane.components;"
        "print([name for name in sys.modules if name.startswith('pulumi_')])"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"


def test_the_component_loads_no_other_clouds_sdk() -> None:
    script = (
        "import sys; from splitplane.components import EksComputePlane;"
        "print(sorted({name.partition('.')[0] for name in sys.modules"
        " if name.startswith('pulumi_')}))"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "['pulumi_aws', 'pulumi_kubernetes']"
