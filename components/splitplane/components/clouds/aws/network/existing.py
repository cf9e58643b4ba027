"""An existing VPC as the network of a cluster: read, checked, and tagged where that is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

import pulumi
import pulumi_aws as aws

from splitplane.components.clouds.aws.network.existing_checks import (
    CLUSTER_TAG_PREFIX,
    ROLE_TAGS,
    ExistingNetwork,
    Field,
    SubnetFacts,
    by_zone,
    check_existing,
    foreign_cluster_tags,
)
from splitplane.components.clouds.aws.network.zones import Zone
from splitplane.components.clouds.aws.parts import NetworkParts, child_options
from splitplane.components.clouds.aws.settings import EksSettings
from splitplane.components.errors import WrongArgument

_FIELDS: Final[tuple[Field, ...]] = (
    "public_subnet_ids",
    "private_subnet_ids",
    "control_plane_subnet_ids",
)
_TARGETS: Final = (
    "gateway_id",
    "nat_gateway_id",
    "transit_gateway_id",
    "egress_only_gateway_id",
    "network_interface_id",
    "instance_id",
    "vpc_endpoint_id",
    "vpc_peering_connection_id",
    "core_network_arn",
    "local_gateway_id",
    "carrier_gateway_id",
)
"""Where a route may lead; one of them is set."""


class _Route(Protocol):
    @property
    def cidr_block(self) -> str: ...
    @property
    def ipv6_cidr_block(self) -> str: ...


def take_network(parent: pulumi.Resource, name: str, settings: EksSettings) -> NetworkParts:
    """The VPC and the subnets that were named, as they are; tagged where that is allowed.

    Args:
        parent: the component.
        name: its name.
        settings: with `network.vpc_id`.

    Raises:
        WrongArgument: the VPC is not there, or something in it has to be changed; names all.
    """
    found = read_network(parent, settings)
    if problems := check_existing(found, settings):
        raise WrongArgument("; ".join(problems))
    if settings.network.is_subnet_tagging_enabled:
        _declare_tags(parent, name, settings, found)
    private = _ids(found, "private_subnet_ids")
    return NetworkParts(
        vpc_id=pulumi.Output.from_input(found.vpc_id),
        node_subnet_ids=private,
        private_subnet_ids=private,
        public_subnet_ids=_ids(found, "public_subnet_ids"),
        control_plane_subnet_ids=[
            pulumi.Output.from_input(item.id) for item in found.of("control_plane_subnet_ids")
        ],
        ways_out=(),
    )


def read_network(parent: pulumi.Resource, settings: EksSettings) -> ExistingNetwork:
    """What the VPC and the named subnets are like, asked with the provider of the parent.

    Raises:
        WrongArgument: the VPC is not there.
    """
    opts = pulumi.InvokeOptions(parent=parent)
    network, vpc_id = settings.network, settings.network.vpc_id
    if vpc_id is None:
        raise WrongArgument("network.vpc_id is left out: name the VPC that is to be read")
    asked = aws.ec2.GetVpcsFilterArgs(name="vpc-id", values=[vpc_id])
    if vpc_id not in aws.ec2.get_vpcs(filters=[asked], opts=opts).ids:
        raise WrongArgument(
            f"network.vpc_id {vpc_id!r} is not in this region and account: name another, or "
            "leave it out to create a VPC"
        )
    vpc = aws.ec2.get_vpc(id=vpc_id, opts=opts)
    named: dict[Field, tuple[str, ...]] = {
        field: tuple(getattr(network, field)) for field in _FIELDS
    }
    wanted = sorted({item for ids in named.values() for item in ids})
    subnets = _read_subnets(vpc_id, wanted, opts)
    missing: dict[Field, tuple[str, ...]] = {
        field: tuple(item for item in ids if item not in subnets) for field, ids in named.items()
    }
    return ExistingNetwork(
        vpc_id=vpc_id,
        cidrs=tuple(item.cidr_block for item in vpc.cidr_block_associations) or (vpc.cidr_block,),
        has_dns_support=vpc.enable_dns_support,
        has_dns_hostnames=vpc.enable_dns_hostnames,
        subnets={
            field: tuple(subnets[item] for item in ids if item in subnets)
            for field, ids in named.items()
        },
        missing={field: ids for field, ids in missing.items() if ids},
    )


def _read_subnets(
    vpc_id: str, ids: Sequence[str], opts: pulumi.InvokeOptions
) -> dict[str, SubnetFacts]:
    asked = aws.ec2.GetSubnetsFilterArgs(name="subnet-id", values=list(ids))
    there = sorted(set(ids) & set(aws.ec2.get_subnets(filters=[asked], opts=opts).ids))
    routes = _read_routes(vpc_id, there, opts)
    found: dict[str, SubnetFacts] = {}
    for item in there:
        subnet = aws.ec2.get_subnet(id=item, opts=opts)
        found[item] = SubnetFacts(
            id=item,
            vpc_id=subnet.vpc_id,
            zone=Zone(subnet.availability_zone, subnet.availability_zone_id),
            free_addresses=subnet.available_ip_address_count,
            has_ipv6=bool(subnet.ipv6_cidr_block) and subnet.assign_ipv6_address_on_creation,
            tags=dict(subnet.tags),
            routes=routes.get(item, routes.get("", {})),
        )
    return found


def _read_routes(
    vpc_id: str, subnet_ids: Sequence[str], opts: pulumi.InvokeOptions
) -> dict[str, Mapping[str, str]]:
    """Subnet → destination → target; those of the VPC's main table under the empty id."""
    filters = (
        aws.ec2.GetRouteTablesFilterArgs(name="association.subnet-id", values=list(subnet_ids)),
        aws.ec2.GetRouteTablesFilterArgs(name="association.main", values=["true"]),
    )
    tables = {
        item
        for asked in (filters if subnet_ids else filters[1:])
        for item in aws.ec2.get_route_tables(vpc_id=vpc_id, filters=[asked], opts=opts).ids
    }
    found: dict[str, Mapping[str, str]] = {}
    for item in sorted(tables):
        table = aws.ec2.get_route_table(route_table_id=item, opts=opts)
        routes = dict(_targets(table.routes))
        for association in table.associations:
            found["" if association.main else association.subnet_id] = routes
    return found


def _targets(routes: Iterable[_Route]) -> Iterable[tuple[str, str]]:
    for route in routes:
        target = next((getattr(route, key) for key in _TARGETS if getattr(route, key)), None)
        destination = route.cidr_block or route.ipv6_cidr_block
        if destination and target:
            yield destination, target


def _declare_tags(
    parent: pulumi.Resource, name: str, settings: EksSettings, found: ExistingNetwork
) -> None:
    """Role tags, which stay when the cluster goes, since other clusters may need them too.

    A subnet that other clusters claim is claimed for this one too; one that nobody claims is not,
    since that would take it from those that need no claim.
    """
    fields: dict[str, Field] = {"public": "public_subnet_ids", "private": "private_subnet_ids"}
    for kind, field in fields.items():
        for item in found.of(field):
            aws.ec2.Tag(
                f"{name}-{kind}-{item.id}",
                resource_id=item.id,
                key=ROLE_TAGS[kind],
                value="1",
                opts=pulumi.ResourceOptions.merge(
                    child_options(parent), pulumi.ResourceOptions(retain_on_delete=True)
                ),
            )
            if foreign_cluster_tags(item, settings.eks_name):
                aws.ec2.Tag(
                    f"{name}-cluster-{item.id}",
                    resource_id=item.id,
                    key=f"{CLUSTER_TAG_PREFIX}{settings.eks_name}",
                    value="shared",
                    opts=child_options(parent),
                )


def _ids(found: ExistingNetwork, field: Field) -> dict[str, pulumi.Output[str]]:
    return {
        zone: pulumi.Output.from_input(item.id) for zone, item in by_zone(found.of(field)).items()
    }
