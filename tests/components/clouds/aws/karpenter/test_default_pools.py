"""A compute plane that asks for no pools has three, bounded, each for its own kind of work."""

from __future__ import annotations

from typing import Any

import pytest

from splitplane.components.clouds.aws.karpenter.default_pools import default_pools, effective_pools
from splitplane.components.clouds.aws.karpenter.node_pool import build_node_pool
from splitplane.components.clouds.aws.karpenter.pools import NodePool, check_pools
from splitplane.components.clouds.aws.settings import EksSettings, Profile, parse_settings


def settings_of(**args: Any) -> EksSettings:
    least = {"name": "prod-eu", "environments": ["prod"], "hub_url": "https://hub.example.com"}
    return parse_settings({**least, **args})


@pytest.mark.parametrize("profile", ["dev", "prod"])
def test_default_pools_pass_the_checks(profile: Profile) -> None:
    pools = default_pools(settings_of(profile=profile))

    check_pools(pools, is_production=True)
    assert [pool.name for pool in pools] == ["cpu-ondemand", "cpu-spot", "critical"]


@pytest.mark.parametrize(
    ("profile", "limits"),
    [
        (
            "dev",
            [
                {"cpu": "64", "memory": "512Gi"},
                {"cpu": "64", "memory": "512Gi"},
                {"cpu": "16", "memory": "128Gi"},
            ],
        ),
        (
            "prod",
            [
                {"cpu": "512", "memory": "4096Gi"},
                {"cpu": "512", "memory": "4096Gi"},
                {"cpu": "16", "memory": "128Gi"},
            ],
        ),
    ],
)
def test_every_default_pool_is_bounded(profile: Profile, limits: list[dict[str, str]]) -> None:
    pools = default_pools(settings_of(profile=profile))

    assert [build_node_pool(pool)["spec"]["limits"] for pool in pools] == limits


def test_spot_is_tried_first() -> None:
    on_demand, spot, critical = (
        build_node_pool(pool)["spec"] for pool in default_pools(settings_of())
    )

    assert spot["weight"] == 10
    assert "weight" not in on_demand
    assert "weight" not in critical
    assert spot["template"]["spec"]["requirements"][2]["values"] == ["spot"]
    assert spot["template"]["spec"]["terminationGracePeriod"] == "3600s"
    assert on_demand["template"]["spec"]["terminationGracePeriod"] == "86400s"


def test_critical_pods_are_among_themselves_and_not_moved() -> None:
    spec = build_node_pool(default_pools(settings_of())[2])["spec"]

    assert spec["template"]["spec"]["taints"] == [
        {"key": "splitplane.io/node-pool", "value": "critical", "effect": "NoSchedule"}
    ]
    assert spec["template"]["spec"]["requirements"][2]["values"] == ["on-demand"]
    assert spec["template"]["spec"]["expireAfter"] == "2160h"
    assert spec["disruption"] == {
        "consolidationPolicy": "WhenEmpty",
        "consolidateAfter": "600s",
        "budgets": [{"nodes": "10%"}],
    }


def test_named_pools_take_the_place_of_the_default_ones() -> None:
    named = settings_of(
        pools=[{"name": "fixed", "static_nodes": 2, "termination_grace_seconds": 60}]
    )

    assert effective_pools(named) == (
        NodePool("fixed", static_nodes=2, termination_grace_seconds=60),
    )
    assert effective_pools(settings_of()) == default_pools(settings_of())
    assert effective_pools(settings_of(pools=[])) == ()


def test_auto_mode_has_only_named_pools_with_defaults_of_its_own() -> None:
    fixed = {"name": "fixed", "static_nodes": 2}

    assert effective_pools(settings_of(compute_mode="auto_mode")) == ()
    assert effective_pools(settings_of(compute_mode="auto_mode", pools=[fixed])) == (
        NodePool(
            "fixed",
            static_nodes=2,
            node_lifetime_hours=336,
            termination_grace_seconds=86_400,
        ),
    )
