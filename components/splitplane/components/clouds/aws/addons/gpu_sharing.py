"""Which GPU nodes need which plugin, and how the plugins are told to share. Pure.

Bottlerocket brings its device plugin and cuts GPUs by itself; on AL2023 a plugin does the first,
and NVIDIA's operator the second. No node may have two plugins that count its GPUs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from splitplane.components.clouds.aws.karpenter.default_pools import effective_pools
from splitplane.components.clouds.aws.karpenter.pools import Mig, Mps, NodePool, TimeSlicing
from splitplane.components.clouds.aws.settings import EksSettings, NodeGroupSettings

CONFIG_LABEL: Final = "nvidia.com/device-plugin.config"
"""Label of nodes that names the configuration of the device plugin:
https://github.com/NVIDIA/k8s-device-plugin, "Updating Per-Node Configuration With a Node Label"."""
MPS_LABEL: Final = "nvidia.com/mps.capable"
"""Label of nodes on which the chart of the device plugin runs the daemon of MPS."""
MIG_LABEL: Final = "nvidia.com/mig.config"
"""Label of nodes that the operator cuts GPUs by:
https://docs.nvidia.com/datacenter/cloud-native/gpu-operator/latest/gpu-operator-mig.html."""
WHOLE: Final = "whole"
"""Name of the configuration without sharing, for nodes that carry no label."""
_TIME_SLICING: Final = "time-slicing"
_MPS: Final = "mps"
_KEYS: Final = {_TIME_SLICING: "timeSlicing", _MPS: "mps"}
"""Way of sharing → its key in the plugin's configuration."""


@dataclass(frozen=True)
class GpuNodes:
    """Names of node pools and node groups, as their nodes' label has them.

    Attributes:
        plugin: those whose GPUs the device plugin counts.
        operator: those whose GPUs the operator cuts and counts.
        efa: those with EFA interfaces.
        slices: how many pods share a GPU, of every pool where several do so in turns.
        clients: how many pods share a GPU, of every pool where several do so at the same time.
        neuron: those with chips of AWS.
    """

    plugin: tuple[str, ...]
    operator: tuple[str, ...]
    efa: tuple[str, ...]
    slices: tuple[int, ...]
    clients: tuple[int, ...] = ()
    neuron: tuple[str, ...] = ()


def find_gpu_nodes(settings: EksSettings) -> GpuNodes:
    """The nodes that need something; none on Auto Mode, which does all of it itself."""
    pools = effective_pools(settings) if settings.compute_mode == "karpenter" else ()
    groups = settings.node_groups if settings.compute_mode == "node_groups" else ()
    nodes: list[NodePool | NodeGroupSettings] = [*pools, *groups]
    plain = [pool for pool in pools if _is_ours(pool)]
    cut = [pool.name for pool in plain if isinstance(pool.sharing, Mig)]
    counted = [pool.name for pool in plain if pool.name not in cut]
    counted += [
        group.name for group in groups if group.gpu_name is not None and group.image == "al2023"
    ]
    slices = {pool.sharing.replicas for pool in plain if isinstance(pool.sharing, TimeSlicing)}
    clients = {pool.sharing.clients for pool in plain if isinstance(pool.sharing, Mps)}
    return GpuNodes(
        plugin=tuple(sorted(counted)),
        operator=tuple(sorted(cut)),
        efa=tuple(sorted(item.name for item in nodes if item.has_efa)),
        slices=tuple(sorted(slices)),
        clients=tuple(sorted(clients)),
        neuron=tuple(sorted(item.name for item in nodes if item.neuron_name is not None)),
    )


def sharing_labels(pool: NodePool) -> dict[str, str]:
    """Labels by which the plugins know how the GPUs of the pool's nodes are shared."""
    if not _is_ours(pool):
        return {}
    if isinstance(pool.sharing, TimeSlicing):
        return {CONFIG_LABEL: _config_name(_TIME_SLICING, pool.sharing.replicas)}
    if isinstance(pool.sharing, Mps):
        return {CONFIG_LABEL: _config_name(_MPS, pool.sharing.clients), MPS_LABEL: "true"}
    if isinstance(pool.sharing, Mig):
        # A label takes no plus: NVIDIA's own names of configurations have a dot in its place.
        return {MIG_LABEL: f"all-{pool.sharing.profile.replace('+', '.')}"}
    return {}


def build_plugin_configs(nodes: GpuNodes) -> dict[str, str]:
    """Name of a configuration → its text, for the device plugin; empty where nobody shares.

    Sharing is as on Bottlerocket: the resource keeps its name, and more than one is refused, since
    it would give no more of the GPU.
    """
    shared = [
        *((_TIME_SLICING, replicas) for replicas in nodes.slices),
        *((_MPS, clients) for clients in nodes.clients),
    ]
    if not shared:
        return {}
    head = "version: v1\nflags:\n  migStrategy: none\n"
    return {WHOLE: head} | {
        _config_name(way, replicas): (
            f"{head}"
            "sharing:\n"
            f"  {_KEYS[way]}:\n"
            "    renameByDefault: false\n"
            "    failRequestsGreaterThanOne: true\n"
            "    resources:\n"
            "      - name: nvidia.com/gpu\n"
            f"        replicas: {replicas}\n"
        )
        for way, replicas in shared
    }


def _is_ours(pool: NodePool) -> bool:
    return pool.gpu_name is not None and pool.effective_image == "al2023"


def _config_name(way: str, replicas: int) -> str:
    return f"{way}-{replicas}"
