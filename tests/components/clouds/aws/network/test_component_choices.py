"""A created VPC: what holds whatever is chosen, and what a change leaves in its place."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest
from aws_network import SUBNET, network_settings, pieces_of, record_network
from clouds.sdk_types import kind_of
from hypothesis import given, settings
from hypothesis import strategies as st

from splitplane.components.clouds.aws.network.ip_plan import check_no_overlap

WAYS_OUT = ("single", "per_az", "regional", "none")
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
    chosen = network_settings(**changes)
    one, other = (
        record_network(chosen, is_preview=is_preview),
        record_network(chosen, is_preview=is_preview),
    )

    assert sorted(item.urn for item in one.resources) == sorted(
        item.urn for item in other.resources
    )
    pieces = pieces_of(one)
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


@pytest.mark.parametrize("nat", WAYS_OUT)
def test_another_zone_moves_nothing(nat: str) -> None:
    two = record_network(network_settings(nat=nat))
    three = record_network(network_settings(nat=nat, availability_zone_count=3))

    after = {item.urn: item.inputs for item in pieces_of(three)}
    for item in pieces_of(two):
        if item.type == SUBNET:
            assert after[item.urn] == item.inputs
        assert item.urn in after


def test_another_way_out_replaces_no_subnet() -> None:
    found = [
        {
            item.urn: item.inputs
            for item in pieces_of(record_network(network_settings(nat=nat)))
            if item.type == SUBNET
        }
        for nat in WAYS_OUT
    ]

    private = [{urn for urn in subnets if "public" not in urn} for subnets in found]
    assert private == [private[0]] * len(WAYS_OUT)
    for subnets in found:
        assert all(subnets[urn] == found[0][urn] for urn in private[0])
