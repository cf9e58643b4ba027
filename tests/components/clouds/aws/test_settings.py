"""Arguments and settings have the same fields, and what is no argument is refused."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from splitplane.components.clouds.aws import args, settings
from splitplane.components.clouds.aws.cluster import access
from splitplane.components.clouds.aws.karpenter import pools
from splitplane.components.clouds.aws.settings import EksSettings, parse_settings
from splitplane.components.errors import WrongArgument

BASE: dict[str, Any] = {
    "name": "prod-eu",
    "environments": ["prod"],
    "hub_url": "https://hub.example.com",
}


@pytest.mark.parametrize(
    ("arguments", "values"),
    [
        (args.EksNetworkArgs, settings.NetworkSettings),
        (args.EksSystemNodesArgs, settings.SystemNodesSettings),
        (args.EksNodePoolArgs, pools.NodePool),
        (args.EksNodeGroupArgs, settings.NodeGroupSettings),
        (args.EksAccessEntryArgs, access.AccessEntry),
        (args.EksStorageArgs, settings.StorageSettings),
        (args.EksIngressArgs, settings.IngressSettings),
        (args.EksDnsArgs, settings.DnsSettings),
        (args.EksPlatformArgs, settings.PlatformSettings),
        (args.AgentArgs, settings.AgentSettings),
        (args.AddonArgs, settings.AddonSettings),
        (args.EksComputePlaneArgs, settings.EksSettings),
    ],
    ids=lambda item: item.__name__,
)
def test_settings_have_the_fields_of_the_arguments(arguments: Any, values: Any) -> None:
    fields = dataclasses.fields(values)
    required = {
        field.name
        for field in fields
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    }

    assert [field.name for field in fields] == list(arguments.__annotations__)
    assert required == arguments.__required_keys__


def test_sharing_is_one_of_three_values() -> None:
    assert list(args.GpuSharingArgs.__annotations__) == [
        "time_slicing_replicas",
        "mps_replicas",
        "mig_profile",
    ]
    pool = {"name": "gpu", "gpu_name": "h100"}
    ways = ({"time_slicing_replicas": 4}, {"mps_replicas": 8}, {"mig_profile": "1g.10gb"}, None)

    sharings = [
        parse_settings(BASE | {"pools": [pool | {"sharing": sharing}]}).pools for sharing in ways
    ]

    assert [found and found[0].sharing for found in sharings] == [
        pools.TimeSlicing(4),
        pools.Mps(8),
        pools.Mig("1g.10gb"),
        None,
    ]


def test_none_is_left_out_but_not_in_values_of_a_chart() -> None:
    found = parse_settings(
        BASE
        | {
            "kubernetes_version": None,
            "network": {"vpc_cidr": None},
            "addons": {"keda": {"mode": None, "values": {"webhooks": None}}},
        }
    )

    assert found.kubernetes_version is None
    assert found.network.vpc_cidr == "10.0.0.0/16"
    assert found.addon("keda") == settings.AddonSettings("managed", {"webhooks": None})
    assert found.addon("istio") == settings.AddonSettings()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"kubernets_version": "1.35"},
            "kubernets_version is unknown: did you mean kubernetes_version",
        ),
        ({"name": None}, "name is missing"),
        ({"network": {"vpc": "x"}}, "network.vpc is unknown: did you mean vpc_id"),
        (
            {"addons": {"keda": {"value": {}}}},
            "addons.keda.value is unknown: did you mean values",
        ),
        ({"profile": "test"}, "profile 'test': input should be 'dev' or 'prod'"),
        (
            {"access_entries": [{"type": "STANDARD"}]},
            "access_entries[0].principal_arn is missing",
        ),
        (
            {"pools": [{"name": "a", "gpus": 1}]},
            "pools[0].gpus is unknown: known are name, limit_cpu_cores",
        ),
        (
            {"pools": [{"name": "a", "sharing": {"mig_profile": "x", "time_slicing_replicas": 2}}]},
            "pools: sharing {'mig_profile': 'x', 'time_slicing_replicas': 2} is not allowed: give "
            "one of time_slicing_replicas, mps_replicas, mig_profile",
        ),
        (
            {"pools": [{"name": "a", "sharing": {"mps": 2}}]},
            "pools: sharing {'mps': 2} is not allowed: give one of time_slicing_replicas, mps_repl",
        ),
        (
            {"log_retention_days": "long"},
            "log_retention_days 'long': input should be a valid integer, unable to parse",
        ),
    ],
)
def test_what_is_no_argument_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(WrongArgument) as caught:
        parse_settings(BASE | changes)

    assert str(caught.value).startswith(message)


def test_every_wrong_field_is_named_at_once() -> None:
    with pytest.raises(WrongArgument) as caught:
        parse_settings(BASE | {"profile": "test", "storage": {"efs": True}})

    assert str(caught.value) == (
        "profile 'test': input should be 'dev' or 'prod'; storage.efs is unknown: "
        "known are has_shared_storage, efs_throughput_mode, efs_provisioned_mibps, kms_key_arn, "
        "shares, has_s3_files, has_cluster_scoped_disk_rights"
    )


def test_defaults_follow_the_profile_and_the_network() -> None:
    dev, prod = (parse_settings(BASE | {"profile": profile}) for profile in ("dev", "prod"))

    assert _derived(dev) == ("single", False, 2, True, "prod-eu")
    assert _derived(prod) == ("regional", True, 3, True, "prod-eu")
    adopted = parse_settings(BASE | {"cluster_name": "old", "network": {"vpc_id": "vpc-1"}})
    assert adopted.eks_name == "old"
    assert not adopted.has_prefix_delegation


def _derived(found: EksSettings) -> tuple[str, bool, int, bool, str]:
    return (
        found.effective_nat,
        found.protects_deletion,
        found.system_node_count,
        found.has_prefix_delegation,
        found.eks_name,
    )
