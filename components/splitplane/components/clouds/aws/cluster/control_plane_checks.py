"""What is wrong with what a program asks of the control plane's programs. Pure.

EKS has these settings from Kubernetes 1.31 on, which is older than every minor that is made here.
https://docs.aws.amazon.com/eks/latest/userguide/control-plane-configuration-getting-started.html
Ranges and defaults are those of the SDK's texts (`eks.ClusterKube…`, pulumi-aws 7.51.1). All
checked 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from splitplane.components.clouds.aws.settings import EksSettings

TIERS: Final = ("standard", "tier-xl", "tier-2xl", "tier-4xl", "tier-8xl")
"""https://docs.aws.amazon.com/eks/latest/APIReference/API_ControlPlaneScalingConfig.html"""
EVENT_MINUTES: Final = range(10, 61)
NODE_PORTS: Final = range(10260, 32768)
DEFAULT_NODE_PORTS: Final = range(30000, 32768)
SYNC_SECONDS: Final = range(10, 16)
TERMINATED_PODS: Final = range(1, 12501)
"""The SDK says 0 to 12500, EKS itself 1 to 1000000: what both take.
https://docs.aws.amazon.com/eks/latest/APIReference/API_PodGcControllerConfigRequest.html"""


def control_plane_problems(settings: EksSettings) -> Iterator[str]:
    """Every problem of tier and settings of the control plane."""
    tier = settings.control_plane_tier
    if tier is not None and tier not in TIERS:
        yield f"control_plane_tier {tier!r} is not known: use one of {', '.join(TIERS)}"
    wanted = settings.control_plane
    allowed = {
        "event_lifetime_minutes": EVENT_MINUTES,
        "node_port_min": NODE_PORTS,
        "node_port_max": NODE_PORTS,
        "pod_autoscaler_sync_seconds": SYNC_SECONDS,
        "max_terminated_pods": TERMINATED_PODS,
    }
    for name, values in allowed.items():
        value = getattr(wanted, name)
        if value is not None and value not in values:
            yield (
                f"control_plane.{name} {value!r} is not allowed: use {values[0]} to {values[-1]}"
            )
    yield from _port_problems(settings)
    if wanted.pod_autoscaler_sync_seconds is not None and tier in (None, "standard"):
        yield (
            f"control_plane.pod_autoscaler_sync_seconds {wanted.pod_autoscaler_sync_seconds!r} "
            f"needs another control_plane_tier than standard: use one of {', '.join(TIERS[1:])}, "
            "or leave it out"
        )


def _port_problems(settings: EksSettings) -> Iterator[str]:
    first, last = settings.control_plane.node_port_min, settings.control_plane.node_port_max
    if first is None and last is None:
        return
    low = DEFAULT_NODE_PORTS[0] if first is None else first
    high = DEFAULT_NODE_PORTS[-1] if last is None else last
    if low <= high:
        return
    is_half = first is None or last is None
    why = ", since what is left out is 30000 or 32767" if is_half else ""
    yield (
        f"control_plane.node_port_min {low!r} is above node_port_max {high!r}{why}: give both, "
        "the lower first"
    )
