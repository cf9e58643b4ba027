"""The ways out of a created VPC: gateways, route tables, routes.

Routes are resources of their own, since a table that lists routes removes those of others. Whoever
uses a way out waits for all of it: it is made earlier and removed later than the last node.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from splitplane.components.clouds.aws.network.subnets import Subnets
from splitplane.components.clouds.aws.network.wiring import Wiring

_EVERYWHERE = "0.0.0.0/0"
_EVERYWHERE_IPV6 = "::/0"


@dataclass(frozen=True)
class Routes:
    """What leads out.

    Attributes:
        private_tables: route tables of private subnets.
        ways_out: everything without which a private subnet reaches nothing.
    """

    private_tables: Sequence[aws.ec2.RouteTable]
    ways_out: Sequence[pulumi.Resource]


def declare_routes(wiring: Wiring, vpc: aws.ec2.Vpc, subnets: Subnets) -> Routes:
    """Every tier reaches what the plan says; that of the control plane nothing, unless routed."""
    plan = wiring.plan
    tables: list[aws.ec2.RouteTable] = []
    ways_out: list[pulumi.Resource] = []
    internet = None
    if plan.has_internet_gateway:
        internet = aws.ec2.InternetGateway(
            wiring.named("internet"),
            vpc_id=vpc.id,
            tags=wiring.tags("internet"),
            opts=wiring.options(),
        )
    public = _declare_public(wiring, vpc, subnets, internet) if internet is not None else {}
    gateways = _declare_nat(wiring, vpc, subnets, internet, public)
    zones_of_tables = (
        {zone: (zone,) for zone in plan.zones} if plan.nat == "per_az" else {"": plan.zones}
    )
    egress = _declare_egress_only(wiring, vpc)
    # Load balancers lie in public subnets: the gateway stays until the last is gone.
    ways_out += dict.fromkeys(piece for pieces in public.values() for piece in pieces)
    for key, zones in zones_of_tables.items():
        suffix = f"-{key}" if key else ""
        table = aws.ec2.RouteTable(
            wiring.named(f"private{suffix}"),
            vpc_id=vpc.id,
            tags=wiring.tags(f"private{suffix}"),
            opts=wiring.options(),
        )
        tables.append(table)
        routes = _declare_private(wiring, table, suffix, gateways.get(key), egress)
        ways_out += routes
        for zone in zones:
            ways_out += _associate_private(wiring, table, zone, subnets, routes)
    return Routes(tables, ways_out)


def _declare_public(
    wiring: Wiring, vpc: aws.ec2.Vpc, subnets: Subnets, internet: aws.ec2.InternetGateway
) -> dict[str, list[pulumi.Resource]]:
    """Zone → what makes its public subnet public."""
    if not subnets.public:
        return {}
    table = aws.ec2.RouteTable(
        wiring.named("public"), vpc_id=vpc.id, tags=wiring.tags("public"), opts=wiring.options()
    )
    routes: list[pulumi.Resource] = [
        aws.ec2.Route(
            wiring.named("public"),
            route_table_id=table.id,
            destination_cidr_block=_EVERYWHERE,
            gateway_id=internet.id,
            opts=wiring.options(),
        )
    ]
    if wiring.plan.is_dual_stack:
        routes.append(
            aws.ec2.Route(
                wiring.named("public-ipv6"),
                route_table_id=table.id,
                destination_ipv6_cidr_block=_EVERYWHERE_IPV6,
                gateway_id=internet.id,
                opts=wiring.options(),
            )
        )
    return {
        zone: [*routes, _associate(wiring, table, f"public-{zone}", subnet)]
        for zone, subnet in subnets.public.items()
    }


def _declare_nat(
    wiring: Wiring,
    vpc: aws.ec2.Vpc,
    subnets: Subnets,
    internet: aws.ec2.InternetGateway | None,
    public: Mapping[str, list[pulumi.Resource]],
) -> dict[str, aws.ec2.NatGateway]:
    """Zone → its NAT gateway; one under the empty name where all zones share it."""
    plan = wiring.plan
    if internet is None or plan.nat == "none":
        return {}
    if plan.nat == "regional":
        gateway = aws.ec2.NatGateway(
            wiring.named("nat"),
            availability_mode="regional",
            connectivity_type="public",
            vpc_id=vpc.id,
            tags=wiring.tags("nat"),
            opts=wiring.options(internet),
        )
        return {"": gateway}
    gateways: dict[str, aws.ec2.NatGateway] = {}
    for zone in plan.nat_zones:
        purpose = f"nat-{zone}"
        address = aws.ec2.Eip(
            wiring.named(purpose),
            domain="vpc",
            tags=wiring.tags(purpose),
            opts=wiring.options(internet),
        )
        gateways[zone if plan.nat == "per_az" else ""] = aws.ec2.NatGateway(
            wiring.named(purpose),
            allocation_id=address.id,
            subnet_id=subnets.public[zone].id,
            tags=wiring.tags(purpose),
            opts=wiring.options(*public[zone]),
        )
    return gateways


def _declare_egress_only(
    wiring: Wiring, vpc: aws.ec2.Vpc
) -> aws.ec2.EgressOnlyInternetGateway | None:
    if not wiring.plan.is_dual_stack or wiring.plan.nat == "none":
        return None
    return aws.ec2.EgressOnlyInternetGateway(
        wiring.named("egress"),
        vpc_id=vpc.id,
        tags=wiring.tags("egress"),
        opts=wiring.options(),
    )


def _declare_private(
    wiring: Wiring,
    table: aws.ec2.RouteTable,
    suffix: str,
    gateway: aws.ec2.NatGateway | None,
    egress: aws.ec2.EgressOnlyInternetGateway | None,
) -> list[pulumi.Resource]:
    routes: list[pulumi.Resource] = []
    if gateway is not None:
        routes.append(
            aws.ec2.Route(
                wiring.named(f"private{suffix}"),
                route_table_id=table.id,
                destination_cidr_block=_EVERYWHERE,
                nat_gateway_id=gateway.id,
                opts=wiring.options(),
            )
        )
    if egress is not None:
        routes.append(
            aws.ec2.Route(
                wiring.named(f"private-ipv6{suffix}"),
                route_table_id=table.id,
                destination_ipv6_cidr_block=_EVERYWHERE_IPV6,
                egress_only_gateway_id=egress.id,
                opts=wiring.options(),
            )
        )
    return routes


def _associate_private(
    wiring: Wiring,
    table: aws.ec2.RouteTable,
    zone: str,
    subnets: Subnets,
    routes: Sequence[pulumi.Resource],
) -> list[pulumi.Resource]:
    """The subnets of a zone use the table once it leads out, also when the way out changes."""
    tiers = {"private": subnets.private, "secondary": subnets.secondary}
    if wiring.plan.is_control_plane_routed:
        tiers["control-plane"] = subnets.control_plane
    return [
        _associate(wiring, table, f"{tier}-{zone}", members[zone], *routes)
        for tier, members in tiers.items()
        if zone in members
    ]


def _associate(
    wiring: Wiring,
    table: aws.ec2.RouteTable,
    purpose: str,
    subnet: aws.ec2.Subnet,
    *depends_on: pulumi.Resource,
) -> pulumi.Resource:
    return aws.ec2.RouteTableAssociation(
        wiring.named(purpose),
        route_table_id=table.id,
        subnet_id=subnet.id,
        opts=wiring.options(*depends_on),
    )
