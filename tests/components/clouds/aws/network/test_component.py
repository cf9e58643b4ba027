"""A created VPC: what each way out consists of, in which order, and what never varies."""

from __future__ import annotations

import re
from typing import Any

import pytest
from aws_network import (
    OFFERINGS,
    SUBNET,
    find_piece,
    names_of,
    network_settings,
    pieces_of,
    record_network,
)
from clouds.graph import assert_after, recorded_graph

from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.network.zones import Zone
from splitplane.components.clouds.aws.parts import Place

BASE = """
    DefaultRouteTable::net-main
    DefaultSecurityGroup::net-default
    RouteTableAssociation::net-private-eu-west-1a
    RouteTableAssociation::net-private-eu-west-1b
    Subnet::net-control-plane-eu-west-1a
    Subnet::net-control-plane-eu-west-1b
    Subnet::net-private-eu-west-1a
    Subnet::net-private-eu-west-1b
    Vpc::net-vpc
    VpcEndpoint::net-endpoint-s3
"""
MODES = {
    "single": """
        Eip::net-nat-eu-west-1a
        InternetGateway::net-internet
        NatGateway::net-nat-eu-west-1a
        Route::net-private
        Route::net-public
        RouteTable::net-private
        RouteTable::net-public
        RouteTableAssociation::net-public-eu-west-1a
        Subnet::net-public-eu-west-1a
    """,
    "per_az": """
        Eip::net-nat-eu-west-1a
        Eip::net-nat-eu-west-1b
        InternetGateway::net-internet
        NatGateway::net-nat-eu-west-1a
        NatGateway::net-nat-eu-west-1b
        Route::net-private-eu-west-1a
        Route::net-private-eu-west-1b
        Route::net-public
        RouteTable::net-private-eu-west-1a
        RouteTable::net-private-eu-west-1b
        RouteTable::net-public
        RouteTableAssociation::net-public-eu-west-1a
        RouteTableAssociation::net-public-eu-west-1b
        Subnet::net-public-eu-west-1a
        Subnet::net-public-eu-west-1b
    """,
    "regional": """
        InternetGateway::net-internet
        NatGateway::net-nat
        Route::net-private
        RouteTable::net-private
    """,
    "none": """
        RouteTable::net-private
        SecurityGroup::net-endpoints
        SecurityGroupIngressRule::net-endpoints
        VpcEndpoint::net-endpoint-ec2
        VpcEndpoint::net-endpoint-ecr.api
        VpcEndpoint::net-endpoint-ecr.dkr
        VpcEndpoint::net-endpoint-eks
        VpcEndpoint::net-endpoint-eks-auth
        VpcEndpoint::net-endpoint-elasticfilesystem
        VpcEndpoint::net-endpoint-elasticloadbalancing
        VpcEndpoint::net-endpoint-logs
        VpcEndpoint::net-endpoint-secretsmanager
        VpcEndpoint::net-endpoint-sqs
        VpcEndpoint::net-endpoint-ssm
        VpcEndpoint::net-endpoint-sts
    """,
}


@pytest.mark.parametrize("is_preview", [True, False], ids=["preview", "up"])
@pytest.mark.parametrize("nat", MODES)
def test_each_way_out_consists_of(nat: str, is_preview: bool) -> None:
    recording = record_network(network_settings(nat=nat), is_preview=is_preview)

    assert names_of(recording) == sorted([*BASE.split(), *MODES[nat].split()])


@pytest.mark.parametrize(
    ("changes", "more"),
    [
        pytest.param(
            {"secondary_cidr": "100.64.0.0/16"},
            "VpcIpv4CidrBlockAssociation::net-secondary "
            "Subnet::net-secondary-eu-west-1a Subnet::net-secondary-eu-west-1b "
            "RouteTableAssociation::net-secondary-eu-west-1a "
            "RouteTableAssociation::net-secondary-eu-west-1b",
            id="second range",
        ),
        pytest.param(
            {"has_flow_logs": True},
            "FlowLog::net-flow-logs LogGroup::net-flow-logs Role::net-flow-logs "
            "RolePolicy::net-flow-logs",
            id="flow logs",
        ),
        pytest.param(
            {"ip_family": "ipv6"},
            "EgressOnlyInternetGateway::net-egress Route::net-private-ipv6",
            id="ipv6",
        ),
        pytest.param(
            {"interface_endpoints": ("sts",)},
            "SecurityGroup::net-endpoints SecurityGroupIngressRule::net-endpoints "
            "VpcEndpoint::net-endpoint-sts",
            id="endpoint",
        ),
        pytest.param(
            {"scheme": "internet-facing"},
            "RouteTable::net-public Route::net-public "
            "Subnet::net-public-eu-west-1a Subnet::net-public-eu-west-1b "
            "RouteTableAssociation::net-public-eu-west-1a "
            "RouteTableAssociation::net-public-eu-west-1b",
            id="internet-facing",
        ),
        pytest.param(
            {"control_plane_egress_mode": "CUSTOMER_ROUTED"},
            "RouteTableAssociation::net-control-plane-eu-west-1a "
            "RouteTableAssociation::net-control-plane-eu-west-1b",
            id="routed control plane",
        ),
    ],
)
def test_more_is_made_only_when_asked(changes: dict[str, Any], more: str) -> None:
    plain = names_of(record_network(network_settings(nat="regional")))

    assert names_of(record_network(network_settings(nat="regional", **changes))) == sorted(
        [*plain, *more.split()]
    )


def test_vpc_lets_nodes_register_and_is_closed_otherwise() -> None:
    recording = record_network(network_settings(ipv4_ipam_pool_id="ipam-pool-1"))

    vpc = find_piece(recording, "Vpc", "vpc")
    assert vpc.inputs["cidrBlock"] == "10.0.0.0/16"
    assert vpc.inputs["ipv4IpamPoolId"] == "ipam-pool-1"
    assert vpc.inputs["enableDnsHostnames"] is True
    assert vpc.inputs["enableDnsSupport"] is True
    assert "assignGeneratedIpv6CidrBlock" not in vpc.inputs
    assert find_piece(recording, "DefaultRouteTable", "main").inputs["routes"] == []
    closed = find_piece(recording, "DefaultSecurityGroup", "default").inputs
    assert "ingress" not in closed
    assert "egress" not in closed


def test_tiers_have_their_sizes_and_tags() -> None:
    recording = record_network(network_settings(secondary_cidr="100.64.0.0/16"))

    ranges = {
        item.name: item.inputs["cidrBlock"] for item in pieces_of(recording) if item.type == SUBNET
    }
    assert ranges == {
        "net-private-eu-west-1a": "10.0.0.0/19",
        "net-private-eu-west-1b": "10.0.32.0/19",
        "net-public-eu-west-1a": "10.0.192.0/24",
        "net-control-plane-eu-west-1a": "10.0.224.0/28",
        "net-control-plane-eu-west-1b": "10.0.224.16/28",
        "net-secondary-eu-west-1a": "100.64.0.0/19",
        "net-secondary-eu-west-1b": "100.64.32.0/19",
    }
    tags = {item.name: item.inputs["tags"] for item in pieces_of(recording) if item.type == SUBNET}
    assert tags["net-public-eu-west-1a"] == {
        "Name": "prod-public-eu-west-1a",
        "kubernetes.io/role/elb": "1",
        "splitplane.io/cluster": "prod",
        "team": "ml",
    }
    assert tags["net-private-eu-west-1b"]["kubernetes.io/role/internal-elb"] == "1"
    for name in ("net-control-plane-eu-west-1a", "net-secondary-eu-west-1a"):
        assert not [key for key in tags[name] if key.startswith("kubernetes.io/")]


def test_tags_of_others_on_subnets_survive_and_deletions_wait() -> None:
    recording = record_network(network_settings(nat="none"))

    for item in pieces_of(recording):
        is_subnet = item.type == SUBNET
        assert item.ignore_changes == (("tags",) if is_subnet else ())
        waits = is_subnet or item.type.endswith(":SecurityGroup")
        assert item.timeouts == ({"delete": "45m"} if waits else {})


def test_zonal_gateways_lie_in_public_subnets_that_are_public_already() -> None:
    graph = recorded_graph(record_network(network_settings(nat="single"), is_preview=True))

    nat = "aws:ec2/natGateway:NatGateway::net-nat-eu-west-1a"
    assert_after(graph, "aws:ec2/route:Route::net-private", nat)
    assert_after(graph, nat, "aws:ec2/route:Route::net-public")
    assert_after(
        graph, nat, "aws:ec2/routeTableAssociation:RouteTableAssociation::net-public-eu-west-1a"
    )
    assert_after(graph, "aws:ec2/eip:Eip", "aws:ec2/internetGateway:InternetGateway")
    # Subnets change tables only to one that leads out.
    association = "aws:ec2/routeTableAssociation:RouteTableAssociation::net-private-eu-west-1b"
    assert_after(graph, association, "aws:ec2/route:Route::net-private")


def test_each_zone_uses_its_own_gateway() -> None:
    recording = record_network(network_settings(nat="per_az"))

    for zone in ("eu-west-1a", "eu-west-1b"):
        route = find_piece(recording, "Route", f"private-{zone}")
        assert [urn.rpartition("::")[2] for urn in route.property_dependencies["natGatewayId"]] == [
            f"net-nat-{zone}"
        ]
        association = find_piece(recording, "RouteTableAssociation", f"private-{zone}")
        assert association.property_dependencies["routeTableId"][0].endswith(
            f"::net-private-{zone}"
        )


def test_regional_gateway_waits_for_the_internet_gateway() -> None:
    recording = record_network(network_settings(nat="regional"), is_preview=True)

    nat = find_piece(recording, "NatGateway", "nat").inputs
    assert nat["availabilityMode"] == "regional"
    assert not {"subnetId", "allocationId"} & nat.keys()
    assert_after(
        recorded_graph(recording),
        "aws:ec2/natGateway:NatGateway",
        "aws:ec2/internetGateway:InternetGateway",
    )


def test_endpoints_take_https_from_every_range_of_the_vpc() -> None:
    recording = record_network(
        network_settings(nat="none", secondary_cidr="100.64.0.0/16"), is_preview=True
    )

    rules = [item.inputs for item in pieces_of(recording) if "IngressRule" in item.type]
    assert [
        (item["cidrIpv4"], item["ipProtocol"], item["fromPort"], item["toPort"]) for item in rules
    ] == [
        ("10.0.0.0/16", "tcp", 443, 443),
        ("100.64.0.0/16", "tcp", 443, 443),
    ]
    endpoint = find_piece(recording, "VpcEndpoint", "endpoint-ecr.api")
    assert endpoint.inputs["serviceName"] == "com.amazonaws.eu-west-1.ecr.api"
    assert endpoint.inputs["privateDnsEnabled"] is True
    graph = recorded_graph(recording)
    assert_after(graph, endpoint.urn, "net-endpoints-secondary")
    s3 = find_piece(recording, "VpcEndpoint", "endpoint-s3").inputs
    assert s3["vpcEndpointType"] == "Gateway"
    assert len(s3["routeTableIds"]) == 1


def test_second_range_is_there_before_its_subnets() -> None:
    graph = recorded_graph(
        record_network(network_settings(secondary_cidr="100.64.0.0/16"), is_preview=True)
    )

    assert_after(
        graph,
        f"{SUBNET}::net-secondary-eu-west-1a",
        "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation",
    )


def test_every_subnet_of_an_ipv6_network_gives_out_ipv6() -> None:
    recording = record_network(network_settings(ip_family="ipv6"))

    found = {item.name: item.inputs for item in pieces_of(recording) if item.type == SUBNET}
    assert {name: inputs["ipv6CidrBlock"] for name, inputs in found.items()} == {
        "net-private-eu-west-1a": "2a05:d018:10:e500::/64",
        "net-private-eu-west-1b": "2a05:d018:10:e501::/64",
        "net-public-eu-west-1a": "2a05:d018:10:e510::/64",
        "net-control-plane-eu-west-1a": "2a05:d018:10:e520::/64",
        "net-control-plane-eu-west-1b": "2a05:d018:10:e521::/64",
    }
    assert all(inputs["assignIpv6AddressOnCreation"] for inputs in found.values())
    assert find_piece(recording, "Vpc", "vpc").inputs["assignGeneratedIpv6CidrBlock"] is True
    assert (
        find_piece(recording, "Route", "private-ipv6").inputs["destinationIpv6CidrBlock"] == "::/0"
    )
    assert (
        find_piece(recording, "Route", "public-ipv6").inputs["destinationIpv6CidrBlock"] == "::/0"
    )


def test_ipv6_without_a_way_out_has_none_either() -> None:
    names = names_of(record_network(network_settings(ip_family="ipv6", nat="none")))

    assert not [name for name in names if "Gateway" in name or name.startswith("Route::")]


def test_flow_logs_are_written_by_a_bounded_role() -> None:
    recording = record_network(network_settings(has_flow_logs=True))

    group = find_piece(recording, "LogGroup", "flow-logs").inputs
    assert group["name"] == "/aws/vpc/prod/flow-logs"
    assert group["retentionInDays"] == 30
    role = find_piece(recording, "Role", "flow-logs").inputs
    assert role["name"] == "prod-flow-logs-eu-west-1"
    assert role["permissionsBoundary"] == "arn:aws:iam::111122223333:policy/edge"
    log = find_piece(recording, "FlowLog", "flow-logs")
    assert log.inputs["trafficType"] == "ALL"
    assert_after(recorded_graph(recording), log.urn, "aws:iam/rolePolicy:RolePolicy")


@pytest.mark.parametrize("nat", MODES)
def test_who_uses_the_network_waits_for_all_that_leads_out(nat: str) -> None:
    recording = record_network(network_settings(nat=nat, ip_family="ipv6"), is_preview=True)

    before = recorded_graph(recording).before("user")
    kinds = r":(Route|RouteTableAssociation|NatGateway|InternetGateway|VpcEndpoint|Eip|.*Rule)$"
    leads_out = [item.urn for item in pieces_of(recording) if re.search(kinds, item.type)]
    assert leads_out
    assert set(leads_out) <= before


def test_region_without_regional_nat_is_told() -> None:
    government = Place(
        Scope("aws-us-gov", "us-gov-west-1", "111122223333"),
        (Zone("us-gov-west-1a", "usgw1-az1"), Zone("us-gov-west-1b", "usgw1-az2")),
    )

    zones = [zone.name for zone in government.zones]
    offered = {
        "id": "us-gov-west-1",
        "instanceTypes": ["m7i.large"] * len(zones),
        "locationTypes": ["availability-zone"] * len(zones),
        "locations": zones,
    }

    names = names_of(
        record_network(
            network_settings(nat="regional"), place=government, functions={OFFERINGS: offered}
        )
    )

    assert [name for name in names if name.startswith("NatGateway::")] == [
        "NatGateway::net-nat-us-gov-west-1a",
        "NatGateway::net-nat-us-gov-west-1b",
    ]
