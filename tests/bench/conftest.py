"""What every benchmark gets: a place to report to, and the table at the end."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import bench_report
import pytest
from platform_harness import Platform

from splitplane.stacks.local_cluster import LocalCluster

Report = Callable[[bench_report.Result], None]

_DOCUMENTS = pytest.StashKey[list[bench_report.Json]]()


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Report:
    """Writes build/bench/NAME.json and keeps the result for the table."""
    load_at_start = os.getloadavg()[0]
    documents = request.config.stash.setdefault(_DOCUMENTS, [])

    def add(result: bench_report.Result) -> None:
        documents.append(bench_report.write(result, load_at_start))

    return add


@pytest.fixture(scope="session")
def platform(local_cluster: LocalCluster) -> Iterator[Platform]:
    """Cluster, control plane and agent with the default log level, shared by the benchmarks."""
    with Platform.start(
        local_cluster, agent_environment={"SPLITPLANE_AGENT_LOG_LEVEL": "info"}
    ) as running:
        yield running


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Prints every result of this run, and where the files are."""
    documents = config.stash.get(_DOCUMENTS, [])
    if documents:
        terminalreporter.section("benchmarks (medians)")
        for line in bench_report.table(documents):
            terminalreporter.write_line(line)
        terminalreporter.write_line(f"files: {bench_report.RESULTS}")
