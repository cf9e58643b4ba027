"""The rights of the manifests are enough for the agent's work, and for nothing else."""

from __future__ import annotations

import ssl
from dataclasses import replace
from pathlib import Path

import httpx
import msgspec
import pytest
from agent_account import agent_kubeconfig
from bundles import Deployed
from fake_hub import FakeHub, until
from running_agent import AgentStarter

from splitplane.agent.errors import Refused
from splitplane.agent.install import install
from splitplane.agent.kube import KubeClient, load_access
from splitplane.agent.kube.objects import Partial
from splitplane.agent.kube.resources import CONFIG_MAP, DEPLOYMENT, NAMESPACE, SECRET, Resource
from splitplane.agent.manifests import InstallSettings
from splitplane.agent.settings import Settings
from splitplane.agent.uninstall import uninstall
from splitplane.stacks.argocd_local import ArgoCd
from splitplane.stacks.local_cluster import LocalCluster

pytestmark = pytest.mark.needs_tools

CLUSTER_ROLE = Resource(
    "rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", is_namespaced=False
)


@pytest.fixture
def own_kubeconfig(
    local_cluster: LocalCluster, kubernetes: httpx.Client, tmp_path: Path, unique: str
) -> Path:
    """A kubeconfig of the agent's own service account."""
    return agent_kubeconfig(
        local_cluster,
        kubernetes,
        tmp_path / "kubeconfig",
        namespace=f"splitplane-{unique}",
        delivery="direct",
    )


async def test_own_service_account_is_enough_for_a_whole_life(
    hub: FakeHub, start_agent: AgentStarter, own_kubeconfig: Path, unique: str
) -> None:
    app = Deployed(f"ws-{unique}")

    async with start_agent(kubeconfig=own_kubeconfig):
        results = [await hub.carry_out(app.bundle(1, [app.deployment(), app.config_map("c")]))]
        await until(lambda: bool(hub.of_kind("Pod", app.namespace)), what="the pod")
        results.append(await hub.carry_out(app.bundle(2, [app.deployment()])))
        results.append(await hub.carry_out(app.removal()))
        results.append(await hub.carry_out(app.namespace_removal()))

    assert [(r.phase, r.reason) for r in results] == [
        ("succeeded", "Applied"),
        ("succeeded", "Applied"),
        ("succeeded", "Deleted"),
        ("succeeded", "Deleted"),
    ], [r.message for r in results]


@pytest.mark.slow
async def test_own_service_account_is_enough_with_argo_cd(
    hub: FakeHub,
    start_agent: AgentStarter,
    local_cluster: LocalCluster,
    local_argocd: ArgoCd,
    kubernetes: httpx.Client,
    tmp_path: Path,
    unique: str,
) -> None:
    hub.delivery = "argocd"
    app = Deployed(f"ws-{unique}", delivery="argocd")
    kubeconfig = agent_kubeconfig(
        local_cluster,
        kubernetes,
        tmp_path / "kubeconfig",
        namespace=f"splitplane-{unique}",
        delivery="argocd",
    )

    async with start_agent(
        kubeconfig=kubeconfig, argocd_destination=local_argocd.destination_server
    ):
        results = [await hub.carry_out(app.bundle(1, [app.deployment()]))]
        await until(lambda: bool(hub.of_kind("Pod", app.namespace)), what="the pod", seconds=120)
        results.append(await hub.carry_out(app.removal(), seconds=120))
        results.append(await hub.carry_out(app.namespace_removal(), seconds=120))

    assert [(r.phase, r.reason) for r in results] == [
        ("succeeded", "Applied"),
        ("succeeded", "Deleted"),
        ("succeeded", "Deleted"),
    ], [r.message for r in results]


async def test_own_service_account_may_not_do_more(own_kubeconfig: Path, unique: str) -> None:
    async with KubeClient(load_access(own_kubeconfig, None)) as own:
        for resource, namespace, name in (
            (SECRET, "kube-system", "x"),
            (SECRET, f"splitplane-{unique}", "another"),
            (CLUSTER_ROLE, None, "cluster-admin"),
        ):
            with pytest.raises(Refused, match="cannot get"):
                await own.get(resource, namespace, name)
        with pytest.raises(Refused, match="cannot list"):
            await own.list_all(SECRET, Partial)
        role = {
            "apiVersion": CLUSTER_ROLE.api_version,
            "kind": "ClusterRole",
            "metadata": {"name": "mine"},
        }
        with pytest.raises(Refused, match="cannot patch"):
            await own.apply(CLUSTER_ROLE, role)


async def test_allow_list_bounds_the_rights_in_the_cluster(
    local_cluster: LocalCluster, kube: KubeClient, unique: str
) -> None:
    allowed, other = f"ok-{unique}", f"no-{unique}"
    for name in (allowed, other):
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        await kube.create(NAMESPACE, namespace)
    settings = InstallSettings(
        agent=Settings(
            hub_url="https://hub.example.com",
            namespace=f"splitplane-{unique}",
            delivery="direct",
            allowed_namespaces=(allowed,),
        )
    )
    first = await install(local_cluster.kubeconfig, None, settings)
    again = await install(local_cluster.kubeconfig, None, settings)
    token = await kube.call(
        "POST",
        f"/api/v1/namespaces/splitplane-{unique}/serviceaccounts/splitplane-agent/token",
        body=b"{}",
    )
    secret = msgspec.json.decode(token)["status"]["token"]
    admin = load_access(local_cluster.kubeconfig, None)
    access = replace(admin, tls=_without_certificate(local_cluster), token=secret)

    async with KubeClient(access) as own:
        inside, outside = Deployed(allowed), Deployed(other)
        await own.apply(DEPLOYMENT, inside.deployment())
        with pytest.raises(Refused, match=f'in the namespace "{other}"'):
            await own.apply(DEPLOYMENT, outside.deployment())
        with pytest.raises(Refused):
            await own.apply(CONFIG_MAP, outside.config_map("c"))
        with pytest.raises(Refused):
            await own.apply(NAMESPACE, {**namespace, "metadata": {"name": other}})

    assert first == again
    assert f"Deployment splitplane-{unique}/splitplane-agent" in first


def _without_certificate(cluster: LocalCluster) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(cluster.authority_certificate))


async def test_uninstall_deletes_what_install_made_and_nothing_of_another_agent(
    local_cluster: LocalCluster, kube: KubeClient, unique: str
) -> None:
    allowed = f"ok-{unique}"
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": allowed}}
    await kube.create(NAMESPACE, namespace)
    agents = {name: f"{name}-{unique}" for name in ("mine", "theirs")}
    for name, own in agents.items():
        settings = Settings(
            hub_url="https://hub.example.com",
            namespace=own,
            delivery="direct",
            allowed_namespaces=(allowed,) if name == "mine" else (),
        )
        await install(local_cluster.kubeconfig, None, InstallSettings(agent=settings, replicas=0))

    first = await uninstall(local_cluster.kubeconfig, None, agents["mine"])
    again = await uninstall(local_cluster.kubeconfig, None, f"absent-{unique}")

    assert sorted(first) == [
        f"ClusterRole splitplane-agent:mine-{unique}",
        f"ClusterRoleBinding splitplane-agent:mine-{unique}",
        f"Deployment mine-{unique}/splitplane-agent",
        f"Namespace mine-{unique}",
        f"Role mine-{unique}/splitplane-agent",
        f"Role ok-{unique}/splitplane-agent",
        f"RoleBinding mine-{unique}/splitplane-agent",
        f"RoleBinding ok-{unique}/splitplane-agent",
    ]
    assert again == []
    left = await kube.find(CLUSTER_ROLE, None, f"splitplane-agent:theirs-{unique}")
    deployment = await kube.get(DEPLOYMENT, agents["theirs"], "splitplane-agent")
    assert left is not None
    assert deployment["spec"]["replicas"] == 0
