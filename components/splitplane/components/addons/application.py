"""The Argo CD objects of an add-on: its Application, and the project that bounds them all. Pure.

An Application that is created or changed counts as done when Argo CD has compared and synced just
what is asked for: its status says what it was compared with, but has no generation, so that a
status from before the change would look the same. The fingerprint of the source, as its name,
tells them apart.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from splitplane.components.addons.charts import CHARTS, Chart

Manifest = dict[str, Any]  # Any: Kubernetes objects

API_VERSION: Final = "argoproj.io/v1alpha1"
PROJECT: Final = "splitplane-addons"
THIS_CLUSTER: Final = "https://kubernetes.default.svc"
"""The cluster that Argo CD runs in, as it knows it."""
FINALIZER: Final = "resources-finalizer.argocd.argoproj.io"
"""Argo CD deletes what the Application made, and waits for it, before the Application goes."""
WAIT_FOR: Final = "pulumi.com/waitFor"
"""A JSON list of expressions, all of which have to hold:
https://github.com/pulumi/pulumi-kubernetes, provider/pkg/metadata/overrides.go. Checked
2026-11-21."""
PATCH_FORCE: Final = "pulumi.com/patchForce"
COMPARE: Final = "argocd.argoproj.io/compare-options"
"""With `ServerSideDiff=true` the API server says what an apply would change: fields that it writes
in another form (`1000m` as `1`) or fills in are no difference, and do not shut the gate.
https://argo-cd.readthedocs.io/en/stable/user-guide/diff-strategies/, checked 2026-11-21."""
_FINGERPRINT_DIGITS: Final = 16


@dataclass(frozen=True)
class Release:
    """A chart as it is to be installed.

    Attributes:
        name: name of the Application and of the release.
        namespace: where its objects go; made when it is missing, and kept.
        chart: what is installed.
        values: values of the chart.
        is_adopted: whether the objects were there before.
        ignored: differences that Argo CD leaves alone, as in `spec.ignoreDifferences`.
        skips_definitions: whether the definitions beside the chart's templates are left out.
    """

    name: str
    namespace: str
    chart: Chart
    values: Mapping[str, Any]  # Any: values of a chart
    is_adopted: bool = False
    ignored: Sequence[Mapping[str, Any]] = ()  # Any: part of a Kubernetes object
    skips_definitions: bool = False


def fingerprint_of(release: Release) -> str:
    """The same text for the same chart with the same known values."""
    chart = release.chart
    source = [chart.source, chart.name, chart.version, release.name, release.values]
    if release.skips_definitions:
        source.append("skips definitions")
    text = json.dumps(source, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_FINGERPRINT_DIGITS]


def gate_of(fingerprint: str) -> str:
    """What has to hold before dependants go on: this very source is synced and healthy.

    Not that an operation succeeded: objects that fit already are synced without one.
    """
    return json.dumps(
        [
            f"jsonpath={{.status.sync.comparedTo.source.name}}={fingerprint}",
            "jsonpath={.status.sync.status}=Synced",
            "jsonpath={.status.health.status}=Healthy",
        ]
    )


def build_application(
    release: Release,
    *,
    argocd_namespace: str,
    fingerprint: object,
    gate: object,
) -> Manifest:
    """The Application, with automated sync.

    A managed one is pruned, healed, and takes its objects with it when it is deleted. An adopted
    one is healed alone: what was there before and is not in the chart stays, and so does everything
    when the Application is deleted.

    Args:
        release: what is installed; values may have promises among them.
        argocd_namespace: namespace of Argo CD.
        fingerprint: text of `fingerprint_of`, or a promise of it.
        gate: text of `gate_of`, or a promise of it.
    """
    metadata: Manifest = {
        "name": release.name,
        "namespace": argocd_namespace,
        "annotations": {WAIT_FOR: gate, PATCH_FORCE: "true", COMPARE: "ServerSideDiff=true"},
    }
    if not release.is_adopted:
        metadata["finalizers"] = [FINALIZER]
    spec: Manifest = {
        "project": PROJECT,
        "destination": {"server": THIS_CLUSTER, "namespace": release.namespace},
        "source": {
            "name": fingerprint,
            "repoURL": release.chart.source,
            "chart": release.chart.name,
            "targetRevision": release.chart.version,
            "helm": {"releaseName": release.name, "valuesObject": dict(release.values)},
        },
        "syncPolicy": {
            "automated": {"enabled": True, "prune": not release.is_adopted, "selfHeal": True},
            "syncOptions": _sync_options(release),
            # Some 10 minutes: nodes come up, webhooks of another add-on become ready.
            "retry": {
                "limit": 10,
                "backoff": {"duration": "5s", "factor": 2, "maxDuration": "2m"},
            },
        },
        # Each entry of the history would repeat all values.
        "revisionHistoryLimit": 0,
    }
    if release.skips_definitions:
        spec["source"]["helm"]["skipCrds"] = True
    if release.ignored:
        spec["ignoreDifferences"] = [dict(item) for item in release.ignored]
    return {
        "apiVersion": API_VERSION,
        "kind": "Application",
        "metadata": metadata,
        "spec": spec,
    }


def build_project(argocd_namespace: str) -> Manifest:
    """The project of all add-ons: the pinned repositories alone, into this cluster alone.

    Args:
        argocd_namespace: namespace of Argo CD.
    """
    return {
        "apiVersion": API_VERSION,
        "kind": "AppProject",
        "metadata": {"name": PROJECT, "namespace": argocd_namespace},
        "spec": {
            "description": "Add-ons of the compute plane",
            "sourceRepos": sorted({chart.source for chart in CHARTS.values()}),
            "destinations": [{"server": THIS_CLUSTER, "namespace": "*"}],
            "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
        },
    }


def _sync_options(release: Release) -> list[str]:
    options = ["CreateNamespace=true", "ServerSideApply=true"]
    if release.ignored:
        # Without it a sync writes what is not compared all the same.
        options.append("RespectIgnoreDifferences=true")
    return options
