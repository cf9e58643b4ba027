"""Values of Karpenter's chart are ones that it knows, and turn on what its pools need."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml
from chart_values import CHARTS, chart_problems
from hypothesis import given, strategies

from splitplane.components.addons.charts import CHARTS as PINS
from splitplane.components.clouds.aws.karpenter.checks import RIGHTS
from splitplane.components.clouds.aws.karpenter.pools import NodePool
from splitplane.components.clouds.aws.karpenter.values import build_values, has_spot_choice
from splitplane.stacks.tools.catalogue import TOOLS

UPSTREAM = CHARTS / "karpenter" / "values.yaml"
CPU = NodePool("cpu", 256, 2048, termination_grace_seconds=60)
SPOT = replace(CPU, name="spot", capacity="spot")
FIXED = NodePool("fixed", static_nodes=2, termination_grace_seconds=60)
RESERVED = replace(CPU, name="reserved", capacity="reserved", reservation_ids=("cr-1",))
POOLS = (CPU, SPOT, FIXED, RESERVED)


def values_of(*pools: NodePool, **args: Any) -> dict[str, Any]:
    default: dict[str, Any] = {
        "cluster_name": "prod-eu",
        "cluster_endpoint": "https://a1.gr7.eu-west-1.eks.amazonaws.com",
        "queue_name": "prod-eu-karpenter",
        "is_isolated": False,
        "has_zonal_shift": True,
        "tolerations": [{"key": "CriticalAddonsOnly", "operator": "Exists"}],
        "annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/r"},
    }
    return build_values(pools, **{**default, **args})


@pytest.mark.skipif(not UPSTREAM.is_file(), reason=f"needs upstream values in {UPSTREAM}")
@given(
    pools=strategies.lists(strategies.sampled_from(POOLS), unique=True),
    is_isolated=strategies.booleans(),
    has_zonal_shift=strategies.booleans(),
)
def test_chart_knows_every_value(
    pools: list[NodePool], is_isolated: bool, has_zonal_shift: bool
) -> None:
    values = values_of(*pools, is_isolated=is_isolated, has_zonal_shift=has_zonal_shift)

    free = ["controller.resources", "serviceAccount.annotations"]
    assert chart_problems("karpenter", values, free=free) == []


@pytest.mark.skipif(not UPSTREAM.is_file(), reason=f"needs upstream values in {UPSTREAM}")
def test_chart_keeps_its_pods_on_the_system_nodes_and_apart() -> None:
    known = yaml.safe_load(UPSTREAM.read_text())

    (term,) = known["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"][
        "nodeSelectorTerms"
    ]
    assert term["matchExpressions"] == [
        {"key": "karpenter.sh/nodepool", "operator": "DoesNotExist"}
    ]
    assert known["affinity"]["podAntiAffinity"][
        "requiredDuringSchedulingIgnoredDuringExecution"
    ] == [{"topologyKey": "kubernetes.io/hostname"}]
    assert known["tolerations"] == [{"key": "CriticalAddonsOnly", "operator": "Exists"}]


@pytest.mark.skipif(not UPSTREAM.is_file(), reason=f"needs upstream values in {UPSTREAM}")
def test_every_setting_with_rights_is_one_of_the_chart() -> None:
    known = yaml.safe_load(UPSTREAM.read_text())

    for path in RIGHTS:
        found = known
        for key in path.split("."):
            assert key in found, path
            found = found[key]


@pytest.mark.parametrize(
    ("pools", "gates"),
    [
        ((CPU,), {"nodeRepair": True, "staticCapacity": False, "spotToSpotConsolidation": False}),
        (
            (CPU, FIXED),
            {"nodeRepair": True, "staticCapacity": True, "spotToSpotConsolidation": False},
        ),
        (
            (CPU, SPOT),
            {"nodeRepair": True, "staticCapacity": False, "spotToSpotConsolidation": True},
        ),
    ],
    ids=["cpu", "static", "spot"],
)
def test_gates_are_those_that_the_pools_need(
    pools: tuple[NodePool, ...], gates: dict[str, bool]
) -> None:
    assert values_of(*pools)["settings"]["featureGates"] == gates


@pytest.mark.parametrize(
    ("pools", "has_choice"),
    [
        ((), False),
        ((CPU,), False),
        ((SPOT,), True),
        ((replace(SPOT, families=("m7i", "c7i")),), False),
        ((replace(SPOT, families=("m7i", "c7i", "r7i")),), True),
        ((SPOT, replace(SPOT, name="narrow", families=("m7i",))), False),
        ((replace(SPOT, moves_running_pods=False),), False),
        ((replace(SPOT, gpu_name="a10g", limit_gpus=8),), False),
    ],
)
def test_spot_machines_are_exchanged_only_where_there_are_fifteen_types(
    pools: tuple[NodePool, ...], has_choice: bool
) -> None:
    assert has_spot_choice(pools) is has_choice


def test_pools_are_tried_on_the_version_that_is_installed() -> None:
    assert TOOLS["karpenter"].version == PINS["karpenter"].version == PINS["karpenter-crd"].version
