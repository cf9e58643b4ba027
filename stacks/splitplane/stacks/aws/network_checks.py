"""Whether the network can be made, or the existing one can be used."""

from __future__ import annotations

from collections.abc import Iterator

from splitplane.components.clouds.aws.network.endpoints import missing_endpoints
from splitplane.components.clouds.aws.network.existing_checks import check_existing
from splitplane.components.clouds.aws.network.plan import plan_network
from splitplane.components.errors import WrongArgument
from splitplane.stacks.aws.existing_vpc import read_existing_vpc
from splitplane.stacks.aws.findings import Finding, failed, passed, warned
from splitplane.stacks.aws.offering_checks import find_zones
from splitplane.stacks.aws.subject import Subject


def check_network(subject: Subject) -> Iterator[Finding]:
    """A VPC that is made fits the region; one that exists fulfils what EKS and its add-ons need."""
    if subject.settings.is_adopted:
        return
    if subject.settings.network.vpc_id is None:
        yield from _check_created(subject)
    else:
        yield from _check_existing(subject)


def _check_existing(subject: Subject) -> Iterator[Finding]:
    found = read_existing_vpc(subject.account, subject.settings.network)
    if found is None:
        vpc_id = subject.settings.network.vpc_id
        yield failed(
            "network",
            f"network.vpc_id {vpc_id!r} is not in this region and account",
            "name another, or leave it out to create a VPC",
        )
        return
    problems = check_existing(found, subject.settings)
    for problem in problems:
        what, _, remedy = problem.rpartition(": ")
        yield failed("network", what, remedy)
    if not problems:
        yield passed("network", f"{found.vpc_id} has what a cluster needs")
    if subject.settings.network.nat == "none":
        yield from _check_endpoints(subject, found.vpc_id)


def _check_endpoints(subject: Subject, vpc_id: str) -> Iterator[Finding]:
    """Not all need be here: another network may have some, behind routes and names of its own."""
    there = [
        str(item["ServiceName"])
        for item in subject.account.read_all(
            "ec2",
            "DescribeVpcEndpoints",
            "VpcEndpoints",
            Filters=[{"Name": "vpc-id", "Values": [vpc_id]}],
        )
    ]
    if missing := missing_endpoints(subject.settings, there, has_gateway=False):
        yield warned(
            "network",
            f"{vpc_id} has no way out, and no endpoints of {', '.join(missing)}",
            "add them, unless these services are reached through another network",
        )
    else:
        yield passed("network", f"{vpc_id} has every endpoint that a cluster needs")


def _check_created(subject: Subject) -> Iterator[Finding]:
    try:
        plan = plan_network(subject.settings, subject.account.scope, find_zones(subject))
    except WrongArgument as exc:
        yield failed("network", str(exc), "correct the fields of network")
        return
    for warning in plan.warnings:
        yield warned("network", warning, "set network.nat to per_az to say so yourself")
    yield passed("network", f"{len(plan.zones)} zones, way out: {plan.nat}")
