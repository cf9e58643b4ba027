"""What the commands may do in an account, as IAM documents for those who run them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from splitplane.components.clouds.aws.cluster.roles import KARPENTER_NODES
from splitplane.components.clouds.aws.identity.documents import Scope, Statement, build_document
from splitplane.components.clouds.aws.names import global_name
from splitplane.components.clouds.aws.parts import CLUSTER_TAG
from splitplane.stacks.aws.predestroy.load_balancers import LOAD_BALANCER_TAG
from splitplane.stacks.aws.predestroy.profiles import NODE_CLASS_TAG, REGION_TAG
from splitplane.stacks.aws.predestroy.security_groups import EKS_TAG

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
    "ec2:DescribeVpcEndpoints",
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


PREDESTROY_READS: Final[tuple[str, ...]] = (
    "ec2:DescribeInstances",
    "ec2:DescribeLaunchTemplates",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVolumes",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeTags",
    "elasticloadbalancing:DescribeTargetGroups",
    "iam:ListInstanceProfiles",
    "sts:GetCallerIdentity",
)
"""Calls for which IAM knows no resource."""


def build_predestroy_document(scope: Scope, *, cluster_name: str) -> str:
    """The document of `splitplane aws predestroy`: it changes only what has this cluster's tags.

    In the cluster, an access entry with an administrator's rights is needed beside it.

    Args:
        scope: where the cluster is.
        cluster_name: its name.

    Raises:
        splitplane.components.errors.WrongArgument: the name makes it longer than IAM takes.
    """
    owner = f"aws:ResourceTag/kubernetes.io/cluster/{cluster_name}"
    owned = {"StringEquals": {owner: "owned"}}
    interfaces = [scope.arn("ec2", "network-interface/*")]
    interface_tags = ("cluster.k8s.amazonaws.com/name", "eks:eks-cluster-name")
    return build_document(
        "predestroy",
        Statement("Read", list(PREDESTROY_READS), ["*"]),
        _read_named(scope, cluster_name),
        Statement(
            "EndNodes",
            ["ec2:DeleteLaunchTemplate", "ec2:TerminateInstances"],
            [scope.arn("ec2", "instance/*"), scope.arn("ec2", "launch-template/*")],
            {**owned, "StringLike": {"aws:ResourceTag/karpenter.sh/nodepool": "*"}},
        ),
        _end_profiles(scope, cluster_name),
        *_end_load_balancers(scope, cluster_name),
        *(
            Statement(
                f"EndInterfaces{number}",
                ["ec2:DeleteNetworkInterface"],
                interfaces,
                {"StringEquals": {f"aws:ResourceTag/{key}": cluster_name}},
            )
            for number, key in enumerate(interface_tags)
        ),
        Statement(
            "EndOwned",
            ["ec2:DeleteNetworkInterface", "ec2:DeleteSecurityGroup", "ec2:DeleteVolume"],
            [*interfaces, scope.arn("ec2", "security-group/*"), scope.arn("ec2", "volume/*")],
            owned,
        ),
        *_end_security_groups(scope, cluster_name),
        Statement(
            "UntagSubnets",
            ["ec2:DeleteTags"],
            [scope.arn("ec2", "subnet/*")],
            {
                "ForAllValues:StringEquals": {
                    "aws:TagKeys": [f"kubernetes.io/cluster/{cluster_name}"]
                }
            },
        ),
    )


def _read_named(scope: Scope, cluster_name: str) -> Statement:
    role = global_name("role", cluster_name, KARPENTER_NODES, region=scope.region)
    return Statement(
        "ReadNamed",
        ["eks:DescribeCluster", "iam:GetInstanceProfile", "iam:ListInstanceProfilesForRole"],
        [
            scope.cluster_arn(cluster_name),
            scope.global_arn("iam", "instance-profile/*"),
            scope.global_arn("iam", f"role/{role}"),
        ],
    )


def _end_profiles(scope: Scope, cluster_name: str) -> Statement:
    return Statement(
        "EndProfiles",
        ["iam:DeleteInstanceProfile", "iam:RemoveRoleFromInstanceProfile"],
        [scope.global_arn("iam", "instance-profile/*")],
        {
            "StringEquals": {
                f"aws:ResourceTag/kubernetes.io/cluster/{cluster_name}": "owned",
                f"aws:ResourceTag/{REGION_TAG}": scope.region,
            },
            "StringLike": {f"aws:ResourceTag/{NODE_CLASS_TAG}": "*"},
        },
    )


def _end_load_balancers(scope: Scope, cluster_name: str) -> Iterator[Statement]:
    """Those of the load balancer controller, and of the cloud provider's with classic ones."""
    actions = ["elasticloadbalancing:DeleteLoadBalancer", "elasticloadbalancing:DeleteTargetGroup"]
    kinds = ("loadbalancer/*", "targetgroup/*/*")
    balancers = [scope.arn("elasticloadbalancing", kind) for kind in kinds]
    tags = {LOAD_BALANCER_TAG: cluster_name, f"kubernetes.io/cluster/{cluster_name}": "owned"}
    for number, (key, value) in enumerate(tags.items()):
        condition = {"StringEquals": {f"aws:ResourceTag/{key}": value}}
        yield Statement(f"EndLoadBalancers{number}", actions, balancers, condition)


def _end_security_groups(scope: Scope, cluster_name: str) -> Iterator[Statement]:
    """Groups of the load balancer controller, and rules in these and in the cluster's own groups.

    Groups with the owner tag are deleted as everything that has it.
    """
    revoke = ["ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"]
    groups = [scope.arn("ec2", "security-group/*")]
    conditions: tuple[tuple[str, str | list[str], list[str]], ...] = (
        (LOAD_BALANCER_TAG, cluster_name, ["ec2:DeleteSecurityGroup", *revoke]),
        (f"kubernetes.io/cluster/{cluster_name}", ["owned", "shared"], revoke),
        (EKS_TAG, cluster_name, revoke),
        (CLUSTER_TAG, cluster_name, revoke),
    )
    for number, (key, value, actions) in enumerate(conditions):
        condition = {"StringEquals": {f"aws:ResourceTag/{key}": value}}
        yield Statement(f"EndSecurityGroups{number}", actions, groups, condition)


def build_access_entries_document(scope: Scope, *, cluster_name: str) -> str:
    """The document of `splitplane aws access-entries`: it makes entries, and deletes none.

    Whoever has it may make themselves an administrator of the cluster. In the cluster, the right to
    read the ConfigMap aws-auth in kube-system is needed beside it.

    Args:
        scope: where the cluster is.
        cluster_name: its name.

    Raises:
        splitplane.components.errors.WrongArgument: the name makes it longer than IAM takes.
    """
    return build_document(
        "access-entries",
        Statement("ReadCaller", ["sts:GetCallerIdentity"], ["*"]),
        Statement(
            "UseCluster",
            [
                "eks:CreateAccessEntry",
                "eks:DescribeCluster",
                "eks:ListAccessEntries",
                "eks:ListFargateProfiles",
                "eks:ListNodegroups",
            ],
            [scope.cluster_arn(cluster_name)],
        ),
        Statement(
            "ReadNodes",
            ["eks:DescribeFargateProfile", "eks:DescribeNodegroup"],
            [
                scope.arn("eks", f"{kind}/{cluster_name}/*/*")
                for kind in ("fargateprofile", "nodegroup")
            ],
        ),
        Statement(
            "SetEntries",
            [
                "eks:AssociateAccessPolicy",
                "eks:DescribeAccessEntry",
                "eks:ListAssociatedAccessPolicies",
            ],
            [scope.arn("eks", f"access-entry/{cluster_name}/*/*/*/*")],
        ),
        # For entries of nodes: whoever makes one has to be able to hand the role on.
        # https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html
        Statement(
            "PassNodeRoles",
            ["iam:PassRole"],
            [scope.global_arn("iam", "role/*")],
            {
                "StringEquals": {
                    "iam:PassedToService": ["ec2.amazonaws.com", "eks.amazonaws.com"],
                }
            },
        ),
        Statement(
            "ReadPrincipals",
            ["iam:GetRole", "iam:GetUser"],
            [scope.global_arn("iam", "role/*"), scope.global_arn("iam", "user/*")],
        ),
    )
