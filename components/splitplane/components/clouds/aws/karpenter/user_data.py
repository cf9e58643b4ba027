"""What a node reads at its start beyond what Karpenter gives it. Pure.

Bottlerocket runs its own device plugin, which is told here how a GPU is shared; on AL2023 that is
the configuration of the device plugin's chart, and the node needs nothing.
"""

from __future__ import annotations

from typing import Final

from splitplane.components.clouds.aws.karpenter.pools import Mig, NodePool, TimeSlicing
from splitplane.components.errors import WrongArgument

_MIG_KEYS: Final = {
    ("a100", "p4d"): "a100.40gb",
    ("a100", "p4de"): "a100.80gb",
    ("h100", "p5"): "h100.80gb",
    ("h200", "p5e"): "h200.141gb",
    ("h200", "p5en"): "h200.141gb",
}
"""GPU and family → key of Bottlerocket's profile table:
https://bottlerocket.dev/en/os/latest/#/api/settings/kubelet-device-plugins/, for 1.34 and newer."""
_MIG_PROFILES: Final = {
    "a100.40gb": ("1g.5gb", "1g.10gb", "2g.10gb", "3g.20gb", "7g.40gb"),
    "a100.80gb": ("1g.10gb", "1g.20gb", "2g.20gb", "3g.40gb", "7g.80gb"),
    "h100.80gb": ("1g.10gb", "1g.20gb", "2g.20gb", "3g.40gb", "7g.80gb"),
    "h200.141gb": ("1g.18gb", "1g.35gb", "2g.35gb", "3g.71gb", "7g.141gb"),
}
"""Key → profiles that fit; a node with any other keeps its GPUs whole:
https://github.com/bottlerocket-os/bottlerocket-core-kit, nvidia-migmanager."""

DEVICE_OWNERSHIP: Final = "device-ownership-from-security-context = true\n"
"""Pods that do not run as root may open the devices of AWS' chips:
https://bottlerocket.dev/en/os/latest/#/api/settings/kubernetes/."""


def build_user_data(pool: NodePool) -> str | None:
    """The settings of the pool's nodes as TOML; None where the defaults do.

    Raises:
        WrongArgument: Bottlerocket has no profile for the pool's GPU, or not this one.
    """
    if pool.effective_image != "bottlerocket":
        return None
    if pool.neuron_name is not None:
        return f"[settings.kubernetes]\n{DEVICE_OWNERSHIP}"
    if pool.sharing is None:
        return None
    if isinstance(pool.sharing, TimeSlicing):
        return _time_slicing(pool.sharing)
    assert isinstance(pool.sharing, Mig), "checked pools of Bottlerocket have no MPS"
    return _mig(pool, pool.sharing)


def _time_slicing(sharing: TimeSlicing) -> str:
    # The resource keeps its name, so that a workload says nvidia.com/gpu: 1 wherever it runs; more
    # than one would not give it more of the GPU and is refused.
    return (
        "[settings.kubelet-device-plugins.nvidia]\n"
        'device-sharing-strategy = "time-slicing"\n'
        "\n"
        "[settings.kubelet-device-plugins.nvidia.time-slicing]\n"
        f"replicas = {sharing.replicas}\n"
        "rename-by-default = false\n"
        "fail-requests-greater-than-one = true\n"
    )


def _mig(pool: NodePool, sharing: Mig) -> str:
    gpu = pool.gpu
    assert gpu is not None, "a pool with a shared GPU has one"
    keys = {_MIG_KEYS.get((gpu.name, family)) for family in pool.families or gpu.families}
    named = sorted(key for key in keys if key is not None)
    if None in keys:
        able = ", ".join(sorted({name for name, _ in _MIG_KEYS}))
        raise WrongArgument(
            f"pool {pool.name!r}: Bottlerocket has no MIG profile for {gpu.name}; use image al2023 "
            f"with the GPU operator, or one of {able}"
        )
    for key in named:
        if sharing.profile not in _MIG_PROFILES[key]:
            raise WrongArgument(
                f"pool {pool.name!r}: sharing.mig_profile {sharing.profile!r} does not fit {key}; "
                f"use one of {', '.join(_MIG_PROFILES[key])}, or only families that it fits"
            )
    profiles = "".join(f'"{key}" = "{sharing.profile}"\n' for key in named)
    return (
        "[settings.kubelet-device-plugins.nvidia]\n"
        'device-partitioning-strategy = "mig"\n'
        "\n"
        "[settings.kubelet-device-plugins.nvidia.mig.profile]\n"
        f"{profiles}"
    )
