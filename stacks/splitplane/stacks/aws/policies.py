"""What the commands may do in an account, as IAM documents for those who run them. Pure."""

from __future__ import annotations

from typing import Final

from splitplane.components.clouds.aws.iam import Scope, Statement, build_document

PREFLIGHT_ACTIONS: Final[tuple[str, ...]] = (
    "ec2:DescribeAddresses",
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeInstanceTypeOfferings",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeInstances",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeNatGateways",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "eks:DescribeAddonVersions",
    "eks:DescribeClusterVersions",
    "eks:ListClusters",
    "logs:DescribeLogGroups",
    "servicequotas:GetServiceQuota",
    "sts:GetCallerIdentity",
)
"""Reads of a region as a whole, for most of which IAM knows no resource."""


def build_preflight_document(
    scope: Scope, *, cluster_name: str | None = None, deployer_role_arn: str | None = None
) -> str:
    """The document of `splitplane aws preflight`: nothing in it changes anything.

    Args:
        scope: where the compute plane will be.
        cluster_name: its cluster; every one of the account when None.
        deployer_role_arn: role that the program assumes; none when None.

    Raises:
        splitplane.components.errors.WrongArgument: the names make it longer than IAM takes.
    """
    name = cluster_name or "*"
    statements = [
        Statement("ReadRegion", list(PREFLIGHT_ACTIONS), ["*"]),
        Statement(
            "ReadCluster",
            ["eks:DescribeCluster", "eks:ListAccessEntries"],
            [scope.arn("eks", f"cluster/{name}")],
        ),
        Statement("ReadVpc", ["ec2:DescribeVpcAttribute"], [scope.arn("ec2", "vpc/*")]),
        Statement(
            "ReadPrincipals",
            ["iam:GetRole", "iam:GetUser"],
            [scope.global_arn("iam", "role/*"), scope.global_arn("iam", "user/*")],
        ),
        Statement("ReadNames", ["sqs:GetQueueUrl"], [scope.arn("sqs", "*")]),
    ]
    if deployer_role_arn is not None:
        statements.append(Statement("TryDeployerRole", ["sts:AssumeRole"], [deployer_role_arn]))
    return build_document("preflight", *statements)
