"""The storage classes and the snapshot class of an EKS cluster, as manifests. Pure.

EKS makes none in a new cluster. Parameters of a class cannot change, so each has few.
"""

from __future__ import annotations

from typing import Any, Final

Manifest = dict[str, Any]  # Any: a Kubernetes object

BLOCK_CLASS: Final = "gp3"
RETAINED_BLOCK_CLASS: Final = "gp3-retain"
SHARED_CLASS: Final = "efs-sc"
SNAPSHOT_CLASS: Final = "ebs"
OLD_DEFAULT_CLASS: Final = "gp2"
"""What EKS made in clusters up to 1.29, as the default."""

_DEFAULT: Final = "storageclass.kubernetes.io/is-default-class"
_SNAPSHOT_DEFAULT: Final = "snapshot.storage.kubernetes.io/is-default-class"
_EBS: Final = "ebs.csi.aws.com"
_AUTO_MODE_EBS: Final = "ebs.csi.eks.amazonaws.com"
"""https://docs.aws.amazon.com/eks/latest/userguide/create-storage-class.html"""
_EFS: Final = "efs.csi.aws.com"


def build_block_classes(*, is_auto_mode: bool, key_arn: str | None = None) -> tuple[Manifest, ...]:
    """The default class, and one whose disks outlive their claims; encrypted, made where pods run.

    Args:
        is_auto_mode: whether Auto Mode makes the disks, and not the add-on.
        key_arn: key that encrypts them; that of EBS when None.
    """
    parameters = {"type": "gp3", "encrypted": "true"}
    if key_arn is not None:
        parameters["kmsKeyId"] = key_arn
    provisioner = _AUTO_MODE_EBS if is_auto_mode else _EBS
    return (
        _block_class(
            BLOCK_CLASS, provisioner, parameters, reclaim_policy="Delete", is_default=True
        ),
        _block_class(RETAINED_BLOCK_CLASS, provisioner, parameters, reclaim_policy="Retain"),
    )


def build_shared_class(file_system_id: Any) -> Manifest:  # Any: known once the file system is
    """The class of files that many pods share: each claim gets an access point of its own.

    An access point has a user of its own, whatever user the pod runs as, and only its own folder.

    Args:
        file_system_id: `fs-…`, or its promise.
    """
    return {
        **_head(SHARED_CLASS, "StorageClass", "storage.k8s.io/v1"),
        "provisioner": _EFS,
        "parameters": {
            "provisioningMode": "efs-ap",
            "fileSystemId": file_system_id,
            "directoryPerms": "700",
            "basePath": "/volumes",
            # Who looks into the file system finds whose a folder is. The volume's name, which no
            # other ever has, keeps a claim that is made again from the files of the one before, and
            # leaves a namespace 50 of the 100 characters that EFS takes of the path; a claim's name
            # and the driver's suffix left 53 for both names, and a longer one waited for ever:
            # https://github.com/kubernetes-sigs/aws-efs-csi-driver, pkg/driver/controller.go.
            "subPathPattern": "${.PVC.namespace}/${.PV.name}",
            "ensureUniqueDirectory": "false",
        },
        "reclaimPolicy": "Delete",
        # Files are in every zone, so there is nothing to wait for.
        "volumeBindingMode": "Immediate",
    }


def build_snapshot_class(*, is_auto_mode: bool) -> Manifest:
    """The default class of snapshots of disks; a snapshot goes with its object."""
    return {
        **_head(
            SNAPSHOT_CLASS,
            "VolumeSnapshotClass",
            "snapshot.storage.k8s.io/v1",
            annotations={_SNAPSHOT_DEFAULT: "true"},
        ),
        "driver": _AUTO_MODE_EBS if is_auto_mode else _EBS,
        "deletionPolicy": "Delete",
    }


def build_default_patch() -> Manifest:
    """What takes the place of the default from `gp2` in a cluster that has it."""
    return _head(
        OLD_DEFAULT_CLASS, "StorageClass", "storage.k8s.io/v1", annotations={_DEFAULT: "false"}
    )


def _block_class(
    name: str,
    provisioner: str,
    parameters: dict[str, str],
    *,
    reclaim_policy: str,
    is_default: bool = False,
) -> Manifest:
    annotations = {_DEFAULT: "true"} if is_default else None
    return {
        **_head(name, "StorageClass", "storage.k8s.io/v1", annotations=annotations),
        "provisioner": provisioner,
        "parameters": parameters,
        "reclaimPolicy": reclaim_policy,
        "allowVolumeExpansion": True,
        # A disk is in one zone: that of the node of its first pod.
        "volumeBindingMode": "WaitForFirstConsumer",
    }


def _head(
    name: str, kind: str, api_version: str, *, annotations: dict[str, str] | None = None
) -> Manifest:
    metadata: Manifest = {"name": name}
    if annotations is not None:
        metadata["annotations"] = annotations
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata}
