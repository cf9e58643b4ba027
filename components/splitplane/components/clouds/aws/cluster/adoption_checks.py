"""What a program may not ask of a cluster that exists already. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import MISSING, fields
from typing import Any, Final

from splitplane.components.clouds.aws.names import check_cluster_name
from splitplane.components.clouds.aws.settings import EksSettings, NetworkSettings
from splitplane.components.errors import WrongArgument

CREATED_ONLY: Final = (
    "kubernetes_version",
    "deployer_principal_arns",
    "support_type",
    "access_entries",
    "public_access_cidrs",
    "allows_public_access_from_anywhere",
    "control_plane_egress_mode",
    "secrets_kms_key",
    "log_types",
    "log_retention_days",
    "is_deletion_protected",
    "is_zonal_shift_enabled",
    "control_plane_tier",
    "scheduler_scoring",
    "control_plane",
    "system_nodes",
    "pools",
    "node_groups",
)
"""Fields that say how a cluster and its nodes are made."""
ADOPTED_NETWORK: Final = ("private_subnet_ids", "public_subnet_ids")
"""Fields of `network` that say what there is."""


def check_adoption(settings: EksSettings) -> list[str]:
    """Every problem of the fields beside `cluster_name`; none where a cluster is created."""
    return list(_problems(settings)) if settings.is_adopted else []


def _problems(settings: EksSettings) -> Iterator[str]:
    try:
        check_cluster_name(settings.eks_name)
    except WrongArgument as error:
        yield f"cluster_{error}"
    for name in _given(settings, CREATED_ONLY):
        yield (
            f"{name} {_shown(getattr(settings, name))} has no meaning with cluster_name, whose "
            "cluster and nodes are made elsewhere: leave it out"
        )
    if settings.is_cluster_gone:
        yield (
            "is_cluster_gone True has no meaning with cluster_name, since a cluster that is gone "
            "cannot be read: run pulumi refresh and pulumi destroy with "
            "PULUMI_K8S_DELETE_UNREACHABLE=true instead, which need no program"
        )
    made = [item.name for item in fields(NetworkSettings) if item.name not in ADOPTED_NETWORK]
    for name in _given(settings.network, made):
        yield (
            f"network.{name} {_shown(getattr(settings.network, name))} has no meaning with "
            f"cluster_name, whose network exists: give {' or '.join(ADOPTED_NETWORK)}, or nothing"
        )


def _given(settings: EksSettings | NetworkSettings, names: Sequence[str]) -> list[str]:
    """Names of the fields that differ from what they are when left out."""
    defaults = {item.name: item.default for item in fields(settings)}
    return [
        name
        for name in names
        if defaults[name] is not MISSING and getattr(settings, name) != defaults[name]
    ]


def _shown(value: Any) -> str:  # Any: a field's value
    """Long values would hide the rest of the message."""
    return repr(value) if isinstance(value, str | int) else "…"
