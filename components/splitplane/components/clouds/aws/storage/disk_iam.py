"""What the driver of disks may do where it is bound to its own cluster. Pure.

AWS' own policy lets the driver of each cluster touch the disks of all in the account. This one
compares the tag of disks, snapshots and machines with the cluster that EKS Pod Identity names in
the session, which nobody in the cluster can choose. What the driver calls:
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonEBSCSIDriverEKSClusterScopedPolicy.html,
version 2 of 2026-05-28. Unlike there, only disks of the account and the region are meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from splitplane.components.clouds.aws.identity.documents import Scope, Statement, build_document

DISK_TAG: Final = "ebs.csi.aws.com/cluster-name"
"""Tag that the driver gives what it makes, with the name of the cluster that EKS tells it, from
1.58 on. https://github.com/kubernetes-sigs/aws-ebs-csi-driver/pull/2899"""
_OWN: Final = "${aws:PrincipalTag/eks-cluster-name}"
"""https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html"""
_NODE_TAGS: Final = {
    # EKS gives it to the machines of managed node groups.
    "GroupNodes": "eks:cluster-name",
    # Karpenter may start machines with it only; see `karpenter/iam.py`.
    "KarpenterNodes": "eks:eks-cluster-name",
    # For machines that neither made.
    "OtherNodes": DISK_TAG,
}
"""Statement → tag that says whose node a machine is; by each of them, so that machines of before
the choice keep their disks, and none has to be replaced for a tag."""


_READ: Final = (
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeInstances",
    "ec2:DescribeSnapshots",
    "ec2:DescribeVolumeStatus",
    "ec2:DescribeVolumes",
    "ec2:DescribeVolumesModifications",
)
_DISKS: Final = (
    "ec2:AttachVolume",
    "ec2:CopyVolumes",
    "ec2:CreateSnapshot",
    "ec2:DeleteVolume",
    "ec2:DetachVolume",
    "ec2:ModifyVolume",
)
_SNAPSHOTS: Final = (
    "ec2:CreateVolume",
    "ec2:DeleteSnapshot",
    "ec2:EnableFastSnapshotRestores",
    "ec2:LockSnapshot",
)
_KEPT: Final = (
    "ebs.csi.aws.com/cluster",
    DISK_TAG,
    "kubernetes.io/created-for/pvc/name",
)
"""Tags that a disk keeps."""


def build_cluster_disk_document(scope: Scope) -> str:
    """Making, attaching, changing and deleting disks and snapshots of the caller's cluster alone.

    Volumes and snapshots that others made are not touched unless they carry `DISK_TAG` too.

    Args:
        scope: where the cluster is.
    """
    disks, snapshots = scope.arn("ec2", "volume/*"), scope.public_arn("ec2", "snapshot/*")
    made, own = _equals(f"aws:RequestTag/{DISK_TAG}"), _equals(f"ec2:ResourceTag/{DISK_TAG}")
    nodes = [
        Statement(
            sid,
            ["ec2:AttachVolume", "ec2:DetachVolume"],
            [scope.arn("ec2", "instance/*")],
            conditions=_equals(f"ec2:ResourceTag/{tag}"),
        )
        for sid, tag in _NODE_TAGS.items()
    ]
    return build_document(
        "disks",
        Statement("Read", _READ, ["*"]),
        Statement("MakeDisks", ["ec2:CopyVolumes", "ec2:CreateVolume"], [disks], conditions=made),
        Statement("MakeSnapshots", ["ec2:CreateSnapshot"], [snapshots], conditions=made),
        Statement("Disks", _DISKS, [disks], conditions=own),
        Statement("Snapshots", _SNAPSHOTS, [snapshots], conditions=own),
        *nodes,
        Statement(
            "TagNew",
            ["ec2:CreateTags"],
            [disks, snapshots],
            conditions={
                "StringEquals": {
                    "ec2:CreateAction": ["CopyVolumes", "CreateSnapshot", "CreateVolume"]
                }
            },
        ),
        Statement(
            "TagDisks",
            ["ec2:CreateTags", "ec2:DeleteTags"],
            [disks],
            conditions={
                **own,
                "Null": {"aws:TagKeys": "false"},
                # Whose a disk is stays.
                "ForAllValues:StringNotEquals": {"aws:TagKeys": _KEPT},
            },
        ),
    )


def _equals(key: str) -> Mapping[str, Mapping[str, str]]:
    return {"StringEquals": {key: _OWN}}
