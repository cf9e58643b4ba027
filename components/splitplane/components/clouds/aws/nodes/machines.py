"""What machines of managed node groups are and start from: processor, image, release, user data.

Pure. Karpenter's machines are described by `karpenter/node_class.py`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, Literal

from splitplane.components.clouds.aws.karpenter.node_class import MAX_PODS
from splitplane.components.clouds.aws.karpenter.pools import IMAGE_VERSIONS, Architecture, Image
from splitplane.components.clouds.aws.karpenter.user_data import DEVICE_OWNERSHIP
from splitplane.components.clouds.aws.settings import EksSettings, NodeGroupSettings
from splitplane.components.errors import WrongArgument
from splitplane.platforms.aws_gpus import AWS_GPUS
from splitplane.platforms.aws_neurons import AWS_NEURONS

SYSTEM_TYPES: Final = ("m7i.large", "m6i.large", "m5.large")
"""Machines of the controllers when none are named. 2 cores and 8 GiB hold one replica of Karpenter
(1 core, 1 GiB), of CoreDNS and of each driver; three generations, so that a zone that lacks one has
another."""
Accelerator = Literal["gpu", "neuron"]
"""GPUs of NVIDIA, or chips of AWS."""

_AMI_TYPES: Final[dict[tuple[Image, Architecture, Accelerator | None], str]] = {
    ("al2023", "amd64", None): "AL2023_x86_64_STANDARD",
    ("al2023", "arm64", None): "AL2023_ARM_64_STANDARD",
    ("al2023", "amd64", "gpu"): "AL2023_x86_64_NVIDIA",
    ("al2023", "arm64", "gpu"): "AL2023_ARM_64_NVIDIA",
    ("al2023", "amd64", "neuron"): "AL2023_x86_64_NEURON",
    ("bottlerocket", "amd64", None): "BOTTLEROCKET_x86_64",
    ("bottlerocket", "arm64", None): "BOTTLEROCKET_ARM_64",
    ("bottlerocket", "amd64", "gpu"): "BOTTLEROCKET_x86_64_NVIDIA",
    ("bottlerocket", "arm64", "gpu"): "BOTTLEROCKET_ARM_64_NVIDIA",
    ("bottlerocket", "amd64", "neuron"): "BOTTLEROCKET_x86_64",
}
"""https://docs.aws.amazon.com/eks/latest/APIReference/API_Nodegroup.html. Bottlerocket has the
driver of AWS' chips in its plain image, and no other for them:
https://aws-samples.github.io/karpenter-blueprints/blueprints/neuron-workload/. Checked
2026-11-21."""
KUBELETS: Final[dict[str, str]] = {"1.33": "1.33.13", "1.34": "1.34.10", "1.35": "1.35.7"}
"""Minor → patch of the kubelet in the pinned release of AL2023, of which EKS makes the release's
name: https://github.com/awslabs/amazon-eks-ami/releases/tag/v20260903. Checked 2026-11-21."""
COMMITS: Final[dict[str, str]] = {"v1.64.0": "ad9d4847"}
"""Release of Bottlerocket → the commit in the name of its images, the same for every minor; as
`/aws/service/bottlerocket/aws-k8s-MINOR/ARCHITECTURE/latest/image_version` named it in September
2026."""
_ARM: Final = re.compile(r"^(a1|[a-z]+\d+[a-z-]*g[a-z-]*\d*)\.")
"""Graviton's families have a g behind the generation (m7g, c7gn, im4gn), GPU families before it:
https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html."""
_TOO_SMALL: Final = ("nano", "micro", "small", "medium")
_BOUNDARY: Final = "splitplane"


def system_types(settings: EksSettings) -> tuple[str, ...]:
    """The machines of the controllers, the first that there is; none in Auto Mode."""
    if settings.compute_mode == "auto_mode" or settings.is_adopted:
        return ()
    return settings.system_nodes.instance_types or SYSTEM_TYPES


def architecture_of(instance_type: str) -> Architecture:
    """The processor of a machine, by the name of its family."""
    return "arm64" if _ARM.match(instance_type) else "amd64"


def image_of(group: NodeGroupSettings) -> Image:
    """The image of a node group: as for pools, Bottlerocket with a GPU and AL2023 without."""
    return group.image or ("al2023" if group.gpu_name is None else "bottlerocket")


def accelerator_of(group: NodeGroupSettings) -> Accelerator | None:
    """What the machines of a checked node group have beside processors."""
    if group.gpu_name is not None:
        return "gpu"
    return None if group.neuron_name is None else "neuron"


def ami_type_of(
    image: Image, instance_types: Sequence[str], accelerator: Accelerator | None = None
) -> str:
    """EKS' name of the images; the machines have one architecture."""
    return _AMI_TYPES[image, architecture_of(instance_types[0]), accelerator]


def release_of(image: Image, kubernetes_version: str) -> str:
    """EKS' name of the pinned release, which replaces no node until the pin or the minor changes.

    Args:
        image: whose release.
        kubernetes_version: a minor that is supported here.
    """
    release = IMAGE_VERSIONS[image].removeprefix("v")
    if image == "al2023":
        return f"{KUBELETS[kubernetes_version]}-{release}"
    return f"{release}-{COMMITS[IMAGE_VERSIONS[image]]}"


def build_machine_user_data(
    image: Image, *, has_prefixes: bool, accelerator: Accelerator | None = None
) -> str | None:
    """What nodes are told at their start; None where the defaults do.

    EKS merges it with what a node needs to join. AL2023 takes a NodeConfig in a MIME message,
    Bottlerocket its settings in TOML.

    Args:
        image: of the nodes.
        has_prefixes: whether the network plugin hands out prefixes; then its addresses no longer
            limit the pods, and neither image computes the new limit.
        accelerator: of the machines.
    """
    if image == "bottlerocket":
        lines = [DEVICE_OWNERSHIP] if accelerator == "neuron" else []
        lines += [f"max-pods = {MAX_PODS}\n"] if has_prefixes else []
        return "".join(["[settings.kubernetes]\n", *lines]) if lines else None
    if not has_prefixes:
        return None
    return (
        "MIME-Version: 1.0\n"
        f'Content-Type: multipart/mixed; boundary="{_BOUNDARY}"\n'
        "\n"
        f"--{_BOUNDARY}\n"
        "Content-Type: application/node.eks.aws\n"
        "\n"
        "apiVersion: node.eks.aws/v1alpha1\n"
        "kind: NodeConfig\n"
        "spec:\n"
        "  kubelet:\n"
        "    config:\n"
        f"      maxPods: {MAX_PODS}\n"
        "\n"
        f"--{_BOUNDARY}--\n"
    )


def check_machines(settings: EksSettings) -> list[str]:
    """Problems of the machines of system nodes and node groups; empty when there is none."""
    problems = list(_system_problems(settings.system_nodes.instance_types))
    for index, group in enumerate(settings.node_groups):
        problems += [f"node_groups[{index}].{text}" for text in _group_problems(group)]
    return problems


def offering_zones(
    instance_types: Sequence[str], offered: Mapping[str, Collection[str]], zones: Sequence[str]
) -> tuple[str, ...]:
    """The zones, in their order, that have one of the machines or more."""
    return tuple(
        zone for zone in zones if any(zone in offered.get(kind, ()) for kind in instance_types)
    )


def machine_types(settings: EksSettings) -> tuple[str, ...]:
    """Every machine that system nodes and node groups may have, in any zone."""
    groups = [kind for group in settings.node_groups for kind in group.instance_types]
    return tuple(sorted({*system_types(settings), *groups}))


def machine_offering_problems(
    settings: EksSettings, offered: Mapping[str, Collection[str]], zones: Sequence[str]
) -> list[str]:
    """What cannot be made in the zones; empty when everything can.

    System nodes need a machine in each zone, a node group in one of its own. Groups with GPUs or
    chips of AWS are left to `gpu_zones`, which also says where there are some.

    Args:
        settings: checked ones.
        offered: machine of `machine_types` → names of the zones that have it.
        zones: those of the nodes.
    """
    problems: list[str] = []
    types = system_types(settings)
    missing = sorted(set(zones) - set(offering_zones(types, offered, zones)))
    if types and missing:
        problems.append(
            f"system_nodes.instance_types {list(types)!r} are not offered in {', '.join(missing)}: "
            "name machines that are offered there, or choose other zones"
        )
    problems += [
        _nowhere(index, group, zones)
        for index, group in enumerate(settings.node_groups)
        if accelerator_of(group) is None and not _zones_of(group, offered, zones)
    ]
    return problems


def place_groups(
    settings: EksSettings, offered: Mapping[str, Collection[str]], zones: Sequence[str]
) -> list[tuple[NodeGroupSettings, str]]:
    """Each node group with each of its zones that have its machines.

    Args:
        settings: checked ones.
        offered: machine of `machine_types` → names of the zones that have it.
        zones: those of the nodes.

    Raises:
        WrongArgument: a group would be in no zone.
    """
    placed: list[tuple[NodeGroupSettings, str]] = []
    problems: list[str] = []
    for index, group in enumerate(settings.node_groups):
        found = _zones_of(group, offered, zones)
        placed += [(group, zone) for zone in found]
        if not found:
            problems.append(_nowhere(index, group, zones))
    if problems:
        raise WrongArgument("; ".join(problems))
    return placed


def _zones_of(
    group: NodeGroupSettings, offered: Mapping[str, Collection[str]], zones: Sequence[str]
) -> tuple[str, ...]:
    own = [zone for zone in zones if not group.zones or zone in group.zones]
    return offering_zones(group.instance_types, offered, own)


def _nowhere(index: int, group: NodeGroupSettings, zones: Sequence[str]) -> str:
    return (
        f"node_groups[{index}].instance_types {list(group.instance_types)!r} are offered in none "
        f"of the zones {', '.join(group.zones or zones)}: name machines that are, or choose other "
        "zones"
    )


def _system_problems(types: Sequence[str]) -> Iterator[str]:
    yield from _architecture_problems("system_nodes.instance_types", types)
    for kind in types:
        if kind.partition(".")[2] in _TOO_SMALL:
            yield (
                f"system_nodes.instance_types {kind!r} is too small for the controllers: use "
                "machines with 2 cores and 8 GiB or more, such as m7i.large"
            )


def _group_problems(group: NodeGroupSettings) -> Iterator[str]:
    yield from _architecture_problems("instance_types", group.instance_types)
    if accelerator_of(group) is not None:
        return
    for kind in group.instance_types:
        family = kind.partition(".")[0]
        for gpu in AWS_GPUS.values():
            if family in gpu.families:
                yield (
                    f"instance_types {kind!r} has GPUs, which need their own image and taint: set "
                    f"gpu_name {gpu.name!r}, or use machines without GPUs"
                )
        for neuron in AWS_NEURONS.values():
            if family in neuron.families:
                yield (
                    f"instance_types {kind!r} has chips of AWS, which need their own image and "
                    f"taint: set neuron_name {neuron.name!r}, or use machines without"
                )


def _architecture_problems(field: str, types: Sequence[str]) -> Iterator[str]:
    found: dict[Architecture, str] = {}
    for kind in types:
        found.setdefault(architecture_of(kind), kind)
    if len(found) > 1:
        named = " and ".join(f"{kind!r} ({name})" for name, kind in found.items())
        yield (
            f"{field} has {named}, but an image is for one processor: use machines of one of them"
        )
