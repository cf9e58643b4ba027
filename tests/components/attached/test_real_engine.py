"""The component under the real engine, on a real cluster and a real control plane.

The official Kubernetes plugin is a download; its strict stand-in takes its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pulumi
import pytest
from control_plane import ControlPlane, running_control_plane
from polling import wait_for

from splitplane.components import AttachedComputePlane, AttachedComputePlaneArgs
from splitplane.resources import Environment
from splitplane.stacks.engine import Engine
from splitplane.stacks.local_cluster import LocalCluster

pytestmark = pytest.mark.needs_tools

NAMESPACE = "splitplane-agent"


@pytest.fixture(scope="module")
def control_plane() -> Iterator[ControlPlane]:
    with running_control_plane() as found:
        yield found


@pytest.fixture
def engine(tmp_path: Path, repository: Path) -> Iterator[Engine]:
    made = Engine(
        directory=tmp_path / "engine",
        passphrase="passphrase",
        plugin_directories=(repository / "tests" / "standins",),
    )
    with made:
        yield made


def _program(cluster: LocalCluster, **changes: Any) -> Callable[[], None]:
    def program() -> None:
        environment = Environment("env", name="attached-env")
        args: AttachedComputePlaneArgs = {
            "name": "attached-eu",
            "kubeconfig": cluster.kubeconfig.read_text(),
            "environments": [environment.name],
            "hub_url": "https://cp.example.com",
            **changes,
        }
        plane = AttachedComputePlane("eu", args)
        pulumi.export("version", plane.kubernetes_version)
        pulumi.export("join_token", plane.join_token)

    return program


def _counts(changes: Mapping[Any, int] | None) -> dict[str, int]:
    return {str(getattr(key, "value", key)): count for key, count in (changes or {}).items()}


def test_a_cluster_is_attached_changed_and_left_clean(
    engine: Engine,
    control_plane: ControlPlane,
    local_cluster: LocalCluster,
    kubernetes: httpx.Client,
) -> None:
    config = {
        "splitplane:endpoint": control_plane.endpoint,
        "splitplane:token": control_plane.token,
    }
    stack = engine.stack("attached", _program(local_cluster), config)

    planned = _counts(stack.preview().change_summary)
    assert kubernetes.get(f"/api/v1/namespaces/{NAMESPACE}").status_code == 404
    made = stack.up()

    # Stack, environment, component, cluster, Kubernetes provider and nine objects.
    assert planned == {"create": 14}
    assert _counts(made.summary.resource_changes) == {"create": 14}
    assert made.outputs["version"].value == "v1.36.1"
    assert made.outputs["join_token"].secret is True
    assert control_plane.is_listed("cluster", "attached-eu")
    secret = kubernetes.get(
        f"/api/v1/namespaces/{NAMESPACE}/secrets/splitplane-agent-join-token"
    ).json()
    assert secret["data"]["token"]
    assert "spl_join_" not in engine_state(engine)
    stack.up(expect_no_changes=True)

    stack = engine.stack("attached", _program(local_cluster, agent_memory_mib=512))
    # The component, whose inputs are on record, and the Deployment.
    assert _counts(stack.preview().change_summary) == {"update": 2, "same": 12}
    stack.up()
    deployment = kubernetes.get(
        f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/splitplane-agent"
    ).json()
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["resources"]["limits"] == {"memory": "512Mi"}

    stack.destroy()
    assert not control_plane.is_listed("cluster", "attached-eu")
    wait_for(
        lambda: kubernetes.get(f"/api/v1/namespaces/{NAMESPACE}").status_code == 404,
        what="the end of the agent's namespace",
    )


def engine_state(engine: Engine) -> str:
    """Everything that the engine has written."""
    return "".join(
        path.read_text(errors="replace") for path in engine.backend.rglob("*") if path.is_file()
    )
