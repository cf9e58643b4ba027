"""Pools in Auto Mode under the real engine: on the API server, changed in place, gone before it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pulumi
import pytest
from aws_plane import Parent, settings_of, with_plane
from clouds.graph import assert_destroyed_in_reverse, state_graph
from pulumi import automation

from splitplane.components.attached.objects import declare_provider
from splitplane.components.clouds.aws.cluster.kubeconfig import build_deployer_kubeconfig
from splitplane.components.clouds.aws.nodes.auto_pools import declare_auto_pools
from splitplane.components.clouds.aws.nodes.security import declare_node_security_group
from splitplane.components.clouds.aws.parts import Plane
from splitplane.stacks.engine import Engine

pytestmark = [pytest.mark.needs_tools, pytest.mark.slow]

POOL = "/apis/karpenter.sh/v1/nodepools/engine"
CLASS = "/apis/eks.amazonaws.com/v1/nodeclasses/engine"
REGION = {"aws:region": "eu-west-1"}
ASKED: dict[str, Any] = {
    "name": "engine",
    "gpu_name": "a10g",
    "limit_cpu_cores": 96,
    "limit_memory_gib": 384,
    "limit_gpus": 8,
}


def declare(parent: Parent, plane: Plane) -> list[pulumi.Resource]:
    kubeconfig = build_deployer_kubeconfig(
        cluster="prod-eu",
        region="eu-west-1",
        server="https://a.gr7.eu-west-1.eks.amazonaws.com",
        ca_certificate=b64encode(b"-----BEGIN CERTIFICATE-----").decode(),
    )
    provider = declare_provider(
        parent,
        "plane",
        kubeconfig=kubeconfig,
        context="prod-eu",
        cluster_identifier=plane.cluster.arn,
        depends_on=plane.cluster.ready,
    )
    plane = replace(plane, kubernetes=provider)
    return declare_auto_pools(
        parent,
        plane,
        security=declare_node_security_group(parent, plane),
        startup_taints=(),
        depends_on=[*plane.cluster.ready, *plane.network.ways_out],
    )


def program(**pool: Any) -> Callable[[], None]:
    return with_plane(settings_of(compute_mode="auto_mode", pools=[{**ASKED, **pool}]), declare)


@pytest.mark.usefixtures("cloud_cluster")
def test_pools_live_from_creation_to_destroy(
    cloud_engine: Engine, kubernetes: httpx.Client
) -> None:
    cloud_engine.stack("auto", program(), REGION).up()
    made = kubernetes.get(CLASS).json()["metadata"]["uid"]

    stack = cloud_engine.stack("auto", program(data_disk_gib=500, limit_gpus=16), REGION)
    changes: dict[Any, int] = {**(stack.up().summary.resource_changes or {})}

    assert {name: count for name, count in changes.items() if name != "same"} == {"update": 2}
    node_class, pool = kubernetes.get(CLASS).json(), kubernetes.get(POOL).json()
    assert node_class["metadata"]["uid"] == made
    assert node_class["spec"]["ephemeralStorage"] == {"size": "500Gi"}
    assert pool["spec"]["limits"]["nvidia.com/gpu"] == "16"

    graph = state_graph(stack.export_stack().deployment or {})
    events: list[automation.EngineEvent] = []
    stack.destroy(on_event=events.append)
    assert_destroyed_in_reverse(graph, events)
    assert [kubernetes.get(path).status_code for path in (POOL, CLASS)] == [404, 404]
