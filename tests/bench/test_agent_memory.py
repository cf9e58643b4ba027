"""What the agent weighs in a cluster once it has seen everything that it follows."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import bench_peer
import bench_process
import bench_report
import pytest
from platform_harness import Platform

from splitplane.contract import labels

pytestmark = [pytest.mark.bench, pytest.mark.needs_tools, pytest.mark.timeout(1200)]

ROUNDS = 3
GOAL_MB = 80
SERVICES = 20
REPLICAS = 3
KINDS = ("deployments", "jobs", "pods")
"""What the agent follows by its label; events, which have none, only the agent follows."""
SETTLE_SECONDS = 3.0
PEER = "kubernetes SharedInformer"
REQUIREMENT = "kubernetes>=37,<38"


def test_agent_idle_memory(
    platform: Platform, tmp_path: Path, report: Callable[[bench_report.Result], None]
) -> None:
    deploy_services(platform)
    ours: list[bench_process.Memory] = []
    theirs: list[bench_process.Memory] = []
    peer = peer_environment()

    for _ in range(ROUNDS):
        ours.append(restarted_agent_memory(platform))
        if not isinstance(peer, bench_report.Missing):
            theirs.append(informers_memory(platform, peer, tmp_path))

    report(
        bench_report.Result(
            name="agent_idle_memory",
            unit="MB",
            what=f"resident set of the agent, connected and in sync with {SERVICES} services of "
            f"{REPLICAS} pods",
            ours=[memory.rss for memory in ours],
            peer=peer
            if isinstance(peer, bench_report.Missing)
            else bench_report.Peer(
                PEER,
                peer.version("kubernetes"),
                [memory.rss for memory in theirs],
                f"resident set with informers of {', '.join(KINDS)} under the same selector, after "
                "their first lists; no connection to a control plane",
            ),
            goal=GOAL_MB,
            details={"ours_pss": bench_report.summary([memory.pss for memory in ours])},
        )
    )


def deploy_services(platform: Platform) -> None:
    """Every service runs with all its pods."""
    workspace = platform.new_workspace("weight")
    names = [f"service-{number}" for number in range(SERVICES)]
    for name in names:
        workspace.apply(workspace.service(name, replicas=REPLICAS))
    for name in names:
        workspace.wait_status(name, "available", seconds=120)


def restarted_agent_memory(platform: Platform) -> bench_process.Memory:
    """Memory of an agent that has started, connected and seen everything."""
    platform.agent.stop()
    platform.wait_connected(False)
    platform.agent.start()
    platform.wait_connected()
    return bench_process.idle_memory(platform.agent.pid, settle_seconds=SETTLE_SECONDS)


def peer_environment() -> bench_peer.PeerEnvironment | bench_report.Missing:
    """The official client in an environment of its own."""
    try:
        return bench_peer.install("kubernetes", [REQUIREMENT])
    except bench_peer.PeerUnavailable as exc:
        return bench_report.Missing(f"{REQUIREMENT} cannot be installed: {exc}")


def informers_memory(
    platform: Platform, peer: bench_peer.PeerEnvironment, directory: Path
) -> bench_process.Memory:
    """Memory of informers whose caches are full."""
    script = Path(__file__).parent / "peers" / "informers.py"
    log = directory / "informers.log"
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = (peer.python, script, platform.cluster.kubeconfig, labels.APPLICATION_ID, *KINDS)
    started = time.perf_counter()
    with bench_process.running(
        command, log, environment=environment, stdout=subprocess.PIPE
    ) as process:
        _, line = bench_process.seconds_to_first_line(process, log, started)
        assert f"pods={SERVICES * REPLICAS}" in line.split(), line
        return bench_process.idle_memory(process.pid, settle_seconds=SETTLE_SECONDS)
