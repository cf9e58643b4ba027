"""Storage, load balancers and names are refused where AWS would refuse them or ignore a field."""

from __future__ import annotations

from typing import Any

import pytest

from splitplane.components.clouds.aws.service_checks import check_services
from splitplane.components.clouds.aws.settings import parse_settings

BASE: dict[str, Any] = {
    "name": "prod-eu",
    "environments": ["prod"],
    "hub_url": "https://hub.example.com",
}
PROVISIONED = "provisioned"


def _problems(**changes: Any) -> list[str]:
    return check_services(parse_settings(BASE | changes))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="least"),
        pytest.param({"storage": {"has_shared_storage": False}}, id="no-files"),
        pytest.param(
            {"storage": {"efs_throughput_mode": PROVISIONED, "efs_provisioned_mibps": 64}},
            id="provisioned",
        ),
    ],
)
def test_what_is_allowed_passes(changes: dict[str, Any]) -> None:
    assert _problems(**changes) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"storage": {"efs_throughput_mode": PROVISIONED}},
            "storage.efs_provisioned_mibps is missing: efs_throughput_mode 'provisioned' is billed "
            "by it; use 1 to 3414",
        ),
        (
            {"storage": {"efs_provisioned_mibps": 64}},
            "storage.efs_provisioned_mibps 64 has no meaning with efs_throughput_mode 'elastic': u",
        ),
        (
            {"storage": {"efs_throughput_mode": PROVISIONED, "efs_provisioned_mibps": 4000}},
            "storage.efs_provisioned_mibps 4000 is not allowed: use 1 to 3414",
        ),
        (
            {"storage": {"has_shared_storage": False, "efs_throughput_mode": "bursting"}},
            "storage.efs_throughput_mode and .efs_provisioned_mibps have no meaning without a file",
        ),
        ({"dns": {"zone_arns": ["Z1"]}}, "dns.zone_arns 'Z1' is no hosted zone: write arn:aws:"),
    ],
)
def test_what_is_wrong_is_said(changes: dict[str, Any], message: str) -> None:
    (problem,) = _problems(**changes)

    assert problem.startswith(message)
