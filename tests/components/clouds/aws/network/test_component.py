"""A created VPC: what each way out consists of, in which order, and what never varies."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from clouds.answers import CloudAnswers
from clouds.graph import assert_after, recorded_graph
from clouds.sdk_types import kind_of
from hypothesis import given, settings
from hypothesis import strategies as st
from recording_monitor import Recording, Registered, record

from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.karpenter.pools import NodePool
from splitplane.components.clouds.aws.network.component import Network
from splitplane.components.clouds.aws.network.ip_plan import check_no_overlap
from splitplane.components.clouds.aws.network.zones import Zone
from splitplane.components.clouds.aws.parts import Place
from splitplane.components.clouds.aws.settings import (
    EksSettings,
    IngressSettings,
    NetworkSettings,
)
from splitplane.components.errors import WrongArgument

IRELAND = Place(
    Scope("aws", "eu-west-1", "111122223333"),
    tuple(Zone(f"eu-west-1{letter}", f"euw1-az{index}") for index, letter in enumerate("abcd", 1)),
)
OFFERINGS = "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings"
SUBNET = "aws:ec2/subnet:Subnet"
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


class _DualStack(CloudAnswers):
    """Gives VPCs a range of IPv6 addresses."""

    def registered(self, made: Registered, id: str, outputs: Any) -> Any:
        id, found = super().registered(made, id, outputs)
        if made.type == "aws:ec2/vpc:Vpc" and made.inputs.get("assignGeneratedIpv6CidrBlock"):
            found["ipv6CidrBlock"] = "2a05:d018:10:e500::/56"
        return id, found


def _settings(
    *, pools: tuple[NodePool, ...] | None = None, scheme: Any = "internal", **changes: Any
) -> EksSettings:
    own = {key: changes.pop(key) for key in ("control_plane_egress_mode",) if key in changes}
    return EksSettings(
        "prod",
        ("dev",),
        "https://hub.example.com",
        pools=pools,
        tags={"team": "ml"},
        permissions_boundary_arn="arn:aws:iam::111122223333:policy/edge",
        ingress=IngressSettings(scheme=scheme),
        network=NetworkSettings(**{"availability_zone_count": 2, **changes}),
        **own,
    )


def _program(
    chosen: EksSettings, place: Place = IRELAND, seen: list[Network] | None = None
) -> Callable[[], None]:
    """A network, and something that uses its ways out."""

    def program() -> None:
        plane = pulumi.ComponentResource("test:index:Plane", "plane")
        made = Network("net", chosen, place, pulumi.ResourceOptions(parent=plane))
        opts = pulumi.ResourceOptions(depends_on=list(made.parts.ways_out))
        aws.sqs.Queue("user", opts=opts)
        if seen is not None:
            seen.append(made)

    return program


def _record(
    chosen: EksSettings,
    *,
    is_preview: bool = False,
    place: Place = IRELAND,
    functions: dict[str, Any] | None = None,
    seen: list[Network] | None = None,
) -> Recording:
    return record(
        _program(chosen, place, seen), is_preview=is_preview, answers=_DualStack(functions)
    )


def _pieces(recording: Recording) -> list[Registered]:
    return [item for item in recording.resources if item.is_custom and item.name != "user"]


def _names(recording: Recording) -> list[str]:
    return sorted(f"{item.type.rpartition(':')[2]}::{item.name}" for item in _pieces(recording))


def _find(recording: Recording, kind: str, name: str) -> Registered:
    (found,) = (
        item
        for item in recording.resources
        if item.type.endswith(f":{kind}") and item.name == f"net-{name}"
    )
    return found


@pytest.mark.parametrize("is_preview", [True, False], ids=["preview", "up"])
@pytest.mark.parametrize("nat", MODES)
def test_each_way_out_consists_of(nat: str, is_preview: bool) -> None:
    recording = _record(_settings(nat=nat), is_preview=is_preview)

    assert _names(recording) == sorted([*BASE.split(), *MODES[nat].split()])


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
    plain = _names(_record(_settings(nat="regional")))

    assert _names(_record(_settings(nat="regional", **changes))) == sorted([*plain, *more.split()])


def test_vpc_lets_nodes_register_and_is_closed_otherwise() -> None:
    recording = _record(_settings(ipv4_ipam_pool_id="ipam-pool-1"))

    vpc = _find(recording, "Vpc", "vpc")
    assert vpc.inputs["cidrBlock"] == "10.0.0.0/16"
    assert vpc.inputs["ipv4IpamPoolId"] == "ipam-pool-1"
    assert vpc.inputs["enableDnsHostnames"] is True
    assert vpc.inputs["enableDnsSupport"] is True
    assert "assignGeneratedIpv6CidrBlock" not in vpc.inputs
    assert _find(recording, "DefaultRouteTable", "main").inputs["routes"] == []
    closed = _find(recording, "DefaultSecurityGroup", "default").inputs
    assert "ingress" not in closed
    assert "egress" not in closed


def test_tiers_have_their_sizes_and_tags() -> None:
    recording = _record(_settings(secondary_cidr="100.64.0.0/16"))

    ranges = {
        item.name: item.inputs["cidrBlock"] for item in _pieces(recording) if item.type == SUBNET
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
    tags = {item.name: item.inputs["tags"] for item in _pieces(recording) if item.type == SUBNET}
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
    recording = _record(_settings(nat="none"))

    for item in _pieces(recording):
        is_subnet = item.type == SUBNET
        assert item.ignore_changes == (("tags",) if is_subnet else ())
        waits = is_subnet or item.type.endswith(":SecurityGroup")
        assert item.timeouts == ({"delete": "45m"} if waits else {})


def test_zonal_gateways_lie_in_public_subnets_that_are_public_already() -> None:
    graph = recorded_graph(_record(_settings(nat="single"), is_preview=True))

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
    recording = _record(_settings(nat="per_az"))

    for zone in ("eu-west-1a", "eu-west-1b"):
        route = _find(recording, "Route", f"private-{zone}")
        assert [urn.rpartition("::")[2] for urn in route.property_dependencies["natGatewayId"]] == [
            f"net-nat-{zone}"
        ]
        association = _find(recording, "RouteTableAssociation", f"private-{zone}")
        assert association.property_dependencies["routeTableId"][0].endswith(
            f"::net-private-{zone}"
        )


def test_regional_gateway_waits_for_the_internet_gateway() -> None:
    recording = _record(_settings(nat="regional"), is_preview=True)

    nat = _find(recording, "NatGateway", "nat").inputs
    assert nat["availabilityMode"] == "regional"
    assert not {"subnetId", "allocationId"} & nat.keys()
    assert_after(
        recorded_graph(recording),
        "aws:ec2/natGateway:NatGateway",
        "aws:ec2/internetGateway:InternetGateway",
    )


def test_endpoints_take_https_from_every_range_of_the_vpc() -> None:
    recording = _record(_settings(nat="none", secondary_cidr="100.64.0.0/16"), is_preview=True)

    rules = [item.inputs for item in _pieces(recording) if "IngressRule" in item.type]
    assert [
        (item["cidrIpv4"], item["ipProtocol"], item["fromPort"], item["toPort"]) for item in rules
    ] == [
        ("10.0.0.0/16", "tcp", 443, 443),
        ("100.64.0.0/16", "tcp", 443, 443),
    ]
    endpoint = _find(recording, "VpcEndpoint", "endpoint-ecr.api")
    assert endpoint.inputs["serviceName"] == "com.amazonaws.eu-west-1.ecr.api"
    assert endpoint.inputs["privateDnsEnabled"] is True
    graph = recorded_graph(recording)
    assert_after(graph, endpoint.urn, "net-endpoints-secondary")
    s3 = _find(recording, "VpcEndpoint", "endpoint-s3").inputs
    assert s3["vpcEndpointType"] == "Gateway"
    assert len(s3["routeTableIds"]) == 1


def test_second_range_is_there_before_its_subnets() -> None:
    graph = recorded_graph(_record(_settings(secondary_cidr="100.64.0.0/16"), is_preview=True))

    assert_after(
        graph,
        f"{SUBNET}::net-secondary-eu-west-1a",
        "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation",
    )


def test_every_subnet_of_an_ipv6_network_gives_out_ipv6() -> None:
    recording = _record(_settings(ip_family="ipv6"))

    found = {item.name: item.inputs for item in _pieces(recording) if item.type == SUBNET}
    assert {name: inputs["ipv6CidrBlock"] for name, inputs in found.items()} == {
        "net-private-eu-west-1a": "2a05:d018:10:e500::/64",
        "net-private-eu-west-1b": "2a05:d018:10:e501::/64",
        "net-public-eu-west-1a": "2a05:d018:10:e510::/64",
        "net-control-plane-eu-west-1a": "2a05:d018:10:e520::/64",
        "net-control-plane-eu-west-1b": "2a05:d018:10:e521::/64",
    }
    assert all(inputs["assignIpv6AddressOnCreation"] for inputs in found.values())
    assert _find(recording, "Vpc", "vpc").inputs["assignGeneratedIpv6CidrBlock"] is True
    assert _find(recording, "Route", "private-ipv6").inputs["destinationIpv6CidrBlock"] == "::/0"
    assert _find(recording, "Route", "public-ipv6").inputs["destinationIpv6CidrBlock"] == "::/0"


def test_ipv6_without_a_way_out_has_none_either() -> None:
    names = _names(_record(_settings(ip_family="ipv6", nat="none")))

    assert not [name for name in names if "Gateway" in name or name.startswith("Route::")]


def test_flow_logs_are_written_by_a_bounded_role() -> None:
    recording = _record(_settings(has_flow_logs=True))

    group = _find(recording, "LogGroup", "flow-logs").inputs
    assert group["name"] == "/aws/vpc/prod/flow-logs"
    assert group["retentionInDays"] == 30
    role = _find(recording, "Role", "flow-logs").inputs
    assert role["name"] == "prod-flow-logs-eu-west-1"
    assert role["permissionsBoundary"] == "arn:aws:iam::111122223333:policy/edge"
    log = _find(recording, "FlowLog", "flow-logs")
    assert log.inputs["trafficType"] == "ALL"
    assert_after(recorded_graph(recording), log.urn, "aws:iam/rolePolicy:RolePolicy")


@pytest.mark.parametrize("nat", MODES)
def test_who_uses_the_network_waits_for_all_that_leads_out(nat: str) -> None:
    recording = _record(_settings(nat=nat, ip_family="ipv6"), is_preview=True)

    before = recorded_graph(recording).before("user")
    kinds = r":(Route|RouteTableAssociation|NatGateway|InternetGateway|VpcEndpoint|Eip|.*Rule)$"
    leads_out = [item.urn for item in _pieces(recording) if re.search(kinds, item.type)]
    assert leads_out
    assert set(leads_out) <= before


def test_parts_are_by_zone_in_the_order_of_the_zones() -> None:
    seen: list[Network] = []

    _record(_settings(secondary_cidr="100.64.0.0/16"), seen=seen)

    (made,) = seen
    assert made.zones == ("eu-west-1a", "eu-west-1b")
    assert tuple(made.parts.private_subnet_ids) == made.zones
    assert tuple(made.parts.node_subnet_ids) == made.zones
    assert made.parts.node_subnet_ids != made.parts.private_subnet_ids
    assert tuple(made.parts.public_subnet_ids) == ("eu-west-1a",)
    assert len(made.parts.control_plane_subnet_ids) == 2


def test_named_zones_are_used_in_their_order() -> None:
    seen: list[Network] = []

    _record(_settings(availability_zones=("eu-west-1d", "eu-west-1a")), seen=seen)

    assert seen[0].zones == ("eu-west-1d", "eu-west-1a")


FIXED = NodePool("train", gpu_name="h100", static_nodes=2)
GROWING = NodePool("infer", gpu_name="h100", limit_gpus=8)


def _offered(*zones: str, system: Sequence[str] = ("a", "b", "c", "d")) -> dict[str, Any]:
    """The GPU is offered in the zones, machines for the controllers in all of the region."""
    everywhere = [f"eu-west-1{letter}" for letter in system]
    return {
        OFFERINGS: {
            "id": "eu-west-1",
            "instanceTypes": ["p5.4xlarge"] * len(zones) + ["m7i.large"] * len(everywhere),
            "locationTypes": ["availability-zone"] * (len(zones) + len(everywhere)),
            "locations": [*zones, *everywhere],
        }
    }


def test_controllers_need_machines_in_every_zone() -> None:
    answers = CloudAnswers(_offered(system=["a"]))

    with pytest.raises(WrongArgument) as caught:
        record(_program(_settings()), answers=answers)

    assert str(caught.value) == (
        "system_nodes.instance_types ['m7i.large', 'm6i.large', 'm5.large'] are not offered in "
        "eu-west-1b: name machines that are offered there, or choose other zones"
    )


def test_zones_with_machines_for_controllers_come_first() -> None:
    seen: list[Network] = []

    _record(_settings(), functions=_offered(system=["b", "d"]), seen=seen)

    assert seen[0].zones == ("eu-west-1b", "eu-west-1d")


def test_zones_that_offers_decide_on_are_to_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    warnings: list[str] = []

    def warn(text: str, resource: pulumi.Resource) -> None:
        warnings.append(text)

    monkeypatch.setattr(pulumi.log, "warn", warn)

    _record(_settings(pools=(FIXED,)), functions=_offered("eu-west-1b", "eu-west-1d"))
    _record(_settings(pools=(GROWING,)), functions=_offered("eu-west-1b", "eu-west-1d"))

    assert warnings == [
        "cluster prod: zones eu-west-1b, eu-west-1d are chosen since they offer p5.4xlarge: name "
        "them in network.availability_zones, so that they stay when other zones offer it too"
    ]


def test_fixed_pool_with_a_gpu_decides_on_zones() -> None:
    seen: list[Network] = []
    functions = _offered("eu-west-1b", "eu-west-1d")

    _record(_settings(pools=(FIXED,)), functions=functions, seen=seen)
    _record(_settings(pools=(GROWING,)), functions=functions, seen=seen)

    assert [made.zones for made in seen] == [
        ("eu-west-1b", "eu-west-1d"),
        ("eu-west-1a", "eu-west-1b"),
    ]


@pytest.mark.parametrize(
    ("changes", "zones", "message"),
    [
        pytest.param(
            {"pools": (GROWING,)},
            ["eu-west-1d"],
            "pools[0].gpu_name 'h100' needs p5.4xlarge, which none of the zones eu-west-1a, "
            "eu-west-1b offers; it is offered in eu-west-1d: add one to "
            "network.availability_zones",
            id="offered elsewhere",
        ),
        pytest.param(
            {"pools": (FIXED,)},
            [],
            "pools[0].gpu_name 'h100' needs p5.4xlarge, which none of the zones eu-west-1a, "
            "eu-west-1b offers; nor does any other of the region: choose other machines or "
            "another region",
            id="offered nowhere",
        ),
        pytest.param(
            {"pools": (NodePool("a", zones=("eu-west-1c",)),)},
            [],
            "pools[0].zones has eu-west-1c, but the network lies in eu-west-1a, eu-west-1b: "
            "choose some of these, or change network.availability_zones",
            id="pool elsewhere",
        ),
        pytest.param(
            {"availability_zones": ("eu-west-1a", "us-east-1a")},
            [],
            "network.availability_zones has 'us-east-1a', which is no zone that needs no opt-in "
            "here: use some of eu-west-1a, eu-west-1b, eu-west-1c, eu-west-1d",
            id="unknown zone",
        ),
        pytest.param(
            {"availability_zone_count": 5},
            [],
            "network.availability_zone_count 5 is more than the 4 zones that can be used "
            "(eu-west-1a, eu-west-1b, eu-west-1c, eu-west-1d): ask for fewer zones",
            id="too many zones",
        ),
    ],
)
def test_wrong_zones_are_refused_before_anything_is_made(
    changes: dict[str, Any], zones: list[str], message: str
) -> None:
    registered: list[str] = []

    class Watching(CloudAnswers):
        def registered(self, made: Registered, id: str, outputs: Any) -> Any:
            registered.append(made.name)
            return super().registered(made, id, outputs)

    with pytest.raises(WrongArgument) as caught:
        record(_program(_settings(**changes)), answers=Watching(_offered(*zones)))

    assert str(caught.value) == message
    assert registered == []


CHOICES = st.fixed_dictionaries(
    {
        "nat": st.sampled_from(["single", "per_az", "regional", "none"]),
        "availability_zone_count": st.integers(2, 4),
        "vpc_cidr": st.sampled_from(["10.0.0.0/16", "10.8.0.0/18", "10.9.240.0/20"]),
        "secondary_cidr": st.sampled_from([None, "100.64.0.0/16", "100.65.0.0/20"]),
        "ip_family": st.sampled_from(["ipv4", "ipv6"]),
        "scheme": st.sampled_from(["internal", "internet-facing"]),
        "has_flow_logs": st.booleans(),
        "control_plane_egress_mode": st.sampled_from(["AWS_MANAGED", "CUSTOMER_ROUTED"]),
    }
)


@settings(max_examples=20, deadline=None)
@given(changes=CHOICES, is_preview=st.booleans())
def test_whatever_is_chosen(changes: dict[str, Any], is_preview: bool) -> None:
    chosen = _settings(**changes)
    one, other = _record(chosen, is_preview=is_preview), _record(chosen, is_preview=is_preview)

    assert sorted(item.urn for item in one.resources) == sorted(
        item.urn for item in other.resources
    )
    pieces = _pieces(one)
    subnets = {item.name: item.inputs for item in pieces if item.type == SUBNET}
    check_no_overlap({name: inputs["cidrBlock"] for name, inputs in subnets.items()})
    zones = {inputs["availabilityZone"] for inputs in subnets.values()}
    assert len(zones) == changes["availability_zone_count"]
    for zone in zones:
        assert f"net-private-{zone}" in subnets
        assert f"net-control-plane-{zone}" in subnets
        assert (f"net-secondary-{zone}" in subnets) is (changes["secondary_cidr"] is not None)
    for item in pieces:
        assert item.parent_urn.endswith("splitplane:aws:Network::net")
        assert item.name.startswith("net-")
        if "tags" in _inputs(item.type):
            assert item.inputs["tags"]["splitplane.io/cluster"] == "prod"
            assert item.inputs["tags"]["team"] == "ml"


def _inputs(type_token: str) -> Collection[str]:
    kind = kind_of(type_token)
    assert kind is not None
    return kind.inputs


@pytest.mark.parametrize("nat", MODES)
def test_another_zone_moves_nothing(nat: str) -> None:
    two = _record(_settings(nat=nat))
    three = _record(_settings(nat=nat, availability_zone_count=3))

    after = {item.urn: item.inputs for item in _pieces(three)}
    for item in _pieces(two):
        if item.type == SUBNET:
            assert after[item.urn] == item.inputs
        assert item.urn in after


def test_another_way_out_replaces_no_subnet() -> None:
    found = [
        {
            item.urn: item.inputs
            for item in _pieces(_record(_settings(nat=nat)))
            if item.type == SUBNET
        }
        for nat in MODES
    ]

    private = [{urn for urn in subnets if "public" not in urn} for subnets in found]
    assert private == [private[0]] * len(MODES)
    for subnets in found:
        assert all(subnets[urn] == found[0][urn] for urn in private[0])


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

    names = _names(
        _record(_settings(nat="regional"), place=government, functions={OFFERINGS: offered})
    )

    assert [name for name in names if name.startswith("NatGateway::")] == [
        "NatGateway::net-nat-us-gov-west-1a",
        "NatGateway::net-nat-us-gov-west-1b",
    ]
