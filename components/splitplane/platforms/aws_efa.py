"""Machines with Elastic Fabric Adapters (EFA) of EC2: how many each has, and where. Pure data.

Sources, of 2026-11-21: the reference of instance types of Karpenter 1.14.1
(https://karpenter.sh/docs/reference/instance-types/, `vpc.amazonaws.com/efa`); for trn1 and trn1n
"How to prepare trn1.32xlarge for multi-node execution" of the Neuron documentation 2.29.1
(https://awsdocs-neuron.readthedocs-hosted.com/en/v2.29.1/frameworks/torch/torch-neuronx/setup-trn1-multi-node-execution.html),
for trn2 https://github.com/aws-neuron/aws-neuron-eks-samples/pull/10; for p6-b300
https://github.com/aws/aws-parallelcluster/issues/7143.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

EFA_MACHINES: Final[dict[str, int]] = {
    "g5.48xlarge": 1,
    "g6e.48xlarge": 4,
    "p4d.24xlarge": 4,
    "p4de.24xlarge": 4,
    "p5.48xlarge": 32,
    "p5e.48xlarge": 32,
    "p5en.48xlarge": 16,
    "p6-b200.48xlarge": 8,
    "p6-b300.48xlarge": 16,
    "trn1.32xlarge": 8,
    "trn1n.32xlarge": 16,
    "trn2.48xlarge": 16,
}
"""Largest machine of a family → its EFA interfaces. Smaller ones have fewer, or none."""
EFA_RESOURCE: Final = "vpc.amazonaws.com/efa"
"""EFA interfaces, as Karpenter and the device plugin count them."""
_PLAIN_FIRST_CARD: Final = frozenset({"p6-b300.48xlarge"})
"""Machines whose first network card has no EFA, but one more card than interfaces."""


@dataclass(frozen=True)
class EfaInterface:
    """A network interface of a machine with EFA.

    Attributes:
        card_index: its network card.
        device_index: its place on the card.
        kind: `interface` carries IP and no EFA, `efa-only` EFA and takes no address.
    """

    card_index: int
    device_index: int
    kind: Literal["interface", "efa-only"]


def efa_machines(families: Iterable[str]) -> tuple[str, ...]:
    """Machine with all EFA interfaces, of each of the families that has one."""
    by_family = {name.partition(".")[0]: name for name in EFA_MACHINES}
    return tuple(by_family[family] for family in families if family in by_family)


def efa_interfaces(machine: str) -> tuple[EfaInterface, ...]:
    """The machine's interfaces: one for IP, and as many for EFA as it may have.

    The primary one is never EFA's alone, which lies beside it on the first card and is the only one
    on the others:
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/efa-acc-inst-types.html, and "Manage EFA
    devices" of the EKS user guide
    (https://docs.aws.amazon.com/eks/latest/userguide/device-management-efa.html), 2026-11-21.

    Args:
        machine: a key of `EFA_MACHINES`.
    """
    first = 1 if machine in _PLAIN_FIRST_CARD else 0
    cards = range(first, first + EFA_MACHINES[machine])
    return (
        EfaInterface(0, 0, "interface"),
        *(EfaInterface(card, 1 if card == 0 else 0, "efa-only") for card in cards),
    )
