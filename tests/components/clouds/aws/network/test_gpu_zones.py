"""Zones offer the GPUs that pools cannot do without, or the error says where they are."""

from __future__ import annotations

from typing import Any

import pytest

from splitplane.components.clouds.aws.karpenter.pools import NodePool
from splitplane.components.clouds.aws.network.gpu_zones import (
    SMALLEST,
    GpuNeed,
    bound_offering,
    gpu_needs,
    offering_problems,
    pool_zone_problems,
)
from splitplane.components.clouds.aws.settings import EksSettings, NodeGroupSettings
from splitplane.platforms.aws_gpus import AWS_GPUS

ZONES = ("eu-west-1a", "eu-west-1b")


def _settings(**changes: Any) -> EksSettings:
    return EksSettings("prod", ("dev",), "https://hub.example.com", **changes)


def test_every_family_of_the_catalogue_has_a_smallest_machine() -> None:
    families = {name: gpu for gpu in AWS_GPUS.values() for name in gpu.families}

    assert SMALLEST.keys() == families.keys()
    for name, shapes in SMALLEST.items():
        assert all(machine.startswith(f"{name}.") for _, machine in shapes)
        assert all(count in families[name].counts for count, _ in shapes)


@pytest.mark.parametrize(
    ("pool", "needs"),
    [
        pytest.param(NodePool("cpu"), (), id="no GPU"),
        pytest.param(NodePool("x", gpu_name="voodoo"), (), id="unknown GPU"),
        pytest.param(
            NodePool("x", gpu_name="l4"),
            (GpuNeed("pools[0].gpu_name 'l4'", ("g6.xlarge", "gr6.4xlarge")),),
            id="grows with its pods",
        ),
        pytest.param(
            NodePool("x", gpu_name="h100", static_nodes=2),
            (GpuNeed("pools[0].gpu_name 'h100'", ("p5.4xlarge",), is_bound=True),),
            id="fixed number",
        ),
        pytest.param(
            NodePool("x", gpu_name="h100", gpu_counts=(8,), zones=("eu-west-1b",)),
            (
                GpuNeed(
                    "pools[0].gpu_name 'h100'", ("p5.48xlarge",), ("eu-west-1b",), is_bound=True
                ),
            ),
            id="bound to a zone, only the whole machine",
        ),
        pytest.param(
            NodePool("x", gpu_name="a100", families=("p4de",)),
            (GpuNeed("pools[0].gpu_name 'a100'", ("p4de.24xlarge",)),),
            id="one family",
        ),
        pytest.param(
            NodePool("x", neuron_name="trainium2", static_nodes=1),
            (
                GpuNeed(
                    "pools[0].neuron_name 'trainium2'",
                    ("trn2.3xlarge", "trn2.48xlarge"),
                    is_bound=True,
                ),
            ),
            id="chips of AWS",
        ),
        pytest.param(
            NodePool("x", neuron_name="trainium", families=("trn1",), has_efa=True, zones=("z1",)),
            (
                GpuNeed(
                    "pools[0].neuron_name 'trainium'", ("trn1.32xlarge",), ("z1",), is_bound=True
                ),
            ),
            id="chips of AWS with EFA",
        ),
        pytest.param(NodePool("x", neuron_name="tpu"), (), id="unknown chips"),
    ],
)
def test_pool_needs_the_smallest_machine_of_its_families(
    pool: NodePool, needs: tuple[GpuNeed, ...]
) -> None:
    assert gpu_needs(_settings(pools=(pool,))) == needs


def test_node_group_needs_one_of_its_machines_in_every_zone() -> None:
    groups = (
        NodeGroupSettings("web", ("m7i.large",), 3),
        NodeGroupSettings("ml", ("g5.xlarge", "g5.2xlarge"), 3, gpu_name="a10g"),
        NodeGroupSettings("ai", ("inf2.xlarge",), 3, neuron_name="inferentia2", zones=("z1",)),
    )

    assert gpu_needs(_settings(node_groups=groups)) == (
        GpuNeed("node_groups[1].gpu_name 'a10g'", ("g5.xlarge", "g5.2xlarge"), is_bound=True),
        GpuNeed(
            "node_groups[2].neuron_name 'inferentia2'", ("inf2.xlarge",), ("z1",), is_bound=True
        ),
    )


def test_only_bound_needs_choose_zones() -> None:
    needs = (GpuNeed("a", ("g5.xlarge",)), GpuNeed("b", ("p4d.x", "p4de.x"), is_bound=True))

    assert bound_offering(needs, {"g5.xlarge": {"z1"}, "p4d.x": {"z1"}, "p4de.x": {"z2"}}) == {
        "p4d.x or p4de.x": {"z1", "z2"}
    }


def test_zones_that_a_pool_does_not_use_are_not_chosen_for_it() -> None:
    needs = [GpuNeed("pools[0]", ("p5.48xlarge",), ("z2",), is_bound=True)]

    assert bound_offering(needs, {"p5.48xlarge": {"z2", "z4"}}) == {"p5.48xlarge in z2": {"z2"}}


def test_problems_say_where_the_machine_is() -> None:
    needs = (
        GpuNeed("pools[0].gpu_name 'a10g'", ("g5.xlarge",)),
        GpuNeed("pools[1].gpu_name 'h100'", ("p5.4xlarge",)),
        GpuNeed("pools[2].gpu_name 'b300'", ("p6-b300.48xlarge",)),
        GpuNeed("pools[3].gpu_name 'a10g'", ("g5.xlarge",), ("eu-west-1b",), is_bound=True),
    )
    offerings = {"g5.xlarge": {"eu-west-1a"}, "p5.4xlarge": {"eu-west-1d", "eu-west-1c"}}

    assert offering_problems(needs, offerings, ZONES) == [
        "pools[1].gpu_name 'h100' needs p5.4xlarge, which none of the zones eu-west-1a, eu-west-1b "
        "offers; it is offered in eu-west-1c, eu-west-1d: add one to network.availability_zones",
        "pools[2].gpu_name 'b300' needs p6-b300.48xlarge, which none of the zones eu-west-1a, "
        "eu-west-1b offers; nor does any other of the region: choose other machines or another "
        "region",
        "pools[3].gpu_name 'a10g' needs g5.xlarge, which none of the zones eu-west-1b offers; it "
        "is offered in eu-west-1a: add one to its zones",
    ]


def test_pool_lies_in_the_zones_of_the_network() -> None:
    pools = (NodePool("a"), NodePool("b", zones=("eu-west-1d", "eu-west-1a")))

    assert pool_zone_problems(pools, ZONES) == [
        "pools[1].zones has eu-west-1d, but the network lies in eu-west-1a, eu-west-1b: choose "
        "some of these, or change network.availability_zones"
    ]
