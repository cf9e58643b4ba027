"""An existing VPC as EC2 describes it, as the facts that a compute plane's own checks take."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from splitplane.components.clouds.aws.network.existing_checks import (
    ExistingNetwork,
    Field,
    SubnetFacts,
)
from splitplane.components.clouds.aws.network.zones import Zone
from splitplane.components.clouds.aws.settings import NetworkSettings
from splitplane.stacks.aws.account import Account, Answer
from splitplane.stacks.aws.errors import NotThere

_FIELDS: Final[tuple[Field, ...]] = (
    "public_subnet_ids",
    "private_subnet_ids",
    "control_plane_subnet_ids",
)
_TARGETS: Final = (
    "GatewayId",
    "NatGatewayId",
    "TransitGatewayId",
    "NetworkInterfaceId",
    "VpcPeeringConnectionId",
    "LocalGatewayId",
    "CarrierGatewayId",
    "CoreNetworkArn",
    "InstanceId",
)
"""Where a route may lead, by the fields of EC2."""


def read_existing_vpc(account: Account, network: NetworkSettings) -> ExistingNetwork | None:
    """The VPC and the named subnets; None when there is no such VPC.

    Raises:
        AwsError: something of it cannot be read.
    """
    vpc_id = str(network.vpc_id)
    try:
        (vpc,) = account.call("ec2", "DescribeVpcs", VpcIds=[vpc_id])["Vpcs"]
    except NotThere:
        return None
    named: dict[Field, tuple[str, ...]] = {
        field: tuple(getattr(network, field)) for field in _FIELDS
    }
    subnets = _read_subnets(account, vpc_id, {item for ids in named.values() for item in ids})
    missing: dict[Field, tuple[str, ...]] = {
        field: tuple(item for item in ids if item not in subnets) for field, ids in named.items()
    }
    return ExistingNetwork(
        vpc_id=vpc_id,
        cidrs=tuple(str(item["CidrBlock"]) for item in vpc["CidrBlockAssociationSet"]),
        has_dns_support=_is_on(account, vpc_id, "EnableDnsSupport"),
        has_dns_hostnames=_is_on(account, vpc_id, "EnableDnsHostnames"),
        subnets={
            field: tuple(subnets[item] for item in ids if item in subnets)
            for field, ids in named.items()
        },
        missing={field: ids for field, ids in missing.items() if ids},
    )


def _is_on(account: Account, vpc_id: str, attribute: str) -> bool:
    name = attribute[0].lower() + attribute[1:]
    answer = account.call("ec2", "DescribeVpcAttribute", VpcId=vpc_id, Attribute=name)
    return bool(answer[attribute]["Value"])


def _read_subnets(account: Account, vpc_id: str, ids: set[str]) -> dict[str, SubnetFacts]:
    if not ids:
        return {}
    routes = _read_routes(account, vpc_id)
    asked = [{"Name": "subnet-id", "Values": sorted(ids)}]
    found: dict[str, SubnetFacts] = {}
    for item in account.read_all("ec2", "DescribeSubnets", "Subnets", Filters=asked):
        subnet_id = str(item["SubnetId"])
        found[subnet_id] = SubnetFacts(
            id=subnet_id,
            vpc_id=str(item["VpcId"]),
            zone=Zone(str(item["AvailabilityZone"]), str(item["AvailabilityZoneId"])),
            free_addresses=int(item["AvailableIpAddressCount"]),
            has_ipv6=bool(item.get("Ipv6CidrBlockAssociationSet"))
            and bool(item.get("AssignIpv6AddressOnCreation")),
            tags={str(tag["Key"]): str(tag["Value"]) for tag in item.get("Tags", ())},
            routes=routes.get(subnet_id, routes.get("", {})),
        )
    return found


def _read_routes(account: Account, vpc_id: str) -> dict[str, dict[str, str]]:
    """Subnet → destination → target; those of the VPC's main table under the empty id."""
    found: dict[str, dict[str, str]] = {}
    asked = [{"Name": "vpc-id", "Values": [vpc_id]}]
    for table in account.read_all("ec2", "DescribeRouteTables", "RouteTables", Filters=asked):
        routes = dict(_targets(table["Routes"]))
        for association in table["Associations"]:
            key = "" if association.get("Main") else str(association.get("SubnetId", "-"))
            found[key] = routes
    return found


def _targets(routes: Iterable[Answer]) -> Iterable[tuple[str, str]]:
    for route in routes:
        target = next((route[key] for key in _TARGETS if route.get(key)), None)
        destination = route.get("DestinationCidrBlock") or route.get("DestinationIpv6CidrBlock")
        if destination and target:
            yield str(destination), str(target)
