"""A cluster of their own: what an attached cluster has installed decides how it is attached."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from splitplane.stacks.local_cluster import LocalCluster


@pytest.fixture(scope="package")
def local_cluster() -> Iterator[LocalCluster]:
    """A cluster in which nothing is installed, whatever other tests of the process install."""
    with LocalCluster.ephemeral() as cluster:
        yield cluster


@pytest.fixture(scope="package")
def kubernetes(local_cluster: LocalCluster) -> Iterator[httpx.Client]:
    """An HTTP client of its API with an administrator's rights."""
    with local_cluster.open_client() as client:
        yield client
