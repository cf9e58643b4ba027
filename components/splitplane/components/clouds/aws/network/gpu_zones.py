"""Which machines with GPUs a network's zones have to offer. Pure: the caller asks AWS who has them.

A pool that grows with its pods is content with one zone; a fixed number of nodes, and nodes that
are bound to zones, cannot wait elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from splitplane.components.clouds.aws.karpenter.pools import NodePool
from splitplane.components.clouds.aws.settings import EksSettings, NodeGroupSettings
from splitplane.platforms.aws_efa import efa_machines
from splitplane.platforms.aws_gpus import AWS_GPUS
from splitplane.platforms.aws_neurons import AWS_NEURONS

SMALLEST: Final[dict[str, tuple[tuple[int, str], ...]]] = {
    "g4dn": ((1, "g4dn.xlarge"),),
    "g5": ((1, "g5.xlarge"),),
    "g6": ((1, "g6.xlarge"),),
    "gr6": ((1, "gr6.4xlarge"),),
    "g6e": ((1, "g6e.xlarge"),),
    "g7e": ((1, "g7e.2xlarge"),),
    "p4d": ((8, "p4d.24xlarge"),),
    "p4de": ((8, "p4de.24xlarge"),),
    "p5": ((1, "p5.4xlarge"), (8, "p5.48xlarge")),
    "p5e": ((8, "p5e.48xlarge"),),
    "p5en": ((8, "p5en.48xlarge"),),
    "p6-b200": ((8, "p6-b200.48xlarge"),),
    "p6-b300": ((8, "p6-b300.48xlarge"),),
}
"""Family → (its GPUs, the smallest machine with them). Other sizes of a family are offered where
the smallest is; only p5 has shapes that are offered apart. Source: the reference of instance types
of Karpenter 1.14.1, https://karpenter.sh/docs/reference/instance-types/."""


@dataclass(frozen=True)
class GpuNeed:
    """Machines of which a pool needs one.

    Attributes:
        field: the argument, such as `pools[0].gpu_name 'h100'`.
        instance_types: any of them does.
        zones: the pool's own zones; those of the cluster when empty.
        is_bound: whether a zone without them is of no use.
    """

    field: str
    instance_types: tuple[str, ...]
    zones: tuple[str, ...] = ()
    is_bound: bool = False

    def offered(self, offerings: Mapping[str, Collection[str]]) -> set[str]:
        """Names of the zones that have one of the machines."""
        return {zone for name in self.instance_types for zone in offerings.get(name, ())}


def gpu_needs(settings: EksSettings) -> tuple[GpuNeed, ...]:
    """What pools and node groups with GPUs or chips of AWS need; nothing for unknown ones."""
    pools = (_of_pool(index, pool) for index, pool in enumerate(settings.pools or ()))
    groups = (_of_group(index, group) for index, group in enumerate(settings.node_groups))
    return tuple(need for need in (*pools, *groups) if need is not None)


def bound_offering(
    needs: Sequence[GpuNeed], offerings: Mapping[str, Collection[str]]
) -> dict[str, Collection[str]]:
    """What a choice of zones looks at: machines, by their names, → zones that have them.

    A need with zones of its own is not helped by others.
    """
    found: dict[str, Collection[str]] = {}
    for need in needs:
        if need.is_bound:
            zones = need.offered(offerings)
            machines = " or ".join(need.instance_types)
            if need.zones:
                found[f"{machines} in {', '.join(need.zones)}"] = zones & {*need.zones}
            else:
                found[machines] = zones
    return found


def offering_problems(
    needs: Sequence[GpuNeed],
    offerings: Mapping[str, Collection[str]],
    zones: Sequence[str],
    *,
    argument: str = "network.availability_zones",
) -> list[str]:
    """Every need that none of the zones meets, and where it would be met.

    Args:
        needs: of pools and node groups.
        offerings: instance type → names of all zones of the region that have it.
        zones: zones of the network.
        argument: the argument that adds a zone.
    """
    problems: list[str] = []
    for need in needs:
        able = need.offered(offerings)
        asked = need.zones or tuple(zones)
        if able.isdisjoint(asked):
            where = "its zones" if need.zones else argument
            remedy = (
                f"it is offered in {', '.join(sorted(able))}: add one to {where}"
                if able
                else "nor does any other of the region: choose other machines or another region"
            )
            problems.append(
                f"{need.field} needs {' or '.join(need.instance_types)}, which none of the zones "
                f"{', '.join(asked)} offers; {remedy}"
            )
    return problems


def pool_zone_problems(
    pools: Sequence[NodePool | NodeGroupSettings],
    zones: Sequence[str],
    *,
    argument: str = "network.availability_zones",
    field: str = "pools",
) -> list[str]:
    """Every pool or node group that is bound to a zone outside the network.

    Args:
        pools: with and without GPUs.
        zones: zones of the network.
        argument: the argument that adds a zone.
        field: the argument that has them.
    """
    return [
        f"{field}[{index}].zones has {', '.join(foreign)}, but the network lies in "
        f"{', '.join(zones)}: choose some of these, or change {argument}"
        for index, pool in enumerate(pools)
        if (foreign := sorted(set(pool.zones) - set(zones)))
    ]


def _of_pool(index: int, pool: NodePool) -> GpuNeed | None:
    if pool.neuron_name is not None:
        return _of_neurons(index, pool)
    gpu = AWS_GPUS.get(pool.gpu_name or "")
    families = pool.families or (gpu.families if gpu else ())
    types = tuple(_smallest(name, pool.gpu_counts) for name in families if name in SMALLEST)
    if gpu is None or not types:
        return None
    return GpuNeed(
        f"pools[{index}].gpu_name {pool.gpu_name!r}",
        types,
        pool.zones,
        is_bound=pool.static_nodes is not None or bool(pool.zones),
    )


def _of_neurons(index: int, pool: NodePool) -> GpuNeed | None:
    neuron = AWS_NEURONS.get(pool.neuron_name or "")
    machines = neuron.families if neuron else {}
    families = pool.families or tuple(machines)
    types = tuple(name for family in families for name in machines.get(family, ()))
    if pool.has_efa:
        types = efa_machines(families)
    if not types:
        return None
    return GpuNeed(
        f"pools[{index}].neuron_name {pool.neuron_name!r}",
        types,
        pool.zones,
        is_bound=pool.static_nodes is not None or bool(pool.zones),
    )


def _of_group(index: int, group: NodeGroupSettings) -> GpuNeed | None:
    chosen = {"gpu_name": group.gpu_name, "neuron_name": group.neuron_name}
    for name, value in chosen.items():
        if value is not None:
            field = f"node_groups[{index}].{name} {value!r}"
            return GpuNeed(field, group.instance_types, group.zones, is_bound=True)
    return None


def _smallest(family: str, counts: Sequence[int]) -> str:
    shapes = SMALLEST[family]
    wanted = min(counts, default=0)
    return next((name for gpus, name in shapes if gpus >= wanted), shapes[0][1])
