"""The Application of an add-on: bounded, pruned, healed, and gated on what was asked for."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from splitplane.components.addons.application import (
    Release,
    build_application,
    build_project,
    fingerprint_of,
    gate_of,
)
from splitplane.components.addons.charts import CHARTS, Chart

RELEASE = Release("external-dns", "external-dns", CHARTS["external-dns"], {"policy": "upsert-only"})


def application(release: Release = RELEASE) -> dict[str, Any]:
    fingerprint = fingerprint_of(release)
    return build_application(
        release, argocd_namespace="argocd", fingerprint=fingerprint, gate=gate_of(fingerprint)
    )


def test_a_managed_application_prunes_heals_and_takes_its_objects_with_it() -> None:
    made = application()

    assert made["metadata"]["namespace"] == "argocd"
    assert made["metadata"]["finalizers"] == ["resources-finalizer.argocd.argoproj.io"]
    assert made["spec"]["project"] == "splitplane-addons"
    assert made["spec"]["destination"] == {
        "server": "https://kubernetes.default.svc",
        "namespace": "external-dns",
    }
    assert made["spec"]["source"] == {
        "name": fingerprint_of(RELEASE),
        "repoURL": "https://kubernetes-sigs.github.io/external-dns/",
        "chart": "external-dns",
        "targetRevision": "1.21.1",
        "helm": {"releaseName": "external-dns", "valuesObject": {"policy": "upsert-only"}},
    }
    policy = made["spec"]["syncPolicy"]
    assert policy["automated"] == {"enabled": True, "prune": True, "selfHeal": True}
    assert policy["syncOptions"] == ["CreateNamespace=true", "ServerSideApply=true"]
    assert "ignoreDifferences" not in made["spec"]


def test_an_adopted_one_removes_nothing() -> None:
    made = application(replace(RELEASE, is_adopted=True))

    assert "finalizers" not in made["metadata"]
    assert made["spec"]["syncPolicy"]["automated"]["prune"] is False


def test_the_gate_holds_for_this_very_source_alone() -> None:
    gate = json.loads(application()["metadata"]["annotations"]["pulumi.com/waitFor"])

    assert gate == [
        f"jsonpath={{.status.sync.comparedTo.source.name}}={fingerprint_of(RELEASE)}",
        "jsonpath={.status.sync.status}=Synced",
        "jsonpath={.status.health.status}=Healthy",
    ]


@pytest.mark.parametrize(
    "other",
    [
        replace(RELEASE, values={"policy": "sync"}),
        replace(RELEASE, chart=Chart("external-dns", RELEASE.chart.repository, "1.21.0")),
        replace(RELEASE, chart=Chart("external-dns", "https://example.com", "1.21.1")),
        replace(RELEASE, name="dns"),
    ],
    ids=["values", "version", "repository", "name"],
)
def test_a_changed_source_has_another_fingerprint(other: Release) -> None:
    assert fingerprint_of(other) != fingerprint_of(RELEASE)
    assert fingerprint_of(replace(RELEASE, values=dict(RELEASE.values))) == fingerprint_of(RELEASE)


def test_definitions_that_another_addon_brings_are_left_out() -> None:
    without = replace(RELEASE, skips_definitions=True)

    made = application(without)

    assert made["spec"]["source"]["helm"]["skipCrds"] is True
    assert "skipCrds" not in application(RELEASE)["spec"]["source"]["helm"]
    assert fingerprint_of(without) != fingerprint_of(RELEASE)


def test_ignored_differences_are_not_written_by_a_sync_either() -> None:
    ignored = [{"group": "", "kind": "Secret", "name": "tls", "jsonPointers": ["/data"]}]

    made = application(replace(RELEASE, ignored=ignored))

    assert made["spec"]["ignoreDifferences"] == ignored
    assert "RespectIgnoreDifferences=true" in made["spec"]["syncPolicy"]["syncOptions"]


def test_the_project_allows_the_pinned_repositories_and_this_cluster_alone() -> None:
    spec = build_project("argocd")["spec"]

    assert "public.ecr.aws/karpenter" in spec["sourceRepos"]
    assert "https://aws.github.io/eks-charts" in spec["sourceRepos"]
    assert not any("*" in source for source in spec["sourceRepos"])
    assert spec["destinations"] == [{"server": "https://kubernetes.default.svc", "namespace": "*"}]


def test_the_project_takes_the_repository_of_the_autoscaler() -> None:
    spec = build_project("argocd")["spec"]

    assert "https://kubernetes.github.io/autoscaler" in spec["sourceRepos"]
