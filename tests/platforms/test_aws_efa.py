"""Every interface of a machine with EFA is on the card and at the place that EC2 wants."""

from __future__ import annotations

import pytest

from splitplane.platforms.aws_efa import (
    EFA_MACHINES,
    EfaInterface,
    efa_interfaces,
    efa_machines,
)
from splitplane.platforms.aws_gpus import AWS_GPUS
from splitplane.platforms.aws_neurons import AWS_NEURONS, NEURON_CHIPS


def test_the_first_card_has_an_address_and_efa_beside_it() -> None:
    assert efa_interfaces("p4d.24xlarge") == (
        EfaInterface(0, 0, "interface"),
        EfaInterface(0, 1, "efa-only"),
        EfaInterface(1, 0, "efa-only"),
        EfaInterface(2, 0, "efa-only"),
        EfaInterface(3, 0, "efa-only"),
    )


def test_a_first_card_without_efa_is_left_out() -> None:
    made = efa_interfaces("p6-b300.48xlarge")

    assert made[0] == EfaInterface(0, 0, "interface")
    assert [(item.card_index, item.device_index) for item in made[1:]] == [
        (card, 0) for card in range(1, 17)
    ]


@pytest.mark.parametrize("machine", EFA_MACHINES)
def test_a_card_has_one_efa_interface_at_most_and_only_the_first_an_address(machine: str) -> None:
    made = efa_interfaces(machine)

    efa = [item.card_index for item in made if item.kind == "efa-only"]
    assert len(set(efa)) == len(efa) == EFA_MACHINES[machine]
    assert [item for item in made if item.kind == "interface"] == [made[0]]


def test_families_without_efa_have_no_machine() -> None:
    assert efa_machines(["g4dn", "g5", "inf2", "trn1n"]) == ("g5.48xlarge", "trn1n.32xlarge")


def test_machines_are_of_known_families() -> None:
    gpus = {family for gpu in AWS_GPUS.values() for family in gpu.families}
    neurons = {family for neuron in AWS_NEURONS.values() for family in neuron.families}

    assert {name.partition(".")[0] for name in EFA_MACHINES} <= gpus | neurons
    assert {name.partition(".")[0] for name in NEURON_CHIPS} == neurons
    for neuron in AWS_NEURONS.values():
        assert {name for names in neuron.families.values() for name in names} <= {*NEURON_CHIPS}
