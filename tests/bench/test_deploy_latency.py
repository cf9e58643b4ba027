"""From a submitted service to an available one, beside the same objects applied by hand."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import bench_report
import pytest
from bench_kubernetes import apply_and_wait_available
from platform_harness import Json, Platform, Workspace, wait_for

pytestmark = [pytest.mark.bench, pytest.mark.needs_tools, pytest.mark.timeout(1200)]

ROUNDS = 20
GOAL_SECONDS = 3
BY_HAND = "by-hand"
"""Namespace of the peer's objects."""


def test_service_becomes_available(
    platform: Platform, report: Callable[[bench_report.Result], None]
) -> None:
    workspace = platform.new_workspace("latency")
    platform.kubernetes.post(
        "/api/v1/namespaces", json={"metadata": {"name": BY_HAND}}
    ).raise_for_status()

    ours: list[float] = []
    theirs: list[float] = []
    for number in range(ROUNDS + 1):
        name = f"service-{number}"
        own = submit_and_wait(workspace, name)
        objects = by_hand(platform.client.rendered(f"{workspace.fqn}:{name}"))
        other = apply_and_wait_available(platform.kubernetes, objects)
        if number:  # the first one makes the namespace and fills caches
            ours.append(own)
            theirs.append(other)

    remove_services(workspace)
    server = platform.get_kubernetes("/version") or {}
    report(
        bench_report.Result(
            name="deploy_to_available",
            unit="s",
            what="POST /apply of a new service until GET shows it as available: rendered, signed, "
            "sent, applied by the agent, observed and reported back",
            ours=ours,
            peer=bench_report.Peer(
                "server-side apply",
                f"Kubernetes {server.get('gitVersion', 'unknown')}",
                theirs,
                "the same objects by one PATCH each, until a watch shows the Deployment as "
                "available: the floor that this cluster sets",
            ),
            goal=GOAL_SECONDS,
        )
    )


def submit_and_wait(workspace: Workspace, name: str) -> float:
    """Seconds from the request to the answer that says available."""
    started = time.perf_counter()
    workspace.apply(workspace.service(name))
    workspace.wait_status(name, "available")
    return time.perf_counter() - started


def remove_services(workspace: Workspace) -> None:
    """Neither services nor pods of this benchmark are left for the next one to count."""
    for number in range(ROUNDS + 1):
        workspace.platform.client.delete("application", f"{workspace.fqn}:service-{number}")
    wait_for(
        lambda: not workspace.names("pods"), what="the end of the benchmark's pods", seconds=120
    )


def by_hand(objects: list[Json]) -> list[Json]:
    """The objects in the peer's namespace, without the labels by which the agent finds its own."""
    changed: list[Json] = json.loads(json.dumps(objects).replace("splitplane", "by-hand"))
    for item in changed:
        item["metadata"]["namespace"] = BY_HAND
    return changed
