"""What an existing VPC has to be like for a cluster in it, as facts and what is wrong. Pure.

https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from splitplane.components.clouds.aws.network.checks import overlap_problems
from splitplane.components.clouds.aws.network.ip_plan import MIN_ZONES
from splitplane.components.clouds.aws.network.zones import DENIED_ZONE_IDS, Zone
from splitplane.components.clouds.aws.settings import EksSettings

CONTROL_PLANE_ADDRESSES: Final = 16
"""EKS needs six free addresses in a subnet of its interfaces and advises this many."""
CLUSTER_TAG_PREFIX: Final = "kubernetes.io/cluster/"
ROLE_TAGS: Final = {
    "public": "kubernetes.io/role/elb",
    "private": "kubernetes.io/role/internal-elb",
}
_SET: Final = ("1", "")
"""Values with which a role tag counts: 1, and none at all
(https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/subnet_discovery/)."""
_EVERYWHERE: Final = "0.0.0.0/0"

Field = Literal["public_subnet_ids", "private_subnet_ids", "control_plane_subnet_ids"]
_NEEDED: Final[tuple[Field, ...]] = ("private_subnet_ids", "control_plane_subnet_ids")


@dataclass(frozen=True)
class SubnetFacts:
    """A subnet that exists.

    Attributes:
        id: its id.
        vpc_id: the VPC that it lies in.
        zone: its availability zone.
        free_addresses: IPv4 addresses that nobody has.
        has_ipv6: whether it has an IPv6 range and gives addresses of it out.
        tags: key → value.
        routes: destination → id of the target, of the table that it uses.
    """

    id: str
    vpc_id: str
    zone: Zone
    free_addresses: int
    has_ipv6: bool = False
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    routes: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def way_out(self) -> str | None:
        """The target of its default route; None where there is none."""
        return self.routes.get(_EVERYWHERE)

    @property
    def is_public(self) -> bool:
        """Whether it reaches the internet without NAT."""
        return (self.way_out or "").startswith("igw-")


@dataclass(frozen=True)
class ExistingNetwork:
    """A VPC that exists, and the subnets that were named and are there.

    Attributes:
        vpc_id: its id.
        cidrs: its IPv4 ranges.
        has_dns_support: whether its resolver answers.
        has_dns_hostnames: whether machines in it get host names.
        subnets: field of `network` → its subnets, in the order in which they were named.
        missing: field of `network` → ids that are not there.
    """

    vpc_id: str
    cidrs: tuple[str, ...]
    has_dns_support: bool
    has_dns_hostnames: bool
    subnets: Mapping[Field, tuple[SubnetFacts, ...]]
    missing: Mapping[Field, tuple[str, ...]] = field(default_factory=dict[Field, tuple[str, ...]])

    def of(self, name: Field) -> tuple[SubnetFacts, ...]:
        """The subnets that a field names."""
        return self.subnets.get(name, ())


def check_existing(network: ExistingNetwork, settings: EksSettings) -> list[str]:
    """Everything that has to be changed, in AWS or in the arguments; empty when it fits."""
    return [
        *_vpc_problems(network, settings),
        *_zone_problems(network),
        *_route_problems(network, settings),
        *_tag_problems(network, settings),
        *_family_problems(network, settings),
    ]


def foreign_cluster_tags(subnet: SubnetFacts, eks_name: str) -> list[str]:
    """Tags by which other clusters claim the subnet, sorted."""
    return sorted(
        key
        for key in subnet.tags
        if key.startswith(CLUSTER_TAG_PREFIX) and key != CLUSTER_TAG_PREFIX + eks_name
    )


def _vpc_problems(network: ExistingNetwork, settings: EksSettings) -> Iterable[str]:
    for is_on, name in (
        (network.has_dns_support, "DNS support"),
        (network.has_dns_hostnames, "DNS host names"),
    ):
        if not is_on:
            yield (
                f"network.vpc_id {network.vpc_id!r} has {name} switched off, and nodes would not "
                "register: switch it on"
            )
    for name, ids in network.missing.items():
        yield f"network.{name}: {', '.join(ids)} is not in this region and account: name others"
    for name, subnets in network.subnets.items():
        if foreign := [item.id for item in subnets if item.vpc_id != network.vpc_id]:
            yield (
                f"network.{name}: {', '.join(foreign)} lies in another VPC than "
                f"{network.vpc_id}: name subnets of it"
            )
    service = settings.network.service_ipv4_cidr
    ranges = [(f"{network.vpc_id}'s range", cidr) for cidr in network.cidrs]
    if service is not None:
        for one in ranges:
            yield from overlap_problems([("network.service_ipv4_cidr", service), one], ())
    for one in ranges:
        yield from overlap_problems([one], settings.network.peer_cidrs)


def _zone_problems(network: ExistingNetwork) -> Iterable[str]:
    for name in _NEEDED:
        zones = sorted({item.zone.name for item in network.of(name)})
        if len(zones) < MIN_ZONES:
            yield (
                f"network.{name} lie in {', '.join(zones) or 'no zone'}: name subnets in "
                f"{MIN_ZONES} zones or more"
            )
    one_each: tuple[Field, ...] = ("private_subnet_ids", "public_subnet_ids")
    for name in one_each:
        counts = Counter(item.zone.name for item in network.of(name))
        if twice := sorted(zone for zone, count in counts.items() if count > 1):
            yield (
                f"network.{name} has several subnets in {', '.join(twice)}, where shared storage "
                "and load balancers take one: name one for each zone"
            )
    for item in network.of("control_plane_subnet_ids"):
        if item.zone.id in DENIED_ZONE_IDS:
            yield (
                f"network.control_plane_subnet_ids: {item.id} lies in {item.zone.name} "
                f"({item.zone.id}), where EKS places no control plane: name one of another zone"
            )
        if item.free_addresses < CONTROL_PLANE_ADDRESSES:
            yield (
                f"network.control_plane_subnet_ids: {item.id} has {item.free_addresses} free "
                f"addresses, EKS needs up to {CONTROL_PLANE_ADDRESSES}: name a larger one"
            )


def _route_problems(network: ExistingNetwork, settings: EksSettings) -> Iterable[str]:
    has_way_out = settings.network.nat != "none"
    for item in network.of("private_subnet_ids"):
        if item.is_public:
            yield (
                f"network.private_subnet_ids: {item.id} is public, its default route is "
                f"{item.way_out}: name one that goes out through NAT"
            )
        elif has_way_out and item.way_out is None:
            yield (
                f"network.private_subnet_ids: {item.id} has no default route: add one, or say "
                "network.nat none when the VPC has the endpoints that a cluster needs"
            )
    for item in network.of("public_subnet_ids"):
        if not item.is_public:
            yield (
                f"network.public_subnet_ids: {item.id} has no default route to an internet "
                f"gateway (but {item.way_out or 'none'}): add one, or name another"
            )
    if settings.control_plane_egress_mode == "CUSTOMER_ROUTED" and has_way_out:
        for item in network.of("control_plane_subnet_ids"):
            if item.way_out is None or item.is_public:
                yield (
                    f"network.control_plane_subnet_ids: {item.id} has no default route through "
                    "NAT, by which a control plane with control_plane_egress_mode "
                    "'CUSTOMER_ROUTED' goes out: add one, or name another"
                )


def _tag_problems(network: ExistingNetwork, settings: EksSettings) -> Iterable[str]:
    if settings.network.is_subnet_tagging_enabled:
        return
    remedy = "add it, or set network.is_subnet_tagging_enabled"
    for kind, key in ROLE_TAGS.items():
        for item in network.of(_field(kind)):
            if item.tags.get(key) not in _SET:
                yield (
                    f"network.{kind}_subnet_ids: {item.id} has no tag {key}=1, by which load "
                    f"balancers find it: {remedy}"
                )
            own = CLUSTER_TAG_PREFIX + settings.eks_name
            if own not in item.tags and (keys := foreign_cluster_tags(item, settings.eks_name)):
                yield (
                    f"network.{kind}_subnet_ids: {item.id} has {', '.join(keys)} but not "
                    f"{own}=shared, so that load balancers of this cluster leave it out: {remedy}"
                )


def _family_problems(network: ExistingNetwork, settings: EksSettings) -> Iterable[str]:
    if settings.network.ip_family == "ipv4":
        return
    for name in _NEEDED:
        if lacking := [item.id for item in network.of(name) if not item.has_ipv6]:
            yield (
                f"network.{name}: {', '.join(lacking)} gives out no IPv6 addresses, which "
                "network.ip_family 'ipv6' needs: add a range and switch it on, or use ipv4"
            )


def _field(kind: str) -> Field:
    return "public_subnet_ids" if kind == "public" else "private_subnet_ids"


def by_zone(subnets: Sequence[SubnetFacts]) -> dict[str, SubnetFacts]:
    """Zone → its subnet, by the names of the zones."""
    return {item.zone.name: item for item in sorted(subnets, key=lambda item: item.zone.name)}
