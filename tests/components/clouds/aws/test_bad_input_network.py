"""What a program asks of its network in vain is said before any cloud resource is registered."""

from __future__ import annotations

from typing import Any

import pytest
from aws_refusal import Json, assert_refused, assert_refused_here
from aws_vpc import ARGUMENTS, existing_vpc


def _vpc(**facts: Any) -> tuple[Json, Json]:  # Any: JSON
    return {"network": dict(ARGUMENTS)}, existing_vpc(**facts)


def _subnet(name: str, **facts: Any) -> tuple[Json, Json]:  # Any: JSON
    return _vpc(changes={name: facts})


WITHOUT_AWS: dict[str, tuple[Json, str]] = {
    "ranges overlap": (
        {"network": {"secondary_cidr": "10.0.128.0/17"}},
        (
            "network.vpc_cidr '10.0.0.0/16' overlaps network.secondary_cidr '10.0.128.0/17': "
            "choose ranges that share no address"
        ),
    ),
    "range of a peer": (
        {"network": {"peer_cidrs": ["10.0.64.0/18"]}},
        (
            "network.vpc_cidr '10.0.0.0/16' overlaps network.peer_cidrs '10.0.64.0/18': choose "
            "ranges that share no address"
        ),
    ),
    "range of services": (
        {"network": {"service_ipv4_cidr": "10.0.0.0/16"}},
        (
            "network.vpc_cidr '10.0.0.0/16' overlaps network.service_ipv4_cidr '10.0.0.0/16': "
            "choose ranges that share no address"
        ),
    ),
    "small range": (
        {"network": {"vpc_cidr": "10.0.0.0/24"}},
        ("network.vpc_cidr '10.0.0.0/24' has the wrong size: use a prefix of /16 to /20"),
    ),
    "one zone": (
        {"network": {"availability_zone_count": 1}},
        ("network.availability_zone_count 1 is not allowed: use 2 to 6"),
    ),
    "one named zone": (
        {"network": {"availability_zones": ["eu-west-1a"]}},
        ("network.availability_zones ['eu-west-1a'] is not allowed: name 2 to 6 different zones"),
    ),
}
"""Known to be wrong by the arguments alone."""
WITH_AWS: dict[str, tuple[tuple[Json, Json], str]] = {
    "unknown zone": (
        ({"network": {"availability_zones": ["eu-west-1a", "eu-west-1z"]}}, {}),
        (
            "network.availability_zones has 'eu-west-1z', which is no zone that needs no "
            "opt-in here: use some of eu-west-1a, eu-west-1b, eu-west-1c"
        ),
    ),
    "subnet of another VPC": (
        _subnet("subnet-priv-b", vpcId="vpc-2"),
        (
            "network.private_subnet_ids: subnet-priv-b lies in another VPC than vpc-1: name "
            "subnets of it"
        ),
    ),
    "subnet that is not there": (
        _vpc(lacks=["subnet-cp-b"]),
        (
            "network.control_plane_subnet_ids: subnet-cp-b is not in this region and account: "
            "name others; network.control_plane_subnet_ids lie in eu-west-1a: name subnets in "
            "2 zones or more"
        ),
    ),
    "VPC without DNS": (
        _vpc(vpc={"enableDnsSupport": False}),
        (
            "network.vpc_id 'vpc-1' has DNS support switched off, and nodes would not "
            "register: switch it on"
        ),
    ),
    "denied zone": (
        _subnet("subnet-cp-a", availabilityZoneId="use1-az3"),
        (
            "network.control_plane_subnet_ids: subnet-cp-a lies in eu-west-1a (use1-az3), "
            "where EKS places no control plane: name one of another zone"
        ),
    ),
    "too few addresses": (
        _subnet("subnet-cp-a", availableIpAddressCount=15),
        (
            "network.control_plane_subnet_ids: subnet-cp-a has 15 free addresses, EKS needs up "
            "to 16: name a larger one"
        ),
    ),
    "subnet without its tag": (
        _subnet("subnet-priv-a", tags={}),
        (
            "network.private_subnet_ids: subnet-priv-a has no tag "
            "kubernetes.io/role/internal-elb=1, by which load balancers find it: add it, or "
            "set network.is_subnet_tagging_enabled"
        ),
    ),
    "two subnets of a zone": (
        _subnet("subnet-pub-b", availabilityZone="eu-west-1a", availabilityZoneId="euw1-az1"),
        (
            "network.public_subnet_ids has several subnets in eu-west-1a, where shared storage "
            "and load balancers take one: name one for each zone"
        ),
    ),
    "no IPv6": (
        ({"network": {**ARGUMENTS, "ip_family": "ipv6"}}, existing_vpc()),
        (
            "network.private_subnet_ids: subnet-priv-a, subnet-priv-b gives out no IPv6 "
            "addresses, which network.ip_family 'ipv6' needs: add a range and switch it on, or "
            "use ipv4; network.control_plane_subnet_ids: subnet-cp-a, subnet-cp-b gives out no "
            "IPv6 addresses, which network.ip_family 'ipv6' needs: add a range and switch it "
            "on, or use ipv4"
        ),
    ),
    "public nodes": (
        (
            {
                "network": {
                    **ARGUMENTS,
                    "private_subnet_ids": ["subnet-pub-a", "subnet-priv-b"],
                    "public_subnet_ids": [],
                }
            },
            existing_vpc(
                changes={"subnet-pub-a": {"tags": {"kubernetes.io/role/internal-elb": "1"}}}
            ),
        ),
        (
            "network.private_subnet_ids: subnet-pub-a is public, its default route is igw-1: "
            "name one that goes out through NAT"
        ),
    ),
    "services in the VPC": (
        ({"network": {**ARGUMENTS, "service_ipv4_cidr": "10.20.0.0/16"}}, existing_vpc()),
        (
            "network.service_ipv4_cidr '10.20.0.0/16' overlaps vpc-1's range '10.20.0.0/16': "
            "choose ranges that share no address"
        ),
    ),
}
"""Known to be wrong by what the account and the region have."""


@pytest.mark.parametrize(("args", "message"), WITHOUT_AWS.values(), ids=WITHOUT_AWS)
def test_what_is_wrong_by_itself_is_said_before_anything_is_registered(
    args: Json, message: str
) -> None:
    assert_refused(args, message)


@pytest.mark.parametrize(("case", "message"), WITH_AWS.values(), ids=WITH_AWS)
def test_what_does_not_fit_the_account_is_said_before_any_resource_of_a_cloud(
    case: tuple[Json, Json], message: str
) -> None:
    assert_refused_here(*case, message)
