"""What a created VPC consists of: zones, subnets, ways out. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv6Network
from itertools import islice
from typing import Final, Literal

from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.network.endpoints import chosen_endpoints, service_name
from splitplane.components.clouds.aws.network.ip_plan import ZoneSubnets, plan_subnets
from splitplane.components.clouds.aws.settings import EksSettings, Nat
from splitplane.components.errors import WrongArgument

Tier = Literal["private", "public", "control-plane", "secondary"]

REGIONAL_NAT_PARTITION: Final = "aws"
"""Regional NAT came to every commercial region at once in November 2025, not to GovCloud and
China; https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html. No API says
where it is: should a later region lack it, EC2 refuses the gateway, and `network.nat` per_az does
without."""
_IPV6_PLACES: Final[dict[Tier, int]] = {
    "private": 0x00,
    "public": 0x10,
    "control-plane": 0x20,
    "secondary": 0x30,
}
"""First /64 of each tier in the /56 that AWS gives a VPC; a zone has the same place in each tier
as it has in the list of zones."""
_VPC_IPV6_PREFIX: Final = 56


@dataclass(frozen=True)
class NetworkPlan:
    """A VPC that is not there yet.

    Attributes:
        subnets: of each zone, in the order of the zones.
        nat: the way out that the region has.
        nat_zones: zones with a NAT gateway of their own; empty with regional NAT or none.
        public_zones: zones with a public subnet.
        endpoints: service → its full name; interface endpoints, S3 is not among them.
        is_dual_stack: whether every subnet has IPv6 addresses too.
        is_control_plane_routed: whether the control plane goes out through the private routes.
        warnings: what whoever asked should know.
    """

    subnets: tuple[ZoneSubnets, ...]
    nat: Nat
    nat_zones: tuple[str, ...]
    public_zones: tuple[str, ...]
    endpoints: dict[str, str]
    is_dual_stack: bool
    is_control_plane_routed: bool
    warnings: tuple[str, ...] = ()

    @property
    def zones(self) -> tuple[str, ...]:
        """Names of the zones, in the order in which they got their addresses."""
        return tuple(item.zone for item in self.subnets)

    @property
    def has_internet_gateway(self) -> bool:
        """Whether anything of the VPC reaches the internet by itself."""
        return bool(self.public_zones) or self.nat != "none"


def plan_network(settings: EksSettings, scope: Scope, zones: Sequence[str]) -> NetworkPlan:
    """The VPC that is asked for, in these zones.

    Args:
        settings: checked by `check_network`.
        scope: where it will be.
        zones: names of its zones.

    Raises:
        WrongArgument: what is asked for does not exist there.
    """
    network = settings.network
    is_dual_stack = network.ip_family == "ipv6"
    if is_dual_stack and scope.partition == "aws-cn":
        # https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html
        raise WrongArgument(
            "network.ip_family 'ipv6' is not allowed in China, where EKS has none: use ipv4"
        )
    nat, warnings = _effective_nat(settings, scope)
    nat_zones = {"single": tuple(zones[:1]), "per_az": tuple(zones)}.get(nat, ())
    return NetworkPlan(
        subnets=plan_subnets(network.vpc_cidr, zones, secondary_cidr=network.secondary_cidr),
        nat=nat,
        nat_zones=nat_zones,
        public_zones=tuple(zones) if wants_public_subnets(settings) else nat_zones,
        endpoints={item: service_name(item, scope) for item in chosen_endpoints(settings)},
        is_dual_stack=is_dual_stack,
        is_control_plane_routed=settings.control_plane_egress_mode == "CUSTOMER_ROUTED",
        warnings=warnings,
    )


def wants_public_subnets(settings: EksSettings) -> bool:
    """Whether every zone needs a public subnet, whatever the way out of private ones."""
    chosen = settings.network.has_public_subnets
    return settings.ingress.scheme == "internet-facing" if chosen is None else chosen


def ipv6_range(vpc_range: str, tier: Tier, place: int) -> str:
    """The /64 of a subnet.

    Args:
        vpc_range: the /56 of the VPC.
        tier: what the subnet is for.
        place: of its zone in the list of zones.

    Raises:
        ValueError: the VPC has no such range.
    """
    whole = IPv6Network(vpc_range)
    if whole.prefixlen != _VPC_IPV6_PREFIX:
        raise ValueError(f"{vpc_range!r} is no range of a VPC: AWS gives out /{_VPC_IPV6_PREFIX}")
    return str(next(islice(whole.subnets(new_prefix=64), _IPV6_PLACES[tier] + place, None)))


def _effective_nat(settings: EksSettings, scope: Scope) -> tuple[Nat, tuple[str, ...]]:
    nat = settings.effective_nat
    if nat != "regional" or scope.partition == REGIONAL_NAT_PARTITION:
        return nat, ()
    if settings.network.has_public_subnets is False:
        raise WrongArgument(
            f"network.nat 'regional' does not exist in {scope.region}, and per_az needs public "
            "subnets: leave network.has_public_subnets out, or use nat none"
        )
    warning = f"{scope.region} has no regional NAT gateways: each zone gets one of its own (per_az)"
    return "per_az", (warning,)
