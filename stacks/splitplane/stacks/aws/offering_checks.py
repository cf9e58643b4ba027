"""Whether the region has the zones and the machines."""

from __future__ import annotations

from collections.abc import Iterator

from splitplane.components.clouds.aws.network.gpu_zones import (
    bound_offering,
    gpu_needs,
    offering_problems,
)
from splitplane.components.clouds.aws.network.zones import check_named_zones, choose_zones
from splitplane.components.clouds.aws.nodes.machines import SYSTEM_TYPES
from splitplane.components.errors import WrongArgument
from splitplane.stacks.aws.findings import Finding, failed, passed, warned
from splitplane.stacks.aws.subject import Subject


def find_zones(subject: Subject) -> tuple[str, ...]:
    """Zones of the network: those of existing subnets, those named, or those that are chosen.

    Raises:
        WrongArgument: there are not enough.
    """
    network = subject.settings.network
    if subject.subnet_zones:
        return subject.subnet_zones
    if network.availability_zones:
        return network.availability_zones
    needs = gpu_needs(subject.settings)
    types = [name for need in needs if need.is_bound for name in need.instance_types]
    offering = bound_offering(needs, subject.read_offerings(types))
    return choose_zones(subject.zones, network.availability_zone_count, offering=offering)


def check_zones(subject: Subject) -> Iterator[Finding]:
    """The zones of the network are ones that EKS takes."""
    network = subject.settings.network
    if subject.settings.is_adopted or (network.vpc_id is not None and not subject.subnet_zones):
        # Without a subnet that is there, there are no zones; the check of the network says so.
        return
    named = subject.settings.network.availability_zones
    problems = check_named_zones(named, subject.zones)
    for problem in problems:
        yield failed("zones", problem, "change network.availability_zones")
    if problems:
        return
    try:
        zones = find_zones(subject)
    except WrongArgument as exc:
        yield failed("zones", str(exc), "change network.availability_zone_count")
        return
    yield passed("zones", ", ".join(zones))


def check_machines(subject: Subject) -> Iterator[Finding]:
    """Every pool and the system nodes find machines in the zones."""
    if subject.settings.is_adopted:
        return
    try:
        zones = find_zones(subject)
    except WrongArgument:
        # Said by check_zones.
        return
    if subject.settings.compute_mode != "auto_mode":
        yield _check_system_nodes(subject, zones)
    needs = gpu_needs(subject.settings)
    offerings = subject.read_offerings([name for need in needs for name in need.instance_types])
    problems = offering_problems(needs, offerings, zones)
    for problem in problems:
        yield failed("machines", problem, "choose other zones, machines or another region")
    if not problems:
        for need in needs:
            able = sorted(need.offered(offerings) & set(need.zones or zones))
            yield passed("machines", f"{need.field}: offered in {', '.join(able)}")


def choose_system_type(subject: Subject, zones: tuple[str, ...]) -> tuple[str, set[str]]:
    """The type of system nodes that most zones offer, of several the first; and where."""
    types = subject.settings.system_nodes.instance_types or SYSTEM_TYPES
    offerings = subject.read_offerings(list(types))
    best = max(types, key=lambda name: len(offerings.get(name, set()) & set(zones)))
    return best, offerings.get(best, set()) & set(zones)


def _check_system_nodes(subject: Subject, zones: tuple[str, ...]) -> Finding:
    types = subject.settings.system_nodes.instance_types or SYSTEM_TYPES
    best, able = choose_system_type(subject, zones)
    missing = [zone for zone in zones if zone not in able]
    if not able:
        return failed(
            "machines",
            f"system nodes: no zone of {', '.join(zones)} offers {' or '.join(types)}",
            "name other system_nodes.instance_types",
        )
    if missing:
        return warned(
            "machines",
            f"system nodes: {best} is not offered in {', '.join(missing)}",
            "name system_nodes.instance_types that all zones have, or they crowd in the others",
        )
    return passed("machines", f"system nodes: {best} in every zone")
