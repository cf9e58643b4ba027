"""What a program asks of its pools in vain is said before any cloud resource is registered."""

from __future__ import annotations

import pytest
from aws_refusal import Json, assert_refused, assert_refused_here

CPU: Json = {
    "name": "cpu",
    "limit_cpu_cores": 96,
    "limit_memory_gib": 384,
    "termination_grace_seconds": 3600,
}
GPU: Json = {**CPU, "name": "gpu", "gpu_name": "a10g", "limit_gpus": 8}
SHARED: Json = {
    "name": "gpu",
    "gpu_name": "h100",
    "static_nodes": 1,
    "termination_grace_seconds": 3600,
}

WITHOUT_AWS: dict[str, tuple[Json, str]] = {
    "long pool": (
        {"pools": [{**CPU, "name": "x" * 41}]},
        (
            "pools[0].name 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' is not allowed: use 1 "
            "to 40 lower-case letters, digits and hyphens, starting with a letter"
        ),
    ),
    "MIG on another GPU": (
        {"pools": [{**SHARED, "gpu_name": "a10g", "sharing": {"mig_profile": "1g.5gb"}}]},
        (
            "pools[0].sharing: a10g cannot be cut by MIG; use time slicing, or one of "
            "rtx-pro-server-6000, a100, h100, h200, b200, b300"
        ),
    ),
    "MIG of another GPU": (
        {"pools": [{**SHARED, "sharing": {"mig_profile": "1g.5gb"}}]},
        (
            "pool 'gpu': sharing.mig_profile '1g.5gb' does not fit h100.80gb; use one of "
            "1g.10gb, 1g.20gb, 2g.20gb, 3g.40gb, 7g.80gb, or only families that it fits"
        ),
    ),
    "MIG in Auto Mode": (
        {"compute_mode": "auto_mode", "pools": [{**SHARED, "sharing": {"mig_profile": "1g.10gb"}}]},
        (
            "pools[0].sharing is not allowed with compute_mode 'auto_mode', whose device plugin "
            "gives each pod whole GPUs: leave it out, or use compute_mode 'karpenter'"
        ),
    ),
    "no limits": (
        {"pools": [{"name": "cpu", "termination_grace_seconds": 60}]},
        (
            "pools[0].limit_cpu_cores None is not allowed: give the most that the pool may "
            "grow to; pools[0].limit_memory_gib None is not allowed: give the most that the "
            "pool may grow to"
        ),
    ),
    "endless drain": (
        {"pools": [{**CPU, "termination_grace_seconds": None}]},
        (
            "pools[0].termination_grace_seconds is left out, but nodes have a lifetime and a "
            "pod that forbids its disruption would hold a drain for ever: give the longest "
            "drain"
        ),
    ),
    "latest image": (
        {"profile": "prod", "pools": [{**CPU, "image_version": "latest"}]},
        (
            "pools[0].image_version 'latest' is not allowed in production, where each new "
            "image would replace every node: pin a release"
        ),
    ),
    "one system node": (
        {"system_nodes": {"count": 1}},
        (
            "system_nodes.count 1 is not allowed: use 2 or more, since the two replicas of a "
            "controller never share a node, and at most 450"
        ),
    ),
    "no reservation": (
        {"pools": [{**CPU, "capacity": "reserved"}]},
        (
            "pools[0].reservation_ids [] do not fit capacity 'reserved': name them with "
            "reserved capacity, and only then"
        ),
    ),
    "MPS on Bottlerocket": (
        {"pools": [{**SHARED, "image": "bottlerocket", "sharing": {"mps_replicas": 4}}]},
        (
            "pools[0].sharing.mps_replicas does not fit image 'bottlerocket', where pods do not "
            "reach the daemon of MPS by themselves: use image 'al2023', or time slicing"
        ),
    ),
    "MPS in Auto Mode": (
        {
            "compute_mode": "auto_mode",
            "pools": [{**SHARED, "image": None, "sharing": {"mps_replicas": 4}}],
        },
        (
            "pools[0].sharing is not allowed with compute_mode 'auto_mode', whose device plugin "
            "gives each pod whole GPUs: leave it out, or use compute_mode 'karpenter'"
        ),
    ),
    "slices that grow": (
        {"pools": [{**GPU, "sharing": {"time_slicing_replicas": 4}}]},
        (
            "pools[0].static_nodes is left out, but Karpenter counts whole GPUs and would make "
            "a node for each pod of a shared one: give the number of nodes"
        ),
    ),
    "weight of a fixed number": (
        {"pools": [{**SHARED, "weight": 3}]},
        ("pools[0].weight 3 has no meaning with static_nodes: leave one out"),
    ),
    "no EFA": (
        {
            "pools": [
                {
                    **GPU,
                    "gpu_name": "t4",
                    "gpu_counts": [8],
                    "has_efa": True,
                    "zones": ["eu-west-1a"],
                }
            ]
        },
        ("pools[0].has_efa is set, but machines with t4 have no EFA: leave it out"),
    ),
    "EFA in many zones": (
        {
            "pools": [
                {**GPU, "gpu_name": "a100", "gpu_counts": [8], "families": ["p4d"], "has_efa": True}
            ]
        },
        (
            "pools[0].zones [] do not fit has_efa, whose machines lie close to each other in one "
            "zone: name that zone"
        ),
    ),
}
"""Known to be wrong by the arguments alone."""
WITH_AWS: dict[str, tuple[tuple[Json, Json], str]] = {
    "GPU not in its zone": (
        ({"pools": [{**GPU, "zones": ["eu-west-1b"]}]}, {}),
        (
            "pools[0].gpu_name 'a10g' needs g5.xlarge, which none of the zones eu-west-1b "
            "offers; it is offered in eu-west-1a: add one to its zones"
        ),
    ),
    "GPU in no zone": (
        ({"pools": [{**GPU, "gpu_name": "h100", "gpu_counts": [8]}]}, {}),
        (
            "pools[0].gpu_name 'h100' needs p5.48xlarge, which none of the zones eu-west-1a, "
            "eu-west-1b, eu-west-1c offers; nor does any other of the region: choose other "
            "machines or another region"
        ),
    ),
    "machine in no zone": (
        ({"system_nodes": {"instance_types": ["m99.large"]}}, {}),
        (
            "system_nodes.instance_types ['m99.large'] are not offered in eu-west-1a, "
            "eu-west-1b, eu-west-1c: name machines that are offered there, or choose other "
            "zones"
        ),
    ),
}
"""Known to be wrong by what the account and the region have."""


@pytest.mark.parametrize(("args", "message"), WITHOUT_AWS.values(), ids=WITHOUT_AWS)
def test_what_is_wrong_by_itself_is_said_before_anything_is_registered(
    args: Json, message: str
) -> None:
    assert_refused(args, message)


@pytest.mark.parametrize(("case", "message"), WITH_AWS.values(), ids=WITH_AWS)
def test_what_does_not_fit_the_account_is_said_before_any_resource_of_a_cloud(
    case: tuple[Json, Json], message: str
) -> None:
    assert_refused_here(*case, message)
