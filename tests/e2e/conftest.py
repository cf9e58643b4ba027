"""One platform for all end-to-end tests, a workspace for each, and the logs when one fails."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import pytest
from platform_harness import Platform, Workspace

from splitplane.stacks.local_cluster import LocalCluster


@pytest.fixture(scope="session")
def platform(local_cluster: LocalCluster) -> Iterator[Platform]:
    """A running platform with a connected agent; leave it running and connected."""
    with Platform.start(local_cluster) as platform:
        yield platform


@pytest.fixture
def workspace(platform: Platform) -> Workspace:
    """A workspace that no other test uses."""
    return platform.new_workspace()


@pytest.fixture
def broken(platform: Platform) -> Iterator[Platform]:
    """The platform for a test that breaks it; afterwards everything runs and is connected again."""
    yield platform
    platform.proxy.heal()
    if not platform.server.is_running():
        platform.start_server()
    if not platform.agent.is_running():
        platform.agent.start()
    platform.agent.resume()
    platform.wait_connected()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds the ends of the logs of control plane and agent to what a failed test shows."""
    report = yield
    fixtures: dict[str, object] = getattr(item, "funcargs", {})
    values = {id(value): value for value in fixtures.values() if isinstance(value, Platform)}
    for workspace in fixtures.values():
        if isinstance(workspace, Workspace):
            values[id(workspace.platform)] = workspace.platform
    if report.failed:
        for platform in values.values():
            report.sections.append(("platform", platform.logs()))
    return report
