"""Every zone has its own addresses, in a place that later zones do not move."""

from __future__ import annotations

from ipaddress import IPv4Network, ip_network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from splitplane.components.clouds.aws.network.ip_plan import (
    ZoneSubnets,
    check_no_overlap,
    check_service_cidr,
    plan_subnets,
)
from splitplane.components.errors import WrongArgument

ZONES = tuple(f"eu-central-1{letter}" for letter in "abcdef")


def networks(plan: tuple[ZoneSubnets, ...]) -> list[IPv4Network]:
    return [
        IPv4Network(cidr)
        for zone in plan
        for cidr in (zone.private, zone.public, zone.control_plane, zone.secondary)
        if cidr is not None
    ]


def test_default_range_gives_each_zone_the_documented_sizes() -> None:
    assert plan_subnets("10.0.0.0/16", ZONES[:3]) == (
        ZoneSubnets("eu-central-1a", "10.0.0.0/19", "10.0.192.0/24", "10.0.224.0/28"),
        ZoneSubnets("eu-central-1b", "10.0.32.0/19", "10.0.193.0/24", "10.0.224.16/28"),
        ZoneSubnets("eu-central-1c", "10.0.64.0/19", "10.0.194.0/24", "10.0.224.32/28"),
    )


def test_second_range_is_shared_by_the_zones() -> None:
    plan = plan_subnets("10.0.0.0/16", ZONES[:2], secondary_cidr="100.64.0.0/16")

    assert [zone.secondary for zone in plan] == ["100.64.0.0/19", "100.64.32.0/19"]


@given(
    st.integers(16, 20),
    st.integers(0, 255),
    st.integers(2, 6),
    st.sampled_from([None, "100.64.0.0/16", "198.18.0.0/20"]),
)
def test_no_two_subnets_share_an_address_and_a_new_zone_moves_nobody(
    prefix: int, second: int, count: int, secondary: str | None
) -> None:
    vpc = str(ip_network(f"10.{second}.0.0/{prefix}"))
    plan = plan_subnets(vpc, ZONES[:count], secondary_cidr=secondary)
    whole = [IPv4Network(vpc), *([IPv4Network(secondary)] if secondary else [])]

    assert not any(a.overlaps(b) for a, b in combinations(networks(plan), 2))
    assert all(any(n.subnet_of(w) for w in whole) for n in networks(plan))
    assert all(n.prefixlen <= 28 for n in networks(plan))
    assert plan == plan_subnets(vpc, ZONES, secondary_cidr=secondary)[:count]


@pytest.mark.parametrize(
    ("vpc", "zones", "secondary", "message"),
    [
        ("10.0.0.0/8", ZONES[:2], None, "'10.0.0.0/8' has the wrong size: use a prefix of /16"),
        ("10.0.0.0/24", ZONES[:2], None, "'10.0.0.0/24' has the wrong size"),
        ("10.0.0.1/16", ZONES[:2], None, "'10.0.0.1/16' is not a range of addresses"),
        ("office", ZONES[:2], None, "network.vpc_cidr 'office' is not a range of addresses"),
        ("fd00::/16", ZONES[:2], None, "'fd00::/16' is IPv6"),
        ("10.0.0.0/16", ZONES[:1], None, "name 2 to 6 different availability zones"),
        ("10.0.0.0/16", ("a", "a"), None, "name 2 to 6 different availability zones"),
        ("10.0.0.0/16", ZONES[:2], "10.0.128.0/17", "network.vpc_cidr '10.0.0.0/16' overlaps"),
        ("10.0.0.0/16", ZONES[:2], "100.64.0.0/10", "secondary_cidr '100.64.0.0/10' has the wrong"),
    ],
)
def test_impossible_plan_is_refused_with_the_argument(
    vpc: str, zones: tuple[str, ...], secondary: str | None, message: str
) -> None:
    with pytest.raises(WrongArgument, match=message):
        plan_subnets(vpc, zones, secondary_cidr=secondary)


def test_overlap_names_both_arguments_and_values() -> None:
    with pytest.raises(
        WrongArgument,
        match=r"network\.service_ipv4_cidr '10\.0\.8\.0/24' overlaps "
        r"network\.peer_cidrs '10\.0\.0\.0/16'",
    ):
        check_no_overlap(
            {
                "network.vpc_cidr": None,
                "network.service_ipv4_cidr": "10.0.8.0/24",
                "network.peer_cidrs": ["192.168.0.0/16", "10.0.0.0/16"],
            }
        )


@pytest.mark.parametrize("cidr", ["10.100.0.0/16", "172.20.0.0/16", "192.168.4.0/24"])
def test_private_service_range_passes(cidr: str) -> None:
    check_service_cidr(cidr)


@pytest.mark.parametrize(
    ("cidr", "message"),
    [
        ("100.64.0.0/16", "is not private"),
        ("10.0.0.0/11", "use a prefix of /12 to /24"),
        ("10.0.0.0/25", "use a prefix of /12 to /24"),
    ],
)
def test_other_service_range_is_refused(cidr: str, message: str) -> None:
    with pytest.raises(WrongArgument, match=message):
        check_service_cidr(cidr)
