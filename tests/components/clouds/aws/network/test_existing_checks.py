"""Each thing that an existing VPC lacks has its own sentence, with what to do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from splitplane.components.clouds.aws.network.existing_checks import (
    ExistingNetwork,
    Field,
    SubnetFacts,
    check_existing,
    foreign_cluster_tags,
)
from splitplane.components.clouds.aws.network.zones import Zone
from splitplane.components.clouds.aws.settings import EksSettings, NetworkSettings

A, B = Zone("us-east-1a", "use1-az1"), Zone("us-east-1b", "use1-az2")
DENIED = Zone("us-east-1e", "use1-az3")
NAT, INTERNET = {"0.0.0.0/0": "nat-1"}, {"0.0.0.0/0": "igw-1"}
PUBLIC_TAG = {"kubernetes.io/role/elb": "1"}
PRIVATE_TAG = {"kubernetes.io/role/internal-elb": ""}
PUBLIC = SubnetFacts("subnet-5", "vpc-1", A, 99, tags=PUBLIC_TAG, routes=INTERNET)
PRIVATE = SubnetFacts("subnet-1", "vpc-1", A, 99, tags=PRIVATE_TAG, routes=NAT)
OTHER_PRIVATE = replace(PRIVATE, id="subnet-2", zone=B)
CONTROL_PLANE = SubnetFacts("subnet-3", "vpc-1", A, 16)
OTHER_CONTROL_PLANE = replace(CONTROL_PLANE, id="subnet-4", zone=B)
FITTING: dict[Field, tuple[SubnetFacts, ...]] = {
    "public_subnet_ids": (PUBLIC,),
    "private_subnet_ids": (PRIVATE, OTHER_PRIVATE),
    "control_plane_subnet_ids": (CONTROL_PLANE, OTHER_CONTROL_PLANE),
}
FOREIGN = {**PRIVATE_TAG, "kubernetes.io/cluster/blue": "owned"}


def _network(**subnets: Any) -> ExistingNetwork:
    found: dict[Any, Any] = {**FITTING, **subnets}  # Any: fields as keywords
    return ExistingNetwork("vpc-1", ("10.20.0.0/16",), True, True, found)


def _check(network: ExistingNetwork, *, egress: Any = "AWS_MANAGED", **changes: Any) -> list[str]:
    chosen = NetworkSettings(vpc_id="vpc-1", **changes)
    return check_existing(
        network,
        EksSettings(
            "prod",
            ("dev",),
            "https://hub.example.com",
            control_plane_egress_mode=egress,
            network=chosen,
        ),
    )


def test_fitting_network_has_no_problem() -> None:
    assert _check(_network()) == []


def test_network_without_a_way_out_is_declared() -> None:
    closed = tuple(replace(item, routes={}) for item in (PRIVATE, OTHER_PRIVATE))

    assert _check(_network(private_subnet_ids=closed), nat="none") == []
    assert _check(_network(private_subnet_ids=closed)) == [
        f"network.private_subnet_ids: {name} has no default route: add one, or say network.nat "
        "none when the VPC has the endpoints that a cluster needs"
        for name in ("subnet-1", "subnet-2")
    ]


def test_own_claim_beside_others_is_enough() -> None:
    claimed = replace(PRIVATE, tags={**FOREIGN, "kubernetes.io/cluster/prod": "shared"})

    assert _check(_network(private_subnet_ids=(claimed, OTHER_PRIVATE))) == []
    assert foreign_cluster_tags(claimed, "prod") == ["kubernetes.io/cluster/blue"]


def test_tags_are_no_problem_where_they_may_be_put() -> None:
    bare = replace(PRIVATE, tags={"kubernetes.io/cluster/blue": "owned"})

    network = _network(private_subnet_ids=(bare, OTHER_PRIVATE))
    assert _check(network, is_subnet_tagging_enabled=True) == []


def test_names_are_switched_on_in_the_vpc() -> None:
    network = replace(_network(), has_dns_support=False)

    assert _check(network) == [
        "network.vpc_id 'vpc-1' has DNS support switched off, and nodes would not register: "
        "switch it on"
    ]


@pytest.mark.parametrize(
    ("subnets", "changes", "problems"),
    [
        pytest.param(
            {
                "control_plane_subnet_ids": (
                    CONTROL_PLANE,
                    replace(OTHER_CONTROL_PLANE, zone=DENIED),
                )
            },
            {},
            [
                "network.control_plane_subnet_ids: subnet-4 lies in us-east-1e (use1-az3), where "
                "EKS places no control plane: name one of another zone"
            ],
            id="denied zone",
        ),
        pytest.param(
            {"private_subnet_ids": (PRIVATE, replace(OTHER_PRIVATE, vpc_id="vpc-2"))},
            {},
            [
                "network.private_subnet_ids: subnet-2 lies in another VPC than vpc-1: name subnets "
                "of it"
            ],
            id="other VPC",
        ),
        pytest.param(
            {"private_subnet_ids": (PRIVATE, replace(OTHER_PRIVATE, zone=A))},
            {},
            [
                "network.private_subnet_ids lie in us-east-1a: name subnets in 2 zones or more",
                "network.private_subnet_ids has several subnets in us-east-1a, where shared "
                "storage and load balancers take one: name one for each zone",
            ],
            id="one zone",
        ),
        pytest.param(
            {"control_plane_subnet_ids": (replace(CONTROL_PLANE, free_addresses=15),)},
            {},
            [
                "network.control_plane_subnet_ids lie in us-east-1a: name subnets in 2 zones or "
                "more",
                "network.control_plane_subnet_ids: subnet-3 has 15 free addresses, EKS needs up to "
                "16: name a larger one",
            ],
            id="few addresses",
        ),
        pytest.param(
            {"private_subnet_ids": (replace(PRIVATE, routes=INTERNET), OTHER_PRIVATE)},
            {},
            [
                "network.private_subnet_ids: subnet-1 is public, its default route is igw-1: name "
                "one that goes out through NAT"
            ],
            id="public as private",
        ),
        pytest.param(
            {"public_subnet_ids": (replace(PUBLIC, routes=NAT),)},
            {},
            [
                "network.public_subnet_ids: subnet-5 has no default route to an internet gateway "
                "(but nat-1): add one, or name another"
            ],
            id="private as public",
        ),
        pytest.param(
            {},
            {"egress": "CUSTOMER_ROUTED"},
            [
                f"network.control_plane_subnet_ids: {name} has no default route through NAT, by "
                "which a control plane with control_plane_egress_mode 'CUSTOMER_ROUTED' goes out: "
                "add one, or name another"
                for name in ("subnet-3", "subnet-4")
            ],
            id="routed control plane",
        ),
        pytest.param(
            {
                "private_subnet_ids": (replace(PRIVATE, tags=FOREIGN), OTHER_PRIVATE),
                "public_subnet_ids": (replace(PUBLIC, tags={"kubernetes.io/role/elb": "0"}),),
            },
            {},
            [
                "network.public_subnet_ids: subnet-5 has no tag kubernetes.io/role/elb=1, by which "
                "load balancers find it: add it, or set network.is_subnet_tagging_enabled",
                "network.private_subnet_ids: subnet-1 has kubernetes.io/cluster/blue but not "
                "kubernetes.io/cluster/prod=shared, so that load balancers of this cluster leave "
                "it out: add it, or set network.is_subnet_tagging_enabled",
            ],
            id="tags",
        ),
        pytest.param(
            {"private_subnet_ids": (replace(PRIVATE, has_ipv6=True), OTHER_PRIVATE)},
            {"ip_family": "ipv6"},
            [
                "network.private_subnet_ids: subnet-2 gives out no IPv6 addresses, which "
                "network.ip_family 'ipv6' needs: add a range and switch it on, or use ipv4",
                "network.control_plane_subnet_ids: subnet-3, subnet-4 gives out no IPv6 addresses, "
                "which network.ip_family 'ipv6' needs: add a range and switch it on, or use ipv4",
            ],
            id="ipv6",
        ),
        pytest.param(
            {},
            {"service_ipv4_cidr": "10.20.8.0/24"},
            [
                "network.service_ipv4_cidr '10.20.8.0/24' overlaps vpc-1's range '10.20.0.0/16': "
                "choose ranges that share no address"
            ],
            id="services",
        ),
    ],
)
def test_what_does_not_fit_is_named(
    subnets: dict[str, Any], changes: dict[str, Any], problems: list[str]
) -> None:
    assert _check(_network(**subnets), **changes) == problems
