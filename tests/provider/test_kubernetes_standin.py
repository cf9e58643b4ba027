"""The stand-in for the Kubernetes plugin, under the real engine and a real API server."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import pulumi
import pulumi_kubernetes as k8s
import pytest
from polling import wait_for
from provider_harness import PluginProcess
from pulumi import automation

from splitplane.stacks.engine import Engine
from splitplane.stacks.local_cluster import LocalCluster

pytestmark = pytest.mark.needs_tools

Program = Callable[[], None]


def _program(
    cluster: LocalCluster,
    namespace: str,
    *,
    data: dict[str, str] | None = None,
    name: str = "settings",
) -> Program:
    def program() -> None:
        provider = k8s.Provider(
            "cluster",
            kubeconfig=cluster.kubeconfig.read_text(),
            cluster_identifier="local",
            enable_config_map_mutable=True,
        )
        opts = pulumi.ResourceOptions(provider=provider)
        space = k8s.core.v1.Namespace("space", metadata={"name": namespace}, opts=opts)
        k8s.core.v1.ConfigMap(
            "settings",
            metadata={"name": name, "namespace": space.metadata.name},
            data=data or {"a": "1"},
            opts=opts,
        )
        k8s.core.v1.Secret(
            "secret",
            metadata={"name": "secret", "namespace": space.metadata.name},
            string_data={"password": "canary-4711"},
            opts=opts,
        )

    return program


def _changes(result: automation.UpResult | automation.RefreshResult) -> dict[str, int]:
    return {str(key): count for key, count in (result.summary.resource_changes or {}).items()}


def test_objects_are_created_updated_refreshed_repaired_and_destroyed(
    engine: Engine, local_cluster: LocalCluster, kubernetes: httpx.Client
) -> None:
    namespace = "standin-life"
    path = f"/api/v1/namespaces/{namespace}/configmaps/settings"
    stack = engine.stack("k8s", _program(local_cluster, namespace))

    assert stack.preview().change_summary == {"create": 5}
    assert kubernetes.get(path).status_code == 404
    assert _changes(stack.up()) == {"create": 5}
    assert kubernetes.get(path).json()["data"] == {"a": "1"}
    stack.up(expect_no_changes=True)

    stack = engine.stack("k8s", _program(local_cluster, namespace, data={"a": "2"}))
    assert stack.preview().change_summary == {"update": 1, "same": 4}
    stack.up()
    assert kubernetes.get(path).json()["data"] == {"a": "2"}

    kubernetes.patch(
        path,
        json={"data": {"a": "drifted"}},
        headers={"content-type": "application/merge-patch+json"},
    ).raise_for_status()
    assert _changes(stack.refresh())["update"] == 1
    with pytest.raises(automation.CommandError, match="conflict"):
        stack.up()  # the other field manager owns it now, as with the official plugin
    kubernetes.delete(path).raise_for_status()
    assert _changes(stack.refresh())["delete"] == 1
    assert _changes(stack.up())["create"] == 1

    state = "".join(item.read_text() for item in engine.backend.rglob("*.json"))
    assert "canary-4711" not in state
    stack.destroy()
    assert kubernetes.get(f"/api/v1/namespaces/{namespace}").status_code == 404


def test_a_renamed_object_is_replaced(
    engine: Engine, local_cluster: LocalCluster, kubernetes: httpx.Client
) -> None:
    namespace = "standin-rename"
    engine.stack("k8s", _program(local_cluster, namespace)).up()
    stack = engine.stack("k8s", _program(local_cluster, namespace, name="renamed"))

    assert stack.preview().change_summary == {"replace": 1, "same": 4}
    stack.up()

    names = kubernetes.get(f"/api/v1/namespaces/{namespace}/configmaps").json()["items"]
    found = {item["metadata"]["name"] for item in names} - {"kube-root-ca.crt"}
    assert found == {"renamed"}
    stack.destroy()


def test_an_object_that_exists_is_refused_and_can_be_imported(
    engine: Engine, local_cluster: LocalCluster, kubernetes: httpx.Client
) -> None:
    body = {"metadata": {"name": "standin-import"}}
    kubernetes.post("/api/v1/namespaces", json=body).raise_for_status()

    def program(import_id: str | None) -> Program:
        def register() -> None:
            provider = k8s.Provider("cluster", kubeconfig=str(local_cluster.kubeconfig))
            opts = pulumi.ResourceOptions(provider=provider, import_=import_id)
            metadata = {
                "name": "standin-import",
                "labels": {"kubernetes.io/metadata.name": "standin-import"},
            }
            spec = {"finalizers": ["kubernetes"]} if import_id else None
            k8s.core.v1.Namespace("space", metadata=metadata, spec=spec, opts=opts)

        return register

    with pytest.raises(automation.CommandError, match="already exists"):
        engine.stack("k8s", program(None)).up()
    stack = engine.stack("k8s", program("standin-import"))
    assert _changes(stack.up())["import"] == 1
    stack.up(expect_no_changes=True)
    stack.destroy()


def test_an_unknown_field_is_refused_by_the_api_server(
    local_cluster: LocalCluster, repository: Path
) -> None:
    with _plugin(repository, local_cluster) as plugin:
        inputs = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "typo", "namespace": "default"},
            "datta": {"a": "1"},
        }

        with pytest.raises(Exception, match="datta"):
            plugin.create("kubernetes:core/v1:ConfigMap", inputs)


def test_a_group_that_the_api_server_has_not_is_named(
    local_cluster: LocalCluster, repository: Path
) -> None:
    with _plugin(repository, local_cluster) as plugin:
        inputs = {"apiVersion": "example.com/v1", "kind": "A", "metadata": {"name": "a"}}

        with pytest.raises(Exception, match=r"has no group version 'example\.com/v1'"):
            plugin.create("kubernetes:example.com/v1:A", inputs)


def test_delete_waits_for_finalizers(
    local_cluster: LocalCluster, kubernetes: httpx.Client, repository: Path
) -> None:
    token = "kubernetes:core/v1:ConfigMap"
    path = "/api/v1/namespaces/default/configmaps/held"
    inputs = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "held",
            "namespace": "default",
            "finalizers": ["example.com/hold"],
        },
    }
    with _plugin(repository, local_cluster) as plugin:
        created = plugin.create(token, inputs)
        with pytest.raises(Exception, match=r"example\.com/hold"):
            plugin.delete(token, created.id, inputs, timeout=1)

        deletion = threading.Thread(target=plugin.delete, args=(token, created.id, inputs))
        deletion.start()
        wait_for(
            lambda: "deletionTimestamp" in kubernetes.get(path).json()["metadata"],
            what="the deletion to start",
        )
        assert deletion.is_alive()
        kubernetes.patch(
            path,
            json={"metadata": {"finalizers": None}},
            headers={"content-type": "application/merge-patch+json"},
        ).raise_for_status()
        deletion.join(timeout=20)

        assert not deletion.is_alive()
        assert kubernetes.get(path).status_code == 404


def test_only_another_cluster_replaces_everything(
    local_cluster: LocalCluster, repository: Path
) -> None:
    from splitplane.provider.codec import UNKNOWN

    here = local_cluster.kubeconfig.read_text()
    there = here.replace(local_cluster.server, "https://127.0.0.1:1")
    with _plugin(repository, local_cluster) as plugin:

        def replaces(olds: dict[str, object], news: dict[str, object]) -> list[str]:
            return plugin.diff_config(olds, news).replaces

        assert replaces({"kubeconfig": here}, {"kubeconfig": there}) == ["kubeconfig"]
        assert replaces({"kubeconfig": here}, {"kubeconfig": UNKNOWN}) == ["kubeconfig"]
        assert replaces({"kubeconfig": here}, {"kubeconfig": here + "\n"}) == []
        named = {"kubeconfig": here, "clusterIdentifier": "a"}
        assert replaces(named, {"kubeconfig": UNKNOWN, "clusterIdentifier": "a"}) == []
        assert replaces(named, {"kubeconfig": there, "clusterIdentifier": "a"}) == []
        assert replaces(named, {**named, "clusterIdentifier": "b"}) == ["clusterIdentifier"]
        assert replaces(named, {"kubeconfig": here}) == []


def _plugin(repository: Path, cluster: LocalCluster) -> PluginProcess:
    plugin = PluginProcess([repository / "tests" / "standins" / "pulumi-resource-kubernetes"])
    plugin.configure({"kubeconfig": str(cluster.kubeconfig)})
    return plugin
