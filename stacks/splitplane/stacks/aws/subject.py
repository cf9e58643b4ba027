"""What the checks are about: the settings, and what the region and the account have already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from splitplane.components.clouds.aws.cluster.reachability import Connect
from splitplane.components.clouds.aws.network.zones import Zone
from splitplane.components.clouds.aws.parts import CLUSTER_TAG
from splitplane.components.clouds.aws.settings import EksSettings
from splitplane.stacks.aws.account import Account, Answer
from splitplane.stacks.aws.errors import NotThere
from splitplane.stacks.aws.quotas import Shape

_PAGE: Final = 100
"""Machines per answer; EC2 takes 5 to 100."""


@dataclass(frozen=True)
class Subject:
    """A compute plane and where it will be.

    Attributes:
        account: the account.
        settings: the checked settings.
        zones: zones of the region that need no opt-in.
        cluster: the cluster of that name as EKS describes it; None while there is none.
        today: for the ends of support.
        reaches: says why a host and port cannot be reached.
    """

    account: Account
    settings: EksSettings
    zones: tuple[Zone, ...]
    cluster: Answer | None
    today: date
    reaches: Connect

    @property
    def is_created(self) -> bool:
        """Whether network and cluster are still to be made."""
        return self.cluster is None and not self.settings.is_adopted

    @property
    def is_ours(self) -> bool:
        """Whether the cluster was made by a compute plane of this name."""
        tags = (self.cluster or {}).get("tags", {})
        return bool(tags.get(CLUSTER_TAG) == self.settings.eks_name)

    @cached_property
    def subnet_zones(self) -> tuple[str, ...]:
        """Zones of the existing private subnets; empty when subnets are made."""
        ids = list(self.settings.network.private_subnet_ids)
        if not ids:
            return ()
        # By a filter, which leaves out what is not there in place of failing.
        asked = [{"Name": "subnet-id", "Values": ids}]
        found = self.account.read_all("ec2", "DescribeSubnets", "Subnets", Filters=asked)
        return tuple(sorted({str(item["AvailabilityZone"]) for item in found}))

    def read_offerings(self, patterns: list[str]) -> dict[str, set[str]]:
        """Instance type → names of the zones that offer it.

        Args:
            patterns: types, in which `*` stands for any characters; nothing is asked when empty.
        """
        found: dict[str, set[str]] = {}
        if patterns:
            for item in self.account.read_all(
                "ec2",
                "DescribeInstanceTypeOfferings",
                "InstanceTypeOfferings",
                LocationType="availability-zone",
                Filters=[{"Name": "instance-type", "Values": sorted(set(patterns))}],
            ):
                found.setdefault(str(item["InstanceType"]), set()).add(str(item["Location"]))
        return found

    def read_shapes(self, patterns: list[str]) -> dict[str, Shape]:
        """Instance type → what it has; arguments as of `read_offerings`."""
        if not patterns:
            return {}
        found = self.account.read_all(
            "ec2",
            "DescribeInstanceTypes",
            "InstanceTypes",
            Filters=[{"Name": "instance-type", "Values": sorted(set(patterns))}],
            PaginationConfig={"PageSize": _PAGE},
        )
        return {str(item["InstanceType"]): _shape(item) for item in found}


def read_subject(
    account: Account, settings: EksSettings, *, today: date, reaches: Connect
) -> Subject:
    """The settings with what has to be known for any check.

    Raises:
        AwsError: zones or cluster cannot be read.
    """
    zones = account.call(
        "ec2",
        "DescribeAvailabilityZones",
        Filters=[{"Name": "opt-in-status", "Values": ["opt-in-not-required"]}],
    )["AvailabilityZones"]
    return Subject(
        account,
        settings,
        tuple(Zone(str(item["ZoneName"]), str(item["ZoneId"])) for item in zones),
        describe_cluster(account, settings.eks_name),
        today,
        reaches,
    )


def describe_cluster(account: Account, name: str) -> Answer | None:
    """The cluster as EKS describes it; None when there is none.

    Raises:
        AwsError: EKS does not say.
    """
    try:
        found: Answer = account.call("eks", "DescribeCluster", name=name)["cluster"]
    except NotThere:
        return None
    return found


def _shape(item: Answer) -> Shape:
    gpus = item.get("GpuInfo", {}).get("Gpus", [])
    return Shape(int(item["VCpuInfo"]["DefaultVCpus"]), sum(int(gpu["Count"]) for gpu in gpus))
