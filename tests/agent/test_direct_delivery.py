"""Bundles that a running agent applies itself, on a real API server, ordered by a fake hub."""

from __future__ import annotations

import pytest
from bundles import Deployed
from fake_hub import FakeHub, until
from running_agent import AgentStarter

from splitplane.agent.applyset import ID_LABEL, PART_OF_LABEL, TOOLING, parent_name
from splitplane.agent.kube import KubeClient
from splitplane.agent.kube.objects import Partial
from splitplane.agent.kube.resources import CONFIG_MAP, DEPLOYMENT, NAMESPACE, POD

pytestmark = pytest.mark.needs_tools


async def test_bundle_becomes_a_running_pod_that_the_hub_sees(
    hub: FakeHub, start_agent: AgentStarter, kube: KubeClient, unique: str
) -> None:
    app = Deployed(f"ws-{unique}")
    bundle = app.bundle(1, [app.deployment(), app.config_map("settings", mode="fast")])

    async with start_agent():
        result = await hub.carry_out(bundle)
        await until(
            lambda: any(pod.doc["phase"] == "Running" for pod in hub.of_kind("Pod", app.namespace)),
            what="a running pod at the hub",
        )

    assert (result.phase, result.reason, result.applied) == ("succeeded", "Applied", 2)
    deployment = hub.of_kind("Deployment", app.namespace)[0]
    assert deployment.application_id == app.application_id
    assert deployment.doc["version"] == "1"
    found = await kube.get(DEPLOYMENT, app.namespace, "ranker")
    assert found["metadata"]["annotations"]["splitplane.io/generation"] == "1"
    parent = await kube.get(CONFIG_MAP, app.namespace, parent_name(app.application_id))
    assert found["metadata"]["labels"][PART_OF_LABEL] == parent["metadata"]["labels"][ID_LABEL]
    assert parent["metadata"]["annotations"][TOOLING] == "splitplane/v0.1.0"
    assert (
        parent["metadata"]["annotations"]["applyset.kubernetes.io/contains-group-kinds"]
        == "ConfigMap,Deployment.apps"
    )


async def test_namespace_is_made_with_labels_and_deleted_after_its_applications(
    hub: FakeHub, start_agent: AgentStarter, kube: KubeClient, unique: str
) -> None:
    app = Deployed(f"ws-{unique}")

    async with start_agent():
        await hub.carry_out(app.bundle(1, [app.config_map("settings")]))
        made = await kube.get(NAMESPACE, None, app.namespace)
        too_early = await hub.carry_out(app.namespace_removal())
        removed = await hub.carry_out(app.removal())
        gone = await hub.carry_out(app.namespace_removal())

    assert made["metadata"]["labels"]["splitplane.io/workspace"] == app.namespace
    assert made["metadata"]["labels"]["team"] == "ranking"
    assert (too_early.phase, too_early.reason) == ("refused", "NotEmpty")
    assert (removed.phase, removed.reason, removed.pruned) == ("succeeded", "Deleted", 1)
    assert (gone.phase, gone.reason) == ("succeeded", "Deleted")
    assert await kube.find(NAMESPACE, None, app.namespace) is None


async def test_namespace_of_somebody_else_is_kept(
    hub: FakeHub, start_agent: AgentStarter, kube: KubeClient, unique: str
) -> None:
    app = Deployed(f"ws-{unique}")
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": app.namespace}}
    await kube.create(NAMESPACE, namespace)

    async with start_agent():
        await hub.carry_out(app.bundle(1, [app.config_map("settings")]))
        await hub.carry_out(app.removal())
        result = await hub.carry_out(app.namespace_removal())

    assert (result.phase, result.reason) == ("succeeded", "Kept")
    kept = await kube.get(NAMESPACE, None, app.namespace)
    assert "splitplane.io/workspace" not in kept["metadata"]["labels"]


async def test_objects_that_a_new_version_lacks_are_deleted(
    hub: FakeHub, start_agent: AgentStarter, kube: KubeClient, unique: str
) -> None:
    app = Deployed(f"ws-{unique}")
    foreign = app.config_map("foreign")
    foreign["metadata"]["labels"] = {}

    async with start_agent():
        await hub.carry_out(
            app.bundle(1, [app.config_map("one"), app.config_map("two"), app.deployment()])
        )
        await kube.create(CONFIG_MAP, foreign)
        result = await hub.carry_out(app.bundle(2, [app.config_map("one", key="value")]))

    assert (result.reason, result.applied, result.pruned) == ("Applied", 1, 2)
    assert (await kube.get(CONFIG_MAP, app.namespace, "one"))["data"] == {"key": "value"}
    assert await kube.find(CONFIG_MAP, app.namespace, "two") is None
    assert await kube.find(DEPLOYMENT, app.namespace, "ranker") is None
    assert await kube.find(CONFIG_MAP, app.namespace, "foreign") is not None


async def test_too_many_deletions_are_refused_before_anything_changes(
    hub: FakeHub, start_agent: AgentStarter, kube: KubeClient, unique: str
) -> None:
    app = Deployed(f"ws-{unique}")

    async with start_agent(max_deletes=1):
        await hub.carry_out(app.bundle(1, [app.config_map(f"c{n}") for n in range(3)]))
        result = await hub.carry_out(app.bundle(2, [app.config_map("c0", key="value")]))

    assert (result.phase, result.reason) == ("refused", "TooManyDeletes")
    assert "would delete 2 objects" in result.message
    assert "data" not in await kube.get(CONFIG_MAP, app.namespace, "c0")


async def test_older_version_is_superseded(
    hub: FakeHub, start_agent: AgentStarter, kube: KubeClient, unique: str
) -> None:
    app = Deployed(f"ws-{unique}")

    async with start_agent():
        await hub.carry_out(app.bundle(2, [app.config_map("settings", version="two")]))
        result = await hub.carry_out(app.bundle(1, [app.config_map("settings", version="one")]))

    assert (result.phase, result.reason) == ("refused", "Superseded")
    found = await kube.get(CONFIG_MAP, app.namespace, "settings")
    assert found["data"] == {"version": "two"}


async def test_repeated_command_changes_nothing_and_gives_the_stored_result(
    hub: FakeHub, start_agent: AgentStarter, kube: KubeClient, unique: str
) -> None:
    app = Deployed(f"ws-{unique}")
    async with start_agent():
        command = await hub.order(app.bundle(1, [app.deployment()]))
        first = await hub.result(command)
        before = await kube.get(DEPLOYMENT, app.namespace, "ranker")

        await hub.send_command(command)
        await until(lambda: hub.result_count[command.id] == 2, what="the repeated result")

    async with start_agent():
        # A new process knows it from the ledger.
        await hub.send_command(command)
        await until(lambda: hub.result_count[command.id] >= 3, what="the result from the ledger")

    after = await kube.get(DEPLOYMENT, app.namespace, "ranker")
    assert hub.results[command.id] == first
    assert after["metadata"]["generation"] == before["metadata"]["generation"] == 1
    assert after["metadata"]["managedFields"][0] == before["metadata"]["managedFields"][0]


async def test_lost_ledger_does_not_apply_twice(
    hub: FakeHub, start_agent: AgentStarter, kube: KubeClient, unique: str
) -> None:
    app = Deployed(f"ws-{unique}")
    async with start_agent() as agent:
        command = await hub.order(app.bundle(1, [app.config_map("settings")]))
        await hub.result(command)
        namespace = agent.settings.namespace
    await kube.delete(CONFIG_MAP, namespace, "splitplane-agent-ledger")

    async with start_agent():
        await hub.send_command(command)
        await until(lambda: hub.result_count[command.id] == 2, what="the second result")

    assert hub.results[command.id].reason == "Unchanged"


async def test_invalid_object_fails_and_names_field_and_object(
    hub: FakeHub, start_agent: AgentStarter, unique: str
) -> None:
    app = Deployed(f"ws-{unique}")
    wrong = app.deployment()
    wrong["spec"]["replikas"] = 2

    async with start_agent():
        result = await hub.carry_out(app.bundle(1, [wrong]))
        healed = await hub.carry_out(app.bundle(1, [app.deployment()]))

    assert (result.phase, result.applied) == ("failed", 0)
    assert "Deployment" in result.message
    assert "replikas" in result.message
    assert healed.phase == "succeeded"


async def test_drift_is_repaired_by_a_new_command_of_the_same_version(
    hub: FakeHub, start_agent: AgentStarter, kube: KubeClient, unique: str
) -> None:
    app = Deployed(f"ws-{unique}")
    bundle = app.bundle(1, [app.config_map("settings", key="right")])

    async with start_agent():
        await hub.carry_out(bundle)
        await kube.delete(CONFIG_MAP, app.namespace, "settings")
        result = await hub.carry_out(bundle)

    assert result.reason == "Applied"
    assert (await kube.get(CONFIG_MAP, app.namespace, "settings"))["data"] == {"key": "right"}


async def test_removal_deletes_pods_too(
    hub: FakeHub, start_agent: AgentStarter, kube: KubeClient, unique: str
) -> None:
    app = Deployed(f"ws-{unique}")

    async def no_pods() -> bool:
        return not await kube.list_all(POD, Partial, namespace=app.namespace)

    async with start_agent():
        await hub.carry_out(app.bundle(1, [app.deployment(replicas=2)]))
        await until(lambda: len(hub.of_kind("Pod", app.namespace)) == 2, what="two pods")
        result = await hub.carry_out(app.removal())
        await until(no_pods, what="the end of the pods")
        await until(lambda: not hub.of_kind("Pod", app.namespace), what="no pods at the hub")
        again = await hub.carry_out(app.removal())

    assert (result.reason, result.pruned) == ("Deleted", 1)
    assert (again.phase, again.reason, again.pruned) == ("succeeded", "Deleted", 0)
    assert hub.of_kind("Deployment", app.namespace) == []
