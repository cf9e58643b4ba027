"""Under the real engine: volumes make way for another place, and a destroy waits for no claim."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import httpx
import pulumi_kubernetes
import pytest
from aws_plane import Parent, make_plane, settings_of
from clouds.program import Clouds

from splitplane.components.clouds.aws.storage.shared import declare_shared_storage
from splitplane.components.clouds.aws.storage.shares import declare_shares
from splitplane.stacks.engine import Engine
from splitplane.stacks.local_cluster import LocalCluster

pytestmark = [pytest.mark.needs_tools, pytest.mark.slow]

REGION = {"aws:region": "eu-west-1"}
VOLUME = "/api/v1/persistentvolumes/data.team-a"


def _program(path: str, kubeconfig: str) -> Callable[[], None]:
    def program() -> None:
        share = {"name": "data", "path": path, "namespaces": ["team-a"]}
        whole = Parent()
        provider = pulumi_kubernetes.Provider("local", kubeconfig=kubeconfig)
        plane = replace(make_plane(settings_of(storage={"shares": [share]})), kubernetes=provider)
        declare_shares(whole, plane, declare_shared_storage(whole, plane), depends_on=[])

    return program


@pytest.fixture
def volumes(kubernetes: httpx.Client) -> Iterator[Callable[[], dict[str, str]]]:
    """Uid and handle of the volume, which is taken away in the end."""

    def found() -> dict[str, str]:
        volume = kubernetes.get(VOLUME).raise_for_status().json()
        return {
            "uid": volume["metadata"]["uid"],
            "handle": volume["spec"]["csi"]["volumeHandle"],
        }

    yield found
    kubernetes.delete(VOLUME)
    kubernetes.patch(
        VOLUME,
        json={"metadata": {"finalizers": None}},
        headers={"Content-Type": "application/merge-patch+json"},
    )


def test_another_path_is_another_volume_and_a_destroy_leaves_it_to_the_cluster(
    cloud_engine: Engine,
    clouds: Clouds,
    local_cluster: LocalCluster,
    volumes: Callable[[], dict[str, str]],
) -> None:
    kubeconfig = local_cluster.kubeconfig.read_text()
    cloud_engine.stack("shares", _program("/a", kubeconfig), REGION).up()
    before = volumes()
    other = cloud_engine.stack("shares", _program("/b", kubeconfig), REGION)
    other.up()
    after = volumes()

    assert after["uid"] != before["uid"]
    assert after["handle"] != before["handle"]

    other.destroy()

    # Whatever claim it has, nobody waits for it: it goes with the cluster.
    assert volumes() == after
    assert clouds.store("aws").all() == []
