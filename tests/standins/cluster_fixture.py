"""A real Kubernetes API for tests: one cluster per test process, gone with it.

Loaded as a pytest plugin by tests/conftest.py. Missing binaries are fetched or built first.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from splitplane.stacks.argocd_local import ArgoCd
from splitplane.stacks.local_cluster import LocalCluster


@pytest.fixture(scope="session")
def local_cluster() -> Iterator[LocalCluster]:
    """A ready cluster, shared by all tests of the process: use your own namespaces in it."""
    with LocalCluster.ephemeral() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def kubernetes(local_cluster: LocalCluster) -> Iterator[httpx.Client]:
    """An HTTP client of the cluster's API with an administrator's rights."""
    with local_cluster.open_client() as client:
        yield client


@pytest.fixture(scope="session")
def local_argocd(
    local_cluster: LocalCluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ArgoCd]:
    """A real Argo CD on the shared cluster; Applications name its `destination_server`."""
    with ArgoCd.start(local_cluster, tmp_path_factory.mktemp("argocd")) as argocd:
        yield argocd
