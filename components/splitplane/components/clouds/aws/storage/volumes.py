"""Volumes with a fixed place, as manifests: a share in a namespace, the bucket as files. Pure.

Each is kept for one claim, which it names: another claim never gets it, whatever it asks for.
"""

from __future__ import annotations

from typing import Any, Final

from splitplane.components.clouds.aws.names import derived_name
from splitplane.components.clouds.aws.settings import ShareSettings
from splitplane.components.clouds.aws.storage.classes import Manifest

SHARES_FOLDER: Final = "/shares"
"""Where shares are without a path; claims of the class have `/volumes`."""
BUCKET_CLAIM: Final = "bucket"
"""Name of the claim that gets the bucket."""

_DRIVER: Final = "efs.csi.aws.com"
_CAPACITY: Final = "1Pi"
"""Neither EFS nor S3 Files has an end, and the driver reads no size; but a claim that asks for more
than its volume says is not bound.
https://github.com/kubernetes-sigs/aws-efs-csi-driver/blob/master/docs/README.md"""


def share_path(share: ShareSettings) -> str:
    """The directory of a share in the file system."""
    return share.path or f"{SHARES_FOLDER}/{share.name}"


def share_handle(file_system_id: str, access_point_id: str) -> str:
    """What the driver knows a share by.

    https://github.com/kubernetes-sigs/aws-efs-csi-driver/tree/master/examples/kubernetes, v3.2.
    """
    return f"{file_system_id}::{access_point_id}"


def bucket_handle(file_system_id: str) -> str:
    """What the driver knows the bucket by, from version 3.0 on.

    https://docs.aws.amazon.com/eks/latest/userguide/s3files-csi.html
    """
    return f"s3files:{file_system_id}"


def build_share_volume(
    share: ShareSettings,
    namespace: str,
    handle: Any,  # Any: known once the access point is
) -> Manifest:
    """The volume of a share that the claim of its name in the namespace gets, over TLS.

    Args:
        share: the share.
        namespace: where the claim is.
        handle: of `share_handle`, or its promise.
    """
    manifest = _volume(share.name, namespace, handle)
    # Access points take nothing else; the driver would add it by itself, which a volume can forbid:
    # https://github.com/kubernetes-sigs/aws-efs-csi-driver/blob/master/docs/parameters.md
    manifest["spec"]["mountOptions"] = ["tls"]
    return manifest


def build_bucket_volume(namespace: str, handle: Any) -> Manifest:  # Any: known once made
    """The volume of the whole bucket that the claim `bucket` in the namespace gets.

    S3 Files are mounted over TLS always, and the driver finds the zone by itself.

    Args:
        namespace: where the claim is.
        handle: of `bucket_handle`, or its promise.
    """
    return _volume(BUCKET_CLAIM, namespace, handle)


def volume_name(claim: str, namespace: str) -> str:
    """Name of a claim's volume in the cluster, at most as long as a label; no two claims have one.

    A point between them, which neither has: with a hyphen `a-b` of `c` were `a` of `b-c`.
    """
    return derived_name("persistent_volume", f"{claim}.{namespace}")


def _volume(claim: str, namespace: str, handle: Any) -> Manifest:  # Any: known once made
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": volume_name(claim, namespace)},
        "spec": {
            "accessModes": ["ReadWriteMany"],
            "capacity": {"storage": _CAPACITY},
            "claimRef": {"namespace": namespace, "name": claim},
            "csi": {"driver": _DRIVER, "volumeHandle": handle},
            # Files outlive their claims.
            "persistentVolumeReclaimPolicy": "Retain",
            # A claim asks for it by the empty name; without, it would get the default class.
            "storageClassName": "",
            "volumeMode": "Filesystem",
        },
    }
