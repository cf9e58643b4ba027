"""Rendering without storing, and what a cluster can do."""

from __future__ import annotations

import json
from typing import Any

import httpx

RENDERED = {
    "fqn": "prod-eu:team1:ranker",
    "application_id": "00000000-0000-0000-0000-000000000000",
    "version": 1,
    "is_current": False,
    "namespace": "team1",
    "namespace_labels": {},
    "delivery": "direct",
    "objects": [{"kind": "Deployment"}],
    "manifests_sha256": "00",
    "size_bytes": 512,
}


def test_rendering_stores_nothing_and_so_is_repeated(wire: Any) -> None:
    wire.answers(httpx.ReadError("reset"), httpx.Response(200, json=RENDERED))

    found = wire.client().render({"type": "service", "name": "ranker"})

    assert found.objects == [{"kind": "Deployment"}]
    assert [request.url.path for request in wire.requests] == ["/api/v1/render"] * 2
    assert json.loads(wire.requests[0].content) == {
        "manifest": {"type": "service", "name": "ranker"}
    }


def test_capabilities_are_read_of_one_cluster(wire: Any) -> None:
    wire.answers(
        httpx.Response(
            200,
            json={
                "cluster_id": "c",
                "fqn": "prod-eu",
                "provider_kind": "gke",
                "delivery": "argocd",
                "node_scaling": "vendor_managed",
                "gpu_selector_label": "cloud.google.com/gke-accelerator",
                "is_connected": True,
                "kubernetes_version": "v1.36.1",
                "of_a_newer_server": 1,
            },
        )
    )

    found = wire.client().capabilities("prod-eu")

    assert (found.node_scaling, found.kubernetes_version) == ("vendor_managed", "v1.36.1")
    assert wire.requests[0].url.path == "/api/v1/clusters/prod-eu/capabilities"
