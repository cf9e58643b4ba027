"""How soon the control plane answers and what it weighs when nobody calls, database included."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import bench_peer
import bench_process
import bench_report
import pytest

from splitplane.stacks.local_cluster.ports import choose_free

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]

ROUNDS = 5
START_GOAL_SECONDS = 3
MEMORY_GOAL_MB = 250
SETTLE_SECONDS = 5.0
"""After the first answer, before memory is looked at: worker processes start late."""
MLFLOW = "3.17.2"

Start = Callable[[Path, int], Sequence[str | Path]]
"""Directory and port → command."""


@dataclass
class Server:
    """A server and what was measured of it."""

    command: Start
    health: str
    """Path that answers 200 when requests can be served."""
    environment: dict[str, str] = field(default_factory=dict[str, str])
    """Variables beside PATH and HOME."""
    first_seconds: list[float] = field(default_factory=list[float])
    """With an empty directory: the database is made."""
    again_seconds: list[float] = field(default_factory=list[float])
    """With the database of the run before."""
    memory: list[bench_process.Memory] = field(default_factory=list[bench_process.Memory])
    own_rss: list[float] = field(default_factory=list[float])
    """Resident set of the first process alone, MB."""

    def measure(self, directory: Path, *, is_warm_up: bool = False) -> None:
        """One first start, one later start and the idle memory after it are added."""
        first, _, _ = self._run(directory, is_memory_wanted=False)
        if is_warm_up:
            return
        again, memory, own = self._run(directory, is_memory_wanted=True)
        self.first_seconds.append(first)
        self.again_seconds.append(again)
        self.memory.append(memory)
        self.own_rss.append(own)

    def _run(
        self, directory: Path, *, is_memory_wanted: bool
    ) -> tuple[float, bench_process.Memory, float]:
        port = choose_free(1)[0]
        log = directory / "server.log"
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        environment |= self.environment
        started = time.perf_counter()
        with bench_process.running(
            self.command(directory, port), log, environment=environment, directory=directory
        ) as process:
            url = f"http://127.0.0.1:{port}{self.health}"
            seconds = bench_process.seconds_to_first_ok(url, process, log, started)
            if not is_memory_wanted:
                return seconds, bench_process.memory(process.pid), 0.0
            memory = bench_process.idle_memory(process.pid, settle_seconds=SETTLE_SECONDS)
            return seconds, memory, bench_process.process_rss(process.pid)


@pytest.fixture
def directories() -> Iterator[Callable[[], Path]]:
    """Makes empty directories that the account of the embedded database may pass through."""
    made: list[Path] = []

    def make() -> Path:
        path = Path(tempfile.mkdtemp(prefix="splitplane-bench-"))
        path.chmod(0o711)
        made.append(path)
        return path

    yield make
    for path in made:
        shutil.rmtree(path, ignore_errors=True)


def test_server(
    directories: Callable[[], Path], report: Callable[[bench_report.Result], None]
) -> None:
    ours = Server(_our_command, "/readyz")
    peer = _mlflow()
    smallest = _mlflow(("--workers", "1"), {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"})

    servers = [ours] if isinstance(peer, bench_report.Missing) else [ours, peer]
    for server in servers:
        server.measure(directories(), is_warm_up=True)
    for _ in range(ROUNDS):
        for server in servers:
            server.measure(directories())

    if isinstance(smallest, Server):
        smallest.measure(directories())

    for result in _results(ours, peer, smallest):
        report(result)


def _our_command(directory: Path, port: int) -> Sequence[str | Path]:
    program = bench_process.python().with_name("splitplane")
    return (program, "server", "--port", str(port), "--state-dir", directory / "state")


def _mlflow(
    options: Sequence[str] = (), variables: dict[str, str] | None = None
) -> Server | bench_report.Missing:
    try:
        environment = bench_peer.install("mlflow", [f"mlflow=={MLFLOW}"])
    except bench_peer.PeerUnavailable as exc:
        return bench_report.Missing(f"mlflow {MLFLOW} cannot be installed: {exc}")

    def command(directory: Path, port: int) -> Sequence[str | Path]:
        del directory  # it is the working directory, where the default sqlite file goes
        return (environment.script("mlflow"), "server", "--port", str(port), *options)

    return Server(command, "/health", variables or {})


def _results(
    ours: Server, peer: Server | bench_report.Missing, smallest: Server | bench_report.Missing
) -> list[bench_report.Result]:
    def beside(
        get: Callable[[Server], list[float]], how: str
    ) -> bench_report.Peer | bench_report.Missing:
        if isinstance(peer, bench_report.Missing):
            return peer
        return bench_report.Peer("mlflow server", MLFLOW, get(peer), how)

    return [
        bench_report.Result(
            name="server_start",
            unit="s",
            what="splitplane server on an existing state directory, to the first 200 of /readyz; "
            "its embedded PostgreSQL starts within",
            ours=ours.again_seconds,
            peer=beside(
                lambda s: s.again_seconds, "sqlite made before, to the first 200 of /health"
            ),
            goal=START_GOAL_SECONDS,
        ),
        bench_report.Result(
            name="server_first_start",
            unit="s",
            what="splitplane server on an empty directory, to the first 200 of /readyz: the "
            "database is made and migrated",
            ours=ours.first_seconds,
            peer=beside(lambda s: s.first_seconds, "empty directory, to the first 200 of /health"),
            goal=START_GOAL_SECONDS,
        ),
        bench_report.Result(
            name="server_idle_memory",
            unit="MB",
            what="proportional set of splitplane server and its PostgreSQL, idle",
            ours=[memory.pss for memory in ours.memory],
            peer=beside(
                lambda s: [memory.pss for memory in s.memory],
                "proportional set of the server and its workers (the default number), idle, sqlite",
            ),
            goal=MEMORY_GOAL_MB,
            details={
                "ours_first_process_rss": bench_report.summary(ours.own_rss),
                "ours_processes": ours.memory[-1].processes,
                "ours_rss_sum": bench_report.summary([memory.rss for memory in ours.memory]),
                **_peer_details("peer", peer),
                **_peer_details("peer_with_one_worker_and_no_jobs", smallest),
            },
        ),
    ]


def _peer_details(prefix: str, peer: Server | bench_report.Missing) -> bench_report.Json:
    if isinstance(peer, bench_report.Missing):
        return {}
    return {
        f"{prefix}_processes": peer.memory[-1].processes,
        f"{prefix}_pss": bench_report.summary([memory.pss for memory in peer.memory]),
        f"{prefix}_rss_sum": bench_report.summary([memory.rss for memory in peer.memory]),
        f"{prefix}_start_seconds": bench_report.summary(peer.again_seconds),
    }
