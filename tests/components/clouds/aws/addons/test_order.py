"""Add-ons come in an order in which each can become ready, in every compute mode."""

from __future__ import annotations

from itertools import combinations
from typing import get_args

import pytest

from splitplane.components.clouds.aws.addons.order import STEPS, ComputeMode, Step, order_addons
from splitplane.components.clouds.aws.cluster.versions import MINORS
from splitplane.components.errors import WrongArgument

OPTIONAL = [
    "snapshot-controller",
    "aws-efs-csi-driver",
    "metrics-server",
    "eks-node-monitoring-agent",
]
MODES: tuple[ComputeMode, ...] = get_args(ComputeMode)


def _names(steps: tuple[Step, ...]) -> list[str]:
    return [step.name for step in steps]


@pytest.mark.parametrize("mode", ["karpenter", "node_groups"])
def test_network_comes_before_nodes_and_the_rest_after(mode: ComputeMode) -> None:
    assert _names(order_addons(mode)) == [
        "eks-pod-identity-agent",
        "kube-proxy",
        "vpc-cni",
        "nodes",
        "coredns",
        "snapshot-controller",
        "aws-efs-csi-driver",
        "metrics-server",
        "eks-node-monitoring-agent",
        "aws-ebs-csi-driver",
    ]


def test_auto_mode_leaves_out_what_it_brings() -> None:
    steps = order_addons("auto_mode")

    assert _names(steps) == ["nodes", "snapshot-controller", "aws-efs-csi-driver", "metrics-server"]
    assert {step.name: step.depends_on for step in steps} == {
        "nodes": (),
        "snapshot-controller": ("nodes",),
        "aws-efs-csi-driver": ("nodes",),
        "metrics-server": ("nodes",),
    }


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "left_out", [c for n in range(len(OPTIONAL) + 1) for c in combinations(OPTIONAL, n)]
)
def test_each_step_follows_all_that_it_depends_on(
    mode: ComputeMode, left_out: tuple[str, ...]
) -> None:
    seen: set[str] = set()
    for step in order_addons(mode, left_out=left_out):
        assert set(step.depends_on) <= seen
        assert step.name not in left_out
        seen.add(step.name)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("eks-pod-identity-agent", "vpc-cni"),
        ("vpc-cni", "nodes"),
        ("eks-pod-identity-agent", "nodes"),
        ("nodes", "coredns"),
        ("snapshot-controller", "aws-ebs-csi-driver"),
    ],
)
def test_the_orders_that_break_clusters_are_dependencies(before: str, after: str) -> None:
    steps = {step.name: step for step in order_addons("karpenter")}

    assert before in steps[after].depends_on


def test_ebs_driver_waits_for_no_snapshots_that_are_left_out() -> None:
    steps = {
        step.name: step for step in order_addons("karpenter", left_out={"snapshot-controller"})
    }

    assert steps["aws-ebs-csi-driver"].depends_on == ("nodes", "eks-pod-identity-agent")


@pytest.mark.parametrize("name", ["vpc-cni", "nodes", "cert-manager"])
def test_what_no_cluster_works_without_stays(name: str) -> None:
    with pytest.raises(
        WrongArgument,
        match=rf"add-on '{name}' cannot be left out: only snapshot-controller, aws-efs-",
    ):
        order_addons("karpenter", left_out={name})


def test_every_addon_has_a_pinned_version_in_every_minor() -> None:
    addons = {step.name for step in STEPS} - {"nodes"}

    assert all(set(minor.addons) == addons for minor in MINORS)


def test_service_accounts_are_those_of_the_addons() -> None:
    assert {step.name: step.service_accounts for step in STEPS if step.service_accounts} == {
        "vpc-cni": ("aws-node",),
        "aws-ebs-csi-driver": ("ebs-csi-controller-sa",),
        "aws-efs-csi-driver": ("efs-csi-controller-sa",),
    }
