"""A managed node group with its launch template: what system nodes and node groups have in common.

Everything that AWS cannot change in a group replaces it, so names are generated: the new group is
there, and its nodes are ready, before the old one is drained.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_aws as aws

from splitplane.components.clouds.aws.karpenter.pools import Image
from splitplane.components.clouds.aws.names import derived_name
from splitplane.components.clouds.aws.nodes.machines import (
    Accelerator,
    ami_type_of,
    build_machine_user_data,
    release_of,
)
from splitplane.components.clouds.aws.nodes.role import NodeRoleParts
from splitplane.components.clouds.aws.nodes.security import NodeSecurity
from splitplane.components.clouds.aws.parts import Plane, Text, child_options, tags_of
from splitplane.components.errors import WrongArgument
from splitplane.platforms.aws_efa import efa_interfaces
from splitplane.platforms.capabilities import Taint

_CAPACITY: Final = {"on_demand": "ON_DEMAND", "reserved": "ON_DEMAND", "spot": "SPOT"}
"""What is reserved is taken for an On-Demand Capacity Reservation: nothing but the reservation says
whether it is a capacity block, which EKS wants told (CAPACITY_BLOCK), and resized to 0 before each
upgrade: https://docs.aws.amazon.com/eks/latest/userguide/capacity-blocks-mng.html."""
_EFFECTS: Final = {
    "NoSchedule": "NO_SCHEDULE",
    "NoExecute": "NO_EXECUTE",
    "PreferNoSchedule": "PREFER_NO_SCHEDULE",
}
_BOTTLEROCKET_SYSTEM_GIB: Final = 4
"""The disk of the system itself; images and containers have another."""
_TAGGED: Final = ("instance", "volume", "network-interface")
"""What machines bring: tags of a node group reach none of them."""
_SCALING_ROLE: Final = "aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
_DISK_OPERATIONS: Final = (
    "CreateGrant",
    "Decrypt",
    "DescribeKey",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
)
"""https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html."""


@dataclass(frozen=True)
class ManagedNodes:
    """One managed node group.

    Attributes:
        name: ends the names of its resources.
        image: system of the nodes.
        instance_types: machines of one processor, the first that there is.
        subnet_ids: where the nodes are.
        min_nodes: fewest nodes; as many as at the start.
        max_nodes: most nodes.
        disk_gib: disk for images and scratch, GiB.
        capacity: how machines are bought.
        reservation_id: On-Demand Capacity Reservation of the machines, with capacity `reserved`.
        accelerator: whose driver the image has.
        has_efa: whether machines get all their EFA interfaces, which are known then.
        placement_group: name of the group that the machines are put in; anywhere when None.
        labels: labels of the nodes.
        taints: taints of the nodes.
        tags: tags of the group beside those of everything.
        is_scaled: whether something in the cluster changes the number of nodes.
    """

    name: str
    image: Image
    instance_types: Sequence[str]
    subnet_ids: Sequence[Text]
    min_nodes: int
    max_nodes: int
    disk_gib: int
    capacity: str = "on_demand"
    reservation_id: str | None = None
    accelerator: Accelerator | None = None
    has_efa: bool = False
    placement_group: Text | None = None
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    taints: Sequence[Taint] = ()
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    is_scaled: bool = False


def declare_managed_nodes(
    parent: pulumi.Resource,
    plane: Plane,
    nodes: ManagedNodes,
    *,
    role: NodeRoleParts,
    security: NodeSecurity,
    depends_on: Sequence[pulumi.Resource] = (),
) -> pulumi.Resource:
    """The group's nodes are ready, on the cluster's minor and the pinned release of their image.

    The minor comes out of the cluster, so an upgrade replaces nodes after the control plane, one
    after the other, and waits for disruption budgets.

    Args:
        parent: the component.
        plane: the compute plane; its cluster is one that is made here.
        nodes: the group.
        role: role of the machines, which no one else uses.
        security: security groups of nodes.
        depends_on: what nodes cannot be ready without, such as the network add-on.

    Raises:
        WrongArgument: the cluster's minor is left out.
    """
    settings = plane.settings
    if settings.kubernetes_version is None:
        raise WrongArgument("kubernetes_version is missing: node groups have the cluster's minor")
    name = f"{settings.name}-{nodes.name}"
    template = _declare_template(parent, plane, nodes, security)
    return aws.eks.NodeGroup(
        name,
        cluster_name=plane.cluster.name,
        node_group_name_prefix=_prefix(plane, "node_group_prefix", nodes),
        node_role_arn=role.arn,
        subnet_ids=list(nodes.subnet_ids),
        version=plane.cluster.version,
        release_version=release_of(nodes.image, settings.kubernetes_version),
        ami_type=ami_type_of(nodes.image, nodes.instance_types, nodes.accelerator),
        capacity_type=_CAPACITY[nodes.capacity],
        instance_types=list(nodes.instance_types),
        scaling_config={
            "desired_size": nodes.min_nodes,
            "min_size": nodes.min_nodes,
            "max_size": nodes.max_nodes,
        },
        labels=dict(nodes.labels) or None,
        taints=[
            {"key": taint.key, "value": taint.value, "effect": _EFFECTS[taint.effect]}
            for taint in nodes.taints
        ]
        or None,
        launch_template={"id": template.id, "version": template.latest_version.apply(str)},
        update_config=_update(nodes),
        node_repair_config={"enabled": True},
        tags={**tags_of(settings, name), **nodes.tags},
        opts=child_options(
            parent,
            depends_on=[
                *plane.cluster.ready,
                *plane.network.ways_out,
                *role.ready,
                *security.ready,
                *depends_on,
            ],
            ignore_changes=["scalingConfig.desiredSize"] if nodes.is_scaled else (),
        ),
    )


def declare_disk_grant(
    parent: pulumi.Resource, plane: Plane, purpose: str
) -> list[pulumi.Resource]:
    """Auto Scaling may use the key of disks; without, machines of node groups end at their birth.

    Nothing is declared without a key of one's own. Auto Scaling's service-linked role has to be in
    the account, where the first group of any kind makes it.

    Args:
        parent: the component.
        plane: the compute plane.
        purpose: whose machines, part of the name.
    """
    key = plane.settings.storage.kms_key_arn
    if key is None:
        return []
    grant = aws.kms.Grant(
        f"{plane.settings.name}-{purpose}-disks",
        key_id=key,
        grantee_principal=plane.scope.global_arn("iam", f"role/{_SCALING_ROLE}"),
        operations=list(_DISK_OPERATIONS),
        opts=child_options(parent),
    )
    return [grant]


def _declare_template(
    parent: pulumi.Resource, plane: Plane, nodes: ManagedNodes, security: NodeSecurity
) -> aws.ec2.LaunchTemplate:
    settings = plane.settings
    name = f"{settings.name}-{nodes.name}"
    # Nodes of an IPv6 cluster have prefixes in any case.
    has_prefixes = settings.has_prefix_delegation or settings.network.ip_family == "ipv6"
    user_data = build_machine_user_data(
        nodes.image, has_prefixes=has_prefixes, accelerator=nodes.accelerator
    )
    return aws.ec2.LaunchTemplate(
        name,
        name_prefix=_prefix(plane, "launch_template_prefix", nodes),
        block_device_mappings=_disks(nodes, settings.storage.kms_key_arn),
        # One hop: pods get no credentials of the node; their own come by Pod Identity.
        metadata_options={
            "http_endpoint": "enabled",
            "http_tokens": "required",
            "http_put_response_hop_limit": 1,
        },
        # Without any, EKS adds the cluster's own; interfaces have theirs.
        vpc_security_group_ids=security.group_ids
        if security.is_own and not nodes.has_efa
        else None,
        network_interfaces=_interfaces(nodes, security),
        placement={"group_name": nodes.placement_group} if nodes.placement_group else None,
        capacity_reservation_specification=_reservation(nodes),
        tag_specifications=[
            {"resource_type": kind, "tags": tags_of(settings, name)} for kind in _TAGGED
        ],
        user_data=None if user_data is None else base64.b64encode(user_data.encode()).decode(),
        tags=tags_of(settings),
        opts=child_options(parent, depends_on=security.ready),
    )


def _update(nodes: ManagedNodes) -> aws.eks.NodeGroupUpdateConfigArgsDict:
    if nodes.reservation_id is None:
        return {"max_unavailable": 1}
    # A reservation has no machines to spare: an old node goes before a new one comes.
    return {"max_unavailable": 1, "update_strategy": "MINIMAL"}


def _interfaces(
    nodes: ManagedNodes, security: NodeSecurity
) -> list[aws.ec2.LaunchTemplateNetworkInterfaceArgs] | None:
    """With no subnet, which EKS refuses here, nor a public address, which only one may have."""
    if not nodes.has_efa:
        return None
    return [
        aws.ec2.LaunchTemplateNetworkInterfaceArgs(
            network_card_index=item.card_index,
            device_index=item.device_index,
            interface_type=item.kind,
            security_groups=security.group_ids,
            delete_on_termination="true",
        )
        for item in efa_interfaces(nodes.instance_types[0])
    ]


def _reservation(
    nodes: ManagedNodes,
) -> aws.ec2.LaunchTemplateCapacityReservationSpecificationArgsDict | None:
    if nodes.reservation_id is None:
        return None
    return {"capacity_reservation_target": {"capacity_reservation_id": nodes.reservation_id}}


def _disks(
    nodes: ManagedNodes, kms_key_arn: str | None
) -> list[aws.ec2.LaunchTemplateBlockDeviceMappingArgs]:
    sizes = {"/dev/xvda": nodes.disk_gib}
    if nodes.image == "bottlerocket":
        sizes = {"/dev/xvda": _BOTTLEROCKET_SYSTEM_GIB, "/dev/xvdb": nodes.disk_gib}
    return [
        aws.ec2.LaunchTemplateBlockDeviceMappingArgs(
            device_name=device,
            ebs=aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
                volume_size=size_gib,
                volume_type="gp3",
                encrypted="true",
                kms_key_id=kms_key_arn,
                delete_on_termination="true",
            ),
        )
        for device, size_gib in sizes.items()
    ]


def _prefix(plane: Plane, kind: str, nodes: ManagedNodes) -> str:
    return f"{derived_name(kind, plane.settings.eks_name, nodes.name)}-"
