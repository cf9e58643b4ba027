"""A created VPC: which zones it lies in, and which are refused before anything is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
import pytest
from aws_network import OFFERINGS, network_program, network_settings, record_network
from clouds.answers import CloudAnswers
from recording_monitor import Registered, record

from splitplane.components.clouds.aws.karpenter.pools import NodePool
from splitplane.components.clouds.aws.network.component import Network
from splitplane.components.errors import WrongArgument

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


def test_parts_are_by_zone_in_the_order_of_the_zones() -> None:
    seen: list[Network] = []

    record_network(network_settings(secondary_cidr="100.64.0.0/16"), seen=seen)

    (made,) = seen
    assert made.zones == ("eu-west-1a", "eu-west-1b")
    assert tuple(made.parts.private_subnet_ids) == made.zones
    assert tuple(made.parts.node_subnet_ids) == made.zones
    assert made.parts.node_subnet_ids != made.parts.private_subnet_ids
    assert tuple(made.parts.public_subnet_ids) == ("eu-west-1a",)
    assert len(made.parts.control_plane_subnet_ids) == 2


def test_named_zones_are_used_in_their_order() -> None:
    seen: list[Network] = []

    record_network(network_settings(availability_zones=("eu-west-1d", "eu-west-1a")), seen=seen)

    assert seen[0].zones == ("eu-west-1d", "eu-west-1a")


def test_controllers_need_machines_in_every_zone() -> None:
    answers = CloudAnswers(_offered(system=["a"]))

    with pytest.raises(WrongArgument) as caught:
        record(network_program(network_settings()), answers=answers)

    assert str(caught.value) == (
        "system_nodes.instance_types ['m7i.large', 'm6i.large', 'm5.large'] are not offered in "
        "eu-west-1b: name machines that are offered there, or choose other zones"
    )


def test_zones_with_machines_for_controllers_come_first() -> None:
    seen: list[Network] = []

    record_network(network_settings(), functions=_offered(system=["b", "d"]), seen=seen)

    assert seen[0].zones == ("eu-west-1b", "eu-west-1d")


def test_zones_that_offers_decide_on_are_to_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    warnings: list[str] = []

    def warn(text: str, resource: pulumi.Resource) -> None:
        warnings.append(text)

    monkeypatch.setattr(pulumi.log, "warn", warn)

    record_network(network_settings(pools=(FIXED,)), functions=_offered("eu-west-1b", "eu-west-1d"))
    record_network(
        network_settings(pools=(GROWING,)), functions=_offered("eu-west-1b", "eu-west-1d")
    )

    assert warnings == [
        "cluster prod: zones eu-west-1b, eu-west-1d are chosen since they offer p5.4xlarge: name "
        "them in network.availability_zones, so that they stay when other zones offer it too"
    ]


def test_fixed_pool_with_a_gpu_decides_on_zones() -> None:
    seen: list[Network] = []
    functions = _offered("eu-west-1b", "eu-west-1d")

    record_network(network_settings(pools=(FIXED,)), functions=functions, seen=seen)
    record_network(network_settings(pools=(GROWING,)), functions=functions, seen=seen)

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
        record(network_program(network_settings(**changes)), answers=Watching(_offered(*zones)))

    assert str(caught.value) == message
    assert registered == []
