"""Values of Karpenter's chart are ones that it knows, and ask for nothing that its role lacks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml
from chart_values import CHARTS, chart_problems
from hypothesis import given, strategies

from splitplane.components.addons.merge import merge_values
from splitplane.components.clouds.aws.iam import Scope
from splitplane.components.clouds.aws.karpenter_iam import build_controller_documents
from splitplane.components.clouds.aws.karpenter_values import (
    RIGHTS,
    build_values,
    check_values,
    has_spot_choice,
)
from splitplane.components.clouds.aws.pools import NodePool
from splitplane.components.errors import WrongArgument

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


def documents(**args: bool) -> list[str]:
    scope = Scope("aws", "eu-west-1", "111122223333")
    made = build_controller_documents(
        scope,
        cluster_name="prod-eu",
        node_role_arn=scope.global_arn("iam", "role/node"),
        queue_arn=scope.arn("sqs", "prod-eu-karpenter"),
        **args,
    )
    return list(made.values())


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


@pytest.mark.parametrize("is_isolated", [True, False])
@pytest.mark.parametrize("has_zonal_shift", [True, False])
def test_role_may_do_all_that_our_values_ask_for(is_isolated: bool, has_zonal_shift: bool) -> None:
    values = values_of(*POOLS, is_isolated=is_isolated, has_zonal_shift=has_zonal_shift)

    check_values(
        values,
        defaults=values,
        pools=POOLS,
        documents=documents(is_isolated=is_isolated, has_zonal_shift=has_zonal_shift),
    )


@pytest.mark.parametrize(
    ("mine", "problem"),
    [
        (
            {"enableZonalShift": True},
            r"addons\['karpenter'\]\.values: settings\.enableZonalShift needs "
            "arc-zonal-shift:GetManagedResource, which its role does not have: leave it out, or "
            "set what it belongs to in the arguments",
        ),
        (
            {"interruptionQueue": "other"},
            r"settings\.interruptionQueue 'other' is out of reach of its role, which is made for "
            "'prod-eu-karpenter'",
        ),
        ({"clusterName": None}, r"settings\.clusterName '' is out of reach"),
        (
            {"featureGates": {"staticCapacity": False}},
            r"settings\.featureGates\.staticCapacity is off, but pools fixed get no nodes without",
        ),
        (
            {"featureGates": {"reservedCapacity": False}},
            r"settings\.featureGates\.reservedCapacity is off, but pools reserved get no nodes",
        ),
        (
            {"featureGates": {"drift": True}},
            r"settings\.featureGates\.drift is not known in this version: leave it out",
        ),
    ],
    ids=["rights", "queue", "cluster", "static", "reserved", "gate"],
)
def test_values_that_cannot_work_are_refused(mine: dict[str, Any], problem: str) -> None:
    values = values_of(*POOLS, has_zonal_shift=False)
    merged = merge_values(values, {"settings": mine})

    with pytest.raises(WrongArgument, match=problem):
        check_values(
            merged, defaults=values, pools=POOLS, documents=documents(has_zonal_shift=False)
        )


@pytest.mark.parametrize(
    "mine",
    [
        {"interruptionQueue": ""},
        {"batchMaxDuration": "5s", "featureGates": {"nodeOverlay": True}},
        {"featureGates": {"nodeRepair": False}},
    ],
    ids=["no queue", "gates without rights", "off"],
)
def test_other_values_are_the_users_choice(mine: dict[str, Any]) -> None:
    values = values_of(*POOLS)

    check_values(
        merge_values(values, {"settings": mine}),
        defaults=values,
        pools=POOLS,
        documents=documents(),
    )


@pytest.mark.parametrize("path", sorted(RIGHTS))
def test_a_right_that_lacks_is_named(path: str) -> None:
    values: dict[str, Any] = {}
    at = values
    *folders, last = path.split(".")
    for folder in folders:
        at = at.setdefault(folder, {})
    at[last] = True

    with pytest.raises(WrongArgument) as caught:
        check_values(values, defaults=values, pools=(), documents=[])

    assert f"{path} needs {', '.join(sorted(RIGHTS[path]))}, which" in str(caught.value)
