"""The role of machines: what a kubelet may do in AWS before any pod has a role of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from splitplane.components.clouds.aws.cluster.roles import role_name_of
from splitplane.components.clouds.aws.identity.trust import build_service_trust
from splitplane.components.clouds.aws.parts import Plane, child_options, tags_of

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
    return NodeRoleParts(
        name=name,
        arn=plane.scope.global_arn("iam", f"role/{name}"),
        ready=(role, *attachments),
    )
