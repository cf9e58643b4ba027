"""A created VPC and its subnets, with everything closed that AWS leaves open by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import pulumi
import pulumi_aws as aws

from splitplane.components.clouds.aws.network.plan import Tier, ipv6_range
from splitplane.components.clouds.aws.network.wiring import Wiring

PUBLIC_ROLE_TAG = {"kubernetes.io/role/elb": "1"}
PRIVATE_ROLE_TAG = {"kubernetes.io/role/internal-elb": "1"}
"""By these tags load balancers find their subnets:
https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/subnet_discovery/."""
_ROLE_TAGS: dict[Tier, Mapping[str, str]] = {
    "public": PUBLIC_ROLE_TAG,
    "private": PRIVATE_ROLE_TAG,
    "control-plane": {},
    "secondary": {},
}


@dataclass(frozen=True)
class Subnets:
    """The subnets of a created VPC by zone; a tier that is not there is empty."""

    private: Mapping[str, aws.ec2.Subnet]
    public: Mapping[str, aws.ec2.Subnet]
    control_plane: Mapping[str, aws.ec2.Subnet]
    secondary: Mapping[str, aws.ec2.Subnet]


def declare_vpc(wiring: Wiring) -> aws.ec2.Vpc:
    """A VPC in which nodes register; its default security group and main routes lead nowhere."""
    network = wiring.settings.network
    vpc = aws.ec2.Vpc(
        wiring.named("vpc"),
        cidr_block=network.vpc_cidr,
        ipv4_ipam_pool_id=network.ipv4_ipam_pool_id,
        assign_generated_ipv6_cidr_block=True if wiring.plan.is_dual_stack else None,
        # Without host names nodes do not register:
        # https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html.
        enable_dns_hostnames=True,
        enable_dns_support=True,
        tags=wiring.tags("vpc"),
        # A cluster cannot move to another VPC: one with another range would be made, and then EKS
        # would refuse its subnets.
        opts=wiring.options(is_protected=True),
    )
    aws.ec2.DefaultSecurityGroup(
        wiring.named("default"),
        vpc_id=vpc.id,
        tags=wiring.tags("default"),
        opts=wiring.options(),
    )
    # Subnets of the control plane have no table of their own and use this one.
    aws.ec2.DefaultRouteTable(
        wiring.named("main"),
        default_route_table_id=vpc.default_route_table_id,
        routes=[],
        tags=wiring.tags("main"),
        opts=wiring.options(),
    )
    return vpc


def declare_subnets(wiring: Wiring, vpc: aws.ec2.Vpc) -> Subnets:
    """A subnet of each tier in each zone; public ones only in zones that need them."""
    plan, second_range = wiring.plan, wiring.settings.network.secondary_cidr
    declare = partial(_declare_tier, wiring, vpc)
    association: list[pulumi.Resource] = []
    if second_range is not None:
        association = [
            aws.ec2.VpcIpv4CidrBlockAssociation(
                wiring.named("secondary"),
                vpc_id=vpc.id,
                cidr_block=second_range,
                opts=wiring.options(),
            )
        ]
    secondary = {item.zone: item.secondary for item in plan.subnets if item.secondary}
    public = {item.zone: item.public for item in plan.subnets if item.zone in plan.public_zones}
    return Subnets(
        private=declare("private", {item.zone: item.private for item in plan.subnets}),
        public=declare("public", public),
        control_plane=declare(
            "control-plane", {item.zone: item.control_plane for item in plan.subnets}
        ),
        secondary=declare("secondary", secondary, depends_on=association),
    )


def _declare_tier(
    wiring: Wiring,
    vpc: aws.ec2.Vpc,
    tier: Tier,
    ranges: Mapping[str, str],
    *,
    depends_on: Sequence[pulumi.Resource] = (),
) -> dict[str, aws.ec2.Subnet]:
    return {
        zone: aws.ec2.Subnet(
            wiring.named(f"{tier}-{zone}"),
            vpc_id=vpc.id,
            availability_zone=zone,
            cidr_block=cidr,
            ipv6_cidr_block=_ipv6(wiring, vpc, tier, zone),
            assign_ipv6_address_on_creation=True if wiring.plan.is_dual_stack else None,
            tags=wiring.tags(f"{tier}-{zone}", _ROLE_TAGS[tier]),
            # Load balancers and other tools put tags of their own on subnets.
            opts=wiring.options(*depends_on, is_slow_to_delete=True, ignore_changes=["tags"]),
        )
        for zone, cidr in ranges.items()
    }


def _ipv6(wiring: Wiring, vpc: aws.ec2.Vpc, tier: Tier, zone: str) -> pulumi.Output[str] | None:
    if not wiring.plan.is_dual_stack:
        return None
    place = wiring.plan.zones.index(zone)
    found: pulumi.Output[str] = vpc.ipv6_cidr_block.apply(
        lambda whole: ipv6_range(whole, tier, place)
    )
    return found
