"""Node pools as a platform engineer describes them, and what EKS and Karpenter forbid. Pure.

A pool is checked before anything is registered; what passes here renders to a NodePool and an
EC2NodeClass that Karpenter 1.14 takes. What Auto Mode forbids besides is in `nodes/auto_checks.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from splitplane.components.errors import WrongArgument
from splitplane.platforms.aws_efa import EFA_MACHINES, efa_interfaces, efa_machines
from splitplane.platforms.aws_gpus import AWS_GPUS, AwsGpu
from splitplane.platforms.aws_neurons import AWS_NEURONS, AwsNeuron

Capacity = Literal["on_demand", "spot", "reserved"]
Image = Literal["al2023", "bottlerocket"]
Architecture = Literal["amd64", "arm64"]

IMAGE_VERSIONS: Final[dict[Image, str]] = {"al2023": "v20260903", "bottlerocket": "v1.64.0"}
"""Pinned releases of the images (https://github.com/awslabs/amazon-eks-ami and
https://github.com/bottlerocket-os/bottlerocket), as public configurations pinned them in September
2026: `latest` would replace every node whenever a new image comes out."""
_POOL_NAME: Final = re.compile(r"^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$")
_MIG_PROFILE: Final = re.compile(r"^([1-7])g\.\d{1,3}gb(\+me)?$")
_MAX_WEIGHT: Final = 100
_MAX_REPLICAS: Final = 48
"""Time slices of one GPU; more than that share too little memory for any model."""
_MAX_CLIENTS: Final = 48
"""Clients of MPS on one GPU of Volta or newer, which the device plugin refuses to exceed:
https://docs.nvidia.com/deploy/mps/ and https://github.com/NVIDIA/k8s-device-plugin/pull/593."""
_LIFETIME_HOURS: Final = 720
"""What Karpenter takes where nothing is said: https://karpenter.sh/docs/concepts/nodepools/."""
_MIN_DATA_DISK_GIB: Final = 20
MAX_DATA_DISK_GIB: Final = 59_000
"""What both kinds of node classes take: the definition of EC2NodeClass of Karpenter 1.14.1, and
https://docs.aws.amazon.com/eks/latest/userguide/create-node-class.html."""
_RESERVATION: Final = re.compile(r"^cr-[0-9a-z]+$")
_MAX_RESERVATIONS: Final = 30
"""Both by the definition of EC2NodeClass of Karpenter 1.14.1."""
_SCHEDULE: Final = re.compile(
    r"@(annually|yearly|monthly|weekly|daily|midnight|hourly)|\S+( \S+){4}"
)
"""As the definition of NodePool of Karpenter 1.14.1 has it."""
_IMAGE_VERSIONS: Final = {"al2023": r"v\d{8}", "bottlerocket": r"v?\d+\.\d+\.\d+"}
"""How releases are named, of which the names of their parameters are made:
https://karpenter.sh/docs/tasks/managing-amis/."""
_MAX_QUIET_HOURS: Final = 168


@dataclass(frozen=True)
class TimeSlicing:
    """Several pods on one GPU, one after the other; memory is not divided.

    Attributes:
        replicas: pods on one GPU, 2 to 48.
    """

    replicas: int


@dataclass(frozen=True)
class Mps:
    """Several pods on one GPU at the same time; memory and processors are divided evenly.

    Attributes:
        clients: pods on one GPU, 2 to 48.
    """

    clients: int


@dataclass(frozen=True)
class Mig:
    """One GPU cut into equal parts with memory of their own.

    Attributes:
        profile: NVIDIA's name of the part, `1g.10gb`.
    """

    profile: str


@dataclass(frozen=True)
class NodePool:
    """A pool of nodes that Karpenter or EKS Auto Mode makes.

    Attributes:
        name: lower-case letters, digits and hyphens, at most 40.
        limit_cpu_cores: most cores in the pool; needed unless the number of nodes is fixed.
        limit_memory_gib: most memory in the pool, GiB; needed unless the number is fixed.
        limit_gpus: most GPUs in the pool; needed with a GPU unless the number is fixed.
        limit_neurons: most chips of AWS in the pool; needed with them unless the number is fixed.
        capacity: how machines are bought.
        reservation_ids: capacity reservations (`cr-…`), for `reserved` and only then.
        gpu_name: key of `AWS_GPUS`; None for a pool without GPUs.
        gpu_counts: GPUs that a machine may have; every shape when empty.
        neuron_name: key of `AWS_NEURONS`; None for a pool without chips of AWS.
        families: only these instance families; every one that fits when empty.
        architectures: of the machines.
        image: Bottlerocket with a GPU and AL2023 without one when None.
        image_version: release of the image; the pinned one when None.
        sharing: how pods share a GPU; one pod a GPU when None.
        data_disk_gib: disk for images and scratch, GiB.
        node_lifetime_hours: age at which a node is replaced; 720 when None, in Auto Mode 336.
        termination_grace_seconds: longest drain of a node; needed while nodes have a lifetime and
            pods may forbid their disruption, since such a drain would never end.
        allows_do_not_disrupt: whether pods here may carry `karpenter.sh/do-not-disrupt`.
        consolidate_after_seconds: idle time before a node goes; 60 without and 600 with GPUs when
            None.
        moves_running_pods: whether pods that run are moved so that fewer nodes do; true without and
            false with GPUs when None.
        disruption_budget_percent: nodes that may be replaced at the same time.
        quiet_schedule: start of the time in which none is replaced, as cron in UTC; none when None.
        quiet_hours: length of that time.
        weight: 1 to 100, the higher is tried first; none when None.
        static_nodes: a fixed number of nodes; as many as pods need when None.
        has_efa: whether nodes get all EFA network interfaces that the machine has.
        zones: only these zones; all of the cluster when empty.
        is_dedicated: whether only pods come here that tolerate `splitplane.io/node-pool` with the
            pool's name.
    """

    name: str
    limit_cpu_cores: int | None = None
    limit_memory_gib: int | None = None
    limit_gpus: int | None = None
    limit_neurons: int | None = None
    capacity: Capacity = "on_demand"
    reservation_ids: tuple[str, ...] = ()
    gpu_name: str | None = None
    gpu_counts: tuple[int, ...] = ()
    neuron_name: str | None = None
    families: tuple[str, ...] = ()
    architectures: tuple[Architecture, ...] = ("amd64",)
    image: Image | None = None
    image_version: str | None = None
    sharing: TimeSlicing | Mps | Mig | None = None
    data_disk_gib: int = 100
    node_lifetime_hours: int | None = None
    termination_grace_seconds: int | None = None
    allows_do_not_disrupt: bool = True
    consolidate_after_seconds: int | None = None
    moves_running_pods: bool | None = None
    disruption_budget_percent: int = 10
    quiet_schedule: str | None = None
    quiet_hours: int | None = None
    weight: int | None = None
    static_nodes: int | None = None
    has_efa: bool = False
    zones: tuple[str, ...] = ()
    is_dedicated: bool = False

    @property
    def gpu(self) -> AwsGpu | None:
        """The GPU of its machines."""
        return None if self.gpu_name is None else AWS_GPUS[self.gpu_name]

    @property
    def neuron(self) -> AwsNeuron | None:
        """The chip of AWS of its machines."""
        return None if self.neuron_name is None else AWS_NEURONS[self.neuron_name]

    @property
    def has_accelerators(self) -> bool:
        """Whether its machines have GPUs or chips of AWS."""
        return self.gpu_name is not None or self.neuron_name is not None

    @property
    def accelerated_families(self) -> tuple[str, ...]:
        """The families that it may have, of its GPU or chip; any when empty."""
        if self.families:
            return self.families
        if self.gpu is not None:
            return self.gpu.families
        return () if self.neuron is None else tuple(self.neuron.families)

    @property
    def efa_machines(self) -> tuple[str, ...]:
        """Those of its machines that have all EFA interfaces; none without `has_efa`."""
        return efa_machines(self.accelerated_families) if self.has_efa else ()

    @property
    def effective_image(self) -> Image:
        """The image that its nodes start from."""
        return self.image or ("al2023" if self.gpu_name is None else "bottlerocket")

    @property
    def effective_image_version(self) -> str:
        """The release of that image."""
        return self.image_version or IMAGE_VERSIONS[self.effective_image]

    @property
    def effective_lifetime_hours(self) -> int:
        """The age at which a node of it is replaced."""
        chosen = self.node_lifetime_hours
        return _LIFETIME_HOURS if chosen is None else chosen

    @property
    def has_placement_group(self) -> bool:
        """Whether its machines are put close to each other: those that EFA joins.

        Not those of reservations, which lie where they were reserved; a group would keep machines
        from every reservation that was not made in it:
        https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/cr-cpg.html.
        """
        return self.has_efa and self.capacity != "reserved"


def check_pools(pools: Iterable[NodePool], *, is_production: bool) -> None:
    """Raises WrongArgument that names every problem of every pool."""
    names: list[str] = []
    problems: list[str] = []
    for index, pool in enumerate(pools):
        if pool.name in names:
            problems.append(f"pools[{index}].name {pool.name!r} is taken: names differ")
        names.append(pool.name)
        problems += [
            f"pools[{index}].{text}" for text in _problems(pool, is_production=is_production)
        ]
    if problems:
        raise WrongArgument("; ".join(problems))


def _problems(pool: NodePool, *, is_production: bool) -> list[str]:
    return [
        *_shape_problems(pool, is_production=is_production),
        *_gpu_problems(pool),
        *_neuron_problems(pool),
        *_sharing_problems(pool),
        *_life_problems(pool),
        *_disruption_problems(pool),
    ]


def _shape_problems(pool: NodePool, *, is_production: bool) -> Iterable[str]:
    if _POOL_NAME.fullmatch(pool.name) is None:
        yield (
            f"name {pool.name!r} is not allowed: use 1 to 40 lower-case letters, digits and "
            "hyphens, starting with a letter"
        )
    yield from _limit_problems(pool)
    if not pool.architectures:
        yield "architectures is empty: name amd64, arm64 or both"
    yield from _reservation_problems(pool)
    yield from _image_problems(pool, is_production=is_production)
    if pool.data_disk_gib < _MIN_DATA_DISK_GIB:
        yield f"data_disk_gib {pool.data_disk_gib} is too small: use {_MIN_DATA_DISK_GIB} or more"
    if pool.data_disk_gib > MAX_DATA_DISK_GIB:
        yield f"data_disk_gib {pool.data_disk_gib} is too large: use {MAX_DATA_DISK_GIB} or less"


def _reservation_problems(pool: NodePool) -> Iterable[str]:
    if (pool.capacity == "reserved") != bool(pool.reservation_ids):
        yield (
            f"reservation_ids {list(pool.reservation_ids)!r} do not fit capacity "
            f"{pool.capacity!r}: name them with reserved capacity, and only then"
        )
    for reservation in pool.reservation_ids:
        if _RESERVATION.fullmatch(reservation) is None:
            yield (
                f"reservation_ids {reservation!r} is not allowed: write the id of a capacity "
                "reservation, cr- and small letters and digits"
            )
    if len(pool.reservation_ids) > _MAX_RESERVATIONS:
        yield (
            f"reservation_ids are {len(pool.reservation_ids)}: a pool takes {_MAX_RESERVATIONS} or "
            "fewer, so make another pool for the rest"
        )


def _image_problems(pool: NodePool, *, is_production: bool) -> Iterable[str]:
    version, image = pool.image_version, pool.effective_image
    if version is None:
        return
    if version == "latest":
        if is_production:
            yield (
                "image_version 'latest' is not allowed in production, where each new image would "
                "replace every node: pin a release"
            )
    elif re.fullmatch(_IMAGE_VERSIONS[image], version) is None:
        yield (
            f"image_version {version!r} is not allowed: write {IMAGE_VERSIONS[image]}, as {image} "
            "names its releases"
        )


def _gpu_problems(pool: NodePool) -> Iterable[str]:
    if pool.gpu_name is None:
        for field in ("limit_gpus", "gpu_counts", "sharing"):
            if value := getattr(pool, field):
                yield f"{field} {value!r} needs gpu_name: set it, or leave {field} out"
        if pool.has_efa and pool.neuron_name is None:
            yield "has_efa needs gpu_name or neuron_name: set one, or leave has_efa out"
        return
    gpu = AWS_GPUS.get(pool.gpu_name)
    if gpu is None:
        yield f"gpu_name {pool.gpu_name!r} is not known: use one of {', '.join(AWS_GPUS)}"
        return
    if wrong := sorted(set(pool.gpu_counts) - set(gpu.counts)):
        shapes = ", ".join(map(str, gpu.counts))
        yield f"gpu_counts {wrong[0]} is no shape of {gpu.name}: use some of {shapes}"
    if "arm64" in pool.architectures:
        yield f"architectures has arm64, but machines with {gpu.name} are amd64: leave it out"
    if wrong_families := sorted(set(pool.families) - set(gpu.families)):
        able = ", ".join(gpu.families)
        yield f"families has {wrong_families[0]!r}, which has no {gpu.name}: use some of {able}"
    elif pool.has_efa:
        yield from _efa_problems(pool, gpu.name, gpu.families)
        yield from _shape_of_efa_problems(pool, gpu)


def _efa_problems(pool: NodePool, accelerator: str, families: Iterable[str]) -> Iterable[str]:
    machines = efa_machines(pool.families or families)
    if len({efa_interfaces(machine) for machine in machines}) > 1:
        able = ", ".join(
            f"{name.partition('.')[0]} ({EFA_MACHINES[name]})" for name in efa_machines(families)
        )
        yield f"has_efa needs families with one number of EFA interfaces: choose one of {able}"
    elif not machines:
        yield f"has_efa is set, but machines with {accelerator} have no EFA: leave it out"
    if pool.has_placement_group and len(pool.zones) != 1:
        yield (
            f"zones {list(pool.zones)!r} do not fit has_efa, whose machines lie close to each "
            "other in one zone: name that zone"
        )


def _shape_of_efa_problems(pool: NodePool, gpu: AwsGpu) -> Iterable[str]:
    if pool.gpu_counts != gpu.counts[-1:]:
        yield (
            f"gpu_counts {list(pool.gpu_counts)!r} has machines without all EFA interfaces: with "
            f"has_efa use [{gpu.counts[-1]}]"
        )


def _neuron_problems(pool: NodePool) -> Iterable[str]:
    if pool.neuron_name is None:
        if pool.limit_neurons is not None:
            yield (
                f"limit_neurons {pool.limit_neurons} needs neuron_name: set it, or leave "
                "limit_neurons out"
            )
        return
    if pool.gpu_name is not None:
        yield (
            f"neuron_name {pool.neuron_name!r} does not fit gpu_name {pool.gpu_name!r}: no machine "
            "has both, so leave one out"
        )
        return
    neuron = AWS_NEURONS.get(pool.neuron_name)
    if neuron is None:
        yield f"neuron_name {pool.neuron_name!r} is not known: use one of {', '.join(AWS_NEURONS)}"
        return
    if "arm64" in pool.architectures:
        yield f"architectures has arm64, but machines with {neuron.name} are amd64: leave it out"
    if wrong := sorted(set(pool.families) - set(neuron.families)):
        able = ", ".join(neuron.families)
        yield f"families has {wrong[0]!r}, which has no {neuron.name}: use some of {able}"
    elif pool.has_efa:
        yield from _efa_problems(pool, neuron.name, neuron.families)


def _limit_problems(pool: NodePool) -> Iterable[str]:
    needed = ["limit_cpu_cores", "limit_memory_gib"]
    needed += ["limit_gpus"] if pool.gpu_name else []
    needed += ["limit_neurons"] if pool.neuron_name else []
    for field in needed:
        value = getattr(pool, field)
        if pool.static_nodes is None and (value is None or value < 1):
            yield f"{field} {value!r} is not allowed: give the most that the pool may grow to"
        if pool.static_nodes is not None and value is not None:
            yield f"{field} {value!r} has no meaning with static_nodes: leave one out"


def _sharing_problems(pool: NodePool) -> Iterable[str]:
    gpu = AWS_GPUS.get(pool.gpu_name or "")
    if gpu is None or pool.sharing is None:
        return
    if isinstance(pool.sharing, TimeSlicing):
        if not 2 <= pool.sharing.replicas <= _MAX_REPLICAS:
            yield (
                f"sharing.time_slicing_replicas {pool.sharing.replicas} is not allowed: use 2 to "
                f"{_MAX_REPLICAS}"
            )
    elif isinstance(pool.sharing, Mps):
        yield from _mps_problems(pool.sharing, pool.effective_image)
    else:
        yield from _mig_problems(pool.sharing, gpu)
    if pool.static_nodes is None:
        yield (
            "static_nodes is left out, but Karpenter counts whole GPUs and would make a node for "
            "each pod of a shared one: give the number of nodes"
        )


def _mps_problems(mps: Mps, image: Image) -> Iterable[str]:
    if not 2 <= mps.clients <= _MAX_CLIENTS:
        yield f"sharing.mps_replicas {mps.clients} is not allowed: use 2 to {_MAX_CLIENTS}"
    if image != "al2023":
        # Bottlerocket has a setting for it, but its pods have to find the daemon by themselves:
        # https://github.com/bottlerocket-os/bottlerocket/issues/4673, open on 2026-11-21.
        yield (
            f"sharing.mps_replicas does not fit image {image!r}, where pods do not reach the "
            "daemon of MPS by themselves: use image 'al2023', or time slicing"
        )


def _mig_problems(mig: Mig, gpu: AwsGpu) -> Iterable[str]:
    if gpu.mig_slices == 0:
        able = ", ".join(name for name, other in AWS_GPUS.items() if other.mig_slices)
        yield f"sharing: {gpu.name} cannot be cut by MIG; use time slicing, or one of {able}"
        return
    match = _MIG_PROFILE.fullmatch(mig.profile)
    if match is None or int(match.group(1)) > gpu.mig_slices:
        yield (
            f"sharing.mig_profile {mig.profile!r} is not allowed: write SLICESg.MEMORYgb, such as "
            f"1g.10gb, with at most {gpu.mig_slices} slices of {gpu.name}"
        )


def _life_problems(pool: NodePool) -> Iterable[str]:
    if pool.effective_lifetime_hours < 1:
        yield f"node_lifetime_hours {pool.node_lifetime_hours} is not allowed: use 1 or more"
    if pool.allows_do_not_disrupt and pool.termination_grace_seconds is None:
        yield (
            "termination_grace_seconds is left out, but nodes have a lifetime and a pod that "
            "forbids its disruption would hold a drain for ever: give the longest drain"
        )
    if pool.static_nodes is not None and pool.static_nodes < 0:
        yield f"static_nodes {pool.static_nodes} is not allowed: use 0 or more"


def _disruption_problems(pool: NodePool) -> Iterable[str]:
    if not 0 <= pool.disruption_budget_percent <= 100:
        yield f"disruption_budget_percent {pool.disruption_budget_percent} is not allowed: 0 to 100"
    if (pool.quiet_schedule is None) != (pool.quiet_hours is None):
        yield "quiet_schedule and quiet_hours belong together: give both or none"
    if pool.quiet_schedule is not None and _SCHEDULE.fullmatch(pool.quiet_schedule) is None:
        yield (
            f"quiet_schedule {pool.quiet_schedule!r} is not allowed: write five fields of cron, "
            "such as '0 8 * * 1-5', or @daily"
        )
    if pool.quiet_hours is not None and not 1 <= pool.quiet_hours <= _MAX_QUIET_HOURS:
        yield f"quiet_hours {pool.quiet_hours} is not allowed: use 1 to {_MAX_QUIET_HOURS}"
    if pool.weight is not None and not 1 <= pool.weight <= _MAX_WEIGHT:
        yield f"weight {pool.weight} is not allowed: use 1 to {_MAX_WEIGHT}"
    if pool.static_nodes is not None and pool.weight is not None:
        yield f"weight {pool.weight} has no meaning with static_nodes: leave one out"
