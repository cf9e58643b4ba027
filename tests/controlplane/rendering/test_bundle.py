from dataclasses import replace
from typing import Any

import pytest

from splitplane.contract.manifests.application import ServiceManifest
from splitplane.contract.manifests.cluster import Delivery
from splitplane.controlplane.rendering import (
    RenderContext,
    RenderError,
    build_bundle,
    manifests_digest,
    render,
)
from splitplane.platforms import capabilities_of

CONTEXT = RenderContext(
    application_id="0198d2f0-0000-7000-8000-000000000001",
    version=7,
    cluster="prod-eu",
    workspace="team1",
    control_plane_url="https://cp.example.com",
    delivery="argocd",
    capabilities=capabilities_of("eks"),
)


def objects(env: dict[str, str] | None = None) -> list[dict[str, Any]]:
    manifest = ServiceManifest(
        name="ranker", workspace="prod-eu:team1", image="nginx:1.29", env=env or {}
    )
    return render(manifest, CONTEXT)


def test_the_bundle_carries_place_version_and_labels_of_the_namespace() -> None:
    bundle = build_bundle(
        objects(), CONTEXT, application_fqn="prod-eu:team1:ranker", workspace_labels={"cost": "ml"}
    )

    assert (bundle.workspace, bundle.namespace, bundle.generation, bundle.delivery) == (
        "team1",
        "team1",
        7,
        "argocd",
    )
    assert bundle.namespace_labels == {
        "app.kubernetes.io/managed-by": "splitplane",
        "cost": "ml",
        "splitplane.io/workspace": "team1",
    }


@pytest.mark.parametrize(
    ("delivery", "variables", "message"),
    [
        ("direct", 100, r"have 10\d{5} bytes, above the limit of 921600; shorten"),
        ("argocd", 30, r"have 30\d{4} bytes, above the limit of 262144; shorten"),
    ],
)
def test_a_bundle_above_the_limit_is_refused_with_its_size(
    delivery: Delivery, variables: int, message: str
) -> None:
    big = objects({f"V{index}": "x" * 10_000 for index in range(variables)})
    context = replace(CONTEXT, delivery=delivery)

    with pytest.raises(RenderError, match=message):
        build_bundle(big, context, application_fqn="prod-eu:team1:ranker", workspace_labels={})


def test_an_object_outside_the_workspace_is_refused() -> None:
    foreign = {"kind": "ConfigMap", "metadata": {"name": "x", "namespace": "kube-system"}}

    with pytest.raises(RenderError, match="in namespace 'kube-system'"):
        build_bundle([foreign], CONTEXT, application_fqn="a:b:c", workspace_labels={})


def test_the_digest_changes_with_the_objects_only() -> None:
    assert manifests_digest(objects()) == manifests_digest(objects())
    assert manifests_digest(objects()) != manifests_digest(objects({"A": "1"}))
