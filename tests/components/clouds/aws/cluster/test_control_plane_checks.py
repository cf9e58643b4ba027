"""What EKS takes for the programs of a control plane is known before it is asked."""

from __future__ import annotations

from typing import Any

import pytest
from aws_plane import settings_of

from splitplane.components.clouds.aws.cluster.control_plane_checks import control_plane_problems


def _problems(tier: str | None = None, **control_plane: Any) -> list[str]:
    settings = settings_of(control_plane_tier=tier, control_plane=control_plane)
    return list(control_plane_problems(settings))


@pytest.mark.parametrize(
    "control_plane",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"event_lifetime_minutes": 10}, id="shortest events"),
        pytest.param({"event_lifetime_minutes": 60}, id="longest events"),
        pytest.param({"node_port_min": 10260, "node_port_max": 10260}, id="one port"),
        pytest.param({"node_port_min": 32767}, id="last port"),
        pytest.param({"max_terminated_pods": 1}, id="fewest ended"),
        pytest.param({"max_terminated_pods": 12500}, id="most ended"),
    ],
)
def test_what_eks_takes_passes(control_plane: dict[str, Any]) -> None:
    assert _problems(**control_plane) == []


@pytest.mark.parametrize(
    ("control_plane", "message"),
    [
        (
            {"event_lifetime_minutes": 9},
            "control_plane.event_lifetime_minutes 9 is not allowed: use 10 to 60",
        ),
        (
            {"event_lifetime_minutes": 61},
            "control_plane.event_lifetime_minutes 61 is not allowed: use 10 to 60",
        ),
        (
            {"node_port_min": 10259},
            "control_plane.node_port_min 10259 is not allowed: use 10260 to 32767",
        ),
        (
            {"node_port_max": 32768},
            "control_plane.node_port_max 32768 is not allowed: use 10260 to 32767",
        ),
        (
            {"max_terminated_pods": 0},
            "control_plane.max_terminated_pods 0 is not allowed: use 1 to 12500",
        ),
        (
            {"node_port_min": 31000, "node_port_max": 30500},
            "control_plane.node_port_min 31000 is above node_port_max 30500: give both, the lower "
            "first",
        ),
        (
            {"node_port_max": 20000},
            "control_plane.node_port_min 30000 is above node_port_max 20000, since what is left "
            "out is 30000 or 32767: give both, the lower first",
        ),
        (
            {"pod_autoscaler_sync_seconds": 10},
            "control_plane.pod_autoscaler_sync_seconds 10 needs another control_plane_tier than "
            "standard: use one of tier-xl, tier-2xl, tier-4xl, tier-8xl, or leave it out",
        ),
    ],
)
def test_what_is_wrong_is_said(control_plane: dict[str, Any], message: str) -> None:
    assert _problems(**control_plane) == [message]


def test_pods_are_scaled_more_often_on_a_provisioned_control_plane_alone() -> None:
    assert _problems("tier-xl", pod_autoscaler_sync_seconds=10) == []
    assert _problems("standard", pod_autoscaler_sync_seconds=10) != []
    assert _problems("tier-xl", pod_autoscaler_sync_seconds=16) == [
        "control_plane.pod_autoscaler_sync_seconds 16 is not allowed: use 10 to 15"
    ]
