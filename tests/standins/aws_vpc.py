"""An existing VPC as the functions of AWS show it, for tests that take one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

SUBNETS: Mapping[str, Mapping[str, Any]] = {  # Any: JSON
    "subnet-pub-a": {"zone": "a", "table": "rtb-public", "role": "elb"},
    "subnet-pub-b": {"zone": "b", "table": "rtb-public", "role": "elb"},
    "subnet-priv-a": {"zone": "a", "table": "rtb-private", "role": "internal-elb"},
    "subnet-priv-b": {"zone": "b", "table": "rtb-private", "role": "internal-elb"},
    "subnet-cp-a": {"zone": "a"},
    "subnet-cp-b": {"zone": "b"},
}
"""Subnet → letter of its zone, its route table (the main one when left out), its role tag."""
ROUTES: Mapping[str, Mapping[str, str]] = {
    "rtb-main": {},
    "rtb-public": {"gatewayId": "igw-1"},
    "rtb-private": {"natGatewayId": "nat-1"},
}
"""Route table → the target of its default route."""
ARGUMENTS: Mapping[str, Any] = {  # Any: JSON
    "vpc_id": "vpc-1",
    "public_subnet_ids": ("subnet-pub-a", "subnet-pub-b"),
    "private_subnet_ids": ("subnet-priv-a", "subnet-priv-b"),
    "control_plane_subnet_ids": ("subnet-cp-a", "subnet-cp-b"),
}
"""`network` of a compute plane in it."""
_ROUTE: Mapping[str, str] = dict.fromkeys(
    (
        "carrierGatewayId",
        "cidrBlock",
        "coreNetworkArn",
        "destinationPrefixListId",
        "egressOnlyGatewayId",
        "gatewayId",
        "instanceId",
        "ipv6CidrBlock",
        "localGatewayId",
        "natGatewayId",
        "networkInterfaceId",
        "odbNetworkArn",
        "transitGatewayId",
        "vpcEndpointId",
        "vpcPeeringConnectionId",
    ),
    "",
)


def existing_vpc(
    *,
    vpc: Mapping[str, Any] | None = None,
    changes: Mapping[str, Mapping[str, Any]] | None = None,
    lacks: Sequence[str] = (),
    region: str = "eu-west-1",
    vpc_id: str = "vpc-1",
    subnets: Mapping[str, Mapping[str, Any]] = SUBNETS,
) -> dict[str, Any]:
    """Results of the functions that read a VPC and its subnets.

    Args:
        vpc: what its result has instead.
        changes: subnet → what its result has instead.
        lacks: ids that are not there.
        region: of everything.
        vpc_id: the VPC.
        subnets: as `SUBNETS`.
    """
    there = [item for item in (vpc_id, *subnets) if item not in lacks]
    main = [{"name": "association.main", "values": ["true"]}]
    tables = [table for table in ROUTES if table != "rtb-main"]
    return {
        "aws:ec2/getVpcs:getVpcs": {"id": region, "ids": there[:1], "region": region},
        "aws:ec2/getVpc:getVpc": _vpc(vpc_id, region) | dict(vpc or {}),
        "aws:ec2/getSubnets:getSubnets": {"id": region, "ids": there[1:], "region": region},
        "aws:ec2/getSubnet:getSubnet": [
            {
                "match": {"id": item},
                "result": _subnet(item, vpc_id, region, subnets[item])
                | dict((changes or {}).get(item, {})),
            }
            for item in subnets
        ],
        "aws:ec2/getRouteTables:getRouteTables": [
            {"match": {"filters": main}, "result": {"id": region, "ids": ["rtb-main"]}},
            {"match": {}, "result": {"id": region, "ids": tables}},
        ],
        "aws:ec2/getRouteTable:getRouteTable": [
            {"match": {"routeTableId": table}, "result": _table(table, vpc_id, subnets)}
            for table in ROUTES
        ],
    }


def zone_id(region: str, letter: str) -> str:
    """Id of a zone, `euw1-az1` for `eu-west-1a`; letters and numbers go together here."""
    where, direction, number = region.split("-")
    return f"{where}{direction[0]}{number}-az{'abcdef'.index(letter) + 1}"


def _vpc(vpc_id: str, region: str) -> dict[str, Any]:
    return {
        "id": vpc_id,
        "arn": f"arn:aws:ec2:{region}:111122223333:vpc/{vpc_id}",
        "cidrBlock": "10.20.0.0/16",
        "cidrBlockAssociations": [
            {"associationId": "a-1", "cidrBlock": "10.20.0.0/16", "state": "associated"},
            {"associationId": "a-2", "cidrBlock": "100.64.0.0/16", "state": "associated"},
        ],
        "enableDnsHostnames": True,
        "enableDnsSupport": True,
    }


def _subnet(item: str, vpc_id: str, region: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    letter, role = facts["zone"], facts.get("role")
    return {
        "id": item,
        "vpcId": vpc_id,
        "availabilityZone": f"{region}{letter}",
        "availabilityZoneId": zone_id(region, letter),
        "availableIpAddressCount": 200,
        "assignIpv6AddressOnCreation": False,
        "ipv6CidrBlock": "",
        "tags": {f"kubernetes.io/role/{role}": "1"} if role else {},
    }


def _table(table: str, vpc_id: str, subnets: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    routes = [{**_ROUTE, "cidrBlock": "10.20.0.0/16", "gatewayId": "local"}]
    if target := ROUTES[table]:
        routes.append({**_ROUTE, "cidrBlock": "0.0.0.0/0", **target})
    members = [item for item, facts in subnets.items() if facts.get("table") == table]
    main = {"main": True, "subnetId": ""}
    explicit = [{"main": False, "subnetId": item} for item in members]
    return {
        "id": table,
        "routeTableId": table,
        "vpcId": vpc_id,
        "routes": routes,
        "associations": [
            {
                "gatewayId": "",
                "routeTableAssociationId": "rtbassoc-1",
                "routeTableId": table,
                **item,
            }
            for item in ([main] if table == "rtb-main" else explicit)
        ],
    }
