"""Each way out brings what it needs and no more; regions without regional NAT get per_az."""

from __future__ import annotations

from typing import Any

import pytest

from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.network.plan import ipv6_range, plan_network
from splitplane.components.clouds.aws.settings import (
    EksSettings,
    IngressSettings,
    NetworkSettings,
)
from splitplane.components.errors import WrongArgument

IRELAND = Scope("aws", "eu-west-1", "111122223333")
GOVERNMENT = Scope("aws-us-gov", "us-gov-west-1", "111122223333")
ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
FACING = IngressSettings(scheme="internet-facing")


def _settings(*, profile: Any = "dev", ingress: Any = None, **network: Any) -> EksSettings:
    return EksSettings(
        "prod",
        ("dev",),
        "https://hub.example.com",
        profile=profile,
        ingress=ingress or IngressSettings(),
        network=NetworkSettings(**network),
    )


@pytest.mark.parametrize(
    ("settings", "nat_zones", "public_zones", "has_internet_gateway"),
    [
        pytest.param(_settings(), ZONES[:1], ZONES[:1], True, id="single"),
        pytest.param(_settings(nat="per_az"), ZONES, ZONES, True, id="per_az"),
        pytest.param(_settings(profile="prod"), (), (), True, id="regional"),
        pytest.param(_settings(nat="none"), (), (), False, id="none"),
        pytest.param(_settings(ingress=FACING), ZONES[:1], ZONES, True, id="single, facing"),
        pytest.param(_settings(nat="none", ingress=FACING), (), ZONES, True, id="none, facing"),
        pytest.param(
            _settings(nat="regional", has_public_subnets=True), (), ZONES, True, id="regional, told"
        ),
    ],
)
def test_public_subnets_are_where_they_are_needed(
    settings: EksSettings,
    nat_zones: tuple[str, ...],
    public_zones: tuple[str, ...],
    has_internet_gateway: bool,
) -> None:
    plan = plan_network(settings, IRELAND, ZONES)

    assert plan.zones == ZONES
    assert plan.nat_zones == nat_zones
    assert plan.public_zones == public_zones
    assert plan.has_internet_gateway is has_internet_gateway
    assert plan.warnings == ()


def test_region_without_regional_nat_gets_one_in_each_zone() -> None:
    plan = plan_network(_settings(profile="prod"), GOVERNMENT, ZONES)

    assert plan.nat == "per_az"
    assert plan.nat_zones == ZONES
    assert plan.public_zones == ZONES
    assert plan.warnings == (
        "us-gov-west-1 has no regional NAT gateways: each zone gets one of its own (per_az)",
    )


def test_fallback_is_refused_where_public_subnets_are_unwanted() -> None:
    with pytest.raises(WrongArgument) as caught:
        plan_network(_settings(nat="regional", has_public_subnets=False), GOVERNMENT, ZONES)

    assert str(caught.value) == (
        "network.nat 'regional' does not exist in us-gov-west-1, and per_az needs public subnets: "
        "leave network.has_public_subnets out, or use nat none"
    )


def test_ipv6_in_china_is_refused() -> None:
    with pytest.raises(WrongArgument, match="'ipv6' is not allowed in China"):
        plan_network(
            _settings(ip_family="ipv6"), Scope("aws-cn", "cn-north-1", "111122223333"), ZONES
        )


def test_each_tier_has_its_place_in_the_ipv6_range() -> None:
    whole = "2a05:d018:10:e500::/56"

    assert ipv6_range(whole, "private", 0) == "2a05:d018:10:e500::/64"
    assert ipv6_range(whole, "private", 2) == "2a05:d018:10:e502::/64"
    assert ipv6_range(whole, "public", 0) == "2a05:d018:10:e510::/64"
    assert ipv6_range(whole, "control-plane", 5) == "2a05:d018:10:e525::/64"
    assert ipv6_range(whole, "secondary", 1) == "2a05:d018:10:e531::/64"
    with pytest.raises(ValueError, match="AWS gives out /56"):
        ipv6_range("2a05:d018:10:e500::/64", "private", 0)
