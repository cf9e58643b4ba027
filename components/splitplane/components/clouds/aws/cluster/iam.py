"""What the control plane of a cluster may do besides what AWS' own policies allow. Pure."""

from __future__ import annotations

from typing import Final

from splitplane.components.clouds.aws.identity.documents import Scope, Statement, build_document

CLUSTER_POLICY: Final = "AmazonEKSClusterPolicy"
AUTO_MODE_POLICIES: Final = (
    "AmazonEKSComputePolicy",
    "AmazonEKSBlockStoragePolicy",
    "AmazonEKSLoadBalancingPolicy",
    "AmazonEKSNetworkingPolicy",
)
"""https://docs.aws.amazon.com/eks/latest/userguide/auto-cluster-iam-role.html"""
AUTO_NODE_POLICIES: Final = (
    "AmazonEKSWorkerNodeMinimalPolicy",
    "AmazonEC2ContainerRegistryPullOnly",
)
"""https://docs.aws.amazon.com/eks/latest/userguide/auto-create-node-role.html"""

_CLUSTER_TAG: Final = "aws:RequestTag/eks:eks-cluster-name"
"""Auto Mode puts it on all that it makes."""


def build_secrets_key_document(key_arn: str) -> str:
    """Encrypting the objects of the API server with a key of one's own."""
    return build_document(
        "secrets key",
        Statement(
            "Key", ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ListGrants"], [key_arn]
        ),
    )


def build_auto_mode_tags_document(scope: Scope, cluster_name: str) -> str:
    """Auto Mode: tags of one's own on what it makes, which AWS' policies leave out.

    Only on objects that carry the cluster's name too.
    https://docs.aws.amazon.com/eks/latest/userguide/auto-cluster-iam-role.html#tag-prop, checked
    2026-11-21.
    """
    of_cluster = {_CLUSTER_TAG: cluster_name}
    names = {
        f"aws:RequestTag/eks:kubernetes-{kind}-name": "*" for kind in ("node-class", "node-pool")
    }
    return build_document(
        "tags of Auto Mode",
        Statement(
            "Compute",
            ["ec2:CreateFleet", "ec2:CreateLaunchTemplate", "ec2:RunInstances"],
            ["*"],
            {"StringEquals": of_cluster, "StringLike": names},
        ),
        Statement(
            "Storage",
            ["ec2:CreateSnapshot", "ec2:CreateVolume"],
            [scope.arn("ec2", "volume/*"), scope.public_arn("ec2", "snapshot/*")],
            {"StringEquals": of_cluster},
        ),
        Statement(
            "Networking",
            ["ec2:CreateNetworkInterface"],
            ["*"],
            {
                "StringEquals": of_cluster,
                "StringLike": {"aws:RequestTag/eks:kubernetes-cni-node-name": "*"},
            },
        ),
        Statement(
            "LoadBalancers",
            [
                "ec2:CreateSecurityGroup",
                "elasticloadbalancing:CreateListener",
                "elasticloadbalancing:CreateLoadBalancer",
                "elasticloadbalancing:CreateRule",
                "elasticloadbalancing:CreateTargetGroup",
            ],
            ["*"],
            {"StringEquals": of_cluster},
        ),
    )
