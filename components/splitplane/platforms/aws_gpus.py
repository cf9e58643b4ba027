"""NVIDIA GPUs that EC2 offers: families, sizes and what they can be cut into. Pure data.

Sources, for Karpenter 1.14.1 (2026-08-21): the reference of instance types of its documentation
(https://karpenter.sh/docs/reference/instance-types/) and "Manage NVIDIA GPU devices" of the EKS
user guide (https://docs.aws.amazon.com/eks/latest/userguide/device-management-nvidia.html).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class AwsGpu:
    """One GPU model as Karpenter labels it (`karpenter.k8s.aws/instance-gpu-name`).

    Attributes:
        name: value of the label.
        families: instance families that carry it.
        memory_mib: memory of one GPU, MiB.
        counts: GPUs that one machine may have.
        mig_slices: most MIG slices of one GPU; 0 where it cannot be cut.
    """

    name: str
    families: tuple[str, ...]
    memory_mib: int
    counts: tuple[int, ...]
    mig_slices: int = 0


_ALL: Final = (
    AwsGpu("t4", ("g4dn",), 16_384, (1, 4, 8)),
    AwsGpu("a10g", ("g5",), 22_888, (1, 4, 8)),
    # g6f carries a fraction of one and advertises no nvidia.com/gpu to Karpenter.
    AwsGpu("l4", ("g6", "gr6"), 22_888, (1, 4, 8)),
    AwsGpu("l40s", ("g6e",), 45_776, (1, 4, 8)),
    AwsGpu("rtx-pro-server-6000", ("g7e",), 98_304, (1, 2, 4, 8), mig_slices=4),
    # The GPUs of p4de have twice the memory: 81,920 MiB.
    AwsGpu("a100", ("p4d", "p4de"), 40_960, (8,), mig_slices=7),
    # p5.4xlarge is the one shape with a single H100.
    AwsGpu("h100", ("p5",), 81_920, (1, 8), mig_slices=7),
    AwsGpu("h200", ("p5e", "p5en"), 144_384, (8,), mig_slices=7),
    AwsGpu("b200", ("p6-b200",), 183_359, (8,), mig_slices=7),
    AwsGpu("b300", ("p6-b300",), 275_040, (8,), mig_slices=7),
)

AWS_GPUS: Final[dict[str, AwsGpu]] = {gpu.name: gpu for gpu in _ALL}
"""Label value → GPU. The rtx-pro-4500 (g7) is left out: it needs a driver of 595 or newer, and the
images ship 580."""
