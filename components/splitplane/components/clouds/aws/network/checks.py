"""What speaks against the network's arguments, before anything is asked of AWS. Pure.

Of a network that is made or taken for a cluster that is made; an adopted cluster has its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Network, ip_network
from itertools import combinations
from typing import Final

from splitplane.components.clouds.aws.network.endpoints import is_full_name, missing_endpoints
from splitplane.components.clouds.aws.network.ip_plan import (
    MAX_ZONES,
    MIN_ZONES,
    check_service_cidr,
    plan_subnets,
)
from splitplane.components.clouds.aws.network.plan import wants_public_subnets
from splitplane.components.clouds.aws.settings import EksSettings, NetworkSettings
from splitplane.components.errors import WrongArgument

DEFAULT_SERVICE_CIDRS: Final = ("10.100.0.0/16", "172.20.0.0/16")
"""EKS takes one of them that the VPC does not use:
https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html."""
_PRIVATE: Final = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_RESERVED: Final = IPv4Network("198.19.0.0/16")
"""A second range lies in the private block of the first or outside all, and not in this one:
https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html#add-cidr-block-restrictions.
"""
_REFUSED_BESIDE: Final = (
    (IPv4Network("10.0.0.0/15"), IPv4Network("10.0.0.0/16")),
    (IPv4Network("172.16.0.0/12"), IPv4Network("172.31.0.0/16")),
)
"""Where the first range lies → what the second has no part of (same source, 2026-11-21)."""
_NO_MACHINES: Final = tuple(
    map(IPv4Network, ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3"))
)
"""Neither private nor routable: this host, loopback, link local (same source), multicast and
reserved: https://www.rfc-editor.org/rfc/rfc6890."""
_DEFAULTS: Final = NetworkSettings()
_ONLY_CREATED: Final = (
    "vpc_cidr",
    "ipv4_ipam_pool_id",
    "secondary_cidr",
    "availability_zones",
    "availability_zone_count",
    "interface_endpoints",
    "has_flow_logs",
    "has_public_subnets",
)
_ONLY_EXISTING: Final = (
    "public_subnet_ids",
    "private_subnet_ids",
    "control_plane_subnet_ids",
    "is_subnet_tagging_enabled",
)


def check_network(settings: EksSettings) -> list[str]:
    """Every problem of `network` and of what the rest asks of it; empty when it can be tried."""
    network = settings.network
    kind = _created(settings) if network.vpc_id is None else _existing(settings)
    return [*kind, *_services(network), *_family(network)]


def _created(settings: EksSettings) -> Iterable[str]:
    network = settings.network
    for field in _ONLY_EXISTING:
        if value := getattr(network, field):
            yield (
                f"network.{field} {_shown(value)} needs network.vpc_id: give the VPC, or leave "
                f"{field} out"
            )
    yield from _zones(network)
    yield from _ranges(network)
    yield from _ways_out(settings)


def _zones(network: NetworkSettings) -> Iterable[str]:
    named = network.availability_zones
    if named and not MIN_ZONES <= len(set(named)) == len(named) <= MAX_ZONES:
        yield (
            f"network.availability_zones {list(named)!r} is not allowed: name {MIN_ZONES} to "
            f"{MAX_ZONES} different zones"
        )
    if not MIN_ZONES <= network.availability_zone_count <= MAX_ZONES:
        yield (
            f"network.availability_zone_count {network.availability_zone_count} is not allowed: "
            f"use {MIN_ZONES} to {MAX_ZONES}"
        )
    elif named and network.availability_zone_count not in (
        len(named),
        _DEFAULTS.availability_zone_count,
    ):
        yield (
            f"network.availability_zone_count {network.availability_zone_count} does not fit "
            f"network.availability_zones, which names {len(named)}: leave the count out"
        )


def _ranges(network: NetworkSettings) -> Iterable[str]:
    places = ("first", "second")  # as many as the fewest zones: the ranges are meant
    first = _problems(plan_subnets, network.vpc_cidr, places)
    yield from first or _special("vpc_cidr", network.vpc_cidr, "10.0.0.0/16")
    if network.secondary_cidr is None:
        return
    second = _problems(plan_subnets, network.secondary_cidr, places)
    if not second:
        yield from _special("secondary_cidr", network.secondary_cidr, "100.64.0.0/16")
    yield from (text.replace("network.vpc_cidr", "network.secondary_cidr") for text in second)
    if first or second:
        return
    yield from _second_range(network.vpc_cidr, network.secondary_cidr)


def _second_range(vpc_cidr: str, cidr: str) -> Iterable[str]:
    """Both are ranges of a right size."""
    vpc, other = IPv4Network(vpc_cidr), IPv4Network(cidr)
    block = next((item for item in _PRIVATE if other.subnet_of(item)), None)
    if block is not None and not vpc.subnet_of(block):
        yield (
            f"network.secondary_cidr {cidr!r} is not allowed beside vpc_cidr "
            f"{vpc_cidr!r}: AWS takes one of the same private block, or one that is not "
            "private, such as 100.64.0.0/16"
        )
    for place, refused in () if vpc.overlaps(other) else _REFUSED_BESIDE:
        if vpc.subnet_of(place) and other.overlaps(refused):
            yield (
                f"network.secondary_cidr {cidr!r} is not allowed beside vpc_cidr {vpc_cidr!r}: "
                f"AWS takes nothing of {refused} there; use one such as 100.64.0.0/16"
            )
    if other.overlaps(_RESERVED):
        yield (
            f"network.secondary_cidr {cidr!r} is not allowed: {_RESERVED} is "
            "reserved by AWS; use one such as 100.64.0.0/16"
        )


def _special(field: str, cidr: str, example: str) -> Iterable[str]:
    """The range has a meaning by which no machine may have an address of it."""
    for special in _NO_MACHINES:
        if IPv4Network(cidr).overlaps(special):
            yield (
                f"network.{field} {cidr!r} is not allowed: {special} has another meaning "
                f"everywhere; use one such as {example}"
            )


def _ways_out(settings: EksSettings) -> Iterable[str]:
    network, nat = settings.network, settings.effective_nat
    if network.has_public_subnets is False:
        if nat in ("single", "per_az"):
            yield (
                f"network.has_public_subnets False does not fit network.nat {nat!r}, whose "
                "gateways lie in public subnets: leave it out, or use nat regional or none"
            )
        if settings.ingress.scheme == "internet-facing":
            yield (
                "network.has_public_subnets False does not fit ingress.scheme 'internet-facing', "
                "whose load balancers lie in public subnets: leave it out, or use scheme internal"
            )
    chosen = network.interface_endpoints
    if len(set(chosen)) < len(chosen):
        yield f"network.interface_endpoints {list(chosen)!r} names a service twice: name each once"
    if "s3" in chosen:
        yield "network.interface_endpoints has 's3', which a VPC always reaches: leave it out"
    if nat == "none" and chosen and (missing := missing_endpoints(settings, chosen)):
        yield (
            "network.interface_endpoints lacks services that a cluster with network.nat 'none' "
            f"needs: add {', '.join(missing)}, or leave it out"
        )
    if nat == "none":
        yield from _names_without_a_way(settings)


def _names_without_a_way(settings: EksSettings) -> Iterable[str]:
    """Route 53 has no endpoint of the region, and Let's Encrypt none at all."""
    zones = _zones_text(settings)
    endpoints = settings.network.interface_endpoints
    has_endpoint = any(is_full_name(item, "route53") for item in endpoints)
    if settings.dns.has_zones and not has_endpoint and _is_cut_off(settings, "external-dns"):
        yield (
            f"{zones} are out of reach for external-dns with network.nat "
            "'none': add the endpoint of Route 53 to network.interface_endpoints, by its full "
            "name, name a proxy in addons['external-dns'].values, or leave the zones out"
        )
    if settings.makes_certificates and _is_cut_off(settings, "cert-manager"):
        yield (
            f"{zones} get no certificates with network.nat 'none', since "
            "cert-manager does not reach Let's Encrypt: give ingress.certificate_arn, or name a "
            "proxy in addons['cert-manager'].values"
        )


def _zones_text(settings: EksSettings) -> str:
    dns = settings.dns
    named = (("zone_arns", dns.zone_arns), ("zone_names", dns.zone_names))
    return " and ".join(f"dns.{field} {list(zones)!r}" for field, zones in named if zones)


def _is_cut_off(settings: EksSettings, addon: str) -> bool:
    choice = settings.addon(addon)
    is_proxied = "proxy" in json.dumps(dict(choice.values)).lower()
    return choice.mode in ("managed", "adopt") and not is_proxied


def _existing(settings: EksSettings) -> Iterable[str]:
    network = settings.network
    for field in _ONLY_CREATED:
        if (value := getattr(network, field)) != getattr(_DEFAULTS, field):
            yield (
                f"network.{field} {_shown(value)} has no meaning for the existing VPC "
                f"{network.vpc_id}: leave it out"
            )
    if network.nat not in (None, "none"):
        yield (
            f"network.nat {network.nat!r} has no meaning for the existing VPC {network.vpc_id}, "
            "which has its own way out: leave it out, or say none where there is none"
        )
    for field in ("private_subnet_ids", "control_plane_subnet_ids"):
        if len(getattr(network, field)) < MIN_ZONES:
            yield (
                f"network.{field} {list(getattr(network, field))!r} is too short: with vpc_id name "
                f"subnets in {MIN_ZONES} zones or more"
            )
    for field in _ONLY_EXISTING[:3]:
        ids = getattr(network, field)
        if len(set(ids)) < len(ids):
            yield f"network.{field} {list(ids)!r} names a subnet twice: name each once"
    if both := sorted(set(network.public_subnet_ids) & set(network.private_subnet_ids)):
        yield (
            f"network.public_subnet_ids and private_subnet_ids both have {', '.join(both)}: a "
            "subnet is one or the other"
        )
    if wants_public_subnets(settings) and not network.public_subnet_ids:
        yield (
            "network.public_subnet_ids is left out, but ingress.scheme 'internet-facing' needs "
            "them: name them, or use scheme internal"
        )


def _services(network: NetworkSettings) -> Iterable[str]:
    """Ranges that nothing here may overlap; those of an existing VPC are checked when read."""
    ranges: list[tuple[str, str]] = []
    if network.vpc_id is None:
        ranges.append(("network.vpc_cidr", network.vpc_cidr))
        if network.secondary_cidr is not None:
            ranges.append(("network.secondary_cidr", network.secondary_cidr))
    if network.service_ipv4_cidr is not None:
        yield from _problems(check_service_cidr, network.service_ipv4_cidr)
        ranges.append(("network.service_ipv4_cidr", network.service_ipv4_cidr))
    for cidr in network.peer_cidrs:
        if not _is_range(cidr):
            yield (
                f"network.peer_cidrs has {cidr!r}, which is not a range of IPv4 addresses: write "
                "it as 10.1.0.0/16"
            )
    yield from overlap_problems(ranges, network.peer_cidrs)
    if network.service_ipv4_cidr is None and network.ip_family == "ipv4":
        for cidr in filter(_is_range, network.peer_cidrs):
            if taken := [item for item in DEFAULT_SERVICE_CIDRS if _overlap(item, cidr)]:
                yield (
                    f"network.service_ipv4_cidr is left out, and EKS may take {taken[0]}, which "
                    f"overlaps network.peer_cidrs {cidr!r}: choose one"
                )


def overlap_problems(ranges: Sequence[tuple[str, str]], peer_cidrs: Iterable[str]) -> list[str]:
    """Every two that share an address, of the ranges and between them and those of peers.

    Peers may overlap each other; what is no range is left to other checks.

    Args:
        ranges: pairs of argument and range.
        peer_cidrs: `network.peer_cidrs`.
    """
    peers = [("network.peer_cidrs", cidr) for cidr in peer_cidrs]
    pairs = [*combinations(ranges, 2), *((one, peer) for one in ranges for peer in peers)]
    return [
        f"{field} {one!r} overlaps {other_field} {other!r}: choose ranges that share no address"
        for (field, one), (other_field, other) in pairs
        if _is_range(one) and _is_range(other) and _overlap(one, other)
    ]


def _family(network: NetworkSettings) -> Iterable[str]:
    if network.ip_family == "ipv4":
        return
    if network.service_ipv4_cidr is not None:
        yield (
            f"network.service_ipv4_cidr {network.service_ipv4_cidr!r} does not fit ip_family "
            "'ipv6', whose Services get a range from EKS: leave it out"
        )
    if network.is_prefix_delegation_enabled is False:
        yield (
            "network.is_prefix_delegation_enabled False does not fit ip_family 'ipv6', which "
            "knows nothing else: leave it out"
        )


def _problems(check: Callable[..., object], *arguments: object) -> list[str]:
    try:
        check(*arguments)
    except WrongArgument as error:
        return [str(error)]
    return []


def _is_range(text: str) -> bool:
    try:
        return isinstance(ip_network(text), IPv4Network)
    except ValueError:
        return False


def _overlap(one: str, other: str) -> bool:
    return IPv4Network(one).overlaps(IPv4Network(other))


def _shown(value: object) -> str:
    return repr(list(value) if isinstance(value, tuple) else value)
