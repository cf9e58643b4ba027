"""Zones without an EKS control plane, or without a needed machine, are left out and named."""

from __future__ import annotations

import pytest

from splitplane.components.clouds.aws.network.zones import (
    Zone,
    check_named_zones,
    choose_zones,
)
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


def test_zone_without_the_machine_is_left_out_while_enough_remain() -> None:
    offering = {"p5.48xlarge": {"us-east-1b", "us-east-1c", "us-east-1e"}}

    assert choose_zones(VIRGINIA, 2, offering=offering) == ("us-east-1b", "us-east-1c")
    assert choose_zones(VIRGINIA, 3, offering=offering) == (
        "us-east-1b",
        "us-east-1c",
        "us-east-1a",
    )


def test_zones_that_have_some_machine_come_before_those_without() -> None:
    offering = {"p5.48xlarge": ["us-east-1c"], "g6e.xlarge": ["us-east-1b"]}

    assert choose_zones(VIRGINIA, 2, offering=offering) == ("us-east-1b", "us-east-1c")


def test_too_few_zones_say_where_no_control_plane_is_placed() -> None:
    with pytest.raises(WrongArgument) as caught:
        choose_zones(VIRGINIA, 4)

    assert str(caught.value) == (
        "network.availability_zone_count 4 is more than the 3 zones that can be used (us-east-1a, "
        "us-east-1b, us-east-1c); EKS places no control plane in us-east-1e (use1-az3): ask for "
        "fewer zones"
    )


def test_named_zones_are_there_and_take_a_control_plane() -> None:
    assert check_named_zones(["us-east-1c", "us-east-1a"], VIRGINIA) == []
    assert check_named_zones(["us-east-1-bos-1a", "us-east-1e"], VIRGINIA) == [
        "network.availability_zones has 'us-east-1-bos-1a', which is no zone that needs no opt-in "
        "here: use some of us-east-1a, us-east-1b, us-east-1c, us-east-1e",
        "network.availability_zones has 'us-east-1e' (use1-az3), where EKS places no control "
        "plane: use another zone",
    ]


@pytest.mark.parametrize("count", [0, 1, 7])
def test_count_outside_the_limits_is_refused(count: int) -> None:
    with pytest.raises(WrongArgument, match=f"availability_zone_count {count} is not allowed"):
        choose_zones(VIRGINIA, count)
