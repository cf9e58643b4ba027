"""Pools of one's own in Auto Mode pass the definitions of their kinds on a real API server."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from splitplane.components.clouds.aws.karpenter.default_pools import in_auto_mode
from splitplane.components.clouds.aws.karpenter.node_class import NodeNetwork
from splitplane.components.clouds.aws.karpenter.node_pool import AUTO_MODE, build_node_pool
from splitplane.components.clouds.aws.karpenter.pools import NodePool, check_pools
from splitplane.components.clouds.aws.nodes.auto_pools import build_auto_class

pytestmark = pytest.mark.needs_tools
PATHS = {
    "NodeClass": "/apis/eks.amazonaws.com/v1/nodeclasses",
    "NodePool": "/apis/karpenter.sh/v1/nodepools",
}
NETWORK = NodeNetwork(
    subnet_ids={"eu-central-1a": "subnet-0a", "eu-central-1b": "subnet-0b"},
    security_group_ids=["sg-0c"],
    role_name="prod-eu-auto-node-eu-central-1",
    kms_key_arn="arn:aws:kms:eu-central-1:111122223333:key/0a1b",
    tags={"environment": "prod", "splitplane.io/cluster": "prod-eu"},
)
CPU = NodePool("cpu", 256, 1024, data_disk_gib=59_000)
SAMPLES = (
    CPU,
    NodePool("spot", 256, 1024, capacity="spot", weight=10, architectures=("amd64", "arm64")),
    NodePool("gpu", 512, 4096, 16, gpu_name="a10g", is_dedicated=True),
    NodePool(
        "reserved",
        gpu_name="h100",
        gpu_counts=(8,),
        capacity="reserved",
        reservation_ids=("cr-0a1b2c",),
        static_nodes=2,
        zones=("eu-central-1a",),
        quiet_schedule="0 6 * * mon-fri",
        quiet_hours=14,
    ),
    NodePool("chips", 96, 384, limit_neurons=4, neuron_name="trainium2"),
)


def dry_run(api: httpx.Client, manifest: dict[str, Any]) -> httpx.Response:
    return api.post(
        PATHS[manifest["kind"]],
        params={"dryRun": "All", "fieldValidation": "Strict"},
        json=manifest,
    )


@pytest.mark.usefixtures("upstream_definitions")
@pytest.mark.parametrize("asked", SAMPLES, ids=lambda pool: pool.name)
def test_manifests_are_accepted_strictly(kubernetes: httpx.Client, asked: NodePool) -> None:
    pool = in_auto_mode(asked)
    check_pools([pool], is_production=True)

    for manifest in (
        build_auto_class(pool, NETWORK),
        build_node_pool(pool, vocabulary=AUTO_MODE),
    ):
        answer = dry_run(kubernetes, manifest)
        assert answer.is_success, answer.text


@pytest.mark.usefixtures("upstream_definitions")
@pytest.mark.parametrize(
    ("pool", "network", "message"),
    [
        (replace(CPU, name="default"), NETWORK, "the class default is EKS' own"),
        (replace(CPU, data_disk_gib=59_001), NETWORK, "at most 59000Gi"),
        (CPU, replace(NETWORK, tags={"eks.amazonaws.com/nodeclass": "x"}), "a tag of the cluster"),
        (CPU, replace(NETWORK, role_name=None), "spec.role"),
    ],
    ids=["name", "disk", "tag", "role"],
)
def test_the_definition_refuses_what_the_checks_refuse(
    kubernetes: httpx.Client, pool: NodePool, network: NodeNetwork, message: str
) -> None:
    answer = dry_run(kubernetes, build_auto_class(pool, network))

    assert answer.status_code == 422
    assert message in answer.text
