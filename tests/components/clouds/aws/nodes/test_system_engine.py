"""System nodes under the real engine: upgraded after the cluster, gone before what they need."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from aws_plane import Parent, settings_of, with_plane
from clouds.graph import assert_destroyed_in_reverse, state_graph
from clouds.program import Clouds
from pulumi import automation

from splitplane.components.clouds.aws.nodes.security import declare_node_security_group
from splitplane.components.clouds.aws.nodes.system import declare_system_nodes
from splitplane.components.clouds.aws.parts import Plane
from splitplane.stacks.engine import Engine

pytestmark = [pytest.mark.needs_tools, pytest.mark.slow]

REGION = {"aws:region": "eu-west-1"}


def declare(parent: Parent, plane: Plane) -> list[pulumi.Resource]:
    security = declare_node_security_group(parent, plane)
    return declare_system_nodes(parent, plane, security=security, depends_on=[])


def test_nodes_live_from_creation_to_destroy(cloud_engine: Engine, clouds: Clouds) -> None:
    store = clouds.store("aws")

    def run(**args: Any) -> list[tuple[str, str]]:
        stack = cloud_engine.stack("nodes", with_plane(settings_of(**args), declare), REGION)
        seen = len(store.calls())
        stack.up()
        calls = [(operation, name) for operation, _, name in store.calls()[seen:]]
        return [call for call in calls if call[0] in ("create", "update", "delete")]

    run(kubernetes_version="1.34")
    upgraded = run(system_nodes={"count": 3})

    assert upgraded == [("update", "cluster"), ("update", "prod-eu-system")]

    stack = cloud_engine.stack("nodes", with_plane(settings_of(), declare), REGION)
    graph = state_graph(stack.export_stack().deployment or {})
    events: list[automation.EngineEvent] = []
    stack.destroy(on_event=events.append)
    assert_destroyed_in_reverse(graph, events)
    assert store.all() == []
