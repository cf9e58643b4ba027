"""With a cluster that exists, nothing may be asked that only a created one can have."""

from __future__ import annotations

from typing import Any

import pytest

from splitplane.components.clouds.aws.cluster.adoption_checks import check_adoption
from splitplane.components.clouds.aws.settings import parse_settings

BASE: dict[str, Any] = {
    "name": "prod-eu",
    "environments": ["prod"],
    "hub_url": "https://hub.example.com",
    "cluster_name": "Old_1",
}


def _problems(**changes: Any) -> list[str]:
    return check_adoption(parse_settings(BASE | changes))


def test_what_says_what_there_is_passes() -> None:
    assert _problems() == []
    assert (
        _problems(
            network={"private_subnet_ids": ["subnet-1"], "public_subnet_ids": ["subnet-2"]},
            compute_mode="auto_mode",
            workload_identity="irsa",
            tags={"owner": "ml"},
            storage={"has_shared_storage": False},
        )
        == []
    )


def test_a_created_cluster_is_not_looked_at() -> None:
    assert _problems(cluster_name=None, kubernetes_version="1.35") == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"cluster_name": "-x"},
            "cluster_name '-x' is not allowed: EKS takes 1 to 100 letters, digits, hyphens and",
        ),
        (
            {"kubernetes_version": "1.35"},
            "kubernetes_version '1.35' has no meaning with cluster_name, whose cluster and nodes "
            "are made elsewhere: leave it out",
        ),
        ({"log_retention_days": 7}, "log_retention_days 7 has no meaning with cluster_name, whose"),
        ({"pools": []}, "pools … has no meaning with cluster_name, whose cluster and nodes are m"),
        (
            {"access_entries": [{"principal_arn": "arn:aws:iam::111122223333:role/ml"}]},
            "access_entries … has no meaning with cluster_name, whose cluster and nodes are made",
        ),
        (
            {"network": {"nat": "single"}},
            "network.nat 'single' has no meaning with cluster_name, whose network exists: give "
            "private_subnet_ids or public_subnet_ids, or nothing",
        ),
        (
            {"control_plane": {"event_lifetime_minutes": 30}},
            "control_plane … has no meaning with cluster_name, whose cluster and nodes are made",
        ),
        (
            {"is_cluster_gone": True},
            "is_cluster_gone True has no meaning with cluster_name, since a cluster that is gone "
            "cannot be read: run pulumi refresh and pulumi destroy with "
            "PULUMI_K8S_DELETE_UNREACHABLE=true instead",
        ),
        ({"network": {"vpc_id": "vpc-1"}}, "network.vpc_id 'vpc-1' has no meaning with cluster_n"),
    ],
)
def test_what_is_wrong_is_said(changes: dict[str, Any], message: str) -> None:
    (problem,) = _problems(**changes)

    assert problem.startswith(message)
