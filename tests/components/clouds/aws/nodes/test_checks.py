"""Nodes are refused where a mode cannot make them."""

from __future__ import annotations

from typing import Any

import pytest

from splitplane.components.clouds.aws.nodes.checks import check_nodes
from splitplane.components.clouds.aws.settings import parse_settings

BASE: dict[str, Any] = {
    "name": "prod-eu",
    "environments": ["prod"],
    "hub_url": "https://hub.example.com",
}
POOL: dict[str, Any] = {
    "name": "cpu",
    "limit_cpu_cores": 64,
    "limit_memory_gib": 256,
    "termination_grace_seconds": 3600,
}
MIG: dict[str, Any] = {
    "name": "mig",
    "gpu_name": "h100",
    "sharing": {"mig_profile": "1g.10gb"},
    "static_nodes": 1,
    "termination_grace_seconds": 3600,
}
GROUP: dict[str, Any] = {"name": "cpu", "instance_types": ["m7i.xlarge"], "max_nodes": 5}
NEURON: dict[str, Any] = GROUP | {"instance_types": ["inf2.xlarge"], "neuron_name": "inferentia2"}
EFA: dict[str, Any] = GROUP | {
    "instance_types": ["trn1.32xlarge"],
    "neuron_name": "trainium",
    "has_efa": True,
    "zones": ["eu-west-1a"],
}
RESERVED: dict[str, Any] = {"capacity": "reserved", "reservation_id": "cr-0a1b"}


def _problems(**changes: Any) -> list[str]:
    return check_nodes(parse_settings(BASE | changes))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="least"),
        pytest.param({"pools": [POOL, MIG]}, id="pools"),
        pytest.param({"pools": []}, id="no-pools"),
        pytest.param({"system_nodes": {"count": 2, "instance_types": ["m7i.large"]}}, id="system"),
        pytest.param({"compute_mode": "auto_mode"}, id="auto"),
        pytest.param({"compute_mode": "auto_mode", "pools": [POOL]}, id="auto-pools"),
        pytest.param({"compute_mode": "node_groups", "node_groups": [GROUP]}, id="groups"),
        pytest.param(
            {
                "compute_mode": "node_groups",
                "node_groups": [GROUP | {"gpu_name": "a10g", "instance_types": ["g5.xlarge"]}],
            },
            id="gpu-group",
        ),
        pytest.param({"compute_mode": "node_groups", "node_groups": [NEURON]}, id="neuron-group"),
        pytest.param({"compute_mode": "node_groups", "node_groups": [EFA]}, id="efa-group"),
        pytest.param(
            {
                "compute_mode": "node_groups",
                "node_groups": [EFA | {"capacity": "reserved", "reservation_id": "cr-0a1b"}],
            },
            id="reserved-group",
        ),
    ],
)
def test_what_is_allowed_passes(changes: dict[str, Any]) -> None:
    assert _problems(**changes) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"system_nodes": {"count": 1}},
            "system_nodes.count 1 is not allowed: use 2 or more, since the two replicas of a contr",
        ),
        (
            {"system_nodes": {"instance_types": ["large"]}},
            "system_nodes.instance_types 'large' is no instance type: write FAMILY.SIZE, such as",
        ),
        (
            {"system_nodes": {"instance_types": ["m7i.large", "m7i.large"]}},
            "system_nodes.instance_types ['m7i.large', 'm7i.large'] name one twice: leave it out",
        ),
        (
            {"pools": [POOL | {"limit_cpu_cores": None}]},
            "pools[0].limit_cpu_cores None is not allowed: give the most that the pool may grow to",
        ),
        (
            {"compute_mode": "auto_mode", "system_nodes": {"count": 3}},
            "system_nodes have no meaning with compute_mode 'auto_mode', where EKS makes the nodes",
        ),
        (
            {"compute_mode": "auto_mode", "network": {"security_group_profile": "restricted"}},
            "network.security_group_profile 'restricted' is not allowed with compute_mode 'auto_m",
        ),
        (
            {"compute_mode": "auto_mode", "network": {"is_prefix_delegation_enabled": True}},
            "network.is_prefix_delegation_enabled has no meaning with compute_mode 'auto_mode', w",
        ),
        (
            {"compute_mode": "node_groups", "pools": [POOL]},
            "pools ['cpu'] have no meaning with compute_mode 'node_groups': write them as node_gr",
        ),
        (
            {"node_groups": [GROUP]},
            "node_groups ['cpu'] have no meaning with compute_mode 'karpenter': use compute_mode",
        ),
    ],
)
def test_what_is_wrong_is_said(changes: dict[str, Any], message: str) -> None:
    (problem,) = _problems(**changes)

    assert problem.startswith(message)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "Cpu"}, "name 'Cpu' is not allowed: use 1 to 40 lower-case letters, digits and"),
        ({"name": "system"}, "name 'system' is taken by the nodes of controllers: choose another"),
        ({"instance_types": []}, "instance_types is empty: name at least one, such as 'm7i.xlarg"),
        ({"instance_types": ["big"]}, "instance_types 'big' is no instance type: write FAMILY.SI"),
        ({"min_nodes": 6}, "min_nodes 6 is not allowed: use 0 to max_nodes 5"),
        ({"max_nodes": 451}, "max_nodes 451 is not allowed: use 1 to 450"),
        ({"data_disk_gib": 10}, "data_disk_gib 10 is too small: use 20 or more"),
        ({"data_disk_gib": 59_001}, "data_disk_gib 59001 is too large: use 59000 or less"),
        ({"gpu_name": "a1"}, "gpu_name 'a1' is not known: use one of t4, a10g, l4"),
        ({"gpu_name": "a10g"}, "instance_types 'm7i.xlarge' has no a10g: use machines of g5"),
        ({"neuron_name": "tpu"}, "neuron_name 'tpu' is not known: use one of inferentia2, train"),
        (
            {"neuron_name": "trainium"},
            "instance_types 'm7i.xlarge' has no trainium: use machines of trn1, trn1n",
        ),
        (
            {"gpu_name": "a10g", "neuron_name": "trainium", "instance_types": ["g5.xlarge"]},
            "neuron_name 'trainium' does not fit gpu_name 'a10g': no machine has both, so leave",
        ),
        ({"zones": ["a", "a"]}, "zones ['a', 'a'] name one twice: leave it out"),
        (
            {"capacity": "reserved"},
            "reservation_id None does not fit capacity 'reserved': name one with reserved capa",
        ),
        (
            {"reservation_id": "cr-0a1b"},
            "reservation_id 'cr-0a1b' does not fit capacity 'on_demand': name one with reserved",
        ),
        (
            {**RESERVED, "zones": ["a"], "reservation_id": "0a1b"},
            "reservation_id '0a1b' is not allowed: write the id of an On-Demand Capacity Reserv",
        ),
        (RESERVED, "zones [] do not fit a reservation, which is for one machine in one zone: na"),
        (
            {**RESERVED, "zones": ["a"], "instance_types": ["m7i.xlarge", "m7i.large"]},
            "instance_types ['m7i.xlarge', 'm7i.large'] do not fit a reservation, which is for",
        ),
        (
            {"has_efa": True, "zones": ["a"]},
            "instance_types 'm7i.xlarge' is not known to have all EFA interfaces: with has_efa use",
        ),
        (
            EFA | {"zones": ["a", "b"]},
            "zones ['a', 'b'] do not fit has_efa, whose machines are alike and close to each oth",
        ),
        (
            EFA | {"instance_types": ["trn1.32xlarge", "trn1n.32xlarge"]},
            "instance_types ['trn1.32xlarge', 'trn1n.32xlarge'] do not fit has_efa, whose machi",
        ),
    ],
)
def test_a_wrong_node_group_is_named(changes: dict[str, Any], message: str) -> None:
    (problem,) = _problems(compute_mode="node_groups", node_groups=[GROUP | changes])

    assert problem.startswith(f"node_groups[0].{message}")


def test_names_of_node_groups_differ() -> None:
    problems = _problems(compute_mode="node_groups", node_groups=[GROUP, GROUP])

    assert problems == ["node_groups[1].name 'cpu' is taken: names differ"]
