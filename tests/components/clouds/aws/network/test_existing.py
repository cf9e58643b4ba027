"""An existing VPC is read by functions, refused with all that has to change, and hardly touched."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from aws_vpc import ARGUMENTS, existing_vpc
from clouds.answers import CloudAnswers
from recording_monitor import Recording, record

from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.karpenter.pools import NodePool
from splitplane.components.clouds.aws.network.component import Network
from splitplane.components.clouds.aws.network.zones import Zone
from splitplane.components.clouds.aws.parts import NetworkParts, Place
from splitplane.components.clouds.aws.settings import EksSettings, NetworkSettings
from splitplane.components.errors import WrongArgument

PLACE = Place(
    Scope("aws", "eu-west-1", "111122223333"),
    (Zone("eu-west-1a", "euw1-az1"), Zone("eu-west-1b", "euw1-az2")),
)
BLUE = {"kubernetes.io/role/internal-elb": "1", "kubernetes.io/cluster/blue": "shared"}


def _take(
    seen: list[NetworkParts] | None = None,
    *,
    is_preview: bool = False,
    pools: tuple[NodePool, ...] | None = None,
    functions: dict[str, Any] | None = None,
    **network: Any,
) -> Recording:
    chosen = EksSettings(
        "prod",
        ("dev",),
        "https://hub.example.com",
        pools=pools,
        network=NetworkSettings(**{**ARGUMENTS, **network}),
    )

    def program() -> None:
        made = Network("net", chosen, PLACE)
        if seen is not None:
            seen.append(made.parts)

    answers = CloudAnswers(existing_vpc() if functions is None else functions)
    return record(program, is_preview=is_preview, answers=answers)


@pytest.mark.parametrize("is_preview", [True, False], ids=["preview", "up"])
def test_fitting_network_is_used_as_it_is(is_preview: bool) -> None:
    seen: list[NetworkParts] = []
    ids: dict[str, Any] = {}

    def program() -> None:
        settings = EksSettings(
            "prod", ("dev",), "https://hub", network=NetworkSettings(**ARGUMENTS)
        )
        parts = Network("net", settings, PLACE).parts
        seen.append(parts)
        pulumi.Output.all(
            vpc=parts.vpc_id,
            private=dict(parts.private_subnet_ids),
            public=dict(parts.public_subnet_ids),
            nodes=dict(parts.node_subnet_ids),
            control_plane=list(parts.control_plane_subnet_ids),
        ).apply(ids.update)

    recording = record(program, is_preview=is_preview, answers=CloudAnswers(existing_vpc()))

    assert [item.name for item in recording.resources if item.is_custom] == []
    assert ids == {
        "vpc": "vpc-1",
        "private": {"eu-west-1a": "subnet-priv-a", "eu-west-1b": "subnet-priv-b"},
        "public": {"eu-west-1a": "subnet-pub-a", "eu-west-1b": "subnet-pub-b"},
        "nodes": {"eu-west-1a": "subnet-priv-a", "eu-west-1b": "subnet-priv-b"},
        "control_plane": ["subnet-cp-a", "subnet-cp-b"],
    }
    assert seen[0].ways_out == ()


def test_vpc_that_is_not_there_is_refused() -> None:
    with pytest.raises(WrongArgument) as caught:
        _take(functions=existing_vpc(lacks=["vpc-1"]))

    assert str(caught.value) == (
        "network.vpc_id 'vpc-1' is not in this region and account: name another, or leave it out "
        "to create a VPC"
    )


def test_everything_that_has_to_change_is_told_at_once() -> None:
    functions = existing_vpc(
        vpc={"enableDnsHostnames": False},
        changes={
            "subnet-cp-a": {"availableIpAddressCount": 7},
            "subnet-priv-a": {"tags": {}},
        },
        lacks=["subnet-pub-a"],
    )

    with pytest.raises(WrongArgument) as caught:
        _take(functions=functions)

    assert str(caught.value).split("; ") == [
        "network.vpc_id 'vpc-1' has DNS host names switched off, and nodes would not register: "
        "switch it on",
        "network.public_subnet_ids: subnet-pub-a is not in this region and account: name others",
        "network.control_plane_subnet_ids: subnet-cp-a has 7 free addresses, EKS needs up to 16: "
        "name a larger one",
        "network.private_subnet_ids: subnet-priv-a has no tag kubernetes.io/role/internal-elb=1, "
        "by which load balancers find it: add it, or set network.is_subnet_tagging_enabled",
    ]


def test_second_range_of_the_vpc_counts_too() -> None:
    with pytest.raises(WrongArgument) as caught:
        _take(service_ipv4_cidr="10.20.8.0/24", peer_cidrs=("100.64.3.0/24",))

    assert str(caught.value).split("; ") == [
        "network.service_ipv4_cidr '10.20.8.0/24' overlaps vpc-1's range '10.20.0.0/16': choose "
        "ranges that share no address",
        "vpc-1's range '100.64.0.0/16' overlaps network.peer_cidrs '100.64.3.0/24': choose ranges "
        "that share no address",
    ]


def test_tagging_puts_role_tags_that_stay_and_claims_only_what_others_claim() -> None:
    functions = existing_vpc(changes={"subnet-priv-b": {"tags": BLUE}})

    recording = _take(is_subnet_tagging_enabled=True, functions=functions)

    tags = {item.name: item for item in recording.resources if item.type == "aws:ec2/tag:Tag"}
    assert {name: (item.inputs["key"], item.inputs["value"]) for name, item in tags.items()} == {
        "net-public-subnet-pub-a": ("kubernetes.io/role/elb", "1"),
        "net-public-subnet-pub-b": ("kubernetes.io/role/elb", "1"),
        "net-private-subnet-priv-a": ("kubernetes.io/role/internal-elb", "1"),
        "net-private-subnet-priv-b": ("kubernetes.io/role/internal-elb", "1"),
        "net-cluster-subnet-priv-b": ("kubernetes.io/cluster/prod", "shared"),
    }
    kept = {name for name, item in tags.items() if item.retain_on_delete}
    assert kept == tags.keys() - {"net-cluster-subnet-priv-b"}
    assert all(item.parent == "net" for item in tags.values())


def test_tags_that_were_put_are_put_in_the_next_run_too() -> None:
    claimed = {**BLUE, "kubernetes.io/cluster/prod": "shared"}
    before = existing_vpc(changes={"subnet-priv-b": {"tags": BLUE}})
    after = existing_vpc(changes={"subnet-priv-b": {"tags": claimed}})

    first = _take(is_subnet_tagging_enabled=True, functions=before)
    second = _take(is_subnet_tagging_enabled=True, functions=after)

    assert sorted(item.urn for item in first.resources) == sorted(
        item.urn for item in second.resources
    )


def test_pool_is_bound_to_zones_of_its_subnets() -> None:
    with pytest.raises(WrongArgument) as caught:
        _take(pools=(NodePool("a", zones=("eu-west-1c",)),))

    assert str(caught.value) == (
        "pools[0].zones has eu-west-1c, but the network lies in eu-west-1a, eu-west-1b: choose "
        "some of these, or change network.private_subnet_ids"
    )
