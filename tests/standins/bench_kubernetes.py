"""The floor of every deployment: server-side apply and a watch, over one bare HTTP connection."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from typing import Any

import httpx

Json = dict[str, Any]  # Any: JSON

_PLURALS = {
    "ConfigMap": "configmaps",
    "Deployment": "deployments",
    "Job": "jobs",
    "Secret": "secrets",
    "Service": "services",
    "ServiceAccount": "serviceaccounts",
}
_WATCH_SECONDS = 60


def apply_and_wait_available(client: httpx.Client, objects: Iterable[Json]) -> float:
    """Seconds from the first request until the Deployment among the objects is available."""
    started = time.perf_counter()
    deployment: Json | None = None
    for item in objects:
        applied = _apply(client, item)
        if item["kind"] == "Deployment":
            deployment = applied
    assert deployment is not None, "there is no Deployment among the objects"
    for seen in _watch(client, deployment):
        if _is_available(seen):
            return time.perf_counter() - started
    raise AssertionError(
        f"{deployment['metadata']['name']} was not available in {_WATCH_SECONDS} s"
    )


def _apply(client: httpx.Client, item: Json) -> Json:
    response = client.patch(
        f"{_collection(item)}/{item['metadata']['name']}",
        params={"fieldManager": "bench", "force": "true", "fieldValidation": "Strict"},
        headers={"content-type": "application/apply-patch+yaml"},
        content=json.dumps(item),
    )
    applied: Json = response.raise_for_status().json()
    return applied


def _watch(client: httpx.Client, item: Json) -> Iterator[Json]:
    metadata = item["metadata"]
    query = {
        "watch": "true",
        "fieldSelector": f"metadata.name={metadata['name']}",
        "resourceVersion": metadata["resourceVersion"],
        "timeoutSeconds": str(_WATCH_SECONDS),
    }
    with client.stream("GET", _collection(item), params=query, timeout=_WATCH_SECONDS + 5) as lines:
        lines.raise_for_status()
        for line in lines.iter_lines():
            yield json.loads(line)["object"]


def _collection(item: Json) -> str:
    version, namespace = item["apiVersion"], item["metadata"]["namespace"]
    base = f"/apis/{version}" if "/" in version else f"/api/{version}"
    return f"{base}/namespaces/{namespace}/{_PLURALS[item['kind']]}"


def _is_available(deployment: Json) -> bool:
    status = deployment.get("status", {})
    is_seen = status.get("observedGeneration", 0) >= deployment["metadata"]["generation"]
    conditions = status.get("conditions", [])
    return is_seen and any(c["type"] == "Available" and c["status"] == "True" for c in conditions)
