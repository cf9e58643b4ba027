"""What the commands may do in an account, as IAM documents for those who run them. Pure."""

from __future__ import annotations

from typing import Final

from splitplane.components.clouds.aws.identity.documents import Scope, Statement, build_document

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
    balanced = {"StringEquals": {"aws:ResourceTag/elbv2.k8s.aws/cluster": cluster_name}}
    eks_own = {"StringEquals": {"aws:ResourceTag/aws:eks:cluster-name": cluster_name}}
    groups = [scope.arn("ec2", "security-group/*")]
    interfaces = [scope.arn("ec2", "network-interface/*")]
    interface_tags = ("cluster.k8s.amazonaws.com/name", "eks:eks-cluster-name")
    return build_document(
        "predestroy",
        Statement("Read", list(PREDESTROY_READS), ["*"]),
        Statement("ReadCluster", ["eks:DescribeCluster"], [scope.cluster_arn(cluster_name)]),
        Statement(
            "EndNodes",
            ["ec2:DeleteLaunchTemplate", "ec2:TerminateInstances"],
            [scope.arn("ec2", "instance/*"), scope.arn("ec2", "launch-template/*")],
            {**owned, "StringLike": {"aws:ResourceTag/karpenter.sh/nodepool": "*"}},
        ),
        Statement(
            "EndLoadBalancers",
            ["elasticloadbalancing:DeleteLoadBalancer", "elasticloadbalancing:DeleteTargetGroup"],
            [
                scope.arn("elasticloadbalancing", f"{kind}/*/*")
                for kind in ("loadbalancer/app", "loadbalancer/net", "targetgroup")
            ],
            balanced,
        ),
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
            ["ec2:DeleteNetworkInterface", "ec2:DeleteVolume"],
            [*interfaces, scope.arn("ec2", "volume/*")],
            owned,
        ),
        *(
            Statement(
                f"EndSecurityGroups{number}",
                ["ec2:DeleteSecurityGroup", "ec2:RevokeSecurityGroupIngress"],
                groups,
                condition,
            )
            for number, condition in enumerate((balanced, owned))
        ),
        Statement("OpenClusterGroup", ["ec2:RevokeSecurityGroupIngress"], groups, eks_own),
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
        Statement(
            "ReadPrincipals",
            ["iam:GetRole", "iam:GetUser"],
            [scope.global_arn("iam", "role/*"), scope.global_arn("iam", "user/*")],
        ),
    )
