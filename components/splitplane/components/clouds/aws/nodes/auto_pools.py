"""Pools of one's own in EKS Auto Mode, beside those of EKS: for GPUs, spot machines, reservations.

Auto Mode runs Karpenter inside EKS, so a pool is the NodePool that Karpenter takes, with a class of
EKS' own kind. Only wires, but for that class.
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from splitplane.components.clouds.aws.cluster.roles import AUTO_NODES, role_name_of
from splitplane.components.clouds.aws.karpenter.default_pools import effective_pools
from splitplane.components.clouds.aws.karpenter.node_class import Manifest, NodeNetwork
from splitplane.components.clouds.aws.karpenter.node_pool import AUTO_MODE, build_node_pool
from splitplane.components.clouds.aws.karpenter.objects import declare_node_object
from splitplane.components.clouds.aws.karpenter.pools import NodePool
from splitplane.components.clouds.aws.nodes.security import NodeSecurity
from splitplane.components.clouds.aws.parts import Plane, tags_of


def build_auto_class(pool: NodePool, network: NodeNetwork) -> Manifest:
    """The NodeClass of the pool, of the pool's name; image and metadata are EKS' own.

    Source: "Node Class Specification" in
    https://docs.aws.amazon.com/eks/latest/userguide/create-node-class.html and, for reservations,
    https://docs.aws.amazon.com/eks/latest/userguide/auto-odcr.html, checked 2026-11-21. The policy
    of the cluster's role allows starts in reservations since its v3 of 2025-06-20:
    https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonEKSComputePolicy.html.

    Args:
        pool: a checked pool.
        network: what machines of every pool share.
    """
    zones = pool.zones or tuple(network.subnet_ids)
    storage: Manifest = {"size": f"{pool.data_disk_gib}Gi"}
    if network.kms_key_arn is not None:
        storage["kmsKeyID"] = network.kms_key_arn
    spec: Manifest = {
        "role": network.role_name,
        # By id: tags would also match what other clusters own.
        "subnetSelectorTerms": [{"id": network.subnet_ids[zone]} for zone in zones],
        "securityGroupSelectorTerms": [{"id": item} for item in network.security_group_ids],
        "ephemeralStorage": storage,
        "tags": dict(network.tags),
    }
    if pool.reservation_ids:
        spec["capacityReservationSelectorTerms"] = [{"id": item} for item in pool.reservation_ids]
    return {
        "apiVersion": f"{AUTO_MODE.group}/v1",
        "kind": AUTO_MODE.kind,
        "metadata": {"name": pool.name},
        "spec": spec,
    }


def declare_auto_pools(
    parent: pulumi.Resource,
    plane: Plane,
    *,
    security: NodeSecurity,
    startup_taints: tuple[str, ...],
    depends_on: Sequence[pulumi.Resource],
) -> list[pulumi.Resource]:
    """The NodePools that are asked for, each with its class; none in the other modes.

    The nodes have the role that EKS knows from the cluster, and made the access entry of: a role of
    their own would need another (the considerations of `create-node-class`, as above).

    Args:
        parent: the component.
        plane: the compute plane.
        security: security groups of the nodes.
        startup_taints: keys of taints that add-ons remove from a new node.
        depends_on: what is there while nodes come and go: cluster, ways out and add-ons.
    """
    settings = plane.settings
    if settings.is_adopted or settings.compute_mode != "auto_mode":
        return []
    network = NodeNetwork(
        subnet_ids=plane.network.node_subnet_ids,
        security_group_ids=security.group_ids,
        role_name=role_name_of(settings, plane.scope, AUTO_NODES),
        kms_key_arn=settings.storage.kms_key_arn,
        tags=tags_of(settings),
    )
    needed = [*security.ready, *depends_on]
    made: list[pulumi.Resource] = []
    for pool in effective_pools(settings):
        described = build_auto_class(pool, network)
        node_class = declare_node_object(parent, plane, described, "class", needed)
        manifest = build_node_pool(pool, startup_taints=startup_taints, vocabulary=AUTO_MODE)
        made.append(declare_node_object(parent, plane, manifest, "pool", [*needed, node_class]))
    return made
