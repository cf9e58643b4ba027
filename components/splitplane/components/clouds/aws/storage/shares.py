"""Shares as resources: a directory of the shared file system each, and its volumes.

Only wires: manifests are in `storage/volumes.py`, what is refused in `storage/checks.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from splitplane.components.clouds.aws.parts import Plane, Text, child_options, tags_of
from splitplane.components.clouds.aws.settings import ShareSettings
from splitplane.components.clouds.aws.storage.classes import Manifest
from splitplane.components.clouds.aws.storage.shared import SharedStorage
from splitplane.components.clouds.aws.storage.volumes import (
    build_share_volume,
    share_handle,
    share_path,
)


@dataclass(frozen=True)
class Shares:
    """The shares of a plane.

    Attributes:
        volume_handles: name of a share → `fs-…::fsap-…`.
        volumes: their volumes in the cluster.
    """

    volume_handles: Mapping[str, Text] = field(default_factory=dict[str, Text])
    volumes: tuple[pulumi.Resource, ...] = ()


def declare_shares(
    parent: pulumi.Resource,
    plane: Plane,
    shared: SharedStorage | None,
    *,
    depends_on: Sequence[pulumi.Resource],
) -> Shares:
    """An access point for each share, and a volume for each of its namespaces.

    An access point is a way to a directory, not the directory: when it goes, the files stay in the
    file system, which production protects, and another one with the same path finds them. So none
    is protected. It cannot change; another path, user or group is another access point, and with
    it other volumes, which go once no claim has them.

    Args:
        parent: the component.
        plane: the compute plane, with checked settings.
        shared: the file system; None without.
        depends_on: the driver.
    """
    if shared is None:
        return Shares()
    handles: dict[str, Text] = {}
    volumes: list[pulumi.Resource] = []
    for share in plane.settings.storage.shares:
        point = _declare_access_point(parent, plane, shared, share)
        ids = pulumi.Output.all(shared.file_system_id, point.id)
        handle: Text = ids.apply(lambda found: share_handle(*found))
        handles[share.name] = handle
        volumes += [
            declare_volume(
                parent,
                plane,
                build_share_volume(share, namespace, handle),
                depends_on=[*depends_on, *shared.ready],
            )
            for namespace in share.namespaces
        ]
    return Shares(handles, tuple(volumes))


def declare_volume(
    parent: pulumi.Resource,
    plane: Plane,
    manifest: Manifest,
    *,
    depends_on: Sequence[pulumi.Resource],
) -> pulumi.Resource:
    """A volume in the cluster; where its place changes, the old one goes first.

    Taken out of the program, it goes once its claim has gone. With the cluster it is not deleted by
    itself, which would wait for claims that nobody deletes: nothing in AWS is its.

    Kubernetes takes no other place for a volume that is there:
    https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-v1/.

    Args:
        parent: the component.
        plane: the compute plane, with checked settings.
        manifest: of `storage/volumes.py`.
        depends_on: the driver, and what the volume is mounted by.
    """
    return kubernetes.core.v1.PersistentVolume(
        f"{plane.settings.name}-{manifest['metadata']['name']}",
        metadata=manifest["metadata"],
        spec=manifest["spec"],
        opts=pulumi.ResourceOptions.merge(
            child_options(parent, depends_on=depends_on, provider=plane.kubernetes),
            pulumi.ResourceOptions(
                delete_before_replace=True,
                replace_on_changes=["spec.csi"],
                deleted_with=plane.cluster.resource,
            ),
        ),
    )


def _declare_access_point(
    parent: pulumi.Resource, plane: Plane, shared: SharedStorage, share: ShareSettings
) -> aws.efs.AccessPoint:
    settings = plane.settings
    name = f"{settings.name}-share-{share.name}"
    return aws.efs.AccessPoint(
        name,
        file_system_id=shared.file_system_id,
        posix_user={"uid": share.user_id, "gid": share.group_id},
        root_directory={
            "path": share_path(share),
            "creation_info": {
                "owner_uid": share.user_id,
                "owner_gid": share.group_id,
                "permissions": share.permissions,
            },
        },
        tags=tags_of(settings, f"{settings.eks_name}-{share.name}"),
        opts=child_options(parent),
    )
