"""Shared files on EFS, and the storage classes of a cluster on EKS, as resources.

Only wires: manifests are in `storage/classes.py`, who may mount in `storage/iam.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from splitplane.components.clouds.aws.addons.plan import SNAPSHOTS, STORAGE_CLASSES, addon_mode
from splitplane.components.clouds.aws.names import derived_name
from splitplane.components.clouds.aws.parts import Plane, Text, child_options, tags_of
from splitplane.components.clouds.aws.storage.classes import (
    OLD_DEFAULT_CLASS,
    Manifest,
    build_block_classes,
    build_default_patch,
    build_shared_class,
    build_snapshot_class,
)
from splitplane.components.clouds.aws.storage.iam import build_file_system_policy
from splitplane.components.clouds.aws.storage.nfs import declare_nfs_group, declare_targets


@dataclass(frozen=True)
class SharedStorage:
    """A shared file system.

    Attributes:
        file_system_id: `fs-…`.
        ready: what it is mounted by; before them no pod can, and after them it may go.
    """

    file_system_id: Text
    ready: tuple[pulumi.Resource, ...]


class _SnapshotClass(pulumi.CustomResource):
    """A class of snapshots; its fields are not below `spec`, as the SDK's own class wants."""

    def __init__(self, name: str, manifest: Manifest, opts: pulumi.ResourceOptions) -> None:
        token = f"kubernetes:{manifest['apiVersion']}:{manifest['kind']}"
        super().__init__(token, name, manifest, opts)


def declare_shared_storage(
    parent: pulumi.Resource, plane: Plane, *, node_group_ids: Sequence[Text] | None = None
) -> SharedStorage | None:
    """An encrypted file system with a mount target in each zone, for nodes and only over TLS.

    In production it is protected and backed up each day.

    Args:
        parent: the component.
        plane: the compute plane, with checked settings.
        node_group_ids: security groups of the nodes; that of the cluster when None.

    Returns:
        None where none is asked for.
    """
    settings = plane.settings
    if not settings.has_shared_storage:
        return None
    name = f"{settings.name}-files"
    shown = derived_name("security_group", settings.eks_name, "files")
    file_system = aws.efs.FileSystem(
        name,
        encrypted=True,
        kms_key_id=settings.storage.kms_key_arn,
        throughput_mode=settings.storage.efs_throughput_mode,
        provisioned_throughput_in_mibps=settings.storage.efs_provisioned_mibps,
        tags=tags_of(settings, shown),
        opts=child_options(parent, protect=settings.is_production or None),
    )
    policy = aws.efs.FileSystemPolicy(
        name,
        file_system_id=file_system.id,
        policy=file_system.arn.apply(build_file_system_policy),
        opts=child_options(parent),
    )
    if settings.is_production:
        aws.efs.BackupPolicy(
            name,
            file_system_id=file_system.id,
            backup_policy={"status": "ENABLED"},
            opts=child_options(parent),
        )
    group = declare_nfs_group(
        parent,
        plane,
        "files",
        f"Shared files of the EKS cluster {settings.eks_name}",
        node_group_ids=node_group_ids,
    )
    targets = declare_targets(
        parent, plane, name, aws.efs.MountTarget, file_system_id=file_system.id, group=group
    )
    return SharedStorage(file_system.id, (policy, *targets))


def declare_storage_classes(
    parent: pulumi.Resource,
    plane: Plane,
    shared: SharedStorage | None,
    *,
    depends_on: Sequence[pulumi.Resource],
) -> list[pulumi.Resource]:
    """`gp3` as the default, `gp3-retain`, with shared files `efs-sc`, and a class of snapshots.

    Of several defaults Kubernetes takes the newest, so that a `gp2` of an adopted cluster, which
    may be there or not, is in nobody's way; mode adopt of `storage-classes` takes its mark away.

    Args:
        parent: the component.
        plane: the compute plane, with checked settings.
        shared: the file system of `efs-sc`.
        depends_on: the drivers, and the add-on that brings the kinds of snapshots.

    Returns:
        Nothing where others keep the classes.
    """
    settings = plane.settings
    mode = addon_mode(settings, STORAGE_CLASSES)
    if mode in ("external", "off"):
        return []
    is_auto_mode = settings.compute_mode == "auto_mode"
    options = child_options(parent, depends_on=depends_on, provider=plane.kubernetes)
    blocks = build_block_classes(is_auto_mode=is_auto_mode, key_arn=settings.storage.kms_key_arn)
    manifests = list(blocks)
    if shared is not None:
        manifests.append(build_shared_class(shared.file_system_id))
    declared: list[pulumi.Resource] = [
        kubernetes.storage.v1.StorageClass(
            f"{settings.name}-{manifest['metadata']['name']}", opts=options, **_fields(manifest)
        )
        for manifest in manifests
    ]
    if addon_mode(settings, SNAPSHOTS) != "off":
        manifest = build_snapshot_class(is_auto_mode=is_auto_mode)
        declared.append(_SnapshotClass(f"{settings.name}-snapshots", manifest, options))
    if mode == "adopt":
        declared.append(
            kubernetes.storage.v1.StorageClassPatch(
                f"{settings.name}-{OLD_DEFAULT_CLASS}",
                metadata=build_default_patch()["metadata"],
                opts=options,
            )
        )
    return declared


def _fields(manifest: Manifest) -> dict[str, Any]:  # Any: a Kubernetes object
    """The fields of a StorageClass as arguments of its class."""
    named = {
        "metadata": "metadata",
        "provisioner": "provisioner",
        "parameters": "parameters",
        "reclaimPolicy": "reclaim_policy",
        "allowVolumeExpansion": "allow_volume_expansion",
        "volumeBindingMode": "volume_binding_mode",
    }
    return {named[key]: value for key, value in manifest.items() if key in named}
