"""In which order the EKS add-ons and the nodes come, as data; destroy goes the other way. Pure.

A network add-on after the first node, or CoreDNS before it, never becomes ready: the order is a
dependency of each on those before it, not a wait.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter
from typing import Final, Literal

from splitplane.components.errors import WrongArgument

ComputeMode = Literal["karpenter", "auto_mode", "node_groups"]

NODES: Final = "nodes"
"""The step at which the first nodes join: the system node group, or the node pools of Auto Mode."""
NAMESPACE: Final = "kube-system"
"""Where the add-ons and their service accounts are."""


@dataclass(frozen=True)
class Step:
    """One add-on, or the nodes.

    Attributes:
        name: EKS' name of the add-on, or `nodes`.
        depends_on: names of the steps that must be ready before it, beside the cluster itself.
        service_accounts: those that AWS is called by, each with a role of its own, in
            `kube-system`.
        description: why it stands where it stands.
        is_built_into_auto_mode: whether Auto Mode brings it, so that it is not installed there.
        is_optional: whether a cluster works without it.
    """

    name: str
    depends_on: tuple[str, ...]
    description: str
    service_accounts: tuple[str, ...] = ()
    is_built_into_auto_mode: bool = False
    is_optional: bool = False


# Auto Mode: "Compatible compute types" in
# https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html; for CoreDNS
# its section there. Checked 2026-11-21.
STEPS: Final = (
    Step(
        "eks-pod-identity-agent",
        (),
        "first: pods that ask for a role find it there",
        is_built_into_auto_mode=True,
    ),
    Step(
        "vpc-cni",
        ("eks-pod-identity-agent",),
        "active before the first node, which is never ready without it; after the agent, since it "
        "fails again and again while its role cannot be had, and prefix delegation counts only for "
        "nodes that come later",
        service_accounts=("aws-node",),
        is_built_into_auto_mode=True,
    ),
    Step(
        "kube-proxy",
        (),
        "needs no node; its version follows the cluster's",
        is_built_into_auto_mode=True,
    ),
    Step(
        NODES,
        ("eks-pod-identity-agent", "vpc-cni", "kube-proxy"),
        "also after routes, endpoints, access entries and the policies of the node role",
    ),
    Step(
        "coredns",
        (NODES,),
        "without a node to run on it stays degraded, and EKS gives up after 20 minutes",
        is_built_into_auto_mode=True,
    ),
    Step(
        "snapshot-controller",
        (NODES,),
        "brings the kinds of volume snapshots, which the drivers look for when they start",
        is_optional=True,
    ),
    Step(
        "aws-ebs-csi-driver",
        (NODES, "eks-pod-identity-agent", "snapshot-controller"),
        "its controller runs on nodes, with a role; after the kinds of snapshots",
        service_accounts=("ebs-csi-controller-sa",),
        is_built_into_auto_mode=True,
    ),
    Step(
        "aws-efs-csi-driver",
        (NODES, "eks-pod-identity-agent"),
        "also after the mount targets, one in each zone, so that the first volume can be mounted",
        # Its pods on nodes mount by the network alone.
        service_accounts=("efs-csi-controller-sa",),
        is_optional=True,
    ),
    Step(
        "metrics-server",
        (NODES,),
        "listens on 10251, which the security group of nodes must let the API server reach",
        is_optional=True,
    ),
    Step(
        "eks-node-monitoring-agent",
        (NODES,),
        "reports broken nodes and GPUs, so that they are repaired",
        is_built_into_auto_mode=True,
        is_optional=True,
    ),
)
"""Every step, in an order that fits all modes."""
_BY_NAME: Final = {step.name: step for step in STEPS}


def order_addons(mode: ComputeMode, *, left_out: Collection[str] = ()) -> tuple[Step, ...]:
    """The steps of the mode, each after all that it depends on; the same order each time.

    A step that the mode brings itself, or that is left out, is gone from `depends_on` too.

    Args:
        mode: how nodes are made.
        left_out: optional add-ons that are not wanted.

    Raises:
        WrongArgument: a name is no add-on, or one that no cluster works without.
    """
    for name in sorted(left_out):
        if name not in _BY_NAME or not _BY_NAME[name].is_optional:
            optional = ", ".join(step.name for step in STEPS if step.is_optional)
            raise WrongArgument(f"add-on {name!r} cannot be left out: only {optional} can")
    present = {
        step.name: step
        for step in STEPS
        if step.name not in left_out and not (mode == "auto_mode" and step.is_built_into_auto_mode)
    }
    steps = {
        name: replace(step, depends_on=tuple(one for one in step.depends_on if one in present))
        for name, step in present.items()
    }
    sorter = TopologicalSorter({name: step.depends_on for name, step in steps.items()})
    return tuple(steps[name] for name in sorter.static_order())
