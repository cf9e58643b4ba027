"""What is wrong with storage, load balancers and names that a program asks for. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from splitplane.components.clouds.aws.dns.checks import check_names
from splitplane.components.clouds.aws.settings import EksSettings

PROVISIONED_MIBPS: Final = range(1, 3415)
"""https://docs.aws.amazon.com/efs/latest/ug/limits.html"""


def check_services(settings: EksSettings) -> list[str]:
    """Every problem of the fields of `storage`, `ingress` and `dns`."""
    return [*_storage_problems(settings), *check_names(settings)]


def _storage_problems(settings: EksSettings) -> Iterator[str]:
    storage = settings.storage
    mode, mibps = storage.efs_throughput_mode, storage.efs_provisioned_mibps
    if not settings.has_shared_storage:
        if mode != "elastic" or mibps is not None:
            yield (
                "storage.efs_throughput_mode and .efs_provisioned_mibps have no meaning without a "
                "file system: leave them out, or set storage.has_shared_storage"
            )
        return
    if mode == "provisioned" and mibps is None:
        yield (
            "storage.efs_provisioned_mibps is missing: efs_throughput_mode 'provisioned' is billed "
            f"by it; use {PROVISIONED_MIBPS[0]} to {PROVISIONED_MIBPS[-1]}"
        )
    elif mode != "provisioned" and mibps is not None:
        yield (
            f"storage.efs_provisioned_mibps {mibps} has no meaning with efs_throughput_mode "
            f"{mode!r}: use 'provisioned', or leave it out"
        )
    elif mibps is not None and mibps not in PROVISIONED_MIBPS:
        yield (
            f"storage.efs_provisioned_mibps {mibps} is not allowed: use {PROVISIONED_MIBPS[0]} to "
            f"{PROVISIONED_MIBPS[-1]}"
        )
