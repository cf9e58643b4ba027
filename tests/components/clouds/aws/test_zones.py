"""Zones without an EKS control plane, or without a needed machine, are left out and named."""

from __future__ import annotations

import pytest

from splitplane.components.clouds.aws.zones import Zone, check_control_plane_zones, choose_zones
from splitplane.components.errors import WrongArgument

VIRGINIA = [
    Zone("us-east-1c", "use1-az1"),
    Zone("us-east-1a", "use1-az4"),
    Zone("us-east-1b", "use1-az6"),
    Zone("us-east-1e", "use1-az3"),
]


def test_zones_are_chosen_by_name_whatever_the_order() -> None:
    assert choose_zones(VIRGINIA, 2) == ("us-east-1a", "us-east-1b")
    assert choose_zones(VIRGINIA[::-1], 2) == ("us-east-1a", "us-east-1b")


def test_zone_without_the_machine_is_left_out() -> None:
    chosen = choose_zones(
        VIRGINIA, 2, offering={"p5.48xlarge": {"us-east-1b", "us-east-1c", "us-east-1e"}}
    )

    assert chosen == ("us-east-1b", "us-east-1c")


def test_too_few_zones_say_why_each_other_is_left_out() -> None:
    with pytest.raises(
        WrongArgument,
        match=r"availability_zone_count 3 is more than the 2 zones that can be used "
        r"\(us-east-1a, us-east-1b\); left out: us-east-1c \(has no p5\.48xlarge\), "
        r"us-east-1e \(EKS places no control plane in use1-az3\)",
    ):
        choose_zones(VIRGINIA, 3, offering={"p5.48xlarge": ["us-east-1a", "us-east-1b"]})


@pytest.mark.parametrize("count", [0, 1, 7])
def test_count_outside_the_limits_is_refused(count: int) -> None:
    with pytest.raises(WrongArgument, match=f"availability_zone_count {count} is not allowed"):
        choose_zones(VIRGINIA, count)


def test_existing_control_plane_subnet_in_a_denied_zone_is_refused() -> None:
    check_control_plane_zones(VIRGINIA[:3])
    with pytest.raises(WrongArgument, match=r"lie in us-east-1e \(use1-az3\)"):
        check_control_plane_zones(VIRGINIA)
