"""Karpenter is asked for nothing that its role lacks, or that it could not do."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies

from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.karpenter.checks import (
    RIGHTS,
    controller_documents,
    karpenter_problems,
)
from splitplane.components.clouds.aws.karpenter.iam import build_controller_documents
from splitplane.components.clouds.aws.settings import EksSettings, parse_settings
from splitplane.components.clouds.aws.settings_checks import check_settings
from splitplane.components.errors import WrongArgument

LIMITS: dict[str, Any] = {"limit_cpu_cores": 64, "limit_memory_gib": 256}
FIXED: dict[str, Any] = {"name": "fixed", "static_nodes": 2, "termination_grace_seconds": 60}
RESERVED: dict[str, Any] = {
    "name": "reserved",
    "capacity": "reserved",
    "reservation_ids": ["cr-1"],
    "termination_grace_seconds": 60,
    **LIMITS,
}


def settings_of(values: dict[str, Any] | None = None, **args: Any) -> EksSettings:
    least: dict[str, Any] = {
        "name": "prod-eu",
        "environments": ["prod"],
        "hub_url": "https://hub.example.com",
        "kubernetes_version": "1.35",
        "deployer_principal_arns": ["arn:aws:iam::111122223333:role/deployer"],
    }
    addons = {"karpenter": {"values": values}} if values else None
    return parse_settings({**least, "addons": addons, **args})


@given(
    nat=strategies.sampled_from(["single", "none"]),
    has_zonal_shift=strategies.booleans(),
    profile=strategies.sampled_from(["dev", "prod"]),
    pools=strategies.none()
    | strategies.lists(strategies.sampled_from([FIXED, RESERVED]), unique_by=lambda it: it["name"]),
)
def test_role_may_do_all_that_our_values_ask_for(
    nat: str, has_zonal_shift: bool, profile: str, pools: list[dict[str, Any]] | None
) -> None:
    asked = settings_of(
        network={"nat": nat}, is_zonal_shift_enabled=has_zonal_shift, profile=profile, pools=pools
    )

    assert karpenter_problems(asked) == []


@pytest.mark.parametrize(
    ("mine", "problem"),
    [
        (
            {"enableZonalShift": True},
            "addons['karpenter'].values: settings.enableZonalShift needs "
            "arc-zonal-shift:GetManagedResource, which its role does not have: leave it out, or "
            "set what it belongs to in the arguments",
        ),
        (
            {"interruptionQueue": "other"},
            "addons['karpenter'].values: settings.interruptionQueue 'other' is out of reach of its "
            "role, which is made for 'prod-eu-karpenter': leave it out",
        ),
        (
            {"clusterName": None},
            "addons['karpenter'].values: settings.clusterName '' is out of reach of its role, "
            "which is made for 'prod-eu': leave it out",
        ),
        (
            {"featureGates": {"staticCapacity": False}},
            "addons['karpenter'].values: settings.featureGates.staticCapacity is off, but pools "
            "fixed get no nodes without it: leave it out",
        ),
        (
            {"featureGates": {"reservedCapacity": False}},
            "addons['karpenter'].values: settings.featureGates.reservedCapacity is off, but pools "
            "reserved get no nodes without it: leave it out",
        ),
        (
            {"featureGates": {"drift": True}},
            "addons['karpenter'].values: settings.featureGates.drift is not known in this version: "
            "leave it out",
        ),
    ],
    ids=["rights", "queue", "cluster", "static", "reserved", "gate"],
)
def test_values_that_cannot_work_are_refused(mine: dict[str, Any], problem: str) -> None:
    asked = settings_of({"settings": mine}, is_zonal_shift_enabled=False, pools=[FIXED, RESERVED])

    assert karpenter_problems(asked) == [problem]
    with pytest.raises(WrongArgument) as caught:
        check_settings(asked)
    assert str(caught.value) == problem


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
    assert karpenter_problems(settings_of({"settings": mine})) == []


@pytest.mark.parametrize("path", sorted(RIGHTS))
def test_a_right_that_lacks_is_named(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mine: dict[str, Any] = {}
    at = mine
    *folders, last = path.split(".")
    for folder in folders:
        at = at.setdefault(folder, {})
    at[last] = "prod-eu-karpenter" if last == "interruptionQueue" else True

    def without(*args: Any, **more: Any) -> dict[str, str]:
        made = build_controller_documents(*args, **more)
        return {
            key: text.replace(f'"{RIGHTS[path][0]}"', '"sts:GetCallerIdentity"')
            for key, text in made.items()
        }

    monkeypatch.setattr(
        "splitplane.components.clouds.aws.karpenter.checks.build_controller_documents", without
    )

    problems = karpenter_problems(settings_of(mine))

    assert f"{path} needs {RIGHTS[path][0]}, which its role does not have" in "; ".join(problems)


def test_it_cannot_be_left_out_where_it_makes_the_nodes() -> None:
    off = {"karpenter": {"mode": "off"}}

    assert karpenter_problems(settings_of(addons=off)) == [
        "addons['karpenter'].mode 'off' is not allowed with compute_mode 'karpenter': use "
        "'external' where others run it, or another compute_mode"
    ]
    assert karpenter_problems(settings_of(addons=off, compute_mode="auto_mode")) == []


def test_image_that_cannot_share_a_gpu_so_is_refused() -> None:
    pool = {"gpu_name": "b200", "sharing": {"mig_profile": "1g.23gb"}}

    (problem,) = karpenter_problems(settings_of(pools=[{**FIXED, **pool}]))

    assert problem.startswith("pool 'fixed': Bottlerocket has no MIG profile for b200; use image")


def test_wrong_pools_are_left_to_their_own_check() -> None:
    assert karpenter_problems(settings_of(pools=[{**FIXED, "gpu_name": "v100"}])) == []


def test_documents_name_role_queue_and_cluster() -> None:
    texts = controller_documents(settings_of(), Scope("aws", "eu-west-1", "111122223333"))

    assert (
        '"arn:aws:iam::111122223333:role/prod-eu-karpenter-nodes-eu-west-1"'
        in texts["iam-integration"]
    )
    assert '"arn:aws:sqs:eu-west-1:111122223333:prod-eu-karpenter"' in texts["interruption"]
    assert '"arn:aws:eks:eu-west-1:111122223333:cluster/prod-eu"' in texts["eks-integration"]


def test_the_key_of_disks_is_the_controllers_to_use() -> None:
    key = "arn:aws:kms:eu-west-1:111122223333:key/0a1b"

    documents = controller_documents(
        settings_of(storage={"kms_key_arn": key}), Scope("aws", "eu-west-1", "111122223333")
    )

    assert key in documents["disk-key"]
