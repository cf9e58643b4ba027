"""What a pool may not ask for is refused with the field, the value and what is allowed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from splitplane.components.clouds.aws.karpenter.pools import (
    Mig,
    Mps,
    NodePool,
    TimeSlicing,
    check_pools,
)
from splitplane.components.errors import WrongArgument

CPU = NodePool("cpu", 256, 1024, termination_grace_seconds=86_400)
GPU = NodePool("gpu", 512, 4096, 16, gpu_name="a10g", termination_grace_seconds=86_400)
SHARED = replace(
    GPU,
    limit_cpu_cores=None,
    limit_memory_gib=None,
    limit_gpus=None,
    static_nodes=2,
    sharing=TimeSlicing(4),
)
NEURON = NodePool(
    "chips", 512, 4096, limit_neurons=24, neuron_name="trainium", termination_grace_seconds=86_400
)
JOINED = replace(SHARED, image="al2023", sharing=Mps(48))


@pytest.mark.parametrize(
    "pool", [CPU, GPU, SHARED, JOINED, NEURON], ids=["cpu", "gpu", "shared", "joined", "chips"]
)
def test_sound_pool_passes(pool: NodePool) -> None:
    check_pools([pool], is_production=True)


@pytest.mark.parametrize(
    ("pool", "changes", "message"),
    [
        (CPU, {"name": "CPU"}, "name 'CPU' is not allowed: use 1 to 40 lower-case letters"),
        (CPU, {"limit_cpu_cores": None}, "limit_cpu_cores None is not allowed: give the most"),
        (CPU, {"limit_memory_gib": 0}, "limit_memory_gib 0 is not allowed"),
        (CPU, {"architectures": ()}, "architectures is empty: name amd64, arm64 or both"),
        (CPU, {"capacity": "reserved"}, r"reservation_ids \[\] do not fit capacity 'reserved'"),
        (CPU, {"reservation_ids": ("cr-1",)}, r"\['cr-1'\] do not fit capacity 'on_demand'"),
        (CPU, {"image_version": "latest"}, "'latest' is not allowed in production"),
        (CPU, {"data_disk_gib": 10}, "data_disk_gib 10 is too small: use 20 or more"),
        (CPU, {"data_disk_gib": 59_001}, "data_disk_gib 59001 is too large: use 59000 or less"),
        (
            CPU,
            {"capacity": "reserved", "reservation_ids": ("0a1b",)},
            "reservation_ids '0a1b' is not allowed: write the id of a capacity reservation, cr- an",
        ),
        (
            CPU,
            {"capacity": "reserved", "reservation_ids": ("cr-1",) * 31},
            "reservation_ids are 31: a pool takes 30 or fewer",
        ),
        (
            CPU,
            {"quiet_schedule": "nightly", "quiet_hours": 8},
            "quiet_schedule 'nightly' is not al",
        ),
        (CPU, {"image_version": "20260903"}, "'20260903' is not allowed: write v20260903, as al20"),
        (GPU, {"image_version": "v20260903"}, "'v20260903' is not allowed: write v1.64.0, as bott"),
        (CPU, {"limit_gpus": 4}, "limit_gpus 4 needs gpu_name"),
        (CPU, {"sharing": TimeSlicing(2)}, r"sharing TimeSlicing\(replicas=2\) needs gpu_name"),
        (CPU, {"has_efa": True}, "has_efa needs gpu_name or neuron_name: set one"),
        (CPU, {"node_lifetime_hours": 0}, "node_lifetime_hours 0 is not allowed"),
        (CPU, {"termination_grace_seconds": None}, "would hold a drain for ever"),
        (CPU, {"disruption_budget_percent": 101}, "disruption_budget_percent 101 is not allowed"),
        (CPU, {"weight": 101}, "weight 101 is not allowed: use 1 to 100"),
        (CPU, {"quiet_hours": 8}, "quiet_schedule and quiet_hours belong together"),
        (GPU, {"gpu_name": "v100"}, "gpu_name 'v100' is not known: use one of t4, a10g"),
        (GPU, {"limit_gpus": None}, "limit_gpus None is not allowed: give the most"),
        (GPU, {"gpu_counts": (1, 2)}, "gpu_counts 2 is no shape of a10g: use some of 1, 4, 8"),
        (GPU, {"families": ("p5",)}, "families has 'p5', which has no a10g: use some of g5"),
        (GPU, {"architectures": ("arm64",)}, "machines with a10g are amd64"),
        (GPU, {"gpu_name": "l4", "has_efa": True}, "machines with l4 have no EFA"),
        (GPU, {"has_efa": True}, r"gpu_counts \[\] has machines without all EFA interfaces"),
        (
            GPU,
            {"gpu_name": "h200", "gpu_counts": (8,), "has_efa": True},
            r"families with one number of EFA interfaces: choose one of p5e \(32\), p5en \(16\)",
        ),
        (
            SHARED,
            {"sharing": TimeSlicing(1)},
            r"sharing\.time_slicing_replicas 1 is not allowed: use 2 to 48",
        ),
        (
            NEURON,
            {"neuron_name": "tpu"},
            "'tpu' is not known: use one of inferentia2, trainium, tr",
        ),
        (NEURON, {"limit_neurons": None}, "limit_neurons None is not allowed: give the most"),
        (
            NEURON,
            {"has_efa": True, "zones": ("a",)},
            r"families with one number of EFA interfaces: choose one of trn1 \(8\), trn1n \(16\)",
        ),
        (NEURON, {"families": ("trn1",), "has_efa": True}, r"zones \[\] do not fit has_efa"),
        (
            NEURON,
            {"neuron_name": "inferentia2", "has_efa": True, "zones": ("a",)},
            "machines with inferentia2 have no EFA",
        ),
        (NEURON, {"static_nodes": 1}, "limit_neurons 24 has no meaning with static_nodes"),
        (NEURON, {"families": ("inf2",)}, "'inf2', which has no trainium: use some of trn1, trn1n"),
        (NEURON, {"architectures": ("arm64",)}, "machines with trainium are amd64"),
        (NEURON, {"gpu_name": "a10g"}, "does not fit gpu_name 'a10g': no machine has both"),
        (NEURON, {"sharing": Mps(2)}, r"sharing Mps\(clients=2\) needs gpu_name"),
        (CPU, {"limit_neurons": 4}, "limit_neurons 4 needs neuron_name: set it, or leave"),
        (JOINED, {"sharing": Mps(1)}, r"sharing\.mps_replicas 1 is not allowed: use 2 to 48"),
        (JOINED, {"sharing": Mps(49)}, r"sharing\.mps_replicas 49 is not allowed: use 2 to 48"),
        (
            JOINED,
            {"image": None},
            r"sharing\.mps_replicas does not fit image 'bottlerocket', .*: use image 'al2023'",
        ),
        (JOINED, {"static_nodes": None}, "would make a node for each pod of a shared one"),
        (SHARED, {"sharing": Mig("1g.5gb")}, "a10g cannot be cut by MIG; use time slicing, or"),
        (
            SHARED,
            {"gpu_name": "a100", "sharing": Mig("half")},
            r"sharing\.mig_profile 'half' is not allowed: write SLICESg\.MEMORYgb",
        ),
        (
            SHARED,
            {"gpu_name": "rtx-pro-server-6000", "sharing": Mig("7g.96gb")},
            "with at most 4 slices of rtx-pro-server-6000",
        ),
        (SHARED, {"static_nodes": None}, "would make a node for each pod of a shared one"),
        (SHARED, {"static_nodes": -1}, "static_nodes -1 is not allowed"),
        (SHARED, {"weight": 5}, "weight 5 has no meaning with static_nodes"),
        (SHARED, {"limit_gpus": 8}, "limit_gpus 8 has no meaning with static_nodes"),
    ],
)
def test_impossible_pool_is_refused(pool: NodePool, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(WrongArgument, match=message):
        check_pools([replace(pool, **changes)], is_production=True)


def test_every_problem_of_every_pool_is_told_at_once() -> None:
    wrong = [replace(CPU, weight=0), replace(CPU, data_disk_gib=1)]

    with pytest.raises(WrongArgument) as caught:
        check_pools(wrong, is_production=False)

    assert str(caught.value) == (
        "pools[0].weight 0 is not allowed: use 1 to 100; "
        "pools[1].name 'cpu' is taken: names differ; "
        "pools[1].data_disk_gib 1 is too small: use 20 or more"
    )


def test_newest_image_is_allowed_outside_production() -> None:
    check_pools([replace(CPU, image_version="latest")], is_production=False)
