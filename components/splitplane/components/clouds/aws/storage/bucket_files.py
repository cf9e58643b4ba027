"""The platform's bucket as files that pods mount (S3 Files), as resources.

Only wires: who may do what is in `storage/bucket_iam.py`, the volumes in `storage/volumes.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from splitplane.components.clouds.aws.addons.plan import STORAGE_CLASSES, addon_mode
from splitplane.components.clouds.aws.cluster.roles import role_arn_of, role_name_of
from splitplane.components.clouds.aws.parts import Plane, Text, child_options, tags_of
from splitplane.components.clouds.aws.platform.resources import PlatformParts
from splitplane.components.clouds.aws.storage.bucket_iam import (
    build_bucket_files_document,
    build_bucket_files_trust,
)
from splitplane.components.clouds.aws.storage.nfs import declare_nfs_group, declare_targets
from splitplane.components.clouds.aws.storage.shares import declare_volume
from splitplane.components.clouds.aws.storage.volumes import bucket_handle, build_bucket_volume

_PURPOSE: Final = "bucket-files"


@dataclass(frozen=True)
class BucketFiles:
    """The bucket as files.

    Attributes:
        volume_handle: `s3files:fs-…`.
        volumes: its volumes in the cluster.
    """

    volume_handle: Text
    volumes: tuple[pulumi.Resource, ...]


def declare_bucket_files(
    parent: pulumi.Resource,
    plane: Plane,
    platform: PlatformParts,
    *,
    depends_on: Sequence[pulumi.Resource],
    node_group_ids: Sequence[Text] | None = None,
) -> BucketFiles | None:
    """A file system over the whole bucket, a mount target in each zone, and volumes.

    A volume for each namespace that the agent is bound to; where it is bound to none, whoever keeps
    the cluster makes volumes with the handle.

    It is not protected: what is written lies in the bucket, which is, and AWS refuses to delete the
    file system while something is on its way there
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-files-file-systems-deleting.html).

    Args:
        parent: the component.
        plane: the compute plane, with checked settings.
        platform: with the bucket.
        depends_on: the driver.
        node_group_ids: security groups of the nodes; that of the cluster when None.

    Returns:
        None where none is asked for.
    """
    settings = plane.settings
    bucket = platform.bucket
    if not settings.storage.has_s3_files or bucket is None:
        return None
    name = f"{settings.name}-{_PURPOSE}"
    bucket_arn: Text = bucket.apply(lambda found: f"arn:{plane.scope.partition}:s3:::{found}")
    rights = _declare_role(parent, plane, name, bucket_arn)
    file_system = aws.s3.FilesFileSystem(
        name,
        bucket=bucket_arn,
        role_arn=role_arn_of(settings, plane.scope, _PURPOSE),
        # Of a bucket with millions of objects it says that moving a folder takes long; nobody could
        # answer here.
        accept_bucket_warning=True,
        kms_key_id=settings.storage.kms_key_arn,
        tags=tags_of(settings, f"{settings.eks_name}-bucket"),
        # It asks for versions, and tries the role.
        opts=child_options(parent, depends_on=[*platform.bucket_ready, *rights]),
    )
    group = declare_nfs_group(
        parent,
        plane,
        _PURPOSE,
        f"Files of the bucket of the EKS cluster {settings.eks_name}",
        node_group_ids=node_group_ids,
    )
    targets = declare_targets(
        parent, plane, name, aws.s3.FilesMountTarget, file_system_id=file_system.id, group=group
    )
    handle: Text = file_system.id.apply(bucket_handle)
    volumes: list[pulumi.Resource] = []
    if addon_mode(settings, STORAGE_CLASSES) not in ("external", "off"):
        volumes = [
            declare_volume(
                parent,
                plane,
                build_bucket_volume(namespace, handle),
                depends_on=[*depends_on, *targets],
            )
            for namespace in settings.allowed_namespaces
        ]
    return BucketFiles(handle, tuple(volumes))


def _declare_role(
    parent: pulumi.Resource, plane: Plane, name: str, bucket_arn: Text
) -> list[pulumi.Resource]:
    settings = plane.settings
    key_arn = settings.storage.kms_key_arn
    role = aws.iam.Role(
        name,
        name=role_name_of(settings, plane.scope, _PURPOSE),
        description=f"How S3 Files keeps the bucket of {settings.name} and its files alike",
        assume_role_policy=build_bucket_files_trust(plane.scope),
        permissions_boundary=settings.permissions_boundary_arn,
        tags=tags_of(settings),
        opts=child_options(parent),
    )
    policy = aws.iam.RolePolicy(
        name,
        name="bucket",
        role=role.name,
        policy=bucket_arn.apply(
            lambda arn: build_bucket_files_document(plane.scope, arn, key_arn=key_arn)
        ),
        opts=child_options(parent),
    )
    return [role, policy]
