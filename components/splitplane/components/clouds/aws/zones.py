"""Which availability zones a cluster uses. Pure: the caller asks AWS what there is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from splitplane.components.clouds.aws.ip_plan import MAX_ZONES, MIN_ZONES
from splitplane.components.errors import WrongArgument

DENIED_ZONE_IDS: Final = frozenset({"use1-az3", "usw1-az2", "cac1-az3"})
"""Zones in which EKS places no control plane:
https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html."""


@dataclass(frozen=True)
class Zone:
    """An availability zone.

    Attributes:
        name: its name in this account, `eu-central-1a`.
        id: its name in every account, `euc1-az2`.
    """

    name: str
    id: str


def choose_zones(
    available: Collection[Zone],
    count: int,
    *,
    offering: dict[str, Collection[str]] | None = None,
) -> tuple[str, ...]:
    """Names of `count` zones, by name, so that the same zones are chosen each time.

    Args:
        available: zones of the region that need no opt-in (local zones do).
        count: how many.
        offering: instance type that a node pool cannot do without → names of the zones that have
            it; zones that lack one are left out.

    Raises:
        WrongArgument: the count is not allowed, or fewer zones are left; says why each was not.
    """
    if not MIN_ZONES <= count <= MAX_ZONES:
        raise WrongArgument(
            f"network.availability_zone_count {count} is not allowed: use {MIN_ZONES} to "
            f"{MAX_ZONES}"
        )
    chosen: list[str] = []
    refused: list[str] = []
    for zone in sorted(available, key=lambda item: item.name):
        reason = _reason(zone, offering or {})
        if reason is None:
            chosen.append(zone.name)
        else:
            refused.append(f"{zone.name} ({reason})")
    if len(chosen) < count:
        left_out = f"; left out: {', '.join(refused)}" if refused else ""
        raise WrongArgument(
            f"network.availability_zone_count {count} is more than the {len(chosen)} zones that "
            f"can be used ({', '.join(chosen) or 'none'}){left_out}: ask for fewer zones, or for "
            "other instance types"
        )
    return tuple(chosen[:count])


def check_control_plane_zones(zones: Sequence[Zone]) -> None:
    """Raises WrongArgument when EKS takes no control-plane subnet in one of the zones."""
    denied = [f"{zone.name} ({zone.id})" for zone in zones if zone.id in DENIED_ZONE_IDS]
    if denied:
        raise WrongArgument(
            f"network.control_plane_subnet_ids lie in {', '.join(denied)}, where EKS places no "
            "control plane: choose subnets of other zones"
        )


def _reason(zone: Zone, offering: dict[str, Collection[str]]) -> str | None:
    if zone.id in DENIED_ZONE_IDS:
        return f"EKS places no control plane in {zone.id}"
    missing = sorted(name for name, zones in offering.items() if zone.name not in zones)
    return f"has no {', '.join(missing)}" if missing else None
