"""The Kubernetes client against a real API server, and its errors by status."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from bundles import Deployed
from fake_hub import until

from splitplane.agent.errors import (
    AgentError,
    Broken,
    Conflict,
    Gone,
    NotFound,
    Refused,
    RetryLater,
    UserError,
)
from splitplane.agent.kube import Change, KubeClient, Snapshot, Trouble, Watcher, load_access
from splitplane.agent.kube.client import error_of
from splitplane.agent.kube.objects import Partial, Status
from splitplane.agent.kube.resources import (
    CONFIG_MAP,
    DEPLOYMENT,
    NAMESPACE,
    Resource,
)
from splitplane.stacks.local_cluster import LocalCluster

pytestmark = pytest.mark.needs_tools

UNKNOWN_KIND = Resource("example.com/v1", "Widget", "widgets", is_namespaced=True)


@pytest.fixture
async def app(kube: KubeClient, unique: str) -> Deployed:
    """An application in a namespace of its own."""
    app = Deployed(f"kc-{unique}")
    await kube.create(
        NAMESPACE, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": app.namespace}}
    )
    return app


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (400, UserError),
        (401, Refused),
        (403, Refused),
        (404, NotFound),
        (409, Conflict),
        (410, Gone),
        (422, UserError),
        (429, RetryLater),
        (500, RetryLater),
        (503, RetryLater),
        (418, Broken),
    ],
)
def test_error_is_chosen_by_status(code: int, error: type[AgentError]) -> None:
    assert type(error_of(Status(code=code, message="why"))) is error


async def test_apply_makes_changes_and_removes_what_is_left_out(
    kube: KubeClient, app: Deployed
) -> None:
    first = await kube.apply(CONFIG_MAP, app.config_map("c", one="1", two="2"))
    again = await kube.apply(CONFIG_MAP, app.config_map("c", one="1", two="2"))
    changed = await kube.apply(CONFIG_MAP, app.config_map("c", two="3"))

    assert first["metadata"]["resourceVersion"] == again["metadata"]["resourceVersion"]
    assert changed["data"] == {"two": "3"}
    assert [f["manager"] for f in changed["metadata"]["managedFields"]] == ["splitplane-agent"]


async def test_dry_run_changes_nothing(kube: KubeClient, app: Deployed) -> None:
    await kube.apply(CONFIG_MAP, app.config_map("c"), is_dry_run=True)

    assert await kube.find(CONFIG_MAP, app.namespace, "c") is None


async def test_unknown_field_is_an_error_of_the_input(kube: KubeClient, app: Deployed) -> None:
    wrong = app.deployment()
    wrong["spec"]["template"]["spec"]["contaners"] = []

    with pytest.raises(UserError, match="contaners"):
        await kube.apply(DEPLOYMENT, wrong)


async def test_value_that_validation_refuses_is_an_error_of_the_input(
    kube: KubeClient, app: Deployed
) -> None:
    wrong = app.deployment()
    wrong["spec"]["replicas"] = -1

    with pytest.raises(UserError, match=r"spec\.replicas"):
        await kube.apply(DEPLOYMENT, wrong)


async def test_creating_twice_is_a_conflict(kube: KubeClient, app: Deployed) -> None:
    await kube.create(CONFIG_MAP, app.config_map("c"))

    with pytest.raises(Conflict):
        await kube.create(CONFIG_MAP, app.config_map("c"))


async def test_delete_spares_an_object_that_took_the_name(kube: KubeClient, app: Deployed) -> None:
    await kube.create(CONFIG_MAP, app.config_map("c"))

    with pytest.raises(Conflict):
        await kube.delete(CONFIG_MAP, app.namespace, "c", uid="of-another")
    assert await kube.delete(CONFIG_MAP, app.namespace, "c") is True
    assert await kube.delete(CONFIG_MAP, app.namespace, "c") is False


async def test_long_list_is_read_in_pages(kube: KubeClient, app: Deployed) -> None:
    for number in range(120):
        await kube.create(CONFIG_MAP, app.config_map(f"c{number:03}"))

    sizes = [
        len(items)
        async for items, _ in kube.pages(
            CONFIG_MAP,
            Partial,
            namespace=app.namespace,
            label_selector="splitplane.io/application-id",
        )
    ]

    assert sizes == [100, 20]


async def test_discovery_tells_what_is_served(kube: KubeClient) -> None:
    found = await kube.resource("apps/v1", "Deployment")

    assert (found.plural, found.is_namespaced) == ("deployments", True)
    assert (await kube.resource("v1", "Namespace")).is_namespaced is False
    with pytest.raises(NotFound, match=r"'Widget' of 'example\.com/v1' is not served"):
        await kube.resource("example.com/v1", "Widget")


class Recorder:
    """Follows ConfigMaps of a namespace and keeps what it is told."""

    def __init__(self, kube: KubeClient, namespace: str, **changes: Any) -> None:
        self.snapshots: list[list[str]] = []
        self.changes: list[tuple[str, bool]] = []
        self.troubles: list[AgentError] = []
        self.watcher = Watcher(
            kube,
            changes.pop("resource", CONFIG_MAP),
            Partial,
            namespace=namespace,
            label_selector="splitplane.io/application-id",
            choose=lambda low, high: low,
        )
        for name, value in changes.items():
            setattr(self.watcher, name, value)

    async def __aenter__(self) -> Recorder:
        self.task = asyncio.create_task(self.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    async def run(self) -> None:
        async for step in self.watcher.follow():
            match step:
                case Snapshot(items=items):
                    self.snapshots.append([item.metadata.name for item in items])
                case Change(item=item, is_deleted=is_deleted):
                    self.changes.append((item.metadata.name, is_deleted))
                case Trouble(error=error):
                    self.troubles.append(error)


@pytest.mark.parametrize("has_watch_list", [True, False], ids=["watch list", "pages"])
async def test_watch_tells_the_first_state_then_each_change(
    kube: KubeClient, app: Deployed, has_watch_list: bool
) -> None:
    await kube.create(CONFIG_MAP, app.config_map("a"))

    async with Recorder(kube, app.namespace, _has_watch_list=has_watch_list) as seen:
        await until(lambda: bool(seen.snapshots), what="the first state")
        await kube.create(CONFIG_MAP, app.config_map("b"))
        await kube.delete(CONFIG_MAP, app.namespace, "a")
        await until(lambda: len(seen.changes) == 2, what="two changes")

    assert seen.snapshots == [["a"]]
    assert seen.changes == [("b", False), ("a", True)]
    assert seen.watcher.lists == 1


async def test_kind_that_is_not_served_is_reported_and_waited_for(
    kube: KubeClient, app: Deployed
) -> None:
    async with Recorder(kube, app.namespace, resource=UNKNOWN_KIND) as seen:
        await until(lambda: bool(seen.troubles), what="the report")

    assert isinstance(seen.troubles[0], NotFound)


async def test_object_of_a_megabyte_passes_through_a_watch(kube: KubeClient, app: Deployed) -> None:
    async with Recorder(kube, app.namespace) as seen:
        await until(lambda: bool(seen.snapshots), what="the first state")
        await kube.create(CONFIG_MAP, app.config_map("large", text="x" * 1_000_000))
        await until(lambda: bool(seen.changes), what="the large object")

    assert seen.changes == [("large", False)]


@pytest.mark.slow
async def test_restarted_api_server_is_listed_at_most_once_and_no_change_is_lost() -> None:
    with LocalCluster.ephemeral() as cluster:
        app = Deployed("team1")
        async with KubeClient(load_access(cluster.kubeconfig, None)) as kube:
            await kube.create(
                NAMESPACE,
                {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team1"}},
            )
            await kube.create(CONFIG_MAP, app.config_map("a"))
            async with Recorder(kube, "team1") as seen:
                await until(lambda: bool(seen.snapshots), what="the first state")
                await asyncio.to_thread(cluster.restart_apiserver)
                await kube.create(CONFIG_MAP, app.config_map("b"))
                await until(
                    lambda: ("b", False) in seen.changes or "b" in seen.snapshots[-1],
                    what="the change after the restart",
                    seconds=60,
                )
                lists = seen.watcher.lists
            # The new process knows nothing of before it started, so that this version is too old.
            async with Recorder(kube, "team1", _version="1") as late:
                await until(lambda: bool(late.snapshots), what="the list that 410 asks for")

    assert lists <= 2
    assert late.snapshots == [["a", "b"]]
    assert late.changes == []
    assert late.watcher.lists == 1
    assert {name for names in seen.snapshots for name in names} <= {"a", "b"}
