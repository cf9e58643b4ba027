"""The pools of a compute plane that asks for none: on demand, spot, and what must stay put. Pure.

Who names pools gets those and no others: GPUs, for example, are always asked for. In Auto Mode they
come beside the pools of EKS, so there are none by default.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from splitplane.components.clouds.aws.karpenter.pools import NodePool
from splitplane.components.clouds.aws.settings import EksSettings, Profile

CRITICAL: Final = "critical"
"""Name of the dedicated pool, and value of the taint that its pods tolerate."""

_CORES: Final[dict[Profile, int]] = {"dev": 64, "prod": 512}
"""Two and sixteen of the largest machines that a pool takes (32 cores): a bound on what a mistake
may cost. A pool at its limit makes no more nodes and says so."""
_CRITICAL_CORES: Final = 16
"""With the values of their charts, all add-ons together reserve under 3 cores and 16 GiB; this is
room for three zones, and for new nodes beside those that they replace."""
_GIB_PER_CORE: Final = 8
"""What machines of category r have (m 4, c 2): so the cores alone bound a pool.
https://aws.amazon.com/ec2/instance-types/memory-optimized/."""
_SPOT_WEIGHT: Final = 10
"""Above the pools without one, which count as 0: what may run on spot machines is cheaper there.
Ten leaves room for pools that are tried before or after it."""
_DAY_SECONDS: Final = 86_400
"""Longest drain on demand: a notebook or a training run that forbids its disruption saves its work
in a day."""
_HOUR_SECONDS: Final = 3_600
"""Longest drain elsewhere. Spot machines go two minutes after a warning anyway; what is critical
has replicas, and a disruption budget that never lets go holds its node for no longer."""
_CRITICAL_HOURS: Final = 2_160
"""90 days in place of 30: a new image comes oftener, and its drift heeds disruption budgets, which
the end of a node's life does not (https://karpenter.sh/docs/concepts/disruption/)."""
_CRITICAL_IDLE_SECONDS: Final = 600
"""An empty node stays for ten minutes: a Deployment that is replaced comes back to it."""
AUTO_LIFETIME_HOURS: Final = 336
AUTO_GRACE_SECONDS: Final = _DAY_SECONDS
"""What Auto Mode takes where nothing is said, checked 2026-11-21:
https://docs.aws.amazon.com/eks/latest/userguide/create-node-pool.html, "Disruption" and
"Termination Grace Period"."""


def default_pools(settings: EksSettings) -> tuple[NodePool, ...]:
    """Three pools of amd64 machines, bounded by the profile; none has GPUs.

    `cpu-ondemand` takes what asks for nothing else, `cpu-spot` is tried first where a pod does not
    ask for on demand, and `critical` takes only pods that tolerate `splitplane.io/node-pool` with
    its name; there no running pod is moved to save a node.
    """
    cores = _CORES[settings.profile]
    return (
        NodePool(
            "cpu-ondemand",
            limit_cpu_cores=cores,
            limit_memory_gib=cores * _GIB_PER_CORE,
            termination_grace_seconds=_DAY_SECONDS,
        ),
        NodePool(
            "cpu-spot",
            limit_cpu_cores=cores,
            limit_memory_gib=cores * _GIB_PER_CORE,
            capacity="spot",
            weight=_SPOT_WEIGHT,
            termination_grace_seconds=_HOUR_SECONDS,
        ),
        NodePool(
            CRITICAL,
            limit_cpu_cores=_CRITICAL_CORES,
            limit_memory_gib=_CRITICAL_CORES * _GIB_PER_CORE,
            is_dedicated=True,
            moves_running_pods=False,
            consolidate_after_seconds=_CRITICAL_IDLE_SECONDS,
            node_lifetime_hours=_CRITICAL_HOURS,
            termination_grace_seconds=_HOUR_SECONDS,
        ),
    )


def effective_pools(settings: EksSettings) -> tuple[NodePool, ...]:
    """The pools that are made: those that are named, or the default ones, which Auto Mode lacks."""
    if settings.compute_mode == "auto_mode":
        return tuple(map(in_auto_mode, settings.pools or ()))
    return default_pools(settings) if settings.pools is None else settings.pools


def in_auto_mode(pool: NodePool) -> NodePool:
    """The pool with Auto Mode's defaults in place of Karpenter's."""
    hours, seconds = pool.node_lifetime_hours, pool.termination_grace_seconds
    return replace(
        pool,
        node_lifetime_hours=AUTO_LIFETIME_HOURS if hours is None else hours,
        termination_grace_seconds=AUTO_GRACE_SECONDS if seconds is None else seconds,
    )
