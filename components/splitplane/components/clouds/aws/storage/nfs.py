"""What files over NFS need in the network: a security group, and one mount target in each zone.

EFS and S3 Files alike: both are mounted over the same port, and take one target in a zone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from splitplane.components.clouds.aws.names import derived_name
from splitplane.components.clouds.aws.parts import Plane, Text, child_options, tags_of

_NFS_PORT: Final = 2049
"""Also of S3 Files:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-files-prereq-policies.html"""


@dataclass(frozen=True)
class NfsGroup:
    """A security group of mount targets.

    Attributes:
        id: `sg-…`.
        rules: who gets in; a target that is there before them is reached by nobody.
    """

    id: Text
    rules: tuple[pulumi.Resource, ...]


def declare_nfs_group(
    parent: pulumi.Resource,
    plane: Plane,
    purpose: str,
    description: str,
    *,
    node_group_ids: Sequence[Text] | None = None,
) -> NfsGroup:
    """A security group that lets nodes in over NFS, and nobody else.

    Args:
        parent: the component.
        plane: the compute plane, with checked settings.
        purpose: ends the names; different for each group of a plane.
        description: what people read at it; another one makes another group.
        node_group_ids: security groups of the nodes; that of the cluster when None.
    """
    settings = plane.settings
    name = f"{settings.name}-{purpose}"
    shown = derived_name("security_group", settings.eks_name, purpose)
    group = aws.ec2.SecurityGroup(
        name,
        name=shown,
        description=description,
        vpc_id=plane.network.vpc_id,
        tags=tags_of(settings, shown),
        opts=child_options(parent, delete_minutes=settings.delete_timeout_minutes),
    )
    sources = [plane.cluster.security_group_id] if node_group_ids is None else node_group_ids
    rules = tuple(
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-{index}" if index else name,
            security_group_id=group.id,
            referenced_security_group_id=source,
            ip_protocol="tcp",
            from_port=_NFS_PORT,
            to_port=_NFS_PORT,
            tags=tags_of(settings),
            opts=child_options(parent),
        )
        for index, source in enumerate(sources)
    )
    return NfsGroup(group.id, rules)


def declare_targets(
    parent: pulumi.Resource,
    plane: Plane,
    name: str,
    kind: type[aws.efs.MountTarget] | type[aws.s3.FilesMountTarget],
    *,
    file_system_id: Text,
    group: NfsGroup,
) -> list[pulumi.Resource]:
    """One mount target in each zone of the nodes; where nodes move the old one goes first.

    A file system takes one mount target in a zone:
    https://docs.aws.amazon.com/efs/latest/ug/API_CreateMountTarget.html and
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-files-mount-targets.html.

    Args:
        parent: the component.
        plane: the compute plane.
        name: starts their names; the zone ends them.
        kind: of the file system.
        file_system_id: the file system.
        group: the security group of the targets, whose rules are there before them.
    """
    options = pulumi.ResourceOptions.merge(
        child_options(parent, depends_on=group.rules),
        pulumi.ResourceOptions(delete_before_replace=True),
    )
    return [
        kind(
            f"{name}-{zone}",
            file_system_id=file_system_id,
            subnet_id=subnet_id,
            security_groups=[group.id],
            opts=options,
        )
        for zone, subnet_id in plane.network.node_subnet_ids.items()
    ]
