"""The network under the real engine: made, left alone, and removed in the order of its needs."""

from __future__ import annotations

import pulumi
import pytest
from clouds.graph import assert_after, assert_destroyed_in_reverse, state_graph
from clouds.program import Clouds
from pulumi import automation

from splitplane.components.clouds.aws.network.component import Network
from splitplane.components.clouds.aws.reading import read_place
from splitplane.components.clouds.aws.settings import EksSettings, NetworkSettings
from splitplane.stacks.engine import Engine

pytestmark = pytest.mark.needs_tools

REGION = {"aws:region": "eu-west-1"}


def _program() -> None:
    network = NetworkSettings(
        availability_zone_count=2,
        secondary_cidr="100.64.0.0/16",
        interface_endpoints=("sts",),
        has_flow_logs=True,
    )
    plane = pulumi.ComponentResource("test:index:Plane", "plane")
    settings = EksSettings("prod", ("dev",), "https://hub.example.com", network=network)
    made = Network("net", settings, read_place(plane), pulumi.ResourceOptions(parent=plane))
    pulumi.export("vpc", made.parts.vpc_id)
    pulumi.export("nodes", dict(made.parts.node_subnet_ids))


def test_network_lives_from_up_to_destroy(cloud_engine: Engine, clouds: Clouds) -> None:
    store = clouds.store("aws")
    stack = cloud_engine.stack("network", _program, REGION)

    outputs = stack.up().outputs
    assert outputs["vpc"].value.startswith("vpc-")
    assert sorted(outputs["nodes"].value) == ["eu-west-1a", "eu-west-1b"]
    stack.up(expect_no_changes=True)
    graph = state_graph(stack.export_stack().deployment or {})
    assert_after(graph, "aws:ec2/natGateway:NatGateway", "aws:ec2/internetGateway:InternetGateway")
    events: list[automation.EngineEvent] = []
    stack.destroy(on_event=events.append)

    assert_destroyed_in_reverse(graph, events)
    assert store.all() == []
