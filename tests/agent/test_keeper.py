"""What somebody changed in a workspace's namespace is put back, from the order in the cluster."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from fake_hub import FakeHub
from running_agent import AgentStarter

from splitplane.agent import runtime
from splitplane.agent.keeper import Keeper
from splitplane.agent.kube import KubeClient, Resource
from splitplane.agent.kube.resources import NAMESPACE
from splitplane.agent.runtime import Parts
from splitplane.contract import labels
from splitplane.contract.commands import NamespaceBundle
from splitplane.contract.ids import uuid7
from splitplane.contract.manifests.workspace import WorkspaceManifest
from splitplane.controlplane.rendering import render_namespace

pytestmark = pytest.mark.needs_tools

QUOTA = Resource("v1", "ResourceQuota", "resourcequotas", is_namespaced=True)
POLICY = Resource("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", is_namespaced=True)
LIMITS: dict[str, Any] = {
    "labels": {"team": "a"},
    "quota": {"cpu_millicores": 4000},
    "network_policy": {"ingress_from": "workspace"},
}


def state(namespace: str, **fields: Any) -> NamespaceBundle:
    manifest = WorkspaceManifest(name=namespace, cluster="prod-eu", environment="dev", **fields)
    return render_namespace(
        manifest, workspace_id=uuid7(), generation=1, control_plane_url="https://hub.example.com"
    )


@pytest.fixture
def keeper_of(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Keeper]:
    """The keeper of the agent that was started last."""
    made: list[Parts] = []
    build = runtime.build_parts

    async def remember(*args: Any) -> Parts:
        made.append(await build(*args))
        return made[-1]

    monkeypatch.setattr(runtime, "build_parts", remember)
    return lambda: made[-1].keeper


async def spoil(kube: KubeClient, namespace: str) -> None:
    """Somebody deletes the policy, raises the quota and takes a label away."""
    await kube.delete(POLICY, namespace, "splitplane-ingress")
    await patch(
        kube, QUOTA.path(namespace, "splitplane-quota"), b'{"spec":{"hard":{"requests.cpu":"9"}}}'
    )
    await patch(kube, NAMESPACE.path(None, namespace), b'{"metadata":{"labels":{"team":null}}}')


async def patch(kube: KubeClient, path: str, body: bytes) -> None:
    await kube.call("PATCH", path, body=body, content_type="application/merge-patch+json")


async def test_changes_by_others_are_put_back(
    hub: FakeHub,
    start_agent: AgentStarter,
    kube: KubeClient,
    keeper_of: Callable[[], Keeper],
    unique: str,
) -> None:
    namespace = f"ws-{unique}"

    async with start_agent():
        await hub.carry_out(state(namespace, **LIMITS))
        await keeper_of().heal_all()
        before = keeper_of().healed
        await spoil(kube, namespace)
        await keeper_of().heal_all()
        after = keeper_of().healed
        await keeper_of().heal_all()

    assert (before, after, keeper_of().healed) == (0, 3, 3)
    quota = await kube.get(QUOTA, namespace, "splitplane-quota")
    assert quota["spec"]["hard"]["requests.cpu"] == "4"
    assert await kube.find(POLICY, namespace, "splitplane-ingress") is not None
    made = await kube.get(NAMESPACE, None, namespace)
    assert made["metadata"]["labels"]["team"] == "a"


async def test_agent_that_was_restarted_knows_the_order_from_the_cluster(
    hub: FakeHub,
    start_agent: AgentStarter,
    kube: KubeClient,
    keeper_of: Callable[[], Keeper],
    unique: str,
) -> None:
    namespace = f"ws-{unique}"
    async with start_agent():
        await hub.carry_out(state(namespace, **LIMITS))
    await spoil(kube, namespace)

    async with start_agent():
        await keeper_of().heal_all()

    assert keeper_of().healed == 3


@pytest.mark.parametrize("forgery", ["changed", "of-another-namespace", "no-order"])
async def test_order_that_is_not_genuine_is_not_followed(
    hub: FakeHub,
    start_agent: AgentStarter,
    kube: KubeClient,
    keeper_of: Callable[[], Keeper],
    unique: str,
    forgery: str,
) -> None:
    namespace, other = f"ws-{unique}", f"other-{unique}"

    async with start_agent():
        await hub.carry_out(state(namespace, **LIMITS))
        await hub.carry_out(state(other, quota={"pods": 99}))
        annotations = (await kube.get(NAMESPACE, None, namespace))["metadata"]["annotations"]
        genuine = annotations[labels.ORDER]
        foreign = (await kube.get(NAMESPACE, None, other))["metadata"]["annotations"]
        text = {
            "changed": genuine.replace("4000m", "9000m"),
            "of-another-namespace": foreign[labels.ORDER],
            "no-order": "{}",
        }[forgery]
        await annotate(kube, namespace, {labels.ORDER: text})
        await spoil(kube, namespace)
        await keeper_of().heal_all()

    assert keeper_of().healed == 0
    quota = await kube.get(QUOTA, namespace, "splitplane-quota")
    assert quota["spec"]["hard"]["requests.cpu"] == "9"


async def annotate(kube: KubeClient, namespace: str, annotations: dict[str, str]) -> None:
    body = json.dumps({"metadata": {"annotations": annotations}}).encode()
    await patch(kube, NAMESPACE.path(None, namespace), body)
