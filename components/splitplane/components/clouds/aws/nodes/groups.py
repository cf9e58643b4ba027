"""Managed node groups of one's own, and the autoscaler that changes their size.

A group of the settings becomes one in each zone: an empty group that spans zones would be taken for
one of its first zone, and a pod whose volume lies in another would wait for ever. Nodes have the
labels and taints of Karpenter's, so that workloads see no difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pulumi

from splitplane.components.addons.addon import Addon, AddonContext, declare_addon
from splitplane.components.clouds.aws.cluster.roles import GROUP_NODES
from splitplane.components.clouds.aws.identity.service_accounts import declare_identity
from splitplane.components.clouds.aws.karpenter.node_pool import POOL_LABEL
from splitplane.components.clouds.aws.nodes.autoscaler import (
    CHART,
    NAME,
    NAMESPACE,
    build_autoscaler_document,
    build_autoscaler_values,
)
from splitplane.components.clouds.aws.nodes.machines import (
    accelerator_of,
    image_of,
    machine_types,
    place_groups,
)
from splitplane.components.clouds.aws.nodes.managed import (
    ManagedNodes,
    declare_disk_grant,
    declare_managed_nodes,
)
from splitplane.components.clouds.aws.nodes.placement import declare_placement_group
from splitplane.components.clouds.aws.nodes.role import declare_node_role
from splitplane.components.clouds.aws.nodes.security import NodeSecurity
from splitplane.components.clouds.aws.parts import Plane
from splitplane.components.clouds.aws.reading import read_offerings
from splitplane.components.clouds.aws.settings import NodeGroupSettings
from splitplane.platforms import capabilities_of
from splitplane.platforms.aws_efa import EFA_MACHINES, EFA_RESOURCE
from splitplane.platforms.aws_neurons import NEURON_CHIPS, NEURON_RESOURCE, NEURON_TAINT
from splitplane.platforms.capabilities import Taint

_CAPACITY: Final = {"on_demand": "on-demand", "reserved": "reserved", "spot": "spot"}
_ACCELERATOR_LABEL: Final = "k8s.amazonaws.com/accelerator"
"""With it the autoscaler waits for the driver of a new node, and makes no second one meanwhile:
https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md.
Not on nodes with chips of AWS, where it would wait for a GPU for ever."""
_RESOURCE_TAG: Final = "k8s.io/cluster-autoscaler/node-template/resources"
"""Tag of a group by which the autoscaler knows what nodes of an empty one have beside processors,
memory and GPUs; it asks EKS for tags as for labels: "managed_nodegroup_cache" there."""


def declare_node_groups(
    parent: pulumi.Resource,
    plane: Plane,
    *,
    security: NodeSecurity,
    depends_on: Sequence[pulumi.Resource],
) -> list[pulumi.Resource]:
    """Every node group is there in each zone that has its machines; none in other modes.

    `min_nodes` and `max_nodes` hold in each zone. The number between is the autoscaler's; a higher
    `min_nodes` is refused by EKS while a group has fewer.

    Args:
        parent: the component.
        plane: the compute plane.
        security: security groups of nodes.
        depends_on: the add-ons that come before nodes.

    Raises:
        WrongArgument: no zone has the machines of a group; none is declared then.
    """
    settings = plane.settings
    if settings.compute_mode != "node_groups" or not settings.node_groups:
        return []
    zones = tuple(plane.network.node_subnet_ids)
    offered = read_offerings(parent, machine_types(settings))
    placed = place_groups(settings, offered, zones)
    role = declare_node_role(parent, plane, GROUP_NODES)
    before = [*depends_on, *declare_disk_grant(parent, plane, "group")]
    return [
        declare_managed_nodes(
            parent,
            plane,
            _nodes_of(parent, group, zone, plane),
            role=role,
            security=security,
            depends_on=before,
        )
        for group, zone in placed
    ]


def declare_autoscaler(
    parent: pulumi.Resource,
    plane: Plane,
    context: AddonContext,
    *,
    depends_on: Sequence[pulumi.Resource],
) -> pulumi.Resource | None:
    """The cluster autoscaler runs with its role; None without node groups or when not from here.

    Args:
        parent: the component.
        plane: the compute plane.
        context: what all add-ons share.
        depends_on: the node groups, so that they outlive it and shrink no more while they go.
    """
    settings = plane.settings
    version = settings.kubernetes_version
    has_groups = settings.compute_mode == "node_groups" and bool(settings.node_groups)
    if not has_groups or version is None or not context.is_installed(NAME):
        return None
    identity = declare_identity(
        parent,
        plane,
        NAME,
        namespace=NAMESPACE,
        service_account=NAME,
        documents={NAME: build_autoscaler_document(plane.scope, settings.eks_name)},
    )
    values = build_autoscaler_values(
        context,
        plane.scope,
        cluster_name=settings.eks_name,
        kubernetes_version=version,
        annotations=identity.annotations,
    )
    return declare_addon(
        parent,
        context,
        Addon(NAME, NAMESPACE, CHART, values),
        depends_on=[*identity.ready, *depends_on],
    )


def node_labels(group: NodeGroupSettings) -> dict[str, str]:
    """Labels of the group's nodes: those that Karpenter's have, and the autoscaler's own."""
    flags = capabilities_of("eks")
    labels = {POOL_LABEL: group.name}
    if flags.spot_selector_label is not None:
        labels[flags.spot_selector_label] = _CAPACITY[group.capacity]
    if group.gpu_name is not None:
        labels[flags.gpu_selector_label] = group.gpu_name
        labels[_ACCELERATOR_LABEL] = group.gpu_name
        if image_of(group) == "al2023":
            # What the device plugin's chart looks for where nothing discovers features of nodes.
            labels["nvidia.com/gpu.present"] = "true"
    return labels


def node_taints(group: NodeGroupSettings) -> tuple[Taint, ...]:
    """Taints of the group's nodes: those that Karpenter's have."""
    flags = capabilities_of("eks")
    gpu = flags.gpu_taint if group.gpu_name is not None else None
    neuron = NEURON_TAINT if group.neuron_name is not None else None
    spot = flags.spot_taint if group.capacity == "spot" else None
    return tuple(taint for taint in (gpu, neuron, spot) if taint is not None)


def node_tags(group: NodeGroupSettings) -> dict[str, str]:
    """Tags by which the autoscaler makes the first node for a pod that asks for chips or EFA.

    A group whose machines have different numbers of chips is known by the least.
    """
    tags: dict[str, str] = {}
    chips = [NEURON_CHIPS[kind] for kind in group.instance_types if kind in NEURON_CHIPS]
    if group.neuron_name is not None and chips:
        tags[f"{_RESOURCE_TAG}/{NEURON_RESOURCE}"] = str(min(chips))
    if group.has_efa:
        tags[f"{_RESOURCE_TAG}/{EFA_RESOURCE}"] = str(EFA_MACHINES[group.instance_types[0]])
    return tags


def _nodes_of(
    parent: pulumi.Resource, group: NodeGroupSettings, zone: str, plane: Plane
) -> ManagedNodes:
    # Reserved machines lie where they were reserved, and a group that is not of the reservation
    # would find none: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/cr-cpg.html.
    is_close = group.has_efa and group.reservation_id is None
    placement = declare_placement_group(parent, plane, group.name) if is_close else None
    return ManagedNodes(
        name=f"{group.name}-{zone}",
        image=image_of(group),
        instance_types=group.instance_types,
        subnet_ids=[plane.network.node_subnet_ids[zone]],
        min_nodes=group.min_nodes,
        max_nodes=group.max_nodes,
        disk_gib=group.data_disk_gib,
        capacity=group.capacity,
        reservation_id=group.reservation_id,
        accelerator=accelerator_of(group),
        has_efa=group.has_efa,
        placement_group=None if placement is None else placement.name,
        labels=node_labels(group),
        taints=node_taints(group),
        tags=node_tags(group),
        is_scaled=True,
    )
