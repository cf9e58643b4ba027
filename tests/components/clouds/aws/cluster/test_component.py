"""A cluster is registered after all that it needs, and closed to everyone without an entry."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from clouds.answers import CloudAnswers
from clouds.graph import assert_after, recorded_graph
from recording_monitor import Recording, record

from splitplane.components.clouds.aws.cluster.component import EksCluster
from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.parts import NetworkParts, Place
from splitplane.components.clouds.aws.settings import parse_settings
from splitplane.components.errors import WrongArgument

PLACE = Place(Scope("aws", "eu-west-1", "111122223333"), ())
DEPLOYER = "arn:aws:iam::111122223333:role/deployer"
TEAM = "arn:aws:iam::111122223333:role/ml-team"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/0a1b"
BASE: dict[str, Any] = {
    "name": "prod-eu",
    "environments": ["prod"],
    "hub_url": "https://hub.example.com",
    "kubernetes_version": "1.35",
    "deployer_principal_arns": [DEPLOYER],
}
CLUSTER = "aws:eks/cluster:Cluster"
TAGS = {"splitplane.io/cluster": "prod-eu"}


def network() -> NetworkParts:
    """A VPC with two subnets of the control plane and one way out."""
    vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
    table = aws.ec2.RouteTable("table", vpc_id=vpc.id)
    route = aws.ec2.Route(
        "way-out",
        route_table_id=table.id,
        destination_cidr_block="0.0.0.0/0",
        nat_gateway_id="nat-1",
    )
    subnets = [
        aws.ec2.Subnet(f"subnet-{index}", vpc_id=vpc.id, cidr_block=f"10.0.{index}.0/24").id
        for index in range(2)
    ]
    return NetworkParts(
        vpc_id=vpc.id,
        node_subnet_ids={},
        private_subnet_ids={},
        public_subnet_ids={},
        control_plane_subnet_ids=subnets,
        ways_out=[route],
    )


def made(
    *, is_preview: bool = False, seen: dict[str, Any] | None = None, **changes: Any
) -> Recording:
    def program() -> None:
        cluster = EksCluster("prod-eu", parse_settings(BASE | changes), PLACE, network())
        if seen is not None:
            parts = cluster.parts
            seen.update(name=parts.name, arn=parts.arn, role=cluster.auto_node_role_name)
            seen["ready"] = len(parts.ready)
            outputs: dict[str, Any] = {
                "version": parts.version,
                "endpoint": parts.endpoint,
                "ca": parts.ca_certificate,
                "issuer": parts.oidc_issuer_url,
                "group": parts.security_group_id,
                "provider": parts.oidc_provider_arn,
            }
            pulumi.Output.all(**outputs).apply(seen.update)

    return record(program, is_preview=is_preview, answers=CloudAnswers())


def _own(recording: Recording) -> set[str]:
    """`type::name` of everything below the component, without the module of the type."""
    return {
        f"{item.type.rpartition(':')[2]}::{item.name}"
        for item in recording.resources
        if "splitplane:aws:EksCluster$" in item.urn
    }


def test_a_cluster_has_only_what_it_needs() -> None:
    assert _own(made()) == {
        "Role::prod-eu-cluster",
        "RolePolicyAttachment::prod-eu-cluster-AmazonEKSClusterPolicy",
        "LogGroup::prod-eu-logs",
        "Cluster::prod-eu",
        "AccessEntry::prod-eu-entry-deployer-c9d392db",
        "AccessPolicyAssociation::prod-eu-entry-deployer-c9d392db-AmazonEKSClusterAdminPolicy",
    }


def test_a_development_cluster_is_private_and_admits_only_entries() -> None:
    cluster = made().one(CLUSTER)

    assert len(cluster.inputs["vpcConfig"].pop("subnetIds")) == 2
    assert cluster.inputs == {
        "name": "prod-eu",
        "version": "1.35",
        "roleArn": "arn:aws:iam::111122223333:role/prod-eu-cluster-eu-west-1",
        "bootstrapSelfManagedAddons": False,
        "accessConfig": {
            "authenticationMode": "API",
            "bootstrapClusterCreatorAdminPermissions": False,
        },
        "vpcConfig": {
            "endpointPrivateAccess": True,
            "endpointPublicAccess": False,
            "controlPlaneEgressMode": "AWS_MANAGED",
        },
        "kubernetesNetworkConfig": {
            "ipFamily": "ipv4",
            "elasticLoadBalancing": {"enabled": False},
        },
        "computeConfig": {"enabled": False},
        "storageConfig": {"blockStorage": {"enabled": False}},
        "enabledClusterLogTypes": ["api", "audit", "authenticator"],
        "upgradePolicy": {"supportType": "STANDARD"},
        "zonalShiftConfig": {"enabled": True},
        "controlPlaneScalingConfig": {"tier": "standard"},
        "deletionProtection": False,
        "tags": TAGS,
    }
    assert not cluster.protect
    assert cluster.timeouts == {"delete": "45m"}
    assert cluster.ignore_changes == (
        "bootstrapSelfManagedAddons",
        "accessConfig.bootstrapClusterCreatorAdminPermissions",
    )


def test_every_wish_reaches_the_cluster() -> None:
    recording = made(
        profile="prod",
        support_type="EXTENDED",
        public_access_cidrs=["198.51.100.0/24"],
        control_plane_egress_mode="CUSTOMER_ROUTED",
        secrets_kms_key=KEY,
        log_types=["scheduler", "api"],
        log_retention_days=7,
        is_zonal_shift_enabled=False,
        control_plane_tier="tier-xl",
        scheduler_scoring="most_allocated",
        delete_timeout_minutes=60,
        permissions_boundary_arn="arn:aws:iam::111122223333:policy/limit",
        tags={"owner": "ml"},
        network={"service_ipv4_cidr": "172.20.0.0/16"},
    )

    cluster = recording.one(CLUSTER)
    inputs = cluster.inputs
    inputs["vpcConfig"].pop("subnetIds")
    assert cluster.protect
    assert cluster.timeouts == {"delete": "60m"}
    assert inputs["deletionProtection"] is True
    assert inputs["upgradePolicy"] == {"supportType": "EXTENDED"}
    assert inputs["vpcConfig"] == {
        "endpointPrivateAccess": True,
        "endpointPublicAccess": True,
        "publicAccessCidrs": ["198.51.100.0/24"],
        "controlPlaneEgressMode": "CUSTOMER_ROUTED",
    }
    assert inputs["encryptionConfig"] == {"provider": {"keyArn": KEY}, "resources": ["secrets"]}
    assert inputs["enabledClusterLogTypes"] == ["api", "scheduler"]
    assert inputs["zonalShiftConfig"] == {"enabled": False}
    assert inputs["controlPlaneScalingConfig"] == {"tier": "tier-xl"}
    assert inputs["kubeSchedulerConfig"]["nodeResourcesFit"]["scoringStrategy"] == {
        "type": "MostAllocated",
        "resources": [{"name": "cpu", "weight": 1}, {"name": "memory", "weight": 1}],
    }
    assert inputs["kubernetesNetworkConfig"]["serviceIpv4Cidr"] == "172.20.0.0/16"
    assert inputs["tags"] == {**TAGS, "owner": "ml"}
    role = recording.one("aws:iam/role:Role")
    assert role.inputs["permissionsBoundary"] == "arn:aws:iam::111122223333:policy/limit"
    logs = recording.one("aws:cloudwatch/logGroup:LogGroup")
    assert logs.inputs["name"] == "/aws/eks/prod-eu/cluster"
    assert logs.inputs["retentionInDays"] == 7


@pytest.mark.parametrize("is_preview", [False, True], ids=["up", "preview"])
def test_the_cluster_waits_for_its_policies_log_group_and_ways_out(is_preview: bool) -> None:
    recording = made(
        is_preview=is_preview,
        secrets_kms_key="created",
        compute_mode="auto_mode",
        workload_identity="irsa",
        access_entries=[{"principal_arn": TEAM, "kubernetes_groups": ["ml"]}],
    )

    graph = recorded_graph(recording)
    for earlier in (
        "aws:iam/role:Role",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:cloudwatch/logGroup:LogGroup",
        "aws:kms/key:Key",
        "way-out",
    ):
        assert_after(graph, CLUSTER, earlier)
    for later in (
        "aws:eks/accessEntry:AccessEntry",
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    ):
        assert_after(graph, later, CLUSTER)
    assert all(
        item.parent_urn for item in recording.resources if item.urn.count("EksCluster$") == 1
    )


def test_auto_mode_says_its_three_flags_together_with_role_and_pools() -> None:
    seen: dict[str, Any] = {}

    recording = made(seen=seen, compute_mode="auto_mode")

    inputs = recording.one(CLUSTER).inputs
    assert inputs["computeConfig"] == {
        "enabled": True,
        "nodePools": ["general-purpose", "system"],
        "nodeRoleArn": "arn:aws:iam::111122223333:role/prod-eu-auto-node-eu-west-1",
    }
    assert inputs["storageConfig"] == {"blockStorage": {"enabled": True}}
    assert inputs["kubernetesNetworkConfig"]["elasticLoadBalancing"] == {"enabled": True}
    assert seen["role"] == "prod-eu-auto-node-eu-west-1"
    assert _own(recording) >= {
        "Role::prod-eu-cluster",
        "RolePolicyAttachment::prod-eu-cluster-AmazonEKSClusterPolicy",
        "RolePolicyAttachment::prod-eu-cluster-AmazonEKSComputePolicy",
        "RolePolicyAttachment::prod-eu-cluster-AmazonEKSBlockStoragePolicy",
        "RolePolicyAttachment::prod-eu-cluster-AmazonEKSLoadBalancingPolicy",
        "RolePolicyAttachment::prod-eu-cluster-AmazonEKSNetworkingPolicy",
        "RolePolicy::prod-eu-cluster-tags",
        "LogGroup::prod-eu-logs",
        "Role::prod-eu-auto-node",
        "RolePolicyAttachment::prod-eu-auto-node-AmazonEKSWorkerNodeMinimalPolicy",
        "RolePolicyAttachment::prod-eu-auto-node-AmazonEC2ContainerRegistryPullOnly",
    }
    assert len(_own(recording)) == 14


@pytest.mark.parametrize(
    ("mode", "has_right"), [("auto_mode", True), ("karpenter", False)], ids=str
)
def test_auto_mode_makes_disks_with_the_key_that_is_named(mode: str, has_right: bool) -> None:
    key = "arn:aws:kms:eu-west-1:111122223333:key/0a1b"

    recording = made(compute_mode=mode, storage={"kms_key_arn": key})

    assert ("RolePolicy::prod-eu-cluster-volume-key" in _own(recording)) is has_right


def test_a_created_key_is_used_and_kept_in_production() -> None:
    recording = made(secrets_kms_key="created", profile="prod")

    key, alias = recording.one("aws:kms/key:Key"), recording.one("aws:kms/alias:Alias")
    assert key.protect
    assert key.retain_on_delete
    assert key.inputs["enableKeyRotation"] is True
    assert key.inputs["deletionWindowInDays"] == 30
    assert alias.inputs["name"] == "alias/prod-eu-secrets"
    arn = recording.one(CLUSTER).inputs["encryptionConfig"]["provider"]["keyArn"]
    assert arn == f"arn:aws:kms:eu-west-1:111122223333:key/{alias.inputs['targetKeyId']}"
    policy = recording.one("aws:iam/rolePolicy:RolePolicy")
    (statement,) = json.loads(policy.inputs["policy"])["Statement"]
    assert statement["Resource"] == [arn]


def test_a_created_key_goes_with_a_development_cluster() -> None:
    key = made(secrets_kms_key="created").one("aws:kms/key:Key")

    assert not key.protect
    assert not key.retain_on_delete


def test_no_log_types_need_no_log_group() -> None:
    recording = made(log_types=[])

    assert "LogGroup::prod-eu-logs" not in _own(recording)
    assert recording.one(CLUSTER).inputs["enabledClusterLogTypes"] == []


def test_the_parts_are_known_before_or_come_from_the_cluster() -> None:
    seen: dict[str, Any] = {}

    made(seen=seen, workload_identity="irsa", access_entries=[{"principal_arn": TEAM}])

    assert seen["name"] == "prod-eu"
    assert seen["arn"] == "arn:aws:eks:eu-west-1:111122223333:cluster/prod-eu"
    assert seen["role"] is None
    assert seen["version"] == "1.35"
    assert seen["endpoint"].endswith(".gr7.eu-west-1.eks.amazonaws.com")
    assert b64decode(seen["ca"]).startswith(b"-----BEGIN CERTIFICATE-----")
    assert seen["issuer"].startswith("https://oidc.eks.eu-west-1.amazonaws.com/id/")
    assert seen["group"].startswith("sg-")
    assert seen["provider"].startswith("arn:aws:iam::111122223333:oidc-provider/")
    # The cluster, the deployer's entry and its policy; not the team's.
    assert seen["ready"] == 3


def test_others_enter_with_their_entries_and_nodes_with_their_role() -> None:
    recording = made(access_entries=[{"principal_arn": TEAM, "kubernetes_groups": ["ml"]}])

    entries = [item for item in recording.resources if item.type.endswith(":AccessEntry")]
    assert [item.inputs["principalArn"] for item in entries] == [DEPLOYER, TEAM]
    assert entries[1].inputs["kubernetesGroups"] == ["ml"]
    assert entries[1].inputs["tags"] == TAGS


def test_names_depend_on_nothing_but_the_settings() -> None:
    again = {item.urn for item in made().resources}

    assert {item.urn for item in made().resources} == again


def test_a_wrong_entry_is_refused_before_anything_is_registered() -> None:
    said: list[str] = []

    def program() -> None:
        wrong = parse_settings(BASE | {"access_entries": [{"principal_arn": DEPLOYER}]})
        nowhere = NetworkParts(pulumi.Output.from_input("vpc-1"), {}, {}, {}, [], [])
        try:
            EksCluster("prod-eu", wrong, PLACE, nowhere)
        except WrongArgument as error:
            said.append(str(error))

    recording = record(program, answers=CloudAnswers())

    assert recording.resources == []
    assert said[0].startswith("access_entries[0]: principal_arn ")
