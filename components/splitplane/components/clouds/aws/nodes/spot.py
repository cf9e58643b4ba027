"""Who buys spot machines, and whether the role by which EC2 buys them is made here. Pure."""

from __future__ import annotations

from typing import Final

from splitplane.components.clouds.aws.karpenter.default_pools import effective_pools
from splitplane.components.clouds.aws.settings import EksSettings

SPOT_SERVICE: Final = "spot.amazonaws.com"
"""Whose service-linked role it is, in every partition:
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/service-linked-roles-spot-instance-requests.html,
checked 2026-11-21."""
SPOT_ROLE: Final = "AWSServiceRoleForEC2Spot"
"""Its name; an account has one (same source)."""


def spot_users(settings: EksSettings) -> tuple[str, ...]:
    """Names of the pools or node groups of spot machines; none of an adopted cluster."""
    if settings.is_adopted:
        return ()
    if settings.compute_mode == "node_groups":
        return tuple(item.name for item in settings.node_groups if item.capacity == "spot")
    is_karpenter = settings.compute_mode == "karpenter"
    pools = effective_pools(settings) if is_karpenter else settings.pools or ()
    return tuple(pool.name for pool in pools if pool.capacity == "spot")


def check_spot_role(settings: EksSettings) -> list[str]:
    """What is wrong with `makes_spot_service_role`; empty when nothing is."""
    if not settings.makes_spot_service_role or spot_users(settings):
        return []
    why = (
        "the nodes of an adopted cluster are made elsewhere"
        if settings.is_adopted
        else "no pool or node group has capacity 'spot'"
    )
    return [f"makes_spot_service_role True has no meaning here: {why}; leave it out"]
