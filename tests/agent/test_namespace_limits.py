"""Labels, quota and network policies of a namespace, applied by a running agent on a real API."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, create_subprocess_exec
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from agent_account import agent_kubeconfig
from bundles import Deployed
from fake_hub import FakeHub, until
from httpx import AsyncClient, Client
from running_agent import AgentStarter

from splitplane.agent.errors import Refused
from splitplane.agent.kube import KubeClient, Resource
from splitplane.agent.kube.resources import NAMESPACE, POD
from splitplane.contract import labels
from splitplane.contract.commands import NamespaceBundle, NamespaceRemoval
from splitplane.contract.ids import uuid7
from splitplane.contract.manifests.workspace import WorkspaceManifest
from splitplane.controlplane.rendering.namespace import render_namespace
from splitplane.stacks.local_cluster import LocalCluster

pytestmark = pytest.mark.needs_tools

QUOTA = Resource("v1", "ResourceQuota", "resourcequotas", is_namespaced=True)
LIMIT_RANGE = Resource("v1", "LimitRange", "limitranges", is_namespaced=True)
CLUSTER_ROLE = Resource(
    "rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", is_namespaced=False
)
POLICY = Resource("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", is_namespaced=True)

QUOTA_NAME, DEFAULTS_NAME = "splitplane-quota", "splitplane-defaults"
INGRESS_NAME, EGRESS_NAME = "splitplane-ingress", "splitplane-egress"
FULL_QUOTA = {
    "cpu_millicores": 4000,
    "memory_mib": 8192,
    "gpu_count": 2,
    "storage_gib": 100,
    "pods": 10,
}
CLOSED = {
    "ingress_from": "workspace",
    "ingress_namespaces": ["istio-system"],
    "egress_to": "workspace",
    "egress_namespaces": ["istio-system"],
    "egress_cidrs": ["10.20.0.0/16", "2001:db8::/32"],
}


class Limited:
    """One workspace whose namespace is ordered in ever newer states."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.workspace_id = uuid7()

    def state(self, generation: int, **fields: Any) -> NamespaceBundle:
        manifest = WorkspaceManifest(
            name=self.namespace, cluster="prod-eu", environment="dev", **fields
        )
        return render_namespace(
            manifest,
            workspace_id=self.workspace_id,
            generation=generation,
            control_plane_url="https://203.0.113.7",
        )

    def removal(self) -> NamespaceRemoval:
        return NamespaceRemoval(
            workspace=self.namespace, namespace=self.namespace, delivery="direct"
        )


def pod(name: str, **requests: str) -> dict[str, Any]:
    container: dict[str, Any] = {"name": "main", "image": "registry.example.com/r:1"}
    if requests:
        container["resources"] = {"requests": requests, "limits": requests}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {"containers": [container], "automountServiceAccountToken": False},
    }


async def create_pod(kube: KubeClient, namespace: str, name: str, **requests: str) -> None:
    """The pod exists; waits for the ServiceAccount that every pod of a new namespace needs."""
    account = Resource("v1", "ServiceAccount", "serviceaccounts", is_namespaced=True)

    async def has_account() -> bool:
        return await kube.find(account, namespace, "default") is not None

    await until(has_account, what="the namespace's default account")
    document = pod(name, **requests)
    document["metadata"]["namespace"] = namespace
    await kube.create(POD, document)


async def test_labels_quota_and_policies_are_applied_as_one_state(
    hub: FakeHub, start_agent: AgentStarter, kube: KubeClient, unique: str
) -> None:
    space = Limited(f"ws-{unique}")

    async with start_agent():
        result = await hub.carry_out(
            space.state(3, labels={"team": "ranking"}, quota=FULL_QUOTA, network_policy=CLOSED)
        )

    assert (result.phase, result.reason, result.applied) == ("succeeded", "Applied", 4)
    namespace = (await kube.get(NAMESPACE, None, space.namespace))["metadata"]
    assert namespace["labels"]["team"] == "ranking"
    assert namespace["labels"][labels.WORKSPACE] == space.namespace
    assert namespace["annotations"][labels.GENERATION] == "3"
    assert namespace["annotations"][labels.WORKSPACE_ID] == space.workspace_id
    assert namespace["annotations"][labels.LIMIT_KINDS] == (
        "LimitRange,NetworkPolicy.networking.k8s.io,ResourceQuota"
    )
    assert (await kube.get(QUOTA, space.namespace, QUOTA_NAME))["spec"]["hard"] == {
        "pods": "10",
        "requests.cpu": "4",
        "requests.memory": "8Gi",
        "requests.nvidia.com/gpu": "2",
        "requests.storage": "100Gi",
    }
    egress = (await kube.get(POLICY, space.namespace, EGRESS_NAME))["spec"]
    assert egress["policyTypes"] == ["Egress"]
    assert len(egress["egress"]) == 3
    assert (await kube.get(POLICY, space.namespace, INGRESS_NAME))["spec"]["podSelector"] == {}


async def test_quota_refuses_the_pod_above_it(
    hub: FakeHub, start_agent: AgentStarter, kube: KubeClient, unique: str
) -> None:
    space = Limited(f"ws-{unique}")

    async with start_agent():
        await hub.carry_out(space.state(1, quota={"cpu_millicores": 500}))
        await create_pod(kube, space.namespace, "fits", cpu="400m")
        with pytest.raises(Refused, match="exceeded quota: splitplane-quota"):
            await create_pod(kube, space.namespace, "above", cpu="200m")
        await hub.carry_out(space.state(2, quota={"cpu_millicores": 600}))

        async def fits_now() -> bool:
            # The quota admission plugin reads quotas from a cache.
            try:
                await create_pod(kube, space.namespace, "above", cpu="200m")
            except Refused:
                return False
            return True

        await until(fits_now, what="room under the raised quota")


async def test_use_of_the_quota_is_streamed(
    hub: FakeHub, start_agent: AgentStarter, kube: KubeClient, unique: str
) -> None:
    space = Limited(f"ws-{unique}")

    def seen() -> list[dict[str, Any]]:
        return [item.doc for item in hub.of_kind("ResourceQuota", space.namespace)]

    async with start_agent():
        await hub.carry_out(space.state(1, quota={"pods": 5}))
        await create_pod(kube, space.namespace, "one")
        wanted = {"hard": {"pods": "5"}, "used": {"pods": "1"}, "version": None}
        await until(lambda: seen() == [wanted], what="the use of the quota")
        await hub.carry_out(space.state(2))
        await until(lambda: seen() == [], what="the quota to be gone")


async def test_agent_with_the_rights_of_the_former_version_is_ready_and_says_what_it_lacks(
    hub: FakeHub,
    start_agent: AgentStarter,
    local_cluster: LocalCluster,
    kube: KubeClient,
    kubernetes: Client,
    tmp_path: Path,
    unique: str,
) -> None:
    agent_namespace, space = f"splitplane-{unique}", Limited(f"ws-{unique}")
    kubeconfig = agent_kubeconfig(
        local_cluster,
        kubernetes,
        tmp_path / "kubeconfig",
        namespace=agent_namespace,
        delivery="direct",
    )
    role = await kube.get(CLUSTER_ROLE, None, f"splitplane-agent:{agent_namespace}")
    for rule in role["rules"]:
        kept = set(rule["resources"]) - {"resourcequotas", "limitranges"}
        rule["resources"] = sorted(kept)
    await kube.call(
        "PUT", CLUSTER_ROLE.path(None, role["metadata"]["name"]), body=json.dumps(role).encode()
    )

    async with start_agent(kubeconfig=kubeconfig) as agent:
        ready = f"http://127.0.0.1:{agent.status_port}/readyz"

        async def is_ready() -> bool:
            async with AsyncClient(trust_env=False) as client:
                return (await client.get(ready)).is_success

        await until(is_ready, what="the agent's readiness")
        labelled = await hub.carry_out(space.state(1, labels={"team": "a"}))
        soon = datetime.now(UTC) + timedelta(seconds=1)
        command = hub.sign(space.state(2, quota={"pods": 5}), expires_at=soon)
        await hub.send_command(command)
        limited = await hub.result(command)

    assert (labelled.phase, labelled.reason) == ("succeeded", "Applied")
    assert (limited.phase, limited.reason) == ("refused", "Forbidden")
    assert "resourcequotas" in limited.message


async def test_pod_without_requests_gets_the_usual_ones_under_a_quota(
    hub: FakeHub, start_agent: AgentStarter, kube: KubeClient, unique: str
) -> None:
    space = Limited(f"ws-{unique}")

    async with start_agent():
        await hub.carry_out(space.state(1, quota={"cpu_millicores": 500, "memory_mib": 1024}))

        async def has_defaults() -> bool:
            # Until the admission plugins have seen the defaults, the quota refuses the pod.
            try:
                await create_pod(kube, space.namespace, "plain")
            except Refused:
                return False
            return True

        await until(has_defaults, what="the defaults to be used")

    made = await kube.get(POD, space.namespace, "plain")
    requests = made["spec"]["containers"][0]["resources"]["requests"]
    assert requests == {"cpu": "200m", "memory": "200Mi"}


async def test_what_a_newer_state_lacks_is_removed(
    hub: FakeHub, start_agent: AgentStarter, kube: KubeClient, unique: str
) -> None:
    space = Limited(f"ws-{unique}")
    foreign = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "of-the-administrator", "namespace": space.namespace},
        "spec": {"hard": {"pods": "100"}},
    }

    async with start_agent():
        await hub.carry_out(
            space.state(1, labels={"team": "a"}, quota=FULL_QUOTA, network_policy=CLOSED)
        )
        await kube.create(QUOTA, foreign)
        result = await hub.carry_out(
            space.state(2, labels={"tier": "b"}, network_policy={"ingress_from": "workspace"})
        )

    assert (result.reason, result.applied, result.pruned) == ("Applied", 1, 3)
    namespace = (await kube.get(NAMESPACE, None, space.namespace))["metadata"]
    assert "team" not in namespace["labels"]
    assert namespace["labels"]["tier"] == "b"
    assert namespace["annotations"][labels.LIMIT_KINDS] == "NetworkPolicy.networking.k8s.io"
    assert await kube.find(QUOTA, space.namespace, QUOTA_NAME) is None
    assert await kube.find(LIMIT_RANGE, space.namespace, DEFAULTS_NAME) is None
    assert await kube.find(POLICY, space.namespace, EGRESS_NAME) is None
    assert await kube.find(POLICY, space.namespace, INGRESS_NAME) is not None
    assert await kube.find(QUOTA, space.namespace, "of-the-administrator") is not None


async def test_older_state_is_superseded_and_that_of_a_new_workspace_is_not(
    hub: FakeHub, start_agent: AgentStarter, kube: KubeClient, unique: str
) -> None:
    space, namesake = Limited(f"ws-{unique}"), Limited(f"ws-{unique}")

    async with start_agent():
        await hub.carry_out(space.state(7, quota={"pods": 7}))
        late = await hub.carry_out(space.state(6, quota={"pods": 6}))
        again = await hub.carry_out(space.state(7, quota={"pods": 8}))
        other = await hub.carry_out(namesake.state(1, quota={"pods": 1}))

    assert (late.phase, late.reason) == ("refused", "Superseded")
    assert again.reason == "Applied"
    assert other.reason == "Applied"
    assert (await kube.get(QUOTA, space.namespace, QUOTA_NAME))["spec"]["hard"] == {"pods": "1"}


async def test_bundle_leaves_labels_and_limits_of_the_namespace_alone(
    hub: FakeHub, start_agent: AgentStarter, kube: KubeClient, unique: str
) -> None:
    space, app = Limited(f"ws-{unique}"), Deployed(f"ws-{unique}")

    async with start_agent():
        await hub.carry_out(app.bundle(1, [app.config_map("settings")]))
        await hub.carry_out(space.state(2, labels={"team": "two"}, quota={"pods": 5}))
        result = await hub.carry_out(app.bundle(2, [app.config_map("settings", key="value")]))

    assert result.reason == "Applied"
    namespace = (await kube.get(NAMESPACE, None, space.namespace))["metadata"]
    assert namespace["labels"]["team"] == "two"
    assert namespace["annotations"][labels.GENERATION] == "2"
    assert namespace["annotations"][labels.CREATED_BY_AGENT] == "true"


async def test_namespace_that_is_kept_loses_labels_and_limits(
    hub: FakeHub, start_agent: AgentStarter, kube: KubeClient, unique: str
) -> None:
    space = Limited(f"ws-{unique}")
    await kube.create(
        NAMESPACE,
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space.namespace}},
    )

    async with start_agent():
        await hub.carry_out(
            space.state(1, labels={"team": "a"}, quota=FULL_QUOTA, network_policy=CLOSED)
        )
        result = await hub.carry_out(space.removal())

    assert (result.phase, result.reason, result.pruned) == ("succeeded", "Kept", 4)
    kept = (await kube.get(NAMESPACE, None, space.namespace))["metadata"]
    assert "team" not in kept["labels"]
    assert labels.WORKSPACE_ID not in (kept.get("annotations") or {})
    assert await kube.find(QUOTA, space.namespace, QUOTA_NAME) is None
    assert await kube.find(POLICY, space.namespace, INGRESS_NAME) is None


async def test_namespace_that_the_agent_made_goes_with_its_limits(
    hub: FakeHub, start_agent: AgentStarter, kube: KubeClient, unique: str
) -> None:
    space = Limited(f"ws-{unique}")

    async with start_agent():
        await hub.carry_out(space.state(1, quota=FULL_QUOTA))
        result = await hub.carry_out(space.removal())

    assert (result.phase, result.reason) == ("succeeded", "Deleted")
    assert await kube.find(NAMESPACE, None, space.namespace) is None


async def test_namespace_of_another_workspace_and_reserved_ones_are_refused(
    hub: FakeHub, start_agent: AgentStarter, kube: KubeClient, unique: str
) -> None:
    space = Limited(f"ws-{unique}")
    taken = space.state(1).model_copy(update={"workspace": "another"})
    system = space.state(1, quota={"pods": 1}).model_copy(update={"namespace": "kube-system"})

    async with start_agent(denied_namespaces=(f"no-{unique}",)):
        await hub.carry_out(space.state(1))
        results = [
            await hub.carry_out(taken),
            await hub.carry_out(system),
            await hub.carry_out(Limited(f"no-{unique}").state(1)),
        ]

    assert [(r.phase, r.reason) for r in results] == [("refused", "NotAllowed")] * 3
    assert "belongs to workspace" in results[0].message
    assert "belongs to the cluster" in results[1].message
    assert "deny list" in results[2].message
    assert await kube.find(QUOTA, "kube-system", QUOTA_NAME) is None


async def test_invalid_limit_is_named(hub: FakeHub, start_agent: AgentStarter, unique: str) -> None:
    space = Limited(f"ws-{unique}")
    state = space.state(1, quota={"pods": 1})
    state.objects[0]["spec"]["hards"] = {}

    async with start_agent():
        result = await hub.carry_out(state)

    assert (result.phase, result.reason) == ("failed", "Invalid")
    assert f"ResourceQuota {space.namespace}/splitplane-quota" in result.message


async def test_capability_follows_the_verb_list(hub: FakeHub, start_agent: AgentStarter) -> None:
    async with start_agent():
        assert "command:apply-namespace" in hub.hellos[-1].capabilities
    async with start_agent(verbs=("apply-bundle",)):
        assert hub.hellos[-1].capabilities == ["delivery:direct"]


@pytest.mark.parametrize("milliseconds", [5, 20, 60])
async def test_killed_agent_finishes_the_state_when_it_is_back(
    hub: FakeHub,
    local_cluster: LocalCluster,
    kube: KubeClient,
    kubernetes: Client,
    tmp_path: Path,
    unique: str,
    milliseconds: int,
) -> None:
    space = Limited(f"ws-{unique}")
    kubeconfig = agent_kubeconfig(
        local_cluster,
        kubernetes,
        tmp_path / "kubeconfig",
        namespace=f"splitplane-{unique}",
        delivery="direct",
    )
    environment = {
        "PATH": os.environ["PATH"],
        "SPLITPLANE_AGENT_HUB_URL": hub.url,
        "SPLITPLANE_AGENT_JOIN_TOKEN": "spl_join_test",
        "SPLITPLANE_AGENT_KUBECONFIG": str(kubeconfig),
        "SPLITPLANE_AGENT_NAMESPACE": f"splitplane-{unique}",
    }

    async def start() -> Any:
        sessions = len(hub.hellos)
        process = await create_subprocess_exec(
            sys.executable, "-m", "splitplane.agent", env=environment, stderr=DEVNULL
        )
        await until(lambda: len(hub.hellos) > sessions, what="the agent's session")
        return process

    process = await start()
    await hub.carry_out(space.state(1, quota=FULL_QUOTA, network_policy=CLOSED))
    command = await hub.order(space.state(2, quota={"pods": 3}, network_policy={}))
    await asyncio.sleep(milliseconds / 1000)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    process = await start()
    result = await hub.result(command)
    process.terminate()

    assert await process.wait() == 0
    assert result.phase == "succeeded"
    notes = (await kube.get(NAMESPACE, None, space.namespace))["metadata"]["annotations"]
    assert notes[labels.COMMAND_ID] == command.id
    assert notes[labels.LIMIT_KINDS] == "ResourceQuota"
    assert (await kube.get(QUOTA, space.namespace, QUOTA_NAME))["spec"]["hard"] == {"pods": "3"}
    assert await kube.find(LIMIT_RANGE, space.namespace, DEFAULTS_NAME) is None
    assert await kube.find(POLICY, space.namespace, INGRESS_NAME) is None
