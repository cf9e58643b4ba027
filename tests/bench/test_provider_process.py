"""How soon the plugin process answers and what it weighs: each operation starts one."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

import bench_process
import bench_report
import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

ROUNDS = 9
READY_GOAL_SECONDS = 0.5
MEMORY_GOAL_MB = 80
NO_ENGINE = "127.0.0.1:9"
"""An engine's address; nobody is there, and nobody is called before the first resource."""
PYTHON = bench_process.python()
OURS = (PYTHON.with_name("pulumi-resource-splitplane"), NO_ENGINE)
PEER = (PYTHON, Path(__file__).parent / "peers" / "component_host.py", NO_ENGINE)
LARGEST_MESSAGE = 400 * 1024 * 1024  # as the engine's


def test_provider_process(tmp_path: Path, report: Callable[[bench_report.Result], None]) -> None:
    for command in (OURS, PEER):
        start_once(command, tmp_path)  # byte code and page cache
    rounds = [(start_once(OURS, tmp_path), start_once(PEER, tmp_path)) for _ in range(ROUNDS)]
    (ours, peer) = zip(*rounds, strict=True)

    name, host_version = "component_provider_host", version("pulumi")
    report(
        bench_report.Result(
            name="provider_ready",
            unit="s",
            what="pulumi-resource-splitplane, from its start to its first line",
            ours=[ready for ready, _ in ours],
            peer=bench_report.Peer(
                name,
                host_version,
                [ready for ready, _ in peer],
                "a provider of one component without children, to its first line",
            ),
            goal=READY_GOAL_SECONDS,
        )
    )
    report(
        bench_report.Result(
            name="provider_memory",
            unit="MB",
            what="resident set of the idle plugin after GetPluginInfo and GetSchema",
            ours=[rss for _, rss in ours],
            peer=bench_report.Peer(
                name,
                host_version,
                [rss for _, rss in peer],
                "resident set of the same one-component provider after the same calls",
            ),
            goal=MEMORY_GOAL_MB,
        )
    )


def start_once(command: Sequence[str | Path], directory: Path) -> tuple[float, float]:
    """Seconds to the first line, and MB once it has said who it is and what it has."""
    log = directory / "provider.log"
    started = time.perf_counter()
    with bench_process.running(command, log, stdout=subprocess.PIPE) as process:
        seconds, line = bench_process.seconds_to_first_line(process, log, started)
        port = int(line)
        options = [("grpc.max_receive_message_length", LARGEST_MESSAGE)]
        with grpc.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
            provider = provider_pb2_grpc.ResourceProviderStub(channel)
            provider.GetPluginInfo(empty_pb2.Empty(), timeout=10)
            provider.GetSchema(provider_pb2.GetSchemaRequest(), timeout=10)
        return seconds, bench_process.idle_memory(process.pid).rss
