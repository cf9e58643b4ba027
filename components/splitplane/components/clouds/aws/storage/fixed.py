"""Everything with a fixed place that pods can mount: shares, and the bucket as files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from splitplane.components.clouds.aws.parts import Plane, Text
from splitplane.components.clouds.aws.platform.resources import PlatformParts
from splitplane.components.clouds.aws.storage.bucket_files import declare_bucket_files
from splitplane.components.clouds.aws.storage.shared import SharedStorage
from splitplane.components.clouds.aws.storage.shares import declare_shares


@dataclass(frozen=True)
class FixedVolumes:
    """What whoever keeps the cluster makes volumes of.

    Attributes:
        shares: name of a share → its volume handle.
        bucket: volume handle of the bucket; None without.
        ready: the volumes that are made here.
    """

    shares: Mapping[str, Text]
    bucket: Text | None
    ready: tuple[pulumi.Resource, ...]


def declare_fixed_volumes(
    parent: pulumi.Resource,
    plane: Plane,
    shared: SharedStorage | None,
    platform: PlatformParts,
    *,
    depends_on: Sequence[pulumi.Resource],
    node_group_ids: Sequence[Text] | None = None,
) -> FixedVolumes:
    """Shares and the bucket as files exist, as far as wanted, each with its volumes.

    Args:
        parent: the component.
        plane: the compute plane, with checked settings.
        shared: the file system of shares; None without.
        platform: with the bucket.
        depends_on: the driver.
        node_group_ids: security groups of the nodes; that of the cluster when None.
    """
    shares = declare_shares(parent, plane, shared, depends_on=depends_on)
    bucket = declare_bucket_files(
        parent, plane, platform, depends_on=depends_on, node_group_ids=node_group_ids
    )
    return FixedVolumes(
        shares=shares.volume_handles,
        bucket=None if bucket is None else bucket.volume_handle,
        ready=(*shares.volumes, *(() if bucket is None else bucket.volumes)),
    )
