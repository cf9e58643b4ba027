"""Which addresses each subnet gets, and what may not overlap. Pure.

Every zone has a fixed place, so that a zone that is added later moves nobody: private subnets lie
in the first six eighths of the VPC, public ones in the seventh, those of the control plane in the
last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, ip_network
from itertools import combinations
from typing import Final

from splitplane.components.errors import WrongArgument

DEFAULT_VPC_CIDR: Final = "10.0.0.0/16"
MAX_ZONES: Final = 6
"""Six private subnets fit; no region has more zones that EKS takes."""
MIN_ZONES: Final = 2
"""EKS wants subnets in two zones:
https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html."""
_SHORTEST_PREFIX: Final = 16
_LONGEST_PREFIX: Final = 20
"""AWS takes a VPC of /16 to /28; below /20 a zone has too few addresses for pods."""
_SMALLEST_SUBNET: Final = 28
"""https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html."""
_PRIVATE_RANGES: Final = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
"""https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html:
the services' range is /12 to /24 within these."""


@dataclass(frozen=True)
class ZoneSubnets:
    """Addresses of one zone's subnets, as CIDRs.

    Attributes:
        zone: name of the zone.
        private: nodes and pods.
        public: load balancers and NAT.
        control_plane: network interfaces of the control plane; no way out.
        secondary: nodes and pods in the VPC's second range; None without one.
    """

    zone: str
    private: str
    public: str
    control_plane: str
    secondary: str | None = None


def plan_subnets(
    vpc_cidr: str, zones: Sequence[str], *, secondary_cidr: str | None = None
) -> tuple[ZoneSubnets, ...]:
    """The subnets of each zone, in the order of the zones; the first zones of a longer list stay.

    A VPC of /16 gives each zone a private /19, a public /24 and a /28 for the control plane; a
    smaller one gives less, in the same places. The second range is shared evenly, by eighths.

    Raises:
        WrongArgument: a range is no range or of a wrong size, ranges overlap, or there are too few
            or too many zones.
    """
    if not MIN_ZONES <= len(set(zones)) == len(zones) <= MAX_ZONES:
        raise WrongArgument(
            f"zones {list(zones)!r} are not allowed: name {MIN_ZONES} to {MAX_ZONES} different "
            "availability zones"
        )
    vpc = _network("network.vpc_cidr", vpc_cidr, _SHORTEST_PREFIX, _LONGEST_PREFIX)
    eighths = list(vpc.subnets(prefixlen_diff=3))
    public = eighths[6].subnets(new_prefix=min(vpc.prefixlen + 8, _SMALLEST_SUBNET))
    control_plane = eighths[7].subnets(new_prefix=_SMALLEST_SUBNET)
    secondary: Sequence[IPv4Network | None] = [None] * len(zones)
    if secondary_cidr is not None:
        check_no_overlap({"network.vpc_cidr": vpc_cidr, "network.secondary_cidr": secondary_cidr})
        second = _network(
            "network.secondary_cidr", secondary_cidr, _SHORTEST_PREFIX, _LONGEST_PREFIX
        )
        secondary = list(second.subnets(prefixlen_diff=3))
    return tuple(
        ZoneSubnets(zone, str(a), str(b), str(c), None if d is None else str(d))
        for zone, a, b, c, d in zip(zones, eighths, public, control_plane, secondary, strict=False)
    )


def check_service_cidr(cidr: str) -> None:
    """Raises WrongArgument unless EKS takes the range for Services."""
    network = _network("network.service_ipv4_cidr", cidr, 12, 24)
    if not any(network.subnet_of(allowed) for allowed in _PRIVATE_RANGES):
        raise WrongArgument(
            f"network.service_ipv4_cidr {cidr!r} is not private: choose one within "
            f"{', '.join(map(str, _PRIVATE_RANGES))}"
        )


def check_no_overlap(ranges: Mapping[str, str | Sequence[str] | None]) -> None:
    """Raises WrongArgument when two of the ranges share an address; names both.

    Args:
        ranges: name of the argument → its range, its ranges, or None when it is left out.
    """
    named = [
        (field, cidr)
        for field, value in ranges.items()
        for cidr in ([value] if isinstance(value, str) else value or ())
    ]
    for (one_field, one), (other_field, other) in combinations(named, 2):
        if _network(one_field, one, 0, 32).overlaps(_network(other_field, other, 0, 32)):
            raise WrongArgument(
                f"{one_field} {one!r} overlaps {other_field} {other!r}: choose ranges that share "
                "no address"
            )


def _network(field: str, text: str, shortest: int, longest: int) -> IPv4Network:
    try:
        network = ip_network(text)
    except ValueError as error:
        raise WrongArgument(
            f"{field} {text!r} is not a range of addresses ({error}): write it as 10.0.0.0/16"
        ) from error
    if not isinstance(network, IPv4Network):
        raise WrongArgument(f"{field} {text!r} is IPv6: write a range of IPv4 addresses")
    if not shortest <= network.prefixlen <= longest:
        raise WrongArgument(
            f"{field} {text!r} has the wrong size: use a prefix of /{shortest} to /{longest}"
        )
    return network
