"""The component as programs in Python and in other languages use it, under the real engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pulumi
import pytest
from control_plane import ControlPlane
from pulumi import automation

from splitplane import resources as sp
from splitplane.components import AttachedComputePlane
from splitplane.stacks.engine import Engine
from splitplane.stacks.local_cluster import LocalCluster

pytestmark = pytest.mark.needs_tools

TOKEN = "splitplane:index:AttachedComputePlane"
Program = Callable[[], None]


class Remote(pulumi.ComponentResource):
    """The component as an SDK of another language asks for it."""

    scope: pulumi.Output[str]
    joinToken: pulumi.Output[str]

    def __init__(self, name: str, inputs: Mapping[str, Any]) -> None:  # Any: any inputs
        outputs = {"scope": None, "joinToken": None}
        super().__init__(TOKEN, name, {**inputs, **outputs}, None, True)

    def workspace_namespace(self, arguments: Mapping[str, Any]) -> dict[str, pulumi.Output[str]]:
        given = {"__self__": self, **arguments}
        found: Any = pulumi.runtime.call(f"{TOKEN}/workspaceNamespace", given, self)
        return {"namespace": found["namespace"], "fqn": found["fqn"]}


def _kubernetes(client: httpx.Client, path: str) -> int:
    return client.get(path).status_code


@pytest.mark.parametrize("is_remote", [False, True], ids=["imported", "remote"])
def test_a_cluster_is_attached_and_detached(
    platform_engine: Engine,
    control_plane: ControlPlane,
    local_cluster: LocalCluster,
    kubernetes: httpx.Client,
    unique: str,
    is_remote: bool,
) -> None:
    kubeconfig = local_cluster.kubeconfig.read_text()

    def register() -> None:
        environment = sp.Environment("environment", name=f"{unique}-env")
        plane: Remote | AttachedComputePlane
        if is_remote:
            plane = Remote(
                unique,
                {
                    "name": unique,
                    "kubeconfig": kubeconfig,
                    "environments": ["dev", environment.name],
                    "hubUrl": "https://hub.example.com",
                    "delivery": "direct",
                    "agentMemoryMib": 256,
                },
            )
            pulumi.export("scope", plane.scope)
            pulumi.export("token", plane.joinToken)
        else:
            plane = AttachedComputePlane(
                unique,
                {
                    "name": unique,
                    "kubeconfig": kubeconfig,
                    "environments": ["dev", environment.name],
                    "hub_url": "https://hub.example.com",
                    "delivery": "direct",
                    "agent_memory_mib": 256,
                },
            )
            pulumi.export("scope", plane.scope)
            pulumi.export("token", plane.join_token)
        found = plane.workspace_namespace({"workspace": environment.name})
        pulumi.export("namespace", found["namespace"])
        pulumi.export("workspace", found["fqn"])

    deployment = "/apis/apps/v1/namespaces/splitplane-agent/deployments"
    stack = platform_engine.stack("attach", register)
    created = stack.preview().change_summary["create"]
    outputs = stack.up().outputs

    assert created > 5
    assert outputs["scope"].value == "cluster"
    assert outputs["namespace"].value == f"{unique}-env"
    assert outputs["workspace"].value == f"{unique}:{unique}-env"
    assert outputs["token"].secret
    assert outputs["token"].value.startswith("spl_join_")
    assert control_plane.is_listed("cluster", unique)
    (agent,) = kubernetes.get(deployment).json()["items"]
    limits = agent["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]
    assert limits["memory"] == "256Mi"
    stack.up(expect_no_changes=True)
    state = "".join(item.read_text() for item in platform_engine.backend.rglob("*.json"))
    assert outputs["token"].value not in state
    assert "client-key-data" not in state

    stack.destroy()
    assert not control_plane.is_listed("cluster", unique)
    assert _kubernetes(kubernetes, "/api/v1/namespaces/splitplane-agent") == 404


def test_a_refused_argument_of_a_remote_component_is_named(
    platform_engine: Engine, unique: str
) -> None:
    def register() -> None:
        Remote(
            unique,
            {
                "name": unique,
                "kubeconfig": "x",
                "environments": ["dev"],
                "hubUrl": "http://hub.example.com",
            },
        )

    stack = platform_engine.stack("attach", register)

    with pytest.raises(automation.CommandError, match="is not encrypted"):
        stack.preview()
