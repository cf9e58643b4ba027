"""Which entries a created cluster has, and which roles its nodes, from the settings. Pure."""

from __future__ import annotations

from typing import Final

from splitplane.components.clouds.aws.cluster.access import NodeRole, PlannedEntry, plan_access
from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.names import global_name
from splitplane.components.clouds.aws.settings import EksSettings

CLUSTER: Final = "cluster"
"""Purpose of the role of the control plane."""
MANAGED_NODES: Final = "system-nodes"
"""Purpose of the role of the first nodes, a managed node group, whose entry EKS makes."""
GROUP_NODES: Final = "group-nodes"
"""Purpose of the role of other managed node groups, whose entry EKS makes."""
KARPENTER_NODES: Final = "karpenter-nodes"
"""Purpose of the role of Karpenter's nodes, and key of its entry."""
AUTO_NODES: Final = "auto-node"
"""Purpose of the role of Auto Mode's nodes, whose entry EKS makes."""
AUTO_NODE_POOLS: Final = ("general-purpose", "system")
"""All pools that EKS has in Auto Mode; with them it makes the entry of the nodes' role.
https://docs.aws.amazon.com/eks/latest/userguide/set-builtin-node-pools.html"""


def role_name_of(settings: EksSettings, scope: Scope, purpose: str) -> str:
    """Name of the role of this purpose, known before it is made."""
    return global_name("role", settings.eks_name, purpose, region=scope.region)


def role_arn_of(settings: EksSettings, scope: Scope, purpose: str) -> str:
    """ARN of the role of this purpose, known before it is made."""
    return scope.global_arn("iam", f"role/{role_name_of(settings, scope, purpose)}")


def plan_entries(settings: EksSettings, scope: Scope) -> tuple[PlannedEntry, ...]:
    """Every entry of a created cluster: deployers, Karpenter's nodes, then what was asked for.

    That of nodes has the key `KARPENTER_NODES` and is declared with their role.

    Raises:
        WrongArgument: names every problem of every entry.
    """
    is_auto, is_karpenter = (settings.compute_mode == mode for mode in ("auto_mode", "karpenter"))
    managed = (AUTO_NODES,) if is_auto else (MANAGED_NODES, GROUP_NODES)
    role_arn = role_arn_of(settings, scope, KARPENTER_NODES)
    return plan_access(
        scope,
        deployer_principal_arns=settings.deployer_principal_arns,
        node_roles=[NodeRole(KARPENTER_NODES, role_arn)] if is_karpenter else [],
        managed_role_arns=[role_arn_of(settings, scope, purpose) for purpose in managed],
        entries=settings.access_entries,
    )
