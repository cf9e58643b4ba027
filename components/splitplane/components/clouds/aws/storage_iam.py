"""Who may mount the shared files, and what may be asked of storage. Pure."""

from __future__ import annotations

import re
from typing import Final

from splitplane.components.clouds.aws.iam import Statement, build_document
from splitplane.components.clouds.aws.settings import EksSettings

_KEY_ARN: Final = re.compile(r"^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key/[\w-]+$", re.ASCII)
_MAX_MIBPS: Final = 10_240
"""https://docs.aws.amazon.com/efs/latest/ug/limits.html, in the regions with the most; others
refuse less themselves."""


def build_file_system_policy(file_system_arn: str) -> str:
    """The file system's own policy: everybody who reaches a mount target, and only over TLS.

    Who reaches one is for its security group to say. Nobody is root there: the access points of
    volumes have users of their own.

    Args:
        file_system_arn: the file system.
    """
    return build_document(
        "file system",
        Statement(
            "Mount",
            ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
            [file_system_arn],
            conditions={"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}},
            principals={"AWS": "*"},
        ),
        Statement(
            "OnlyEncrypted",
            [
                "elasticfilesystem:ClientMount",
                "elasticfilesystem:ClientRootAccess",
                "elasticfilesystem:ClientWrite",
            ],
            [file_system_arn],
            conditions={"Bool": {"aws:SecureTransport": "false"}},
            principals={"AWS": "*"},
            effect="Deny",
        ),
    )


def check_storage(settings: EksSettings) -> list[str]:
    """What is wrong with the storage that is asked for; empty when nothing is."""
    storage = settings.storage
    problems: list[str] = []
    mibps, mode = storage.efs_provisioned_mibps, storage.efs_throughput_mode
    if mode == "provisioned" and mibps is None:
        problems.append(
            "storage.efs_provisioned_mibps is missing: throughput mode 'provisioned' needs it"
        )
    if mibps is not None and mode != "provisioned":
        problems.append(
            f"storage.efs_provisioned_mibps {mibps!r} is not allowed with throughput mode "
            f"{mode!r}: write 'provisioned', or leave it out"
        )
    elif mibps is not None and not 1 <= mibps <= _MAX_MIBPS:
        problems.append(
            f"storage.efs_provisioned_mibps {mibps!r} is not allowed: EFS takes 1 to {_MAX_MIBPS}"
        )
    if storage.kms_key_arn is not None and _KEY_ARN.fullmatch(storage.kms_key_arn) is None:
        problems.append(
            f"storage.kms_key_arn {storage.kms_key_arn!r} is no ARN of a key: write "
            "arn:aws:kms:REGION:ACCOUNT:key/ID, not an alias"
        )
    return problems
