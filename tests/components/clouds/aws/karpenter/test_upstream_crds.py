"""The manifests of node pools pass Karpenter's own definitions on a real API server."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from splitplane.components.clouds.aws.karpenter.default_pools import default_pools
from splitplane.components.clouds.aws.karpenter.node_class import NodeNetwork, build_node_class
from splitplane.components.clouds.aws.karpenter.node_pool import build_node_pool
from splitplane.components.clouds.aws.karpenter.pools import Mig, NodePool, TimeSlicing, check_pools
from splitplane.components.clouds.aws.settings import EksSettings

DATA = Path(os.environ.get("SPLITPLANE_DATA", "../shared")) / "crds" / "karpenter"
pytestmark = [
    pytest.mark.needs_tools,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"needs upstream CRDs in {DATA}"),
]
PATHS = {
    "EC2NodeClass": "/apis/karpenter.k8s.aws/v1/ec2nodeclasses",
    "NodePool": "/apis/karpenter.sh/v1/nodepools",
}

NETWORK = NodeNetwork(
    subnet_ids={"eu-central-1a": "subnet-0a", "eu-central-1b": "subnet-0b"},
    security_group_ids=["sg-0c"],
    role_name="prod-eu-node",
    tags={"environment": "prod"},
)
GRACE = 86_400
DEFAULTS = default_pools(
    EksSettings(name="prod-eu", environments=("prod",), hub_url="https://hub.example.com")
)
SAMPLES = (
    NodePool("cpu", 256, 1024, termination_grace_seconds=GRACE),
    NodePool("spot", 256, 1024, capacity="spot", weight=10, termination_grace_seconds=GRACE),
    NodePool("arm", 64, 256, architectures=("amd64", "arm64"), allows_do_not_disrupt=False),
    NodePool("gpu", 512, 4096, 16, gpu_name="a10g", termination_grace_seconds=GRACE),
    NodePool(
        "reserved",
        512,
        4096,
        16,
        capacity="reserved",
        reservation_ids=("cr-0a1b2c",),
        gpu_name="h100",
        gpu_counts=(8,),
        has_efa=True,
        zones=("eu-central-1a",),
        quiet_schedule="0 6 * * mon-fri",
        quiet_hours=14,
        termination_grace_seconds=GRACE,
    ),
    NodePool(
        "sliced",
        gpu_name="l4",
        sharing=TimeSlicing(4),
        static_nodes=2,
        termination_grace_seconds=GRACE,
    ),
    NodePool(
        "chips", 96, 384, limit_neurons=4, neuron_name="trainium2", termination_grace_seconds=GRACE
    ),
    NodePool(
        "training",
        256,
        1024,
        limit_neurons=32,
        neuron_name="trainium",
        families=("trn1",),
        has_efa=True,
        zones=("eu-central-1a",),
        termination_grace_seconds=GRACE,
    ),
    NodePool("fixed", static_nodes=3, is_dedicated=True, termination_grace_seconds=GRACE),
    NodePool(
        "mig",
        gpu_name="a100",
        families=("p4d",),
        sharing=Mig("2g.10gb"),
        static_nodes=1,
        termination_grace_seconds=GRACE,
    ),
    NodePool(
        "close",
        768,
        9216,
        64,
        gpu_name="a100",
        families=("p4d",),
        gpu_counts=(8,),
        has_efa=True,
        zones=("eu-central-1a",),
        termination_grace_seconds=GRACE,
    ),
)


@pytest.fixture
def api(upstream_definitions: None, kubernetes: httpx.Client) -> httpx.Client:
    """The API server with Karpenter's definitions."""
    return kubernetes


def dry_run(api: httpx.Client, manifest: dict[str, Any]) -> httpx.Response:
    return api.post(
        PATHS[manifest["kind"]],
        params={"dryRun": "All", "fieldValidation": "Strict"},
        json=manifest,
    )


@pytest.mark.parametrize("pool", [*DEFAULTS, *SAMPLES], ids=lambda pool: pool.name)
def test_manifests_are_accepted_strictly(api: httpx.Client, pool: NodePool) -> None:
    check_pools([pool], is_production=True)

    group = "prod-eu-training" if pool.has_placement_group else None
    for manifest in (
        build_node_class(pool, NETWORK, placement_group=group),
        build_node_pool(pool, startup_taints=("ebs.csi.aws.com/agent-not-ready",)),
    ):
        answer = dry_run(api, manifest)
        assert answer.is_success, answer.text


def test_definitions_refuse_what_the_checks_refuse(api: httpx.Client) -> None:
    both = build_node_class(SAMPLES[0], replace(NETWORK, instance_profile_name="p"))
    both["spec"]["instanceProfile"] = "p"
    weighted = build_node_pool(replace(SAMPLES[5], weight=5))

    assert "exactly one of ['role', 'instanceProfile']" in dry_run(api, both).text
    assert "'weight' is not supported on static NodePools" in dry_run(api, weighted).text
