"""What is wrong with shares, the bucket as files and the rights of the driver of disks. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from splitplane.components.clouds.aws.addons.plan import (
    EBS_DRIVER,
    EFS_DRIVER,
    STORAGE_CLASSES,
    addon_mode,
)
from splitplane.components.clouds.aws.settings import EksSettings, ShareSettings
from splitplane.components.clouds.aws.storage.volumes import BUCKET_CLAIM, share_path

ACCESS_POINTS: Final = 10_000
"""Access points of a file system; claims of the class take one each too.
https://docs.aws.amazon.com/efs/latest/ug/create-access-point.html"""
PATH_FOLDERS: Final = 4
"""https://docs.aws.amazon.com/efs/latest/ug/API_RootDirectory.html, also for the next."""
PATH_LENGTH: Final = 100
IDS: Final = (1, 4_294_967_295)
"""Least and greatest of users and groups. EFS takes 0 too, and then makes nobody of root, whom the
file system's policy does not let in; nothing could be written:
https://docs.aws.amazon.com/efs/latest/ug/enforce-identity-access-points.html,
https://docs.aws.amazon.com/efs/latest/ug/API_PosixUser.html, checked 2026-11-21."""

_NAME: Final = re.compile(r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$")
_NAMESPACE: Final = re.compile(r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")
_FOLDER: Final = re.compile(r"^(?!\.)[^/$#<>;`|&?{}^*\n]+$")
"""What a folder's name may be made of (API_RootDirectory): it starts with no dot."""
_PERMISSIONS: Final = re.compile(r"^[0-7]{3,4}$")
"""https://docs.aws.amazon.com/efs/latest/ug/API_CreationInfo.html"""


def check_storage(settings: EksSettings) -> list[str]:
    """Every problem of `storage.shares`, `.has_s3_files` and `.has_cluster_scoped_disk_rights`."""
    return [
        *_shares_problems(settings),
        *_bucket_problems(settings),
        *_disk_problems(settings),
    ]


def _shares_problems(settings: EksSettings) -> Iterator[str]:
    shares = settings.storage.shares
    if not shares:
        return
    if not settings.has_shared_storage:
        yield (
            "storage.shares have no file system to lie in: set storage.has_shared_storage, or "
            "leave them out"
        )
    if len(shares) > ACCESS_POINTS:
        yield (
            f"storage.shares are {len(shares)}: EFS takes {ACCESS_POINTS} access points in a file "
            "system, of which each share has one; name fewer"
        )
    counts = Counter(share.name for share in shares)
    for name in sorted(name for name, count in counts.items() if count > 1):
        yield f"storage.shares name {name!r} twice: give one another name"
    for index, share in enumerate(shares):
        yield from _share_problems(settings, f"storage.shares[{index}]", share)


def _share_problems(settings: EksSettings, field: str, share: ShareSettings) -> Iterator[str]:
    if _NAME.fullmatch(share.name) is None:
        yield (
            f"{field}.name {share.name!r} is not allowed: use 1 to 40 lower-case letters, digits "
            "and hyphens, starting and ending with a letter or digit"
        )
    elif share.name == BUCKET_CLAIM and settings.storage.has_s3_files:
        yield (
            f"{field}.name {share.name!r} is that of the bucket's claim, with "
            "storage.has_s3_files: use another name"
        )
    if not _is_path(share_path(share)):
        yield (
            f"{field}.path {share.path!r} is not allowed: write / and one to {PATH_FOLDERS} "
            f"folders, none of which starts with a dot, {PATH_LENGTH} characters in all, such as "
            "/shares/data"
        )
    for name, value in (("user_id", share.user_id), ("group_id", share.group_id)):
        if not IDS[0] <= value <= IDS[1]:
            yield (
                f"{field}.{name} {value!r} is not allowed: use {IDS[0]} to {IDS[1]}; nobody is "
                "root in shared files"
            )
    if _PERMISSIONS.fullmatch(share.permissions) is None:
        yield (
            f"{field}.permissions {share.permissions!r} are not allowed: write three or four octal "
            "digits, such as 0770"
        )
    yield from _namespace_problems(settings, field, share.namespaces)


def _namespace_problems(
    settings: EksSettings, field: str, namespaces: tuple[str, ...]
) -> Iterator[str]:
    for namespace in namespaces:
        if _NAMESPACE.fullmatch(namespace) is None:
            yield (
                f"{field}.namespaces {namespace!r} is no namespace: use 1 to 63 lower-case "
                "letters, digits and hyphens, starting and ending with a letter or digit"
            )
    if len({*namespaces}) < len(namespaces):
        yield f"{field}.namespaces {list(namespaces)!r} name one twice: leave it out"
    mode = addon_mode(settings, STORAGE_CLASSES)
    if namespaces and mode in ("external", "off"):
        yield (
            f"{field}.namespaces get no volumes where addons.{STORAGE_CLASSES} is {mode!r}, which "
            "leaves what belongs to storage in the cluster to others: leave them out, and make "
            "volumes with the output share_volumes"
        )


def _is_path(path: str) -> bool:
    first, *folders = path.split("/")
    return (
        not first
        and 1 <= len(folders) <= PATH_FOLDERS
        and len(path) <= PATH_LENGTH
        and all(map(_FOLDER.fullmatch, folders))
    )


def _bucket_problems(settings: EksSettings) -> Iterator[str]:
    if not settings.storage.has_s3_files:
        return
    if not settings.platform.has_bucket:
        yield (
            "storage.has_s3_files has no bucket to show: set platform.has_bucket, or leave it out"
        )
    if (mode := addon_mode(settings, EFS_DRIVER)) != "managed":
        yield (
            f"storage.has_s3_files is not possible with addons.{EFS_DRIVER}.mode {mode!r}: the "
            "driver's pods get rights by the add-on; write managed, or leave the files out"
        )


def _disk_problems(settings: EksSettings) -> Iterator[str]:
    if not settings.storage.has_cluster_scoped_disk_rights:
        return
    field = "storage.has_cluster_scoped_disk_rights"
    if settings.compute_mode == "auto_mode":
        yield (
            f"{field} has no meaning with compute_mode 'auto_mode', whose driver runs at AWS with "
            "the cluster's role: leave it out"
        )
        return
    if settings.workload_identity == "irsa":
        yield (
            f"{field} is not possible with workload_identity 'irsa', whose sessions do not say "
            "which cluster calls: use 'pod_identity', or leave it out"
        )
    if (mode := addon_mode(settings, EBS_DRIVER)) != "managed":
        yield (
            f"{field} is not possible with addons.{EBS_DRIVER}.mode {mode!r}, where others give "
            "the driver its rights: write managed, or leave it out"
        )
    values: Any = settings.addon(EBS_DRIVER).values  # Any: configuration of an add-on
    controller = values.get("controller")
    tagged = controller.get("k8sTagClusterId") if isinstance(controller, dict) else None
    if tagged not in (None, settings.eks_name):
        yield (
            f"addons.{EBS_DRIVER}.values: controller.k8sTagClusterId {tagged!r} is not the "
            f"cluster's name, by which {field} knows its disks: leave it out"
        )
