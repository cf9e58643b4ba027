"""Chips of AWS for machine learning that EC2 offers: families and sizes. Pure data.

Sources, of 2026-11-21: "Inf2 Architecture", "Trn1/Trn1n Architecture" and "Trn2 Architecture" of
the Neuron documentation (https://awsdocs-neuron.readthedocs-hosted.com/en/latest/), and the
instance types of its chart (https://github.com/aws-neuron/neuron-helm-charts, 1.9.0). inf1 is left
out: it needs another SDK than these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from splitplane.platforms.capabilities import Taint


@dataclass(frozen=True)
class AwsNeuron:
    """One model of chip.

    Attributes:
        name: as EC2 calls it, in lower case.
        families: instance family that carries it → machines of which a pool needs one: the
            smallest, and those that are offered apart from it.
    """

    name: str
    families: Mapping[str, tuple[str, ...]]


_ALL: Final = (
    AwsNeuron("inferentia2", {"inf2": ("inf2.xlarge",)}),
    AwsNeuron("trainium", {"trn1": ("trn1.2xlarge",), "trn1n": ("trn1n.32xlarge",)}),
    AwsNeuron("trainium2", {"trn2": ("trn2.3xlarge", "trn2.48xlarge")}),
)

NEURON_CHIPS: Final[dict[str, int]] = {
    "inf2.xlarge": 1,
    "inf2.8xlarge": 1,
    "inf2.24xlarge": 6,
    "inf2.48xlarge": 12,
    "trn1.2xlarge": 1,
    "trn1.32xlarge": 16,
    "trn1n.32xlarge": 16,
    "trn2.3xlarge": 1,
    "trn2.48xlarge": 16,
}
"""Machine → its chips."""
AWS_NEURONS: Final[dict[str, AwsNeuron]] = {neuron.name: neuron for neuron in _ALL}
"""Name → chip."""

NEURON_TAINT: Final = Taint("aws.amazon.com/neuron", "true", "NoSchedule")
"""The taint of nodes with such chips. The key is that of the resource, as with GPUs; the chart of
the device plugin tolerates it."""
NEURON_RESOURCE: Final = "aws.amazon.com/neuron"
"""Whole chips, as Karpenter and the device plugin count them; a part is
`aws.amazon.com/neuroncore`."""
