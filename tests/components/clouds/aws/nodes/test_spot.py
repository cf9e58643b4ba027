"""The role of spot machines is made for those who buy them, and refused where nobody does."""

from __future__ import annotations

from typing import Any

import pytest
from aws_plane import settings_of

from splitplane.components.clouds.aws.nodes.spot import check_spot_role, spot_users

POOL: dict[str, Any] = {
    "name": "cpu",
    "limit_cpu_cores": 96,
    "limit_memory_gib": 384,
    "termination_grace_seconds": 3600,
}
SPOT = POOL | {"name": "cheap", "capacity": "spot"}
GROUP: dict[str, Any] = {"name": "cpu", "instance_types": ["m7i.xlarge"], "max_nodes": 3}


@pytest.mark.parametrize(
    ("args", "names"),
    [
        ({}, ("cpu-spot",)),
        ({"pools": [POOL]}, ()),
        ({"pools": [POOL, SPOT]}, ("cheap",)),
        ({"compute_mode": "auto_mode"}, ()),
        ({"compute_mode": "auto_mode", "pools": [SPOT]}, ("cheap",)),
        ({"compute_mode": "node_groups", "node_groups": [GROUP]}, ()),
        (
            {"compute_mode": "node_groups", "node_groups": [GROUP | {"capacity": "spot"}]},
            ("cpu",),
        ),
        ({"cluster_name": "theirs"}, ()),
    ],
    ids=[
        "default pools",
        "on demand",
        "spot pool",
        "auto mode",
        "spot pool of auto mode",
        "group",
        "spot group",
        "adopted",
    ],
)
def test_those_who_buy_spot_machines_are_known(args: dict[str, Any], names: tuple[str]) -> None:
    assert spot_users(settings_of(**args)) == names


def test_the_role_may_be_made_where_there_is_a_pool_of_spot_machines() -> None:
    assert check_spot_role(settings_of(makes_spot_service_role=True)) == []


@pytest.mark.parametrize(
    ("args", "why"),
    [
        ({"pools": [POOL]}, "no pool or node group has capacity 'spot'"),
        ({"compute_mode": "auto_mode"}, "no pool or node group has capacity 'spot'"),
        ({"cluster_name": "theirs"}, "the nodes of an adopted cluster are made elsewhere"),
    ],
    ids=["on demand", "auto mode", "adopted"],
)
def test_it_is_refused_where_nobody_needs_it(args: dict[str, Any], why: str) -> None:
    assert check_spot_role(settings_of(makes_spot_service_role=True, **args)) == [
        f"makes_spot_service_role True has no meaning here: {why}; leave it out"
    ]
