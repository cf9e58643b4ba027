"""Without a way out a cluster has the endpoints that its own parts ask for, by their full names."""

from __future__ import annotations

from typing import Any

import pytest

from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.network.endpoints import (
    chosen_endpoints,
    missing_endpoints,
    needed_endpoints,
    service_name,
)
from splitplane.components.clouds.aws.settings import (
    EksSettings,
    NetworkSettings,
    PlatformSettings,
    StorageSettings,
)
from splitplane.components.errors import WrongArgument

IRELAND = Scope("aws", "eu-west-1", "111122223333")
BEIJING = Scope("aws-cn", "cn-north-1", "111122223333")


def _settings(**changes: Any) -> EksSettings:
    return EksSettings("prod", ("dev",), "https://hub.example.com", **changes)


def test_cluster_with_karpenter_needs_images_queue_and_identity() -> None:
    assert needed_endpoints(_settings()) == (
        "ec2",
        "ecr.api",
        "ecr.dkr",
        "eks",
        "eks-auth",
        "elasticfilesystem",
        "elasticloadbalancing",
        "logs",
        "secretsmanager",
        "sqs",
        "ssm",
        "sts",
    )


def test_parts_that_are_left_out_need_no_endpoint() -> None:
    settings = _settings(
        compute_mode="node_groups",
        workload_identity="irsa",
        storage=StorageSettings(has_shared_storage=False),
        platform=PlatformSettings(has_secret_store=False),
    )

    assert needed_endpoints(settings) == (
        "autoscaling",
        "ec2",
        "ecr.api",
        "ecr.dkr",
        "eks",
        "elasticloadbalancing",
        "logs",
        "sts",
    )


def test_endpoints_are_chosen_or_come_with_nat_none() -> None:
    none = _settings(network=NetworkSettings(nat="none"))
    listed = _settings(network=NetworkSettings(interface_endpoints=("sts", "ecr.api")))

    assert chosen_endpoints(_settings()) == ()
    assert chosen_endpoints(none) == needed_endpoints(none)
    assert chosen_endpoints(listed) == ("ecr.api", "sts")


def test_full_names_count_as_the_service() -> None:
    chosen = [f"com.amazonaws.eu-west-1.{name}" for name in needed_endpoints(_settings())]

    assert missing_endpoints(_settings(), chosen) == []
    assert missing_endpoints(_settings(), chosen[:-2]) == ["ssm", "sts"]
    # `sts` ends like it, but is another service.
    assert missing_endpoints(_settings(), [*chosen[:-1], "com.amazonaws.eu-west-1.nosts"]) == [
        "sts"
    ]


def test_short_names_get_the_region() -> None:
    assert service_name("ecr.api", IRELAND) == "com.amazonaws.eu-west-1.ecr.api"
    assert service_name("s3", BEIJING) == "com.amazonaws.cn-north-1.s3"
    full = "cn.com.amazonaws.cn-north-1.ecr.api"
    assert service_name(full, BEIJING) == full


def test_short_names_in_china_are_refused() -> None:
    with pytest.raises(WrongArgument) as caught:
        service_name("ecr.api", BEIJING)

    assert str(caught.value) == (
        "network.interface_endpoints: 'ecr.api' has no certain name in cn-north-1: write full "
        "names, such as cn.com.amazonaws.cn-north-1.ecr.api, as the console lists them"
    )
