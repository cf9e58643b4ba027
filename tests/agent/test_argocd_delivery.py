"""Bundles that a real Argo CD applies, because the agent wrote an Application."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest
from bundles import Deployed
from fake_hub import FakeHub, until
from running_agent import AgentStarter

from splitplane.agent.applyset import parent_name
from splitplane.agent.delivery.argocd import project_name
from splitplane.agent.kube import KubeClient
from splitplane.agent.kube.resources import (
    ARGOCD_APPLICATION,
    ARGOCD_PROJECT,
    CONFIG_MAP,
    DEPLOYMENT,
    NAMESPACE,
)
from splitplane.stacks.argocd_local import ArgoCd

pytestmark = [pytest.mark.needs_tools, pytest.mark.slow]


@pytest.fixture
def settings(local_argocd: ArgoCd, hub: FakeHub) -> dict[str, Any]:
    """Settings of an agent beside the local Argo CD."""
    hub.delivery = "argocd"
    return {"argocd_destination": local_argocd.destination_server}


def is_done(hub: FakeHub, app: Deployed, version: int) -> bool:
    """What the control plane takes for delivered and healthy."""
    return any(
        item.doc["version"] == str(version)
        and item.doc["operation_phase"] == "Succeeded"
        and item.doc["sync"] == "Synced"
        and item.doc["health"] == "Healthy"
        for item in hub.of_kind("Application", app.namespace)
    )


async def test_service_is_deployed_changed_healed_and_removed(
    hub: FakeHub,
    start_agent: AgentStarter,
    kube: KubeClient,
    settings: dict[str, Any],
    unique: str,
) -> None:
    app = Deployed(f"cd-{unique}", delivery="argocd")

    async def replicas() -> int:
        return int((await kube.get(DEPLOYMENT, app.namespace, "ranker"))["spec"]["replicas"])

    async def scale_and_wait_for_healing() -> None:
        patch = json.dumps({"spec": {"replicas": 5}}).encode()
        await kube.call(
            "PATCH",
            DEPLOYMENT.path(app.namespace, "ranker"),
            body=patch,
            content_type="application/merge-patch+json",
        )

        async def is_healed() -> bool:
            return await replicas() == 2

        await until(is_healed, what="the healed drift", seconds=120)

    async with start_agent(**settings):
        first = await hub.carry_out(
            app.bundle(1, [app.deployment(), app.config_map("c", text="on\n---\n{{ x }}")])
        )
        await until(lambda: is_done(hub, app, 1), what="version 1", seconds=120)
        text = (await kube.get(CONFIG_MAP, app.namespace, "c"))["data"]["text"]
        second = await hub.carry_out(app.bundle(2, [app.deployment(version=2, replicas=2)]))
        await until(lambda: is_done(hub, app, 2), what="version 2", seconds=120)
        pruned = await kube.find(CONFIG_MAP, app.namespace, "c")
        live = hub.of_kind("Deployment", app.namespace)[0].doc
        older = await hub.carry_out(app.bundle(1, [app.deployment()]))

    await hub.stop()
    await scale_and_wait_for_healing()
    await hub.start()

    async with start_agent(**settings):
        early = await hub.carry_out(app.namespace_removal())
        removed = await hub.carry_out(app.removal(), seconds=120)
        gone = await hub.carry_out(app.namespace_removal(), seconds=120)

    assert (first.phase, first.reason, first.applied) == ("succeeded", "Applied", 2)
    assert (second.phase, second.pruned) == ("succeeded", 1)
    assert text == "on\n---\n{{ x }}"
    assert pruned is None
    assert (live["version"], live["available_replicas"]) == ("2", 2)
    assert (older.phase, older.reason) == ("refused", "Superseded")
    assert (early.phase, early.reason) == ("refused", "NotEmpty")
    assert (removed.phase, removed.reason) == ("succeeded", "Deleted")
    assert (gone.phase, gone.reason) == ("succeeded", "Deleted"), gone.message
    assert await kube.find(NAMESPACE, None, app.namespace) is None
    assert await kube.find(ARGOCD_PROJECT, "argocd", project_name(app.namespace)) is None


async def test_new_version_does_not_look_done_before_argo_cd_took_it_up(
    hub: FakeHub,
    start_agent: AgentStarter,
    kube: KubeClient,
    settings: dict[str, Any],
    unique: str,
) -> None:
    app = Deployed(f"cd-{unique}", delivery="argocd")
    wrong = app.deployment(version=2)
    wrong["spec"]["replicas"] = -1
    claims: list[tuple[str, str]] = []

    def failed() -> bool:
        docs = [item.doc for item in hub.of_kind("Application", app.namespace)]
        claims.extend((d["version"], d["operation_phase"]) for d in docs if d["version"] == "2")
        return any(phase == "Failed" for _, phase in claims)

    async with start_agent(**settings):
        await hub.carry_out(app.bundle(1, [app.deployment()]))
        await until(lambda: is_done(hub, app, 1), what="version 1", seconds=120)
        await hub.carry_out(app.bundle(2, [wrong]))
        await until(failed, what="the failed sync", seconds=120)
        await hub.carry_out(app.removal(), seconds=120)

    assert ("2", "Succeeded") not in claims


async def test_largest_bundle_is_synced_changed_and_deleted_and_a_larger_one_refused(
    hub: FakeHub,
    start_agent: AgentStarter,
    settings: dict[str, Any],
    unique: str,
) -> None:
    app = Deployed(f"cd-{unique}", delivery="argocd")
    largest = 256 * 1024 - 1024

    def build(version: int, size: int) -> list[dict[str, Any]]:
        large = app.config_map("c", text=str(version) * size)
        return [large, app.deployment(version=version)]

    async with start_agent(**settings):
        results = []
        for version in (1, 2):
            results.append(await hub.carry_out(app.bundle(version, build(version, largest))))
            await until(partial(is_done, hub, app, version), what=f"version {version}", seconds=120)
        results.append(await hub.carry_out(app.bundle(3, build(3, largest + 1024))))
        results.append(await hub.carry_out(app.removal(), seconds=120))

    assert [(r.phase, r.reason) for r in results] == [
        ("succeeded", "Applied"),
        ("succeeded", "Applied"),
        ("failed", "Invalid"),
        ("succeeded", "Deleted"),
    ]
    assert "262144 are allowed" in results[2].message


async def test_project_allows_one_namespace_and_nothing_of_the_cluster(
    hub: FakeHub,
    start_agent: AgentStarter,
    kube: KubeClient,
    settings: dict[str, Any],
    unique: str,
) -> None:
    app = Deployed(f"cd-{unique}", delivery="argocd")

    async with start_agent(**settings):
        await hub.carry_out(app.bundle(1, [app.config_map("c")]))
        project = await kube.get(ARGOCD_PROJECT, "argocd", project_name(app.namespace))
        found = await kube.get(ARGOCD_APPLICATION, app.namespace, "ranker")
        await hub.carry_out(app.removal(), seconds=120)

    spec = project["spec"]
    assert spec["sourceNamespaces"] == [app.namespace]
    assert [item["namespace"] for item in spec["destinations"]] == [app.namespace]
    assert spec["clusterResourceWhitelist"] == []
    assert {"group": "rbac.authorization.k8s.io", "kind": "Role"} not in spec[
        "namespaceResourceWhitelist"
    ]
    assert found["metadata"]["finalizers"] == ["resources-finalizer.argocd.argoproj.io"]


async def test_application_changes_hands_in_both_directions_without_a_new_pod(
    hub: FakeHub,
    start_agent: AgentStarter,
    kube: KubeClient,
    settings: dict[str, Any],
    unique: str,
) -> None:
    argo = Deployed(f"ws-{unique}", delivery="argocd")
    direct = Deployed(f"ws-{unique}", delivery="direct")
    direct.application_id = argo.application_id
    parent = parent_name(argo.application_id)
    objects = [argo.deployment(), argo.config_map("kept")]

    async with start_agent(**settings):
        await hub.carry_out(direct.bundle(1, [*objects, direct.config_map("of-direct")]))
        made = await kube.get(DEPLOYMENT, argo.namespace, "ranker")

        to_argo = await hub.carry_out(argo.bundle(1, [*objects, argo.config_map("of-argo")]))
        await until(partial(is_done, hub, argo, 1), what="Argo CD to take over", seconds=120)
        of_direct = await kube.find(CONFIG_MAP, argo.namespace, "of-direct")
        claim = await kube.find(CONFIG_MAP, argo.namespace, parent)

        to_direct = await hub.carry_out(direct.bundle(1, objects))
        application = await kube.find(ARGOCD_APPLICATION, argo.namespace, "ranker")
        of_argo = await kube.find(CONFIG_MAP, argo.namespace, "of-argo")
        found = await kube.get(DEPLOYMENT, argo.namespace, "ranker")
        late = await hub.carry_out(argo.removal(), seconds=60)

    assert [r.reason for r in (to_argo, to_direct, late)] == ["Applied", "Applied", "Deleted"]
    assert (of_direct, claim, application, of_argo) == (None, None, None, None)
    assert found["metadata"]["uid"] == made["metadata"]["uid"]
    assert found["spec"] == made["spec"]
    assert await kube.find(DEPLOYMENT, argo.namespace, "ranker") is None
    assert await kube.find(CONFIG_MAP, argo.namespace, "kept") is None
