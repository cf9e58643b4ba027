"""What Auto Mode forbids is said by the field's path, all at once."""

from __future__ import annotations

from typing import Any

import pytest
from aws_plane import settings_of

from splitplane.components.clouds.aws.nodes.checks import check_nodes

GPU: dict[str, Any] = {
    "name": "gpu",
    "gpu_name": "a100",
    "limit_cpu_cores": 96,
    "limit_memory_gib": 384,
    "limit_gpus": 8,
}
FIXED: dict[str, Any] = {"name": "fixed", "gpu_name": "h100", "static_nodes": 1}
SHARING = (
    "pools[0].sharing is not allowed with compute_mode 'auto_mode', whose device plugin gives each "
    "pod whole GPUs: leave it out, or use compute_mode 'karpenter'"
)


def problems(*pools: dict[str, Any], **args: Any) -> list[str]:
    return check_nodes(settings_of(compute_mode="auto_mode", pools=[*pools], **args))


@pytest.mark.parametrize(
    "pool",
    [
        GPU,
        FIXED,
        {**GPU, "capacity": "spot", "weight": 10, "is_dedicated": True},
        {**GPU, "capacity": "reserved", "reservation_ids": ["cr-1"]},
        {
            "name": "chips",
            "neuron_name": "inferentia2",
            "limit_cpu_cores": 96,
            "limit_memory_gib": 384,
            "limit_neurons": 4,
        },
        {**GPU, "node_lifetime_hours": 480},
        {**GPU, "node_lifetime_hours": 503, "termination_grace_seconds": 3600},
        {**GPU, "data_disk_gib": 59_000},
    ],
    ids=["gpu", "fixed", "spot", "reserved", "chips", "long life", "longest", "disk"],
)
def test_what_auto_mode_has_passes(pool: dict[str, Any]) -> None:
    assert problems(pool) == []


@pytest.mark.parametrize(
    ("pool", "message"),
    [
        ({**FIXED, "sharing": {"mig_profile": "1g.10gb"}}, SHARING),
        ({**GPU, "sharing": {"time_slicing_replicas": 4}}, SHARING),
        ({**FIXED, "sharing": {"mps_replicas": 4}}, SHARING),
        (
            {**GPU, "image": "al2023"},
            "pools[0].image 'al2023' is not allowed with compute_mode 'auto_mode', where EKS "
            "chooses and renews the image: leave it out, or use compute_mode 'karpenter'",
        ),
        (
            {**GPU, "image_version": "latest"},
            "pools[0].image_version 'latest' is not allowed with compute_mode 'auto_mode', where "
            "EKS chooses and renews the image: leave it out, or use compute_mode 'karpenter'",
        ),
        (
            {**GPU, "has_efa": True},
            "pools[0].has_efa is not allowed with compute_mode 'auto_mode', which gives EFA "
            "interfaces to machines of pods that ask for vpc.amazonaws.com/efa and puts none close "
            "to each other: leave it out, or use compute_mode 'karpenter'",
        ),
        (
            {**GPU, "node_lifetime_hours": 720},
            "pools[0].node_lifetime_hours 720 and termination_grace_seconds 86400 are together "
            "more than the 504 hours that Auto Mode lets a node live: use less",
        ),
        (
            {**GPU, "termination_grace_seconds": 604_801},
            "pools[0].node_lifetime_hours 336 and termination_grace_seconds 604801 are together "
            "more than the 504 hours that Auto Mode lets a node live: use less",
        ),
        (
            {**GPU, "name": "default"},
            "pools[0].name 'default' is taken by a pool or class of EKS itself: choose another",
        ),
        (
            {**GPU, "name": "general-purpose"},
            "pools[0].name 'general-purpose' is taken by a pool or class of EKS itself: choose "
            "another",
        ),
        (
            {**GPU, "data_disk_gib": 59_001},
            "pools[0].data_disk_gib 59001 is too large: use 59000 or less",
        ),
        (
            {**GPU, "limit_gpus": None},
            "pools[0].limit_gpus None is not allowed: give the most that the pool may grow to",
        ),
    ],
)
def test_what_auto_mode_lacks_is_said(pool: dict[str, Any], message: str) -> None:
    assert problems(pool) == [message]


def test_every_problem_of_every_pool_is_said_at_once() -> None:
    found = problems({**GPU, "image": "al2023", "has_efa": True}, {**FIXED, "name": "system"})

    assert [text.partition(" ")[0] for text in found] == [
        "pools[0].image",
        "pools[0].has_efa",
        "pools[1].name",
    ]


def test_tags_of_auto_mode_are_its_own() -> None:
    tags = {"eks.amazonaws.com/nodeclass": "gpu"}

    assert problems(GPU, tags=tags) == [
        "tags 'eks.amazonaws.com/nodeclass' is reserved by Auto Mode: use a key that does not "
        "start with eks.amazonaws.com/"
    ]
    assert check_nodes(settings_of(compute_mode="auto_mode", tags=tags)) == []
