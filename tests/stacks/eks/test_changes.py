"""What a change of each field does to a production cluster that runs: an update, or a refusal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from control_plane import ControlPlane
from eks_changes import Plan, Running, running_example

from splitplane.stacks.local_cluster import LocalCluster

pytestmark = [pytest.mark.needs_tools, pytest.mark.slow, pytest.mark.timeout(600)]

ACCOUNT = "arn:aws:iam::123456789012"
PLANE = "splitplane:index:EksComputePlane"
CLUSTER = "aws:eks/cluster:Cluster"
ADDON = "aws:eks/addon:Addon"
AGENT = {"kubernetes:apps/v1:Deployment": 1}
APPLICATION = "kubernetes:argoproj.io/v1alpha1:Application"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
GROUP = "aws:eks/nodeGroup:NodeGroup"
NODE_CLASS = "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"
POOL = "kubernetes:karpenter.sh/v1:NodePool"
KEY = "arn:aws:kms:eu-central-1:123456789012:key/1b2c3d4e-5f60-4718-8293-a4b5c6d7e8f9"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
SETTINGS = {"kubernetes:core/v1:ConfigMap": 1, **AGENT}
SUBNET = "aws:ec2/subnet:Subnet"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"

BASE = {"kubernetes_version": "1.34"}
"""The cluster that runs is one minor behind."""

Changes = Mapping[str, Any]  # Any: arguments
Steps = Mapping[str, Mapping[str, int]]

UPDATES: dict[str, tuple[Changes, Steps]] = {
    "kubernetes_version": (
        {"kubernetes_version": "1.35"},
        {"update": {CLUSTER: 1, ADDON: 4, GROUP: 1}},
    ),
    "support_type": ({"support_type": "EXTENDED"}, {"update": {CLUSTER: 1}}),
    "deployer_principal_arns": (
        {"deployer_principal_arns": [f"{ACCOUNT}:role/ci-deploy", f"{ACCOUNT}:role/second"]},
        {
            "create": {
                "aws:eks/accessEntry:AccessEntry": 1,
                "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": 1,
            }
        },
    ),
    "public_access_cidrs": (
        {"public_access_cidrs": ["198.51.100.0/24"]},
        {"update": {CLUSTER: 1}},
    ),
    "control_plane_egress_mode": (
        {"control_plane_egress_mode": "CUSTOMER_ROUTED"},
        {
            "update": {CLUSTER: 1},
            "create": {"aws:ec2/routeTableAssociation:RouteTableAssociation": 3},
        },
    ),
    "log_types": ({"log_types": ["api"]}, {"update": {CLUSTER: 1}}),
    "log_retention_days": (
        {"log_retention_days": 7},
        {"update": {"aws:cloudwatch/logGroup:LogGroup": 1}},
    ),
    "is_deletion_protected": ({"is_deletion_protected": False}, {"update": {CLUSTER: 1}}),
    # Karpenter may ask for the shifts.
    "is_zonal_shift_enabled": (
        {"is_zonal_shift_enabled": False},
        {"update": {CLUSTER: 1, ROLE_POLICY: 1, APPLICATION: 1}},
    ),
    "control_plane_tier": ({"control_plane_tier": "tier-xl"}, {"update": {CLUSTER: 1}}),
    "scheduler_scoring": ({"scheduler_scoring": "most_allocated"}, {"update": {CLUSTER: 1}}),
    "control_plane": ({"control_plane.node_port_min": 30500}, {"update": {CLUSTER: 1}}),
    "permissions_boundary_arn": (
        {"permissions_boundary_arn": f"{ACCOUNT}:policy/boundary"},
        {"update": {ROLE: 10}},
    ),
    "delete_timeout_minutes": ({"delete_timeout_minutes": 60}, {}),
    "labels": ({"labels": {"team": "ml"}}, {"update": {"splitplane:index:Cluster": 1}}),
    "denied_namespaces": (
        {"denied_namespaces": ["vault"]},
        {"update": {"splitplane:index:Cluster": 1, **SETTINGS}},
    ),
    "hub_url": ({"hub_url": "https://other.example.com"}, {"update": SETTINGS}),
    "agent": ({"agent.memory_mib": 512}, {"update": AGENT}),
    "workload_identity": (
        {"workload_identity": "irsa"},
        {
            "update": {ROLE: 6, ADDON: 3, APPLICATION: 3},
            "create": {"aws:iam/openIdConnectProvider:OpenIdConnectProvider": 1},
            "delete": {ASSOCIATION: 3, ADDON: 1},
        },
    ),
    # The first zone's gateway is there before the route moves to it.
    "network.nat": (
        {"network.nat": "single"},
        {
            "update": {"aws:ec2/route:Route": 1},
            "create": {
                SUBNET: 1,
                "aws:ec2/routeTable:RouteTable": 1,
                "aws:ec2/routeTableAssociation:RouteTableAssociation": 1,
                "aws:ec2/route:Route": 1,
                "aws:ec2/eip:Eip": 1,
                "aws:ec2/natGateway:NatGateway": 1,
            },
            "delete": {"aws:ec2/natGateway:NatGateway": 1},
        },
    ),
    "network.interface_endpoints": (
        {"network.interface_endpoints": ["ecr.api"]},
        {
            "create": {
                "aws:ec2/securityGroup:SecurityGroup": 1,
                "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": 1,
                "aws:ec2/vpcEndpoint:VpcEndpoint": 1,
            }
        },
    ),
    "network.is_prefix_delegation_enabled": (
        {"network.is_prefix_delegation_enabled": False},
        {"update": {TEMPLATE: 1, ADDON: 1, NODE_CLASS: 3}},
    ),
    "system_nodes.count": ({"system_nodes.count": 4}, {"update": {GROUP: 1}}),
    "storage.efs_throughput_mode": (
        {"storage.efs_throughput_mode": "bursting"},
        {"update": {"aws:efs/fileSystem:FileSystem": 1}},
    ),
    "ingress.scheme": (
        {"ingress.scheme": "internet-facing"},
        {
            "create": {
                SUBNET: 3,
                "aws:ec2/routeTable:RouteTable": 1,
                "aws:ec2/route:Route": 1,
                "aws:ec2/routeTableAssociation:RouteTableAssociation": 3,
            }
        },
    ),
    "dns.zone_arns": (
        {"dns.zone_arns": ["arn:aws:route53:::hostedzone/Z9876543210ABCDEFGHIJ"]},
        {"update": {ROLE_POLICY: 1, APPLICATION: 1}},
    ),
    "dns.policy": ({"dns.policy": "sync"}, {"update": {APPLICATION: 1}}),
    "platform.external_id": (
        {"platform.external_id": "acme-2"},
        {"update": {ROLE: 1, "splitplane:index:StorageIntegration": 1}},
    ),
    "platform.assumed_role_seconds": (
        {"platform.assumed_role_seconds": 7200},
        {"update": {ROLE: 1}},
    ),
    "addons": (
        {"addons": {"karpenter": {"values": {"logLevel": "debug"}}}},
        {"update": {APPLICATION: 1}},
    ),
}
"""Field → another value, and what is done beside the update of the plane's own record.

No object is replaced, and none goes that anything runs on."""

REFUSED: dict[str, tuple[Changes, str]] = {
    "name": ({"name": "prod-us"}, CLUSTER),
    "network.ip_family": ({"network.ip_family": "ipv6"}, CLUSTER),
    "network.service_ipv4_cidr": ({"network.service_ipv4_cidr": "172.20.0.0/16"}, CLUSTER),
    "secrets_kms_key": ({"secrets_kms_key": "created"}, CLUSTER),
    "network.vpc_cidr": ({"network.vpc_cidr": "10.30.0.0/16"}, "aws:ec2/vpc:Vpc"),
    "storage.kms_key_arn": (
        {"storage.kms_key_arn": KEY},
        "aws:efs/fileSystem:FileSystem",
    ),
    "storage.has_shared_storage": (
        {"storage.has_shared_storage": False},
        "aws:efs/fileSystem:FileSystem",
    ),
    "platform.bucket_prefix": ({"platform.bucket_prefix": "other"}, "aws:s3/bucket:Bucket"),
}
"""Field → another value, and the protected type that would have to go."""

REPLACED: dict[str, tuple[Changes, Mapping[str, int]]] = {
    "system_nodes.image": ({"system_nodes.image": "bottlerocket"}, {GROUP: 1}),
    "system_nodes.instance_types": ({"system_nodes.instance_types": ["m6i.large"]}, {GROUP: 1}),
}
"""Field → another value, and what is made anew: nodes, the new ones before the old ones go."""


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory,
    pytestconfig: pytest.Config,
    control_plane: ControlPlane,
    plane_cluster: LocalCluster,
) -> Iterator[Running]:
    """The production example, one minor behind."""
    with running_example(
        "production",
        tmp_path_factory.mktemp("changes"),
        control_plane=control_plane,
        cluster=plane_cluster,
        bytecode=pytestconfig.cache.mkdir("bytecode"),
        base=BASE,
    ) as made:
        yield made


def _without_record(plan: Plan) -> dict[str, dict[str, int]]:
    """The steps but that of the plane's own inputs, which the engine keeps."""
    steps = {
        operation: {token: count for token, count in found.items() if token != PLANE}
        for operation, found in plan.steps.items()
    }
    return {operation: found for operation, found in steps.items() if found}


@pytest.mark.parametrize("field", UPDATES)
def test_a_field_that_may_change_updates_what_is_there(field: str, running: Running) -> None:
    changes, expected = UPDATES[field]

    plan = running.plan(changes)

    assert plan.refused == ""
    assert _without_record(plan) == expected


@pytest.mark.parametrize("field", REFUSED)
def test_a_field_that_may_not_change_is_refused_in_production(field: str, running: Running) -> None:
    changes, token = REFUSED[field]

    plan = running.plan(changes)

    assert f"{token}::" in plan.refused
    assert "protect" in plan.refused


@pytest.mark.parametrize("field", REPLACED)
def test_nodes_are_replaced_by_others(field: str, running: Running) -> None:
    changes, expected = REPLACED[field]

    plan = running.plan(changes)

    assert plan.refused == ""
    assert plan.steps["replace"] == expected
    assert CLUSTER not in plan.steps.get("update", {})


def test_the_way_back_of_the_control_planes_egress_is_refused(running: Running) -> None:
    running.change({"control_plane_egress_mode": "CUSTOMER_ROUTED"})

    plan = running.plan({"control_plane_egress_mode": None})

    assert f"{CLUSTER}::" in plan.refused
    assert "protect" in plan.refused


def test_a_refused_update_loses_nothing(running: Running) -> None:
    before = {item.id for item in running.clouds.store("aws").all()}

    refused = running.try_to_change({"network.service_ipv4_cidr": "172.20.0.0/16"})

    assert "protect" in refused
    assert before <= {item.id for item in running.clouds.store("aws").all()}
