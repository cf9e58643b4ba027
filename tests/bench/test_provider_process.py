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
from google.protobuf import empty_pb2, struct_pb2
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
Use = Callable[[provider_pb2_grpc.ResourceProviderStub], None]
LARGEST_MESSAGE = 400 * 1024 * 1024  # as the engine's


def test_provider_process(tmp_path: Path, report: Callable[[bench_report.Result], None]) -> None:
    for command in (OURS, PEER):
        start_once(command, tmp_path)  # byte code and page cache
    rounds = [(start_once(OURS, tmp_path), start_once(PEER, tmp_path)) for _ in range(ROUNDS)]
    (ours, peer) = zip(*rounds, strict=True)
    in_use = [start_once(OURS, tmp_path, check_environment)[1] for _ in range(ROUNDS)]

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
            details={"ours_after_first_check": bench_report.summary(in_use)},
        )
    )


def start_once(
    command: Sequence[str | Path], directory: Path, use: Use | None = None
) -> tuple[float, float]:
    """Seconds to the first line, and MB once it has said who it is and what it has.

    With `use` it also did that before its memory was looked at.
    """
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
            if use is not None:
                use(provider)
        return seconds, bench_process.idle_memory(process.pid).rss


def check_environment(provider: provider_pb2_grpc.ResourceProviderStub) -> None:
    """The plugin is configured and has checked a resource: its models and client are loaded."""
    config = struct_pb2.Struct()
    config.update({"endpoint": "http://127.0.0.1:9", "token": "spl_pat_unused"})
    provider.Configure(provider_pb2.ConfigureRequest(args=config), timeout=10)
    news = struct_pb2.Struct()
    news.update({"name": "dev", "isProduction": True})
    urn = "urn:pulumi:bench::bench::splitplane:index:Environment::dev"
    checked = provider.Check(provider_pb2.CheckRequest(urn=urn, news=news), timeout=10)
    assert not checked.failures, checked.failures
