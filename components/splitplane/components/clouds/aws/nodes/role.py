"""The role of machines: what a kubelet may do in AWS before any pod has a role of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from splitplane.components.clouds.aws.cluster.roles import role_name_of
from splitplane.components.clouds.aws.identity.service_accounts import declare_role_policies
from splitplane.components.clouds.aws.identity.trust import build_service_trust
from splitplane.components.clouds.aws.nodes.spot import SPOT_SERVICE
from splitplane.components.clouds.aws.parts import Plane, child_options, tags_of
from splitplane.components.clouds.aws.platform.pull_through import node_documents

NODE_POLICIES: Final[dict[str, str]] = {
    "worker": "AmazonEKSWorkerNodePolicy",
    "images": "AmazonEC2ContainerRegistryPullOnly",
    # Sessions in place of SSH: no port is open and no key is kept.
    "sessions": "AmazonSSMManagedInstanceCore",
}
"""Purpose → policy that AWS keeps. Not that of the network add-on, which has a role of its own:
https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html."""


@dataclass(frozen=True)
class NodeRoleParts:
    """A role of nodes.

    Attributes:
        name: its name, known before it is made.
        arn: its ARN, known before it is made.
        ready: the role and its policies: before them no node may start, and after the last node
            they may go.
    """

    name: str
    arn: str
    ready: tuple[pulumi.Resource, ...]


def declare_node_role(parent: pulumi.Resource, plane: Plane, purpose: str) -> NodeRoleParts:
    """A role that machines start with exists; it enters no cluster by itself.

    EKS makes the access entry of a managed node group itself, so a role belongs to node groups or
    to Karpenter, never to both.

    Args:
        parent: the component.
        plane: the compute plane.
        purpose: whose nodes, such as `nodes`; part of the names.
    """
    settings = plane.settings
    name = role_name_of(settings, plane.scope, purpose)
    role = aws.iam.Role(
        f"{settings.name}-{purpose}",
        name=name,
        description=f"Nodes of the EKS cluster {settings.eks_name}",
        # The same name in every partition.
        assume_role_policy=build_service_trust("ec2.amazonaws.com"),
        permissions_boundary=settings.permissions_boundary_arn,
        tags=tags_of(settings),
        opts=child_options(parent),
    )
    attachments = [
        aws.iam.RolePolicyAttachment(
            f"{settings.name}-{purpose}-{suffix}",
            role=role.name,
            policy_arn=f"arn:{plane.scope.partition}:iam::aws:policy/{policy}",
            opts=child_options(parent),
        )
        for suffix, policy in NODE_POLICIES.items()
    ]
    own = declare_role_policies(
        parent,
        f"{settings.name}-{purpose}",
        role=role,
        scope=plane.scope,
        documents=node_documents(settings, plane.scope),
    )
    return NodeRoleParts(
        name=name,
        arn=plane.scope.global_arn("iam", f"role/{name}"),
        ready=(role, *attachments, *own),
    )


def declare_spot_role(parent: pulumi.Resource, plane: Plane) -> list[pulumi.Resource]:
    """EC2 may buy spot machines in the account, where the program makes the role for it.

    The role is the account's and others use it as well, so it outlives the stack.

    Args:
        parent: the component.
        plane: the compute plane; its settings have passed `check_spot_role`.
    """
    settings = plane.settings
    if not settings.makes_spot_service_role:
        return []
    role = aws.iam.ServiceLinkedRole(
        f"{settings.name}-spot",
        aws_service_name=SPOT_SERVICE,
        tags=tags_of(settings),
        opts=pulumi.ResourceOptions.merge(
            child_options(parent), pulumi.ResourceOptions(retain_on_delete=True)
        ),
    )
    return [role]
