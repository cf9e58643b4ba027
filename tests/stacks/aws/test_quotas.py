"""How much of each quota a compute plane uses, in numbers."""

from __future__ import annotations

import re
from typing import Any

import pytest

from splitplane.components.clouds.aws.settings import EksSettings, parse_settings
from splitplane.stacks.aws.quota_checks import Reading, judge_quota
from splitplane.stacks.aws.quotas import (
    QUOTAS,
    Need,
    Shape,
    compute_needs,
    quota_of_family,
)

SHAPES = {
    "m7i.large": Shape(2),
    "c7i.2xlarge": Shape(8),
    "g5.xlarge": Shape(4, 1),
    "g5.48xlarge": Shape(192, 8),
    "p5.48xlarge": Shape(192, 8),
    "p4d.24xlarge": Shape(96, 8),
    "p4de.24xlarge": Shape(96, 8),
}
POOL: dict[str, Any] = {
    "name": "gpu",
    "gpu_name": "a10g",
    "limit_cpu_cores": 400,
    "limit_memory_gib": 1000,
    "limit_gpus": 16,
    "termination_grace_seconds": 3600,
}


def _settings(**args: Any) -> EksSettings:
    given = {"name": "prod-eu", "environments": ["prod"], "hub_url": "https://cp.example.com"}
    return parse_settings(given | {"pools": []} | args)


def _needs(settings: EksSettings, **more: Any) -> dict[str, tuple[int, int]]:
    given: dict[str, Any] = {"zone_count": 3, "nat": "single", "system_type": "m7i.large"} | more
    needs = compute_needs(settings, shapes=SHAPES, **given)
    return {need.quota.key: (need.least, need.most) for need in needs}


NETWORK = {"addresses": (1, 1), "vpcs": (1, 1), "nat-gateways": (1, 1), "internet-gateways": (1, 1)}
BASE = {"standard": (4, 4), "clusters": (1, 1)}


def test_a_created_plane_needs_network_cluster_and_system_nodes() -> None:
    assert _needs(_settings()) == BASE | NETWORK


def test_default_pools_need_what_they_may_grow_to() -> None:
    assert _needs(_settings(pools=None)) == BASE | NETWORK | {
        "standard": (8, 84),
        "standard-spot": (2, 64),
    }


@pytest.mark.parametrize(
    ("nat", "addresses"),
    [("single", (1, 1)), ("per_az", (3, 3)), ("regional", (1, 3))],
)
def test_addresses_follow_the_way_out(nat: str, addresses: tuple[int, int]) -> None:
    assert _needs(_settings(), nat=nat)["addresses"] == addresses


def test_without_a_way_out_there_are_no_gateways() -> None:
    assert _needs(_settings(), nat="none") == BASE | {"vpcs": (1, 1)}


def test_an_existing_vpc_needs_no_other() -> None:
    network = {"vpc_id": "vpc-1", "private_subnet_ids": ["a", "b"]}

    assert _needs(_settings(network=network)) == BASE


def test_a_plane_that_is_there_needs_only_its_nodes() -> None:
    assert _needs(_settings(), is_created=False) == {"standard": (4, 4)}


@pytest.mark.parametrize(
    ("pool", "expected"),
    [
        ({}, {"g": (4, 400)}),
        ({"gpu_counts": [8]}, {"g": (192, 400)}),
        ({"capacity": "spot"}, {"g-spot": (4, 400)}),
        ({"gpu_name": "h100"}, {"p": (192, 400)}),
        ({"gpu_name": "h100", "capacity": "spot"}, {"p5-spot": (192, 400)}),
        ({"gpu_name": "a100", "capacity": "spot"}, {"p4-spot": (96, 400)}),
        ({"capacity": "reserved", "reservation_ids": ["cr-1"]}, {}),
        (
            {
                "static_nodes": 3,
                "limit_cpu_cores": None,
                "limit_memory_gib": None,
                "limit_gpus": None,
            },
            {"g": (12, 576)},
        ),
    ],
    ids=["gpu", "gpus of one size", "spot", "p", "p5 spot", "p4 spot", "reserved", "static"],
)
def test_a_gpu_pool_needs_one_node_and_its_limit(
    pool: dict[str, Any], expected: dict[str, tuple[int, int]]
) -> None:
    assert _needs(_settings(pools=[POOL | pool])) == BASE | NETWORK | expected


def test_a_static_cpu_pool_may_get_its_largest_machine() -> None:
    pool = {"name": "cpu", "static_nodes": 2, "termination_grace_seconds": 60}

    assert _needs(_settings(pools=[pool]))["standard"] == (8, 68)


def test_auto_mode_needs_a_machine_of_eks_pools_beside_the_named_ones() -> None:
    auto = {"compute_mode": "auto_mode"}

    assert _needs(_settings(**auto, pools=None)) == BASE | NETWORK | {"standard": (2, 2)}
    assert _needs(_settings(**auto, pools=[POOL])) == BASE | NETWORK | {
        "standard": (2, 2),
        "g": (4, 400),
    }


def test_node_groups_need_their_nodes_in_each_of_three_zones() -> None:
    groups = [{"name": "cpu", "instance_types": ["c7i.2xlarge"], "max_nodes": 5, "min_nodes": 2}]

    needs = _needs(_settings(compute_mode="node_groups", pools=None, node_groups=groups))

    assert needs["standard"] == (52, 124)


def test_node_groups_of_chips_count_and_reserved_ones_do_not() -> None:
    group = {"instance_types": ["trn1.2xlarge"], "max_nodes": 5, "neuron_name": "trainium"}
    reserved = {"capacity": "reserved", "reservation_id": "cr-0a1b", "zones": ["eu-west-1a"]}
    groups = [{"name": "chips", **group}, {"name": "own", **group, **reserved}]

    needs = compute_needs(
        _settings(compute_mode="node_groups", pools=None, node_groups=groups),
        shapes=SHAPES | {"trn1.2xlarge": Shape(8)},
        system_type="m7i.large",
        zone_count=3,
        nat="none",
    )

    (found,) = (need for need in needs if need.quota.key == "trn")
    assert (found.least, found.most, found.uses) == (8, 120, ("node group chips",))


@pytest.mark.parametrize(
    ("family", "is_spot", "key"),
    [
        ("m7i", False, "standard"),
        ("im4gn", False, "standard"),
        ("r6g", True, "standard-spot"),
        ("g6e", False, "g"),
        ("gr6", True, "g-spot"),
        ("p6-b200", False, "p"),
        ("p3", True, "p4-spot"),
        ("p5en", True, "p5-spot"),
        ("p6-b200", True, "p5-spot"),
        ("x2idn", False, None),
        ("inf2", False, "inf"),
        ("inf2", True, "inf-spot"),
        ("trn1n", False, "trn"),
        ("trn2", True, "trn-spot"),
        ("", False, None),
    ],
)
def test_family_is_counted_by(family: str, is_spot: bool, key: str | None) -> None:
    assert quota_of_family(family, is_spot=is_spot) == key


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param({}, (8, 400), id="smallest"),
        pytest.param(
            {"families": ["trn1"], "has_efa": True, "zones": ["eu-west-1a"]},
            (128, 400),
            id="with all EFA interfaces",
        ),
    ],
)
def test_chips_of_aws_need_the_smallest_machine_at_least(
    more: dict[str, Any], expected: tuple[int, int]
) -> None:
    pool = {
        "name": "chips",
        "neuron_name": "trainium",
        "limit_cpu_cores": 400,
        "limit_memory_gib": 1000,
        "limit_neurons": 16,
        "termination_grace_seconds": 3600,
    }
    shapes = SHAPES | {"trn1.2xlarge": Shape(8), "trn1.32xlarge": Shape(128)}
    needs = compute_needs(
        _settings(pools=[pool | more]),
        shapes=shapes,
        system_type="m7i.large",
        zone_count=3,
        nat="none",
    )

    (found,) = (need for need in needs if need.quota.key == "trn")
    assert (found.least, found.most, found.uses) == (*expected, ("pool chips",))


def test_codes_are_codes_and_differ() -> None:
    codes = [quota.code for quota in QUOTAS.values()]

    assert len(set(codes)) == len(codes) == 16
    assert all(re.fullmatch(r"L-[0-9A-F]{8}", code) for code in codes)
    assert [key for key, quota in QUOTAS.items() if not quota.is_confirmed] == [
        "standard-spot",
        "p4-spot",
        "p5-spot",
    ]


@pytest.mark.parametrize(
    ("key", "value", "used", "status", "found"),
    [
        ("g", 100, 10, "OK", "100 vCPUs, 10 in use, 40 needed"),
        ("g", 40, 0, "OK", "40 vCPUs, 0 in use, 40 needed"),
        (
            "g",
            50,
            11,
            "WARN",
            "50 vCPUs, 11 in use; pool a, pool b may grow to 40, of which 39 fit",
        ),
        ("g", 0, 0, "FAIL", "0 vCPUs, 0 in use; pool a, pool b cannot do with less than 8"),
        ("g", 12, 5, "FAIL", "12 vCPUs, 5 in use; pool a, pool b cannot do with less than 8"),
        (
            "p5-spot",
            0,
            0,
            "WARN",
            "0 vCPUs, 0 in use; pool a, pool b cannot do with less than 8; AWS calls the quota "
            "'Told'",
        ),
    ],
)
def test_quota_is_judged_by_what_is_left(
    key: str, value: int, used: int, status: str, found: str
) -> None:
    need = Need(QUOTAS[key], 8, 40, ("pool a", "pool b"))

    finding = judge_quota(need, Reading(value, used, "Told"), region="eu-west-1")

    assert (finding.status, finding.found) == (status, found)


def test_what_is_asked_for_holds_what_is_in_use_too() -> None:
    need = Need(QUOTAS["p"], 8, 40, ("pool a",))

    assert judge_quota(need, Reading(10, 3, "P"), region="eu-west-1").advice == (
        "aws service-quotas request-service-quota-increase --region eu-west-1 --service-code ec2 "
        "--quota-code L-417A185B --desired-value 43"
    )
