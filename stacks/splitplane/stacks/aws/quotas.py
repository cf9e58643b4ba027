"""Which quotas of an account a compute plane uses, and how much of each. Pure.

A quota that is too small is not noticed by a deployment: it ends well, and then no node comes. New
accounts have 0 for most GPUs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from splitplane.components.clouds.aws.karpenter.default_pools import effective_pools
from splitplane.components.clouds.aws.karpenter.node_pool import MAX_POOL_CORES
from splitplane.components.clouds.aws.karpenter.pools import NodePool
from splitplane.components.clouds.aws.settings import EksSettings, Nat, NodeGroupSettings

Service = Literal["ec2", "vpc", "eks"]


@dataclass(frozen=True)
class Quota:
    """A quota as Service Quotas knows it.

    Attributes:
        key: what it is called here.
        service: code of the service.
        code: code of the quota.
        name: its name there.
        unit: what it counts.
        is_confirmed: whether name and code are known to belong together; where they are not, too
            little of it is a warning.
        default: what an account has that asked for nothing; None where the sources say nothing.
    """

    key: str
    service: Service
    code: str
    name: str
    unit: str = "vCPUs"
    is_confirmed: bool = True
    default: int | None = None


# Names and defaults: https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html,
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-spot-limits.html,
# https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html and
# https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html. Codes: as public programs
# ask for them, those of service vpc also as moto serves them. Checked 2026-11-21.
_ALL: Final = (
    Quota("standard", "ec2", "L-1216C47A", "Running On-Demand Standard instances", default=5),
    Quota(
        "standard-spot",
        "ec2",
        "L-34B43A08",
        "All Standard Spot Instance Requests",
        is_confirmed=False,
        default=5,
    ),
    Quota("g", "ec2", "L-DB2E81BA", "Running On-Demand G and VT instances", default=0),
    Quota("g-spot", "ec2", "L-3819A6DF", "All G and VT Spot Instance Requests", default=0),
    Quota("p", "ec2", "L-417A185B", "Running On-Demand P instances", default=0),
    Quota(
        "p4-spot",
        "ec2",
        "L-7212CCBC",
        "All P4, P3 and P2 Spot Instance Requests",
        is_confirmed=False,
        default=0,
    ),
    Quota(
        "p5-spot",
        "ec2",
        "L-C4BD4855",
        "All P5 Spot Instance Requests",
        is_confirmed=False,
        default=0,
    ),
    Quota("inf", "ec2", "L-1945791B", "Running On-Demand Inf instances", default=0),
    Quota("inf-spot", "ec2", "L-B5D1601B", "All Inf Spot Instance Requests", default=0),
    Quota("trn", "ec2", "L-2C3B7624", "Running On-Demand Trn instances", default=0),
    Quota("trn-spot", "ec2", "L-6B0D517C", "All Trn Spot Instance Requests", default=0),
    Quota("addresses", "ec2", "L-0263D0A3", "EC2-VPC Elastic IPs", "addresses", default=5),
    Quota("vpcs", "vpc", "L-F678F1CE", "VPCs per Region", "VPCs", default=5),
    Quota(
        "nat-gateways",
        "vpc",
        "L-FE5A380F",
        "NAT gateways per Availability Zone",
        "gateways in a zone",
        default=5,
    ),
    Quota(
        "internet-gateways",
        "vpc",
        "L-A4707A72",
        "Internet gateways per Region",
        "gateways",
        default=5,
    ),
    Quota("clusters", "eks", "L-1194D53C", "Clusters", "clusters", default=100),
)
QUOTAS: Final[Mapping[str, Quota]] = {quota.key: quota for quota in _ALL}
"""Key → quota."""

SMALLEST_VCPUS: Final = 2
"""What the smallest machine has that runs the agents of a node and a pod."""
_AUTO_POOLS: Final = "the pools of EKS"
_FAMILY: Final = re.compile(r"^([a-z]+)(\d*)")
_STANDARD: Final = frozenset("acdhimrtz") | {"im", "is"}
_NEURON: Final = frozenset({"inf", "trn"})
_G: Final = frozenset({"g", "gr", "vt"})


@dataclass(frozen=True)
class Shape:
    """What a type of machine has.

    Attributes:
        vcpus: virtual CPUs, which quotas count.
        gpus: GPUs; 0 without.
    """

    vcpus: int
    gpus: int = 0


@dataclass(frozen=True)
class Need:
    """How much of a quota a compute plane uses.

    Attributes:
        quota: which.
        least: what it cannot do without: networks, the first nodes, one node of each pool.
        most: what it may grow to by its limits.
        uses: who uses it, in the order of the settings.
    """

    quota: Quota
    least: int
    most: int
    uses: tuple[str, ...]


def compute_needs(
    settings: EksSettings,
    *,
    shapes: Mapping[str, Shape],
    system_type: str,
    zone_count: int,
    nat: Nat,
    is_created: bool = True,
) -> tuple[Need, ...]:
    """What the compute plane uses of each quota, in the order of `QUOTAS`; not those unused.

    Args:
        settings: the checked settings.
        shapes: type of machine → what it has, of every type that a pool or group may have.
        system_type: type of the system nodes.
        zone_count: zones of the network.
        nat: the way out of the VPC, as the region has it.
        is_created: whether network and cluster are still to be made.
    """
    uses = [
        *(_network_uses(settings, zone_count, nat) if is_created else ()),
        *_node_uses(settings, shapes, system_type, zone_count),
    ]
    found = []
    for key, quota in QUOTAS.items():
        own = [use for use in uses if use.key == key]
        if own:
            found.append(
                Need(
                    quota,
                    sum(use.least for use in own),
                    sum(use.most for use in own),
                    tuple(use.user for use in own),
                )
            )
    return tuple(found)


def quota_of_family(family: str, *, is_spot: bool) -> str | None:
    """Key of the quota that counts machines of the family; None for families not known here."""
    match = _FAMILY.match(family)
    letters, generation = (match[1], match[2]) if match else ("", "")
    if letters in _STANDARD:
        return "standard-spot" if is_spot else "standard"
    if letters in _G:
        return "g-spot" if is_spot else "g"
    if letters in _NEURON:
        return f"{letters}-spot" if is_spot else letters
    if letters != "p":
        return None
    if not is_spot:
        return "p"
    # The quota of P5 is taken for what is newer: the sources name none of its own.
    return "p4-spot" if int(generation or 0) <= 4 else "p5-spot"


def families_of(pool: NodePool) -> tuple[str, ...]:
    """The families that the pool's machines may have; `m`, for all standard ones, when any."""
    if pool.families:
        return pool.families
    if pool.neuron is not None:
        return tuple(pool.neuron.families)
    return tuple(pool.gpu.families) if pool.gpu is not None else ("m",)


@dataclass(frozen=True)
class _Use:
    key: str
    user: str
    least: int
    most: int


def _network_uses(settings: EksSettings, zone_count: int, nat: Nat) -> Iterable[_Use]:
    if settings.is_adopted:
        return
    yield _Use("clusters", "the cluster", 1, 1)
    if settings.network.vpc_id is not None:
        return
    yield _Use("vpcs", "the VPC", 1, 1)
    if nat != "none":
        yield _Use("internet-gateways", "the way out", 1, 1)
        yield _Use("nat-gateways", f"NAT ({nat})", 1, 1)
        # A regional gateway takes an address in each zone in which there are nodes.
        most = 1 if nat == "single" else zone_count
        yield _Use("addresses", f"NAT ({nat})", 1 if nat == "regional" else most, most)


def _node_uses(
    settings: EksSettings, shapes: Mapping[str, Shape], system_type: str, zone_count: int
) -> Iterable[_Use]:
    if settings.compute_mode != "auto_mode" and not settings.is_adopted:
        vcpus = settings.system_node_count * _vcpus(shapes, system_type)
        key = quota_of_family(system_type, is_spot=False)
        if key is not None:
            yield _Use(key, "system nodes", vcpus, vcpus)
    if settings.compute_mode == "node_groups":
        for group in settings.node_groups:
            yield from _group_uses(group, shapes, zone_count)
        return
    if settings.compute_mode == "auto_mode" and not settings.is_adopted:
        # They have no limits; the first pods need a machine of standard families, on demand.
        yield _Use("standard", _AUTO_POOLS, SMALLEST_VCPUS, SMALLEST_VCPUS)
    for pool in effective_pools(settings):
        yield from _pool_uses(pool, shapes)


def _group_uses(
    group: NodeGroupSettings, shapes: Mapping[str, Shape], zone_count: int
) -> Iterable[_Use]:
    """A group lies in every zone that has its machines, and its bounds hold in each."""
    if group.capacity == "reserved":
        # Counted when the capacity was reserved.
        return
    first = group.instance_types[0]
    key = quota_of_family(first, is_spot=group.capacity == "spot")
    if key is not None:
        vcpus = _vcpus(shapes, first)
        zones = len(group.zones) or zone_count
        least = vcpus * max(group.min_nodes * zones, 1)
        yield _Use(key, f"node group {group.name}", least, vcpus * group.max_nodes * zones)


def _pool_uses(pool: NodePool, shapes: Mapping[str, Shape]) -> Iterable[_Use]:
    if pool.capacity == "reserved":
        # Counted when the capacity was reserved.
        return
    by_key: dict[str, list[str]] = {}
    for family in families_of(pool):
        key = quota_of_family(family, is_spot=pool.capacity == "spot")
        if key is not None:
            by_key.setdefault(key, []).append(family)
    for key, families in by_key.items():
        smallest, largest = _range(pool, families, shapes)
        if pool.static_nodes is not None:
            least, most = pool.static_nodes * smallest, pool.static_nodes * largest
        else:
            least = smallest
            most = max(pool.limit_cpu_cores or 0, smallest)
        yield _Use(key, f"pool {pool.name}", least, most)


def _range(pool: NodePool, families: Iterable[str], shapes: Mapping[str, Shape]) -> tuple[int, int]:
    """Fewest and most vCPUs of a machine of the pool."""
    if not pool.has_accelerators:
        return SMALLEST_VCPUS, MAX_POOL_CORES
    counts = (pool.gpu_counts or pool.gpu.counts) if pool.gpu is not None else (0,)
    vcpus = [
        shape.vcpus
        for name, shape in shapes.items()
        if name.partition(".")[0] in families
        and shape.gpus in counts
        and (pool.neuron is None or not pool.has_efa or name in pool.efa_machines)
    ]
    return (min(vcpus), max(vcpus)) if vcpus else (SMALLEST_VCPUS, SMALLEST_VCPUS)


def _vcpus(shapes: Mapping[str, Shape], instance_type: str) -> int:
    shape = shapes.get(instance_type)
    return SMALLEST_VCPUS if shape is None else shape.vcpus
