"""What Karpenter may do is what its version 1.14 asks for, statement by statement.

The list is held by hand against the project's CloudFormation template
(https://karpenter.sh/docs/reference/cloudformation/), checked 2026-11-21: its statements under our
names, with what 1.11 and 1.12 added to them. A change here is a change of rights.
"""

from __future__ import annotations

import json
from typing import Any, Final

from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.karpenter.iam import build_controller_documents

SCOPE: Final = Scope("aws", "eu-west-1", "111122223333")
CLUSTER_ARN: Final = "arn:aws:eks:eu-west-1:111122223333:cluster/CLUSTER"
RIGHTS: Final[list[tuple[str, list[str], dict[str, Any]]]] = [
    ("StartFromShared", ["ec2:CreateFleet", "ec2:RunInstances"], {}),
    (
        "StartFromOwnTemplates",
        ["ec2:CreateFleet", "ec2:RunInstances"],
        {
            "StringEquals": {"aws:ResourceTag/kubernetes.io/cluster/CLUSTER": "owned"},
            "StringLike": {"aws:ResourceTag/karpenter.sh/nodepool": "*"},
        },
    ),
    (
        "Make",
        ["ec2:CreateFleet", "ec2:CreateLaunchTemplate", "ec2:RunInstances"],
        {
            "StringEquals": {
                "aws:RequestTag/kubernetes.io/cluster/CLUSTER": "owned",
                "aws:RequestTag/eks:eks-cluster-name": "CLUSTER",
            },
            "StringLike": {"aws:RequestTag/karpenter.sh/nodepool": "*"},
        },
    ),
    (
        "TagWhatIsMade",
        ["ec2:CreateTags"],
        {
            "StringEquals": {
                "aws:RequestTag/kubernetes.io/cluster/CLUSTER": "owned",
                "aws:RequestTag/eks:eks-cluster-name": "CLUSTER",
                "ec2:CreateAction": ["RunInstances", "CreateFleet", "CreateLaunchTemplate"],
            },
            "StringLike": {"aws:RequestTag/karpenter.sh/nodepool": "*"},
        },
    ),
    (
        "TagOwnInstances",
        ["ec2:CreateTags"],
        {
            "StringEquals": {"aws:ResourceTag/kubernetes.io/cluster/CLUSTER": "owned"},
            "StringLike": {"aws:ResourceTag/karpenter.sh/nodepool": "*"},
            "StringEqualsIfExists": {"aws:RequestTag/eks:eks-cluster-name": "CLUSTER"},
            "ForAllValues:StringEquals": {
                "aws:TagKeys": ["eks:eks-cluster-name", "karpenter.sh/nodeclaim", "Name"]
            },
        },
    ),
    (
        "RemoveOwn",
        ["ec2:DeleteLaunchTemplate", "ec2:TerminateInstances"],
        {
            "StringEquals": {"aws:ResourceTag/kubernetes.io/cluster/CLUSTER": "owned"},
            "StringLike": {"aws:ResourceTag/karpenter.sh/nodepool": "*"},
        },
    ),
    (
        "PassNodeRole",
        ["iam:PassRole"],
        {"StringEquals": {"iam:PassedToService": ["ec2.amazonaws.com", "ec2.amazonaws.com.cn"]}},
    ),
    (
        "MakeProfiles",
        ["iam:CreateInstanceProfile"],
        {
            "StringEquals": {
                "aws:RequestTag/kubernetes.io/cluster/CLUSTER": "owned",
                "aws:RequestTag/topology.kubernetes.io/region": "eu-west-1",
                "aws:RequestTag/eks:eks-cluster-name": "CLUSTER",
            },
            "StringLike": {"aws:RequestTag/karpenter.k8s.aws/ec2nodeclass": "*"},
        },
    ),
    (
        "TagProfiles",
        ["iam:TagInstanceProfile"],
        {
            "StringEquals": {
                "aws:ResourceTag/kubernetes.io/cluster/CLUSTER": "owned",
                "aws:ResourceTag/topology.kubernetes.io/region": "eu-west-1",
                "aws:RequestTag/kubernetes.io/cluster/CLUSTER": "owned",
                "aws:RequestTag/topology.kubernetes.io/region": "eu-west-1",
                "aws:RequestTag/eks:eks-cluster-name": "CLUSTER",
            },
            "StringLike": {
                "aws:ResourceTag/karpenter.k8s.aws/ec2nodeclass": "*",
                "aws:RequestTag/karpenter.k8s.aws/ec2nodeclass": "*",
            },
        },
    ),
    (
        "ChangeProfiles",
        [
            "iam:AddRoleToInstanceProfile",
            "iam:DeleteInstanceProfile",
            "iam:RemoveRoleFromInstanceProfile",
        ],
        {
            "StringEquals": {
                "aws:ResourceTag/kubernetes.io/cluster/CLUSTER": "owned",
                "aws:ResourceTag/topology.kubernetes.io/region": "eu-west-1",
            },
            "StringLike": {"aws:ResourceTag/karpenter.k8s.aws/ec2nodeclass": "*"},
        },
    ),
    ("ReadProfiles", ["iam:GetInstanceProfile"], {}),
    ("ListProfiles", ["iam:ListInstanceProfiles"], {}),
    ("ReadCluster", ["eks:DescribeCluster"], {}),
    ("ReadInterruptions", ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"], {}),
    (
        "Describe",
        [
            "ec2:DescribeCapacityReservations",
            "ec2:DescribeImages",
            "ec2:DescribeInstanceStatus",
            "ec2:DescribeInstanceTypeOfferings",
            "ec2:DescribeInstanceTypes",
            "ec2:DescribeInstances",
            "ec2:DescribeLaunchTemplates",
            "ec2:DescribePlacementGroups",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSpotPriceHistory",
            "ec2:DescribeSubnets",
        ],
        {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
    ),
    ("ReadImageIds", ["ssm:GetParameter"], {}),
    ("ReadPrices", ["pricing:GetProducts"], {}),
    (
        "ReadZonalShift",
        ["arc-zonal-shift:GetManagedResource"],
        {"StringEquals": {"arc-zonal-shift:ResourceIdentifier": CLUSTER_ARN}},
    ),
]
"""Name, actions and conditions of every statement."""
RESOURCES: Final[dict[str, list[str]]] = {
    "StartFromShared": [
        "ec2:eu-west-1:*:capacity-reservation/*",
        "ec2:eu-west-1:*:placement-group/*",
        "ec2:eu-west-1:*:security-group/*",
        "ec2:eu-west-1:*:subnet/*",
        "ec2:eu-west-1::image/*",
        "ec2:eu-west-1::snapshot/*",
    ],
    "StartFromOwnTemplates": ["ec2:eu-west-1:*:launch-template/*"],
    "Make": [
        "ec2:eu-west-1:*:fleet/*",
        "ec2:eu-west-1:*:instance/*",
        "ec2:eu-west-1:*:launch-template/*",
        "ec2:eu-west-1:*:network-interface/*",
        "ec2:eu-west-1:*:spot-instances-request/*",
        "ec2:eu-west-1:*:volume/*",
    ],
    "TagWhatIsMade": [
        "ec2:eu-west-1:*:fleet/*",
        "ec2:eu-west-1:*:instance/*",
        "ec2:eu-west-1:*:launch-template/*",
        "ec2:eu-west-1:*:network-interface/*",
        "ec2:eu-west-1:*:spot-instances-request/*",
        "ec2:eu-west-1:*:volume/*",
    ],
    "TagOwnInstances": ["ec2:eu-west-1:*:instance/*"],
    "RemoveOwn": ["ec2:eu-west-1:*:instance/*", "ec2:eu-west-1:*:launch-template/*"],
    "PassNodeRole": ["iam::111122223333:role/NODES"],
    "MakeProfiles": ["iam::111122223333:instance-profile/*"],
    "TagProfiles": ["iam::111122223333:instance-profile/*"],
    "ChangeProfiles": ["iam::111122223333:instance-profile/*"],
    "ReadProfiles": ["iam::111122223333:instance-profile/*"],
    "ListProfiles": ["*"],
    "ReadCluster": ["eks:eu-west-1:111122223333:cluster/CLUSTER"],
    "ReadInterruptions": ["sqs:eu-west-1:111122223333:QUEUE"],
    "Describe": ["*"],
    "ReadImageIds": ["ssm:eu-west-1::parameter/aws/service/*"],
    "ReadPrices": ["*"],
    "ReadZonalShift": ["*"],
}
"""Name of a statement → its resources, without `arn:aws:`."""


def _statements() -> list[dict[str, Any]]:  # Any: JSON
    documents = build_controller_documents(
        SCOPE,
        cluster_name="CLUSTER",
        node_role_arn=SCOPE.global_arn("iam", "role/NODES"),
        queue_arn=SCOPE.arn("sqs", "QUEUE"),
    )
    return [item for text in documents.values() for item in json.loads(text)["Statement"]]


def test_karpenter_may_do_what_it_asks_for_under_the_same_conditions() -> None:
    found = [(item["Sid"], item["Action"], item.get("Condition", {})) for item in _statements()]

    assert found == RIGHTS
    assert {item["Effect"] for item in _statements()} == {"Allow"}


def test_karpenter_may_do_it_to_no_other_resources() -> None:
    found = {
        item["Sid"]: [text.removeprefix("arn:aws:") for text in item["Resource"]]
        for item in _statements()
    }

    assert found == RESOURCES


def test_a_key_of_disks_may_be_used_and_lent_to_machines() -> None:
    key = "arn:aws:kms:eu-west-1:111122223333:key/0a1b"

    documents = build_controller_documents(
        SCOPE,
        cluster_name="CLUSTER",
        node_role_arn="arn:aws:iam::111122223333:role/node",
        queue_arn="arn:aws:sqs:eu-west-1:111122223333:queue",
        disk_key_arn=key,
    )

    use, lend = json.loads(documents["disk-key"])["Statement"]
    assert use["Action"] == [
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
    ]
    assert lend["Action"] == ["kms:CreateGrant"]
    assert lend["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    assert use["Resource"] == lend["Resource"] == [key]


def test_no_key_of_disks_needs_no_rights() -> None:
    documents = build_controller_documents(
        SCOPE,
        cluster_name="CLUSTER",
        node_role_arn="arn:aws:iam::111122223333:role/node",
        queue_arn="arn:aws:sqs:eu-west-1:111122223333:queue",
    )

    assert not [text for text in documents.values() if "kms:" in text]
