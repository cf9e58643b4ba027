"""The Argo CD objects of add-ons pass the pinned Argo CD's definitions on a real API server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest
import yaml
from platform_harness import wait_for

from splitplane.components.addons.application import (
    Manifest,
    Release,
    build_application,
    build_project,
    fingerprint_of,
    gate_of,
)
from splitplane.components.addons.charts import CHARTS

DATA = Path(os.environ.get("SPLITPLANE_DATA", "../shared")) / "crds" / "argo-cd"
pytestmark = [
    pytest.mark.needs_tools,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"needs upstream CRDs in {DATA}"),
]
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
GROUP = "pinned.example.com"
"""In place of argoproj.io, which the same API server may have of another version."""


@pytest.fixture(scope="module")
def api(kubernetes: httpx.Client) -> Iterator[httpx.Client]:
    """The API server with the definitions, as long as this module runs."""
    names: list[str] = []
    for kind in ("application", "appproject"):
        definition = yaml.safe_load((DATA / f"{kind}-crd.yaml").read_text(encoding="utf-8"))
        plural = definition["spec"]["names"]["plural"]
        definition["metadata"]["name"] = f"{plural}.{GROUP}"
        definition["spec"]["group"] = GROUP
        kubernetes.post(DEFINITIONS, json=definition).raise_for_status()
        names.append(definition["metadata"]["name"])
        wait_for(partial(is_served, kubernetes, path(plural)), what=f"{plural} to be served")
    yield kubernetes
    for name in names:
        kubernetes.delete(f"{DEFINITIONS}/{name}").raise_for_status()


def path(plural: str) -> str:
    return f"/apis/{GROUP}/v1alpha1/namespaces/default/{plural}"


def is_served(api: httpx.Client, path: str) -> bool:
    return api.get(path).is_success


def dry_run(api: httpx.Client, plural: str, manifest: Manifest) -> httpx.Response:
    return api.post(
        path(plural),
        params={"dryRun": "All", "fieldValidation": "Strict"},
        json={**manifest, "apiVersion": f"{GROUP}/v1alpha1"},
    )


@pytest.mark.parametrize("is_adopted", [False, True])
def test_an_application_is_accepted_strictly(api: httpx.Client, is_adopted: bool) -> None:
    release = Release(
        "aws-load-balancer-controller",
        "kube-system",
        CHARTS["aws-load-balancer-controller"],
        {"clusterName": "prod-eu", "replicaCount": 2, "tolerations": [{"operator": "Exists"}]},
        is_adopted=is_adopted,
        ignored=[
            {"group": "", "kind": "Secret", "name": "tls", "jsonPointers": ["/data"]},
            {"group": "g", "kind": "K", "name": "n", "jqPathExpressions": [".webhooks[].ca"]},
        ],
    )
    fingerprint = fingerprint_of(release)

    answer = dry_run(
        api,
        "applications",
        build_application(
            release, argocd_namespace="default", fingerprint=fingerprint, gate=gate_of(fingerprint)
        ),
    )

    assert answer.is_success, answer.text


def test_the_project_is_accepted_strictly(api: httpx.Client) -> None:
    answer = dry_run(api, "appprojects", build_project("default"))

    assert answer.is_success, answer.text


def test_a_misspelt_field_is_refused(api: httpx.Client) -> None:
    project = build_project("default")
    project["spec"]["sourceRepo"] = []

    message = dry_run(api, "appprojects", project).json()["message"]
    assert 'unknown field "spec.sourceRepo"' in message
