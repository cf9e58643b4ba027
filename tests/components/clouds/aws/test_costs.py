"""Everything that is made is either billed and said so, or known to cost nothing by itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import chain
from typing import Any

import pytest
from clouds.answers import CloudAnswers
from eks_arguments import argument_paths
from recording_monitor import record

from splitplane.components import EksComputePlane
from splitplane.components.clouds.aws.costs import COSTS
from splitplane.components.costs import costs_of

FREE = {
    "aws:acm/certificate:Certificate",
    "aws:acm/certificateValidation:CertificateValidation",
    "aws:cloudwatch/eventRule:EventRule",
    "aws:cloudwatch/eventTarget:EventTarget",
    "aws:ec2/defaultRouteTable:DefaultRouteTable",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    "aws:ec2/internetGateway:InternetGateway",
    "aws:ec2/launchTemplate:LaunchTemplate",
    "aws:ec2/route:Route",
    "aws:ec2/routeTable:RouteTable",
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:ec2/subnet:Subnet",
    "aws:ec2/vpc:Vpc",
    "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation",
    "aws:efs/accessPoint:AccessPoint",
    "aws:ecr/pullThroughCacheRule:PullThroughCacheRule",
    "aws:efs/fileSystemPolicy:FileSystemPolicy",
    "aws:efs/mountTarget:MountTarget",
    "aws:eks/accessEntry:AccessEntry",
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
    "aws:eks/addon:Addon",
    "aws:eks/podIdentityAssociation:PodIdentityAssociation",
    "aws:iam/instanceProfile:InstanceProfile",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    "aws:iam/role:Role",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:iam/serviceLinkedRole:ServiceLinkedRole",
    "aws:kms/alias:Alias",
    "aws:route53/record:Record",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:s3/filesMountTarget:FilesMountTarget",
    "aws:sqs/queuePolicy:QueuePolicy",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
}
"""Nothing is billed for these; what they lead to is billed by itself."""
MACHINES = ("m7i.large", "m6i.large", "m5.large")
ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
OFFERINGS = {
    "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": {
        "instanceTypes": [machine for machine in MACHINES for _ in ZONES],
        "locations": [zone for _ in MACHINES for zone in ZONES],
        "locationTypes": ["availability-zone" for _ in MACHINES for _ in ZONES],
    }
}
LEAST: dict[str, Any] = {
    "name": "prod-eu",
    "environments": ["prod"],
    "hub_url": "https://hub.example.com",
    "kubernetes_version": "1.35",
    "deployer_principal_arns": ["arn:aws:iam::111122223333:role/deployer"],
}
MODES: Mapping[str, dict[str, Any]] = {
    "dev": {},
    "production": {
        "profile": "prod",
        "makes_spot_service_role": True,
        "platform": {"pull_through": [{"registry": "quay"}]},
        "secrets_kms_key": "created",
        "network": {"has_flow_logs": True, "secondary_cidr": "100.64.0.0/16"},
        "ingress": {"certificate_domains": ["ml.example.com"]},
        "dns": {"zone_names": ["ml.example.com"]},
    },
    "no ways out": {"network": {"nat": "none", "security_group_profile": "restricted"}},
    "auto mode": {
        "compute_mode": "auto_mode",
        "workload_identity": "irsa",
        "storage": {"has_s3_files": True, "shares": [{"name": "data", "namespaces": ["ml"]}]},
    },
    "node groups": {
        "compute_mode": "node_groups",
        "node_groups": [{"name": "cpu", "instance_types": ["m7i.large"], "max_nodes": 4}],
    },
}


def _types(mode: str) -> set[str]:
    args: Any = {**LEAST, **MODES[mode]}
    found = record(lambda: EksComputePlane("prod-eu", args), answers=CloudAnswers(OFFERINGS))
    return {item.type for item in found.resources}


@pytest.mark.parametrize("mode", list(MODES))
def test_every_type_in_aws_is_either_billed_or_free(mode: str) -> None:
    billed = {kind for cost in costs_of("EksComputePlane") for kind in cost.types}

    assert {kind for kind in _types(mode) if kind.startswith("aws:")} <= billed | FREE
    assert billed & FREE == set()


def test_every_type_that_is_billed_is_one_that_some_mode_makes() -> None:
    made = set(chain.from_iterable(map(_types, MODES)))

    assert {kind for cost in costs_of("EksComputePlane") for kind in cost.types} <= made


def test_what_decides_are_arguments() -> None:
    fields = {field for cost in costs_of("EksComputePlane") for field in cost.fields}

    assert fields <= argument_paths()


def test_the_whole_has_the_costs_of_its_parts_once() -> None:
    parts = [cost.part for cost in costs_of("EksComputePlane")]

    assert list(COSTS) == ["Network", "EksCluster", "Karpenter", "EksComputePlane"]
    assert len(parts) == len(set(parts))


def test_a_component_without_a_table_has_none() -> None:
    assert costs_of("AttachedComputePlane") == ()


def test_no_price_is_told() -> None:
    text = json.dumps([cost.driver for cost in costs_of("EksComputePlane")])

    assert "$" not in text
    assert "%" not in text
