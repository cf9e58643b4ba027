"""Entries of a created cluster come from the settings, and nodes only where they need one."""

from __future__ import annotations

from typing import Any

import pytest

from splitplane.components.clouds.aws.cluster.access import AccessEntry
from splitplane.components.clouds.aws.cluster.roles import plan_entries
from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.settings import parse_settings
from splitplane.components.errors import WrongArgument

SCOPE = Scope("aws", "eu-west-1", "111122223333")
BASE: dict[str, Any] = {
    "name": "prod-eu",
    "environments": ["prod"],
    "hub_url": "https://hub.example.com",
    "deployer_principal_arns": ["arn:aws:iam::111122223333:role/deployer"],
}


def _keys(**changes: Any) -> list[str]:
    return [item.key for item in plan_entries(parse_settings(BASE | changes), SCOPE)]


def test_nodes_have_an_entry_of_ours_only_with_karpenter() -> None:
    deployer = "entry-deployer-c9d392db"

    assert _keys() == [deployer, "karpenter-nodes"]
    assert _keys(compute_mode="node_groups") == [deployer]
    assert _keys(compute_mode="auto_mode") == [deployer]


def test_karpenter_nodes_join_with_their_role() -> None:
    planned = plan_entries(parse_settings(BASE), SCOPE)[1]

    role = "arn:aws:iam::111122223333:role/prod-eu-karpenter-nodes-eu-west-1"
    assert planned.entry == AccessEntry(role, type="EC2_LINUX")


@pytest.mark.parametrize(
    ("mode", "role"),
    [("auto_mode", "auto-node"), ("node_groups", "group-nodes"), ("karpenter", "system-nodes")],
)
def test_roles_whose_entry_eks_makes_are_refused(mode: str, role: str) -> None:
    arn = f"arn:aws:iam::111122223333:role/prod-eu-{role}-eu-west-1"
    settings = parse_settings(
        BASE | {"compute_mode": mode, "access_entries": [{"principal_arn": arn}]}
    )

    with pytest.raises(WrongArgument, match=r"access_entries\[0\]: .* whose entry EKS makes itsel"):
        plan_entries(settings, SCOPE)
