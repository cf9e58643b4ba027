"""What AWS Load Balancer Controller 3.5 may do: load balancers that carry its cluster's name. Pure.

The project's own document (https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/
deploy/installation/) lets it change those of every cluster in the account; here the tag has to name
this one. Rights for Shield, WAF, Cognito, Outposts and target groups that others made are left out,
since the features are off.
"""

from __future__ import annotations

from typing import Final

from splitplane.components.clouds.aws.identity.documents import (
    Conditions,
    Scope,
    Statement,
    build_document,
)
from splitplane.contract.labels import PREFIX

_TAG: Final = "elbv2.k8s.aws/cluster"
"""On everything that the controller makes, with the cluster's name."""
_SERVICE: Final = "elasticloadbalancing.amazonaws.com"
_READ_EC2: Final = (
    "DescribeAccountAttributes",
    "DescribeAddresses",
    "DescribeAvailabilityZones",
    "DescribeInstances",
    "DescribeInternetGateways",
    "DescribeIpamPools",
    "DescribeNetworkInterfaces",
    "DescribeRouteTables",
    "DescribeSecurityGroups",
    "DescribeSubnets",
    "DescribeTags",
    "DescribeVpcPeeringConnections",
    "DescribeVpcs",
)
_READ_ELB: Final = (
    "DescribeCapacityReservation",
    "DescribeListenerAttributes",
    "DescribeListenerCertificates",
    "DescribeListeners",
    "DescribeLoadBalancerAttributes",
    "DescribeLoadBalancers",
    "DescribeRules",
    "DescribeSSLPolicies",
    "DescribeTags",
    "DescribeTargetGroupAttributes",
    "DescribeTargetGroups",
    "DescribeTargetHealth",
    "DescribeTrustStores",
)
_CHANGE: Final = (
    "DeleteLoadBalancer",
    "DeleteTargetGroup",
    "DeregisterTargets",
    "ModifyCapacityReservation",
    "ModifyIpPools",
    "ModifyLoadBalancerAttributes",
    "ModifyTargetGroup",
    "ModifyTargetGroupAttributes",
    "RegisterTargets",
    "SetIpAddressType",
    "SetSecurityGroups",
    "SetSubnets",
)
_LISTENERS: Final = (
    "AddListenerCertificates",
    "AddTags",
    "CreateRule",
    "DeleteListener",
    "DeleteRule",
    "ModifyListener",
    "ModifyListenerAttributes",
    "ModifyRule",
    "RemoveListenerCertificates",
    "RemoveTags",
    "SetRulePriorities",
)


def build_load_balancer_documents(
    scope: Scope, *, cluster_name: str, vpc_id: str | None = None
) -> dict[str, str]:
    """Purpose of a policy → its document; a role takes both, which as one would be too long.

    Rules of security groups that it did not make, those of nodes and pods, it may change where the
    group is of the VPC, and where that is not known yet, where it carries the cluster's name: EKS'
    own group and ours do. A group of one's own on pods then needs the tag
    `kubernetes.io/cluster/<name>`.

    Args:
        scope: where the cluster is.
        cluster_name: its name.
        vpc_id: its VPC, when it exists already.

    Raises:
        WrongArgument: the name makes one longer than IAM takes.
    """
    documents = {
        "load-balancers": (
            Statement(
                "MakeServiceRole",
                ["iam:CreateServiceLinkedRole"],
                [scope.global_arn("iam", f"role/aws-service-role/{_SERVICE}/*")],
                {"StringEquals": {"iam:AWSServiceName": _SERVICE}},
            ),
            Statement(
                "ReadLoadBalancers",
                ["acm:ListCertificates", *(f"elasticloadbalancing:{name}" for name in _READ_ELB)],
                ["*"],
            ),
            Statement(
                "ReadCertificates",
                ["acm:DescribeCertificate"],
                [scope.arn("acm", "certificate/*")],
            ),
            *_load_balancers(scope, cluster_name),
        ),
        "security-groups": (
            Statement("ReadNetwork", [f"ec2:{name}" for name in _READ_EC2], ["*"]),
            *_security_groups(scope, cluster_name, vpc_id),
        ),
    }
    return {
        purpose: build_document(f"{cluster_name} {purpose}", *statements)
        for purpose, statements in documents.items()
    }


def _security_groups(scope: Scope, cluster_name: str, vpc_id: str | None) -> list[Statement]:
    groups = [scope.arn("ec2", "security-group/*")]
    vpcs = [scope.arn_of_anyone("ec2", f"vpc/{vpc_id or '*'}")]
    asked = {f"aws:RequestTag/{_TAG}": cluster_name}
    own: Conditions = {"StringEquals": {f"aws:ResourceTag/{_TAG}": cluster_name}}
    rules = ["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"]
    return [
        Statement("UseVpc", ["ec2:CreateSecurityGroup", "ec2:GetSecurityGroupsForVpc"], vpcs),
        Statement("MakeGroups", ["ec2:CreateSecurityGroup"], groups, {"StringEquals": asked}),
        Statement(
            "TagNewGroups",
            ["ec2:CreateTags"],
            groups,
            {"StringEquals": {**asked, "ec2:CreateAction": "CreateSecurityGroup"}},
        ),
        Statement(
            "TagOwnGroups",
            ["ec2:CreateTags", "ec2:DeleteTags"],
            groups,
            {**own, "Null": {f"aws:RequestTag/{_TAG}": "true"}},
        ),
        Statement("ChangeOwnGroups", [*rules, "ec2:DeleteSecurityGroup"], groups, own),
        *(
            Statement(f"OpenNodes{index}", rules, groups, condition)
            for index, condition in enumerate(_node_groups(scope, cluster_name, vpc_id))
        ),
    ]


def _node_groups(scope: Scope, cluster_name: str, vpc_id: str | None) -> list[Conditions]:
    """Conditions, any of which says that a security group is of the cluster's nodes or pods."""
    if vpc_id is not None:
        return [{"ArnLike": {"ec2:Vpc": scope.arn_of_anyone("ec2", f"vpc/{vpc_id}")}}]
    tag = f"aws:ResourceTag/kubernetes.io/cluster/{cluster_name}"
    return [
        {"StringEquals": {tag: ["owned", "shared"]}},
        {"StringEquals": {f"aws:ResourceTag/{PREFIX}/cluster": cluster_name}},
    ]


def _load_balancers(scope: Scope, cluster_name: str) -> list[Statement]:
    def arns(*resources: str) -> list[str]:
        return [scope.arn("elasticloadbalancing", resource) for resource in resources]

    balancers = arns("loadbalancer/app/*/*", "loadbalancer/net/*/*")
    owned = [*balancers, *arns("targetgroup/*/*")]
    asked = {f"aws:RequestTag/{_TAG}": cluster_name}
    own: Conditions = {"StringEquals": {f"aws:ResourceTag/{_TAG}": cluster_name}}
    makes = ["CreateLoadBalancer", "CreateTargetGroup"]
    return [
        Statement(
            "Make",
            [f"elasticloadbalancing:{action}" for action in makes],
            owned,
            {"StringEquals": asked},
        ),
        Statement(
            "TagNew",
            ["elasticloadbalancing:AddTags"],
            owned,
            {"StringEquals": {**asked, "elasticloadbalancing:CreateAction": makes}},
        ),
        Statement(
            "TagOwn",
            ["elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"],
            owned,
            {**own, "Null": {f"aws:RequestTag/{_TAG}": "true"}},
        ),
        Statement(
            "ChangeOwn", [f"elasticloadbalancing:{action}" for action in _CHANGE], owned, own
        ),
        Statement(
            # Listeners and rules are known by their load balancer; older ones carry no tag.
            "Listen",
            [f"elasticloadbalancing:{action}" for action in _LISTENERS],
            arns(
                "listener-rule/app/*/*/*/*",
                "listener-rule/net/*/*/*/*",
                "listener/app/*/*/*",
                "listener/net/*/*/*",
            ),
        ),
        Statement("ListenOnOwn", ["elasticloadbalancing:CreateListener"], balancers),
    ]
