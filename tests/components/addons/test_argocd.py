"""Argo CD: once, pinned, with what the agent needs, and before every Application."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import pytest
from chart_values import CHARTS as DATA
from chart_values import chart_problems
from clouds.graph import assert_after, recorded_graph
from recording_monitor import Recording, record

from splitplane.components.addons.addon import CRITICAL, Managed, Mode, Profile
from splitplane.components.addons.argocd import declare_argocd
from splitplane.components.addons.argocd_values import build_values

RELEASE = "kubernetes:helm.sh/v3:Release"
PROJECT = "kubernetes:argoproj.io/v1alpha1:AppProject"
NAMESPACE = "kubernetes:core/v1:Namespace"


class Plane(pulumi.ComponentResource):
    def __init__(self, mode: Mode, values: dict[str, Any]) -> None:
        super().__init__("test:index:Plane", "prod")
        opts = pulumi.ResourceOptions(parent=self)
        provider = kubernetes.Provider("cluster", kubeconfig="{}", opts=opts)
        opts = pulumi.ResourceOptions(parent=self, provider=provider)
        nodes = kubernetes.core.v1.ConfigMap("nodes", opts=opts)
        argocd = declare_argocd(
            self,
            provider,
            profile="standard",
            choice=replace(Managed(), mode=mode, values=values),
            depends_on=[nodes],
        )
        if argocd is not None:
            opts = pulumi.ResourceOptions(
                parent=self, provider=provider, depends_on=list(argocd.ready)
            )
            kubernetes.core.v1.ConfigMap("addon", opts=opts)
        self.register_outputs({})


def run(mode: Mode = "managed", values: dict[str, Any] | None = None) -> Recording:
    return record(lambda: Plane(mode, values or {}), is_preview=True)


def types(recording: Recording) -> set[str]:
    return {item.type for item in recording.resources} & {RELEASE, PROJECT, NAMESPACE}


@pytest.mark.skipif(not DATA.is_dir(), reason=f"needs the values of charts in {DATA}")
@pytest.mark.parametrize("profile", ["lite", "standard", "production"])
def test_the_chart_reads_every_value(profile: Profile) -> None:
    values = build_values(profile, [CRITICAL])

    free = {
        # In values.yaml as a comment: the way of tracking, and the parameters of the programs.
        "configs.cm.application.resourceTrackingMethod",
        "configs.params.application.namespaces",
        # Resources of pods are free-form.
        "controller.resources",
        "redis.resources",
        "repoServer.resources",
        "server.resources",
    }
    assert chart_problems("argo-cd", values, free=free) == []


def test_applications_of_every_namespace_are_told_apart() -> None:
    configs = build_values("standard", [])["configs"]

    assert configs["params"] == {"application.namespaces": "*"}
    assert configs["cm"]["application.resourceTrackingMethod"] == "annotation"
    assert configs["cm"]["admin.enabled"] is False


def test_production_keeps_a_repo_server_through_a_drain() -> None:
    server = build_values("production", [])["repoServer"]

    assert server["replicas"] == 2
    assert server["pdb"] == {"enabled": True, "minAvailable": 1}


def test_the_pinned_release_waits_for_nodes_and_addons_for_the_release() -> None:
    recording = run(values={"server": {"replicas": 2}})
    graph = recorded_graph(recording)

    release = recording.one(RELEASE)
    assert release.inputs["version"] == "10.1.1"
    assert release.inputs["repositoryOpts"] == {"repo": "https://argoproj.github.io/argo-helm"}
    assert release.inputs["name"] == release.inputs["namespace"] == "argocd"
    assert release.inputs["values"]["server"]["replicas"] == 2
    assert release.inputs["values"]["dex"] == {"enabled": False}
    assert not release.retain_on_delete
    assert_after(graph, "addon", PROJECT)
    assert_after(graph, PROJECT, RELEASE)
    assert_after(graph, RELEASE, NAMESPACE)
    assert_after(graph, NAMESPACE, "nodes")


def test_an_adopted_release_takes_objects_over_and_leaves_them_there() -> None:
    recording = run("adopt")

    release = recording.one(RELEASE)
    assert types(recording) == {RELEASE, PROJECT}
    assert release.inputs["takeOwnership"] is True
    assert release.retain_on_delete


def test_only_the_project_is_put_into_an_argo_cd_of_others() -> None:
    recording = run("external")

    assert types(recording) == {PROJECT}
    assert recording.one(PROJECT).inputs["metadata"]["namespace"] == "argocd"
    assert_after(recorded_graph(recording), "addon", PROJECT)


def test_nothing_is_there_when_it_is_off() -> None:
    assert types(run("off")) == set()
