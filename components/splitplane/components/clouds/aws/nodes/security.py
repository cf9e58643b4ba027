"""The security group of nodes: the cluster's own, or one with only the ports that are needed.

Rules are resources of their own: beside rules inside the group, which load balancers' controllers
add to, each run would remove what the other made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pulumi
import pulumi_aws as aws

from splitplane.components.clouds.aws.names import derived_name
from splitplane.components.clouds.aws.parts import Plane, Text, child_options, tags_of


@dataclass(frozen=True)
class Opening:
    """Ports of nodes and their pods that someone may reach.

    Attributes:
        name: in the names of resources.
        first: first port; None with all protocols.
        last: last port; None with all protocols.
        reason: what listens there; also the rule's description, with the characters that EC2
            takes.
        protocol: `-1` stands for all.
    """

    name: str
    first: int | None
    last: int | None
    reason: str
    protocol: Literal["tcp", "udp", "-1"] = "tcp"


CONTROL_PLANE_OPENINGS: Final = (
    Opening("https", 443, 443, "Webhooks that listen on the port of their Service"),
    Opening("metrics", 4443, 4443, "metrics-server of older releases"),
    Opening("adapters", 6443, 6443, "Metrics of KEDA and of the Prometheus adapter"),
    Opening("policies", 8443, 8443, "Webhooks of policy engines and of older Karpenter releases"),
    Opening("webhooks", 9443, 9443, "Webhooks of controllers, such as the load balancers"),
    Opening(
        "kubelets",
        10250,
        10251,
        "Kubelets (logs, exec), webhooks of cert-manager and others, metrics-server",
    ),
    Opening("istiod", 15017, 15017, "Sidecar injection and checks of Istio"),
)
"""What the API server calls. `webhook_ports.json` of the charts says on which ports their pods get
such calls; a port that lacks shows as a timeout of each write that the webhook has to see."""
NODE_OPENINGS: Final = (
    Opening("dns", 53, 53, "Cluster DNS"),
    Opening("dns-udp", 53, 53, "Cluster DNS", "udp"),
    Opening("pods", 1025, 65535, "Pods of other nodes, on unprivileged ports"),
)
"""What nodes and pods reach of each other."""
EFA_OPENING: Final = Opening("efa", None, None, "Elastic Fabric Adapter", "-1")
"""EFA needs all traffic from and to the group itself:
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/efa-start.html. The cluster's group has both
rules from EKS: https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html."""


@dataclass(frozen=True)
class NodeSecurity:
    """What machines of nodes are put in.

    Attributes:
        group_ids: security groups of every node.
        ready: the group and its rules: before them no node may start.
        is_own: whether the group is one of our own, and not the cluster's.
    """

    group_ids: list[Text]
    ready: tuple[pulumi.Resource, ...]
    is_own: bool


def declare_node_security_group(parent: pulumi.Resource, plane: Plane) -> NodeSecurity:
    """Nodes have a security group.

    With profile `cluster` it is the one that EKS makes, and nothing is declared. With `restricted`
    it is one of our own: the API server reaches only `CONTROL_PLANE_OPENINGS`, other nodes only
    `NODE_OPENINGS`, nodes reach the API server, and everything outside.
    """
    settings = plane.settings
    if settings.network.security_group_profile == "cluster":
        return NodeSecurity([plane.cluster.security_group_id], (), is_own=False)
    name = f"{settings.name}-nodes"
    group = aws.ec2.SecurityGroup(
        name,
        name=derived_name("security_group", settings.eks_name, "nodes"),
        description=f"Nodes of the EKS cluster {settings.eks_name}",
        vpc_id=plane.network.vpc_id,
        tags=tags_of(settings, name),
        opts=child_options(parent, delete_minutes=settings.delete_timeout_minutes),
    )
    rules = [
        *_rules_from(parent, plane, group, CONTROL_PLANE_OPENINGS, is_from_nodes=False),
        *_rules_from(parent, plane, group, _node_openings(plane), is_from_nodes=True),
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-to-api",
            security_group_id=plane.cluster.security_group_id,
            referenced_security_group_id=group.id,
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            description="Nodes and pods to the API server",
            tags=tags_of(settings),
            opts=child_options(parent),
        ),
        *_rules_out(parent, plane, group),
    ]
    return NodeSecurity([group.id], (group, *rules), is_own=True)


def _node_openings(plane: Plane) -> Sequence[Opening]:
    return (EFA_OPENING,) if _has_efa(plane) else NODE_OPENINGS


def _has_efa(plane: Plane) -> bool:
    settings = plane.settings
    return any(pool.has_efa for pool in settings.pools or ()) or any(
        group.has_efa for group in settings.node_groups
    )


def _rules_from(
    parent: pulumi.Resource,
    plane: Plane,
    group: aws.ec2.SecurityGroup,
    openings: Sequence[Opening],
    *,
    is_from_nodes: bool,
) -> list[pulumi.Resource]:
    source = group.id if is_from_nodes else plane.cluster.security_group_id
    kind = "nodes" if is_from_nodes else "api"
    return [
        aws.vpc.SecurityGroupIngressRule(
            f"{plane.settings.name}-nodes-from-{kind}-{opening.name}",
            security_group_id=group.id,
            referenced_security_group_id=source,
            ip_protocol=opening.protocol,
            from_port=opening.first,
            to_port=opening.last,
            description=opening.reason,
            tags=tags_of(plane.settings),
            opts=child_options(parent),
        )
        for opening in openings
    ]


def _rules_out(
    parent: pulumi.Resource, plane: Plane, group: aws.ec2.SecurityGroup
) -> list[pulumi.Resource]:
    """Everything outside: what workloads may reach there, their network policies say."""
    ranges: dict[str, dict[str, str]] = {"anywhere": {"cidr_ipv4": "0.0.0.0/0"}}
    if plane.settings.network.ip_family == "ipv6":
        ranges["anywhere-ipv6"] = {"cidr_ipv6": "::/0"}
    if _has_efa(plane):
        # EFA's own traffic has no addresses, so ranges do not match it.
        ranges["efa"] = {}
    return [
        aws.vpc.SecurityGroupEgressRule(
            f"{plane.settings.name}-nodes-to-{name}",
            security_group_id=group.id,
            referenced_security_group_id=None if destination else group.id,
            cidr_ipv4=destination.get("cidr_ipv4"),
            cidr_ipv6=destination.get("cidr_ipv6"),
            ip_protocol="-1",
            description="Registries, APIs and what workloads call",
            tags=tags_of(plane.settings),
            opts=child_options(parent),
        )
        for name, destination in ranges.items()
    ]
