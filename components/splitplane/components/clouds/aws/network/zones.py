"""Which availability zones a cluster uses. Pure: the caller asks AWS what there is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from splitplane.components.clouds.aws.network.ip_plan import MAX_ZONES, MIN_ZONES
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
    offering: Mapping[str, Collection[str]] | None = None,
) -> tuple[str, ...]:
    """Names of `count` zones, in the same order each time; more zones only add some at the end.

    Zones by name, those first that offer the most of what pools cannot do without.

    Args:
        available: zones of the region that need no opt-in (local zones do).
        count: how many.
        offering: machine that a node pool cannot do without → names of the zones that have it.

    Raises:
        WrongArgument: the count is not allowed, or EKS places no control plane in enough zones.
    """
    if not MIN_ZONES <= count <= MAX_ZONES:
        raise WrongArgument(
            f"network.availability_zone_count {count} is not allowed: use {MIN_ZONES} to "
            f"{MAX_ZONES}"
        )
    usable = [zone.name for zone in available if zone.id not in DENIED_ZONE_IDS]
    if len(usable) < count:
        refused = sorted(
            f"{zone.name} ({zone.id})" for zone in available if zone.name not in usable
        )
        left_out = f"; EKS places no control plane in {', '.join(refused)}" if refused else ""
        raise WrongArgument(
            f"network.availability_zone_count {count} is more than the {len(usable)} zones that "
            f"can be used ({', '.join(sorted(usable)) or 'none'}){left_out}: ask for fewer zones"
        )
    lacks = {name: sum(name not in zones for zones in (offering or {}).values()) for name in usable}
    return tuple(sorted(usable, key=lambda name: (lacks[name], name))[:count])


def check_named_zones(names: Sequence[str], available: Collection[Zone]) -> list[str]:
    """What speaks against the zones of `network.availability_zones`; nothing when empty.

    Args:
        names: the zones that were named.
        available: zones of the region that need no opt-in.
    """
    ids = {zone.name: zone.id for zone in available}
    problems: list[str] = []
    for name in names:
        if name not in ids:
            problems.append(
                f"network.availability_zones has {name!r}, which is no zone that needs no opt-in "
                f"here: use some of {', '.join(sorted(ids))}"
            )
        elif ids[name] in DENIED_ZONE_IDS:
            problems.append(
                f"network.availability_zones has {name!r} ({ids[name]}), where EKS places no "
                "control plane: use another zone"
            )
    return problems
