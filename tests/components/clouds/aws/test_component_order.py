"""The order of the parts, which holds the other way round while everything is destroyed."""

from __future__ import annotations

from itertools import pairwise

import pytest
from clouds.graph import Graph, assert_after
from eks_compute_planes import PLANE, run_mode


def _assert_chain(graph: Graph, *chain: str) -> None:
    """Each is destroyed before the next."""
    for later, earlier in pairwise(chain):
        assert_after(graph, later, earlier)


@pytest.mark.parametrize("is_preview", [False, True], ids=["update", "preview"])
def test_what_needs_a_controller_goes_before_it_and_the_network_last(is_preview: bool) -> None:
    graph = run_mode("production", is_preview=is_preview).graph

    _assert_chain(
        graph,
        "kubernetes:karpenter.sh/v1:NodePool",
        "kubernetes:argoproj.io/v1alpha1:Application::prod-eu-karpenter",
        "aws:eks/nodeGroup:NodeGroup",
        "aws:eks/addon:Addon::prod-eu-vpc-cni",
        "aws:eks/cluster:Cluster",
        "aws:cloudwatch/logGroup:LogGroup",
    )
    assert_after(graph, "aws:eks/cluster:Cluster", "aws:ec2/natGateway:NatGateway")
    assert_after(graph, "aws:eks/cluster:Cluster", "aws:ec2/route:Route")
    assert_after(graph, "aws:eks/cluster:Cluster", "prod-eu-cluster-AmazonEKSClusterPolicy")


@pytest.mark.parametrize("is_preview", [False, True], ids=["update", "preview"])
def test_karpenter_keeps_its_rights_until_the_last_pool_is_gone(is_preview: bool) -> None:
    graph = run_mode("production", is_preview=is_preview).graph

    for needed in (
        "aws:eks/podIdentityAssociation:PodIdentityAssociation::prod-eu-karpenter",
        "aws:iam/rolePolicy:RolePolicy::prod-eu-karpenter-node-lifecycle",
        "aws:sqs/queuePolicy:QueuePolicy",
        "aws:cloudwatch/eventTarget:EventTarget",
        "aws:ec2/natGateway:NatGateway",
        "prod-eu-eks-pod-identity-agent",
        "prod-eu-coredns",
    ):
        assert_after(graph, "kubernetes:karpenter.sh/v1:NodePool", needed)


@pytest.mark.parametrize("is_preview", [False, True], ids=["update", "preview"])
@pytest.mark.parametrize("mode", ["production", "dev", "auto mode", "irsa"])
def test_argo_cd_outlives_every_application(mode: str, is_preview: bool) -> None:
    graph = run_mode(mode, is_preview=is_preview).graph

    application = "kubernetes:argoproj.io/v1alpha1:Application"
    if mode != "auto mode":
        _assert_chain(graph, application, "kubernetes:helm.sh/v3:Release")
    assert_after(graph, "kubernetes:argoproj.io/v1alpha1:AppProject", "prod-eu-argocd")


@pytest.mark.parametrize("is_preview", [False, True], ids=["update", "preview"])
def test_the_add_ons_stand_around_the_first_nodes(is_preview: bool) -> None:
    graph = run_mode("production", is_preview=is_preview).graph

    nodes = "aws:eks/nodeGroup:NodeGroup"
    for first in ("prod-eu-vpc-cni", "prod-eu-eks-pod-identity-agent", "prod-eu-kube-proxy"):
        assert_after(graph, nodes, first)
    for later in ("prod-eu-coredns", "prod-eu-aws-ebs-csi-driver", "prod-eu-aws-efs-csi-driver"):
        assert_after(graph, later, nodes)
    assert_after(graph, "prod-eu-aws-efs-csi-driver", "aws:efs/mountTarget:MountTarget")
    assert_after(graph, "kubernetes:storage.k8s.io/v1:StorageClass", "prod-eu-aws-ebs-csi-driver")


@pytest.mark.parametrize("is_preview", [False, True], ids=["update", "preview"])
def test_every_controller_has_its_role_before_its_first_pod(is_preview: bool) -> None:
    graph = run_mode("production", is_preview=is_preview).graph

    application = "kubernetes:argoproj.io/v1alpha1:Application"
    for purpose, name in {
        "karpenter": "karpenter",
        "load-balancers": "aws-load-balancer-controller",
        "external-dns": "external-dns",
        "cert-manager": "cert-manager",
    }.items():
        controller = f"{application}::prod-eu-{name}"
        association = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
        assert_after(graph, controller, f"{association}::prod-eu-{purpose}")
        assert_after(graph, controller, f"aws:iam/role:Role::prod-eu-{purpose}")


@pytest.mark.parametrize("is_preview", [False, True], ids=["update", "preview"])
def test_the_agent_comes_last_and_the_registration_waits_for_nothing(is_preview: bool) -> None:
    graph = run_mode("production", is_preview=is_preview).graph

    agent = "kubernetes:apps/v1:Deployment"
    for earlier in (
        "splitplane:index:Cluster",
        "kubernetes:karpenter.sh/v1:NodePool",
        "kubernetes:argoproj.io/v1alpha1:Application",
        "kubernetes:storage.k8s.io/v1:StorageClass",
        "prod-eu-coredns",
    ):
        assert_after(graph, agent, earlier)
    before = graph.before("splitplane:index:Cluster")
    assert {urn.rpartition("::")[0].rpartition("::")[2] for urn in before} == {
        PLANE,
        "pulumi:pulumi:Stack",
    }
