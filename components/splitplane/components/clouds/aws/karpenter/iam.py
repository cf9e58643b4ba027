"""What Karpenter 1.14 may do, by purpose, and the queue that tells it of interruptions. Pure.

The rights are those of the project's own CloudFormation template of that version
(https://karpenter.sh/docs/reference/cloudformation/); as one document they
would be longer than IAM takes.
"""

from __future__ import annotations

from typing import Any, Final

from splitplane.components.clouds.aws.addons.controller_iam import volume_key_statements
from splitplane.components.clouds.aws.identity.documents import (
    Conditions,
    Scope,
    Statement,
    build_document,
)

_NODE_POOL: Final = "karpenter.sh/nodepool"
_NODE_CLASS: Final = "karpenter.k8s.aws/ec2nodeclass"
_CLUSTER_NAME: Final = "eks:eks-cluster-name"
_OWNED_KINDS: Final = (
    "fleet",
    "instance",
    "launch-template",
    "network-interface",
    "spot-instances-request",
    "volume",
)
_MADE_BY: Final = ("RunInstances", "CreateFleet", "CreateLaunchTemplate")

EVENT_PATTERN: Final[dict[str, list[str]]] = {
    "source": ["aws.ec2", "aws.health"],
    "detail-type": [
        "AWS Health Event",
        "EC2 Capacity Reservation Instance Interruption Warning",
        "EC2 Instance Rebalance Recommendation",
        "EC2 Instance State-change Notification",
        "EC2 Spot Instance Interruption Warning",
    ],
}
"""The events that Karpenter acts on, in one rule: no type of either source is one of the other."""


def build_controller_documents(
    scope: Scope,
    *,
    cluster_name: str,
    node_role_arn: str,
    queue_arn: str,
    has_zonal_shift: bool = True,
    is_isolated: bool = False,
    disk_key_arn: str | None = None,
) -> dict[str, str]:
    """Purpose of a policy → its document; a role takes all of them.

    Args:
        scope: where the cluster is.
        cluster_name: name in EKS.
        node_role_arn: the one role that is passed on to machines.
        queue_arn: queue of interruptions.
        has_zonal_shift: whether shifts of traffic from a zone are asked for.
        is_isolated: whether the VPC has no way to the APIs of IAM and prices; machines then have an
            instance profile that is made beforehand.
        disk_key_arn: key of the machines' disks; the service's own, for which no rights are needed,
            when None.

    Raises:
        WrongArgument: the cluster's name makes one longer than IAM takes.
    """
    cluster_arn = scope.cluster_arn(cluster_name)
    documents: dict[str, tuple[Statement, ...]] = {
        "node-lifecycle": _node_lifecycle(scope, cluster_name),
        "iam-integration": (
            _pass_role(node_role_arn),
            *(() if is_isolated else _profiles(scope, cluster_name)),
        ),
        "eks-integration": (Statement("ReadCluster", ["eks:DescribeCluster"], [cluster_arn]),),
        "interruption": (
            Statement(
                "ReadInterruptions",
                ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"],
                [queue_arn],
            ),
        ),
        "discovery": _discovery(scope, is_isolated=is_isolated),
    }
    if has_zonal_shift:
        documents["zonal-shift"] = (_zonal_shift(cluster_arn),)
    if disk_key_arn is not None:
        # Without, a machine ends at its birth: its disks are encrypted in the name of who starts it
        # (https://karpenter.sh/docs/troubleshooting/, "Node terminates before ready").
        documents["disk-key"] = volume_key_statements(disk_key_arn)
    return {
        purpose: build_document(f"{cluster_name} {purpose}", *statements)
        for purpose, statements in documents.items()
    }


def build_queue_document(queue_arn: str) -> str:
    """The queue's own policy: EventBridge and SQS may send, and only over TLS."""
    return build_document(
        "queue of interruptions",
        Statement(
            "Events",
            ["sqs:SendMessage"],
            [queue_arn],
            principals={"Service": ["events.amazonaws.com", "sqs.amazonaws.com"]},
        ),
        Statement(
            "OnlyEncrypted",
            ["sqs:*"],
            [queue_arn],
            conditions={"Bool": {"aws:SecureTransport": "false"}},
            principals={"AWS": "*"},
            effect="Deny",
        ),
    )


def _node_lifecycle(scope: Scope, cluster_name: str) -> tuple[Statement, ...]:
    owned = f"kubernetes.io/cluster/{cluster_name}"
    new: Conditions = {
        "StringEquals": {
            f"aws:RequestTag/{owned}": "owned",
            f"aws:RequestTag/{_CLUSTER_NAME}": cluster_name,
        },
        "StringLike": {f"aws:RequestTag/{_NODE_POOL}": "*"},
    }
    existing: Conditions = {
        "StringEquals": {f"aws:ResourceTag/{owned}": "owned"},
        "StringLike": {f"aws:ResourceTag/{_NODE_POOL}": "*"},
    }
    made = [scope.arn_of_anyone("ec2", f"{kind}/*") for kind in _OWNED_KINDS]
    templates = scope.arn_of_anyone("ec2", "launch-template/*")
    instances = scope.arn_of_anyone("ec2", "instance/*")
    return (
        Statement(
            "StartFromShared",
            ["ec2:CreateFleet", "ec2:RunInstances"],
            [
                scope.public_arn("ec2", "image/*"),
                scope.public_arn("ec2", "snapshot/*"),
                *(
                    scope.arn_of_anyone("ec2", f"{kind}/*")
                    for kind in (
                        "capacity-reservation",
                        "placement-group",
                        "security-group",
                        "subnet",
                    )
                ),
            ],
        ),
        Statement(
            "StartFromOwnTemplates", ["ec2:CreateFleet", "ec2:RunInstances"], [templates], existing
        ),
        Statement("Make", [f"ec2:{action}" for action in _MADE_BY], made, new),
        Statement(
            "TagWhatIsMade",
            ["ec2:CreateTags"],
            made,
            {
                **new,
                "StringEquals": {**new["StringEquals"], "ec2:CreateAction": _MADE_BY},
            },
        ),
        Statement(
            "TagOwnInstances",
            ["ec2:CreateTags"],
            [instances],
            {
                **existing,
                "StringEqualsIfExists": {f"aws:RequestTag/{_CLUSTER_NAME}": cluster_name},
                "ForAllValues:StringEquals": {
                    "aws:TagKeys": [_CLUSTER_NAME, "karpenter.sh/nodeclaim", "Name"]
                },
            },
        ),
        Statement(
            "RemoveOwn",
            ["ec2:DeleteLaunchTemplate", "ec2:TerminateInstances"],
            [instances, templates],
            existing,
        ),
    )


def _pass_role(node_role_arn: str) -> Statement:
    services = ["ec2.amazonaws.com", "ec2.amazonaws.com.cn"]
    return Statement(
        "PassNodeRole",
        ["iam:PassRole"],
        [node_role_arn],
        {"StringEquals": {"iam:PassedToService": services}},
    )


def _zonal_shift(cluster_arn: str) -> Statement:
    # IAM knows load balancers alone as resources of this action; the condition knows all.
    return Statement(
        "ReadZonalShift",
        ["arc-zonal-shift:GetManagedResource"],
        ["*"],
        {"StringEquals": {"arc-zonal-shift:ResourceIdentifier": cluster_arn}},
    )


def _profiles(scope: Scope, cluster_name: str) -> tuple[Statement, ...]:
    profiles = [scope.global_arn("iam", "instance-profile/*")]
    existing = _profile_tags("ResourceTag", scope, cluster_name)
    new = _profile_tags("RequestTag", scope, cluster_name)
    new["StringEquals"][f"aws:RequestTag/{_CLUSTER_NAME}"] = cluster_name
    return (
        Statement("MakeProfiles", ["iam:CreateInstanceProfile"], profiles, new),
        Statement(
            "TagProfiles",
            ["iam:TagInstanceProfile"],
            profiles,
            {operator: {**existing[operator], **new[operator]} for operator in new},
        ),
        Statement(
            "ChangeProfiles",
            [
                "iam:AddRoleToInstanceProfile",
                "iam:DeleteInstanceProfile",
                "iam:RemoveRoleFromInstanceProfile",
            ],
            profiles,
            existing,
        ),
        Statement("ReadProfiles", ["iam:GetInstanceProfile"], profiles),
        Statement("ListProfiles", ["iam:ListInstanceProfiles"], ["*"]),
    )


def _profile_tags(kind: str, scope: Scope, cluster_name: str) -> dict[str, dict[str, Any]]:
    return {  # Any: a value or several
        "StringEquals": {
            f"aws:{kind}/kubernetes.io/cluster/{cluster_name}": "owned",
            f"aws:{kind}/topology.kubernetes.io/region": scope.region,
        },
        "StringLike": {f"aws:{kind}/{_NODE_CLASS}": "*"},
    }


def _discovery(scope: Scope, *, is_isolated: bool) -> tuple[Statement, ...]:
    described = (
        "CapacityReservations",
        "Images",
        "InstanceStatus",
        "InstanceTypeOfferings",
        "InstanceTypes",
        "Instances",
        "LaunchTemplates",
        "PlacementGroups",
        "SecurityGroups",
        "SpotPriceHistory",
        "Subnets",
    )
    return (
        Statement(
            "Describe",
            [f"ec2:Describe{name}" for name in described],
            ["*"],
            {"StringEquals": {"aws:RequestedRegion": scope.region}},
        ),
        Statement(
            "ReadImageIds",
            ["ssm:GetParameter"],
            [scope.public_arn("ssm", "parameter/aws/service/*")],
        ),
        *(() if is_isolated else (Statement("ReadPrices", ["pricing:GetProducts"], ["*"]),)),
    )
