"""The system nodes: the few machines of fixed number on which the controllers of a cluster run.

Karpenter makes no node for itself, and the autoscaler of node groups none before it runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pulumi

from splitplane.components.clouds.aws.cluster.roles import MANAGED_NODES
from splitplane.components.clouds.aws.nodes.machines import system_types
from splitplane.components.clouds.aws.nodes.managed import (
    ManagedNodes,
    declare_disk_grant,
    declare_managed_nodes,
)
from splitplane.components.clouds.aws.nodes.role import declare_node_role
from splitplane.components.clouds.aws.nodes.security import NodeSecurity
from splitplane.components.clouds.aws.parts import Plane

SYSTEM: Final = "system"
"""Ends the names of the resources; no node group may be called so."""
CONTROLLER_LABELS: Final = {"karpenter.sh/controller": "true"}
"""Of system nodes, in every mode: where Karpenter itself runs, and CoreDNS."""
_DISK_GIB: Final = 50
"""Images of all controllers take about 10 GiB; the rest is for logs and for the next images beside
those that still run."""


def declare_system_nodes(
    parent: pulumi.Resource,
    plane: Plane,
    *,
    security: NodeSecurity,
    depends_on: Sequence[pulumi.Resource],
) -> list[pulumi.Resource]:
    """The system nodes are ready, in every zone of the nodes in turn; none in Auto Mode.

    Their number is the one of the settings: nothing in the cluster changes it, and what was changed
    by hand is changed back.

    Args:
        parent: the component.
        plane: the compute plane.
        security: security groups of nodes.
        depends_on: the add-ons that come before nodes.
    """
    settings = plane.settings
    types = system_types(settings)
    if not types:
        return []
    nodes = ManagedNodes(
        name=SYSTEM,
        image=settings.system_nodes.image,
        instance_types=types,
        subnet_ids=list(plane.network.node_subnet_ids.values()),
        min_nodes=settings.system_node_count,
        max_nodes=settings.system_node_count,
        disk_gib=_DISK_GIB,
        labels=CONTROLLER_LABELS,
    )
    group = declare_managed_nodes(
        parent,
        plane,
        nodes,
        role=declare_node_role(parent, plane, MANAGED_NODES),
        security=security,
        depends_on=[*depends_on, *declare_disk_grant(parent, plane, SYSTEM)],
    )
    return [group]
