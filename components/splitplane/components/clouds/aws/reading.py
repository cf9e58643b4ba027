"""What the account and the region are like, asked before anything is made, in previews too."""

from __future__ import annotations

from collections.abc import Iterable

import pulumi
import pulumi_aws as aws

from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.network.zones import Zone
from splitplane.components.clouds.aws.parts import Place


def read_place(parent: pulumi.Resource) -> Place:
    """Partition, region, account and zones that the provider of the parent works with.

    Zones come in any state, so that the outage of one chooses no others; local zones, which need
    an opt-in, are left out.
    """
    opts = pulumi.InvokeOptions(parent=parent)
    zones = aws.get_availability_zones(
        filters=[
            aws.GetAvailabilityZonesFilterArgs(name="opt-in-status", values=["opt-in-not-required"])
        ],
        opts=opts,
    )
    return Place(
        scope=Scope(
            partition=aws.get_partition(opts=opts).partition,
            region=aws.get_region(opts=opts).region,
            account_id=aws.get_caller_identity(opts=opts).account_id,
        ),
        zones=tuple(map(Zone, zones.names, zones.zone_ids)),
    )


def read_offerings(parent: pulumi.Resource, instance_types: Iterable[str]) -> dict[str, set[str]]:
    """Instance type → names of the zones that offer it; empty where none of the region does.

    Args:
        parent: whose provider asks.
        instance_types: in any order; nothing is asked when there are none.
    """
    wanted = sorted(set(instance_types))
    found: dict[str, set[str]] = {name: set() for name in wanted}
    if not wanted:
        return found
    offered = aws.ec2.get_instance_type_offerings(
        filters=[aws.ec2.GetInstanceTypeOfferingsFilterArgs(name="instance-type", values=wanted)],
        location_type="availability-zone",
        opts=pulumi.InvokeOptions(parent=parent),
    )
    for name, zone in zip(offered.instance_types, offered.locations, strict=True):
        if name in found:
            found[name].add(zone)
    return found
