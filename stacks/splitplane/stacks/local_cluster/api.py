"""The few calls to the API server that starting a cluster needs."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from typing import Any

import httpx

from splitplane.stacks.local_cluster.certificates import KeyPair
from splitplane.stacks.local_cluster.errors import ProcessFailed

_POLL_SECONDS = 0.05
_PROBE_SECONDS = 2.0
_FIELD_MANAGER = "splitplane-local"


def open_client(server: str, *, authority: KeyPair, client: KeyPair) -> httpx.Client:
    """Return an HTTP client of the API server that proves itself by the client's certificate."""
    context = ssl.create_default_context(cafile=str(authority.certificate))
    context.load_cert_chain(client.certificate, client.key)
    # trust_env off: a proxy of the environment has no business with a loopback server.
    return httpx.Client(base_url=server, verify=context, trust_env=False, timeout=30)


def wait_until(
    is_done: Callable[[], bool], *, what: str, seconds: float, check: Callable[[], None]
) -> None:
    """Return once `is_done`; `check` may raise each round to end the wait early.

    Raises:
        ProcessFailed: not done within `seconds`; the message names `what`.
    """
    deadline = time.monotonic() + seconds
    while not is_done():
        check()
        if time.monotonic() > deadline:
            raise ProcessFailed(f"{what} did not come true within {seconds:g} s")
        time.sleep(_POLL_SECONDS)


def is_ready(client: httpx.Client) -> bool:
    """Whether the API server answers /readyz with 200."""
    try:
        # Short: whoever else holds the port may accept and never answer.
        return client.get("/readyz", timeout=_PROBE_SECONDS).is_success
    except httpx.HTTPError:
        return False


def forget_node_leases(client: httpx.Client) -> None:
    """No node is held by the kubelets of an earlier run, which would take 40 s to lapse."""
    path = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"
    answer = client.delete(path)
    if answer.status_code != 404:
        answer.raise_for_status()


# Any: Kubernetes objects are free-form JSON.
def apply_node(client: httpx.Client, node: dict[str, Any]) -> None:
    """Create or update a Node and its capacity by server-side apply."""
    path = f"/api/v1/nodes/{node['metadata']['name']}"
    for target in (path, f"{path}/status"):
        response = client.patch(
            target,
            params={"fieldManager": _FIELD_MANAGER, "force": "true"},
            json=node,
            headers={"Content-Type": "application/apply-patch+yaml"},
        )
        response.raise_for_status()


def are_nodes_ready(client: httpx.Client, names: set[str]) -> bool:
    """Whether every named node is Ready and pods may be scheduled to it."""
    try:
        items = client.get("/api/v1/nodes").raise_for_status().json()["items"]
    except httpx.HTTPError:
        return False
    ready = {item["metadata"]["name"] for item in items if _is_node_ready(item)}
    return names <= ready


def has_default_service_account(client: httpx.Client) -> bool:
    """Whether namespace `default` has its service account: pods are refused before that."""
    try:
        response = client.get("/api/v1/namespaces/default/serviceaccounts/default")
    except httpx.HTTPError:
        return False
    return response.is_success


def _is_node_ready(node: dict[str, Any]) -> bool:
    conditions = node.get("status", {}).get("conditions", [])
    taints = node.get("spec", {}).get("taints", [])
    return any(
        one["type"] == "Ready" and one["status"] == "True" for one in conditions
    ) and not any(one["key"].startswith("node.kubernetes.io/") for one in taints)
