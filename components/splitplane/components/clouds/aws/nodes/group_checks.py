"""What is wrong with the chips, the reservation and the network of one node group. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from splitplane.components.clouds.aws.settings import NodeGroupSettings
from splitplane.platforms.aws_efa import EFA_MACHINES
from splitplane.platforms.aws_gpus import AWS_GPUS, AwsGpu
from splitplane.platforms.aws_neurons import AWS_NEURONS, AwsNeuron

_RESERVATION: Final = re.compile(r"^cr-[0-9a-f]+$")


def check_group(group: NodeGroupSettings) -> Iterator[str]:
    """Every problem of chips, `zones`, `reservation_id` and `has_efa`, without the path."""
    if len({*group.zones}) < len(group.zones):
        yield f"zones {list(group.zones)!r} name one twice: leave it out"
    if group.gpu_name is not None and group.neuron_name is not None:
        yield (
            f"neuron_name {group.neuron_name!r} does not fit gpu_name {group.gpu_name!r}: no "
            "machine has both, so leave one out"
        )
    else:
        yield from _chip_problems(group, "gpu_name", group.gpu_name, AWS_GPUS)
        yield from _chip_problems(group, "neuron_name", group.neuron_name, AWS_NEURONS)
    yield from _reservation_problems(group)
    if group.has_efa:
        yield from _efa_problems(group)


def _chip_problems(
    group: NodeGroupSettings, field: str, name: str | None, known: Mapping[str, AwsGpu | AwsNeuron]
) -> Iterator[str]:
    if name is None:
        return
    chip = known.get(name)
    if chip is None:
        yield f"{field} {name!r} is not known: use one of {', '.join(known)}"
        return
    for kind in group.instance_types:
        if kind.partition(".")[0] not in chip.families:
            able = ", ".join(chip.families)
            yield f"instance_types {kind!r} has no {chip.name}: use machines of {able}"


def _reservation_problems(group: NodeGroupSettings) -> Iterator[str]:
    if (group.capacity == "reserved") != (group.reservation_id is not None):
        yield (
            f"reservation_id {group.reservation_id!r} does not fit capacity {group.capacity!r}: "
            "name one with reserved capacity, and only then"
        )
        return
    if group.reservation_id is None:
        return
    if _RESERVATION.fullmatch(group.reservation_id) is None:
        yield (
            f"reservation_id {group.reservation_id!r} is not allowed: write the id of an On-Demand "
            "Capacity Reservation, cr- and hexadecimal digits"
        )
    yield from _only_one(group, "a reservation, which is for one machine in one zone")


def _efa_problems(group: NodeGroupSettings) -> Iterator[str]:
    if group.reservation_id is None:
        yield from _only_one(group, "has_efa, whose machines are alike and close to each other")
    for kind in group.instance_types:
        if kind not in EFA_MACHINES:
            yield (
                f"instance_types {kind!r} is not known to have all EFA interfaces: with has_efa "
                f"use one of {', '.join(EFA_MACHINES)}"
            )


def _only_one(group: NodeGroupSettings, why: str) -> Iterator[str]:
    if len(group.instance_types) > 1:
        yield f"instance_types {list(group.instance_types)!r} do not fit {why}: name one"
    if len(group.zones) != 1:
        yield f"zones {list(group.zones)!r} do not fit {why}: name that zone"
