"""What waits for what in the production example, and so what goes before what on the way down."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import pytest
from clouds.graph import Graph, assert_after, assert_unordered, recorded_graph
from eks_account import record_example
from recording_monitor import Recording

APPLICATION = "kubernetes:argoproj.io/v1alpha1:Application"
AGENT = "kubernetes:apps/v1:Deployment"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
CLUSTER = "aws:eks/cluster:Cluster"
NODES = "aws:eks/nodeGroup:NodeGroup"
POLICY = "aws:iam/rolePolicy:RolePolicy"
POOL = "kubernetes:karpenter.sh/v1:NodePool"

BOTH = pytest.mark.parametrize("is_preview", [False, True], ids=["update", "preview"])
"""Outputs that are unknown in a preview must lose no edge."""


@cache
def _recorded(is_preview: bool, name: str = "production") -> Recording:
    return record_example(name, is_preview=is_preview)


@cache
def _graph(is_preview: bool, name: str = "production") -> Graph:
    return recorded_graph(_recorded(is_preview, name))


def _assert_chain(graph: Graph, *chain: str) -> None:
    """Each is gone before the deletion of the next begins."""
    for first, then in pairwise(chain):
        assert_after(graph, first, then)


@BOTH
def test_nodes_come_after_the_network_of_pods_and_before_what_runs_on_them(
    is_preview: bool,
) -> None:
    graph = _graph(is_preview)

    for addon in ("vpc-cni", "eks-pod-identity-agent", "kube-proxy"):
        assert_after(graph, NODES, f"aws:eks/addon:Addon::prod-eu-{addon}")
    for addon in (
        "coredns",
        "aws-ebs-csi-driver",
        "aws-efs-csi-driver",
        "snapshot-controller",
        "metrics-server",
    ):
        assert_after(graph, f"aws:eks/addon:Addon::prod-eu-{addon}", NODES)
    network = "aws:eks/addon:Addon::prod-eu-vpc-cni"
    assert_after(graph, network, f"{ATTACHMENT}::prod-eu-vpc-cni-AmazonEKS_CNI_Policy")
    for purpose in ("worker", "images"):
        assert_after(graph, NODES, f"{ATTACHMENT}::prod-eu-system-nodes-{purpose}")


@BOTH
def test_the_cluster_comes_after_its_rights_its_log_and_the_ways_out(is_preview: bool) -> None:
    graph = _graph(is_preview)

    for earlier in (
        f"{ATTACHMENT}::prod-eu-cluster-AmazonEKSClusterPolicy",
        "aws:cloudwatch/logGroup:LogGroup::prod-eu-logs",
        "aws:ec2/natGateway:NatGateway",
        "aws:ec2/route:Route",
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        "aws:ec2/subnet:Subnet",
        "aws:ec2/internetGateway:InternetGateway",
    ):
        assert_after(graph, CLUSTER, earlier)


@BOTH
def test_without_internet_the_cluster_comes_after_every_endpoint(is_preview: bool) -> None:
    graph = _graph(is_preview, "private")

    assert len(graph.all("aws:ec2/vpcEndpoint:VpcEndpoint")) > 5
    assert_after(graph, CLUSTER, "aws:ec2/vpcEndpoint:VpcEndpoint")
    assert_after(graph, CLUSTER, "aws:kms/key:Key")


@BOTH
@pytest.mark.parametrize(
    ("purpose", "application"),
    [
        ("karpenter", "karpenter"),
        ("load-balancers", "aws-load-balancer-controller"),
        ("external-dns", "external-dns"),
    ],
)
def test_a_controller_has_its_rights_before_its_first_pod_and_until_its_last(
    purpose: str, application: str, is_preview: bool
) -> None:
    graph = _graph(is_preview)

    controller = f"{APPLICATION}::prod-eu-{application}"
    policies = [
        urn
        for urn in graph.all(POLICY)
        if urn.rpartition("::")[2].startswith(f"prod-eu-{purpose}-")
    ]
    assert policies
    for needed in (
        f"aws:iam/role:Role::prod-eu-{purpose}",
        f"{ASSOCIATION}::prod-eu-{purpose}",
        *policies,
        "prod-eu-eks-pod-identity-agent",
        "prod-eu-coredns",
        NODES,
        "kubernetes:helm.sh/v3:Release::prod-eu-argocd",
        "kubernetes:argoproj.io/v1alpha1:AppProject",
    ):
        assert_after(graph, controller, needed)


@BOTH
def test_drivers_of_volumes_have_their_rights_before_their_first_pod(is_preview: bool) -> None:
    graph = _graph(is_preview)

    for driver in ("ebs", "efs"):
        addon = f"aws:eks/addon:Addon::prod-eu-aws-{driver}-csi-driver"
        rights = [urn for urn in graph.all(ATTACHMENT) if f"::prod-eu-{driver}-csi-" in urn]
        assert rights
        for needed in (f"aws:iam/role:Role::prod-eu-{driver}-csi", *rights):
            assert_after(graph, addon, needed)
    assert_after(graph, "prod-eu-aws-efs-csi-driver", "aws:efs/mountTarget:MountTarget")
    assert_after(graph, "kubernetes:storage.k8s.io/v1:StorageClass", "prod-eu-aws-ebs-csi-driver")


@BOTH
def test_pools_go_while_karpenter_can_still_end_their_nodes(is_preview: bool) -> None:
    graph = _graph(is_preview)

    _assert_chain(
        graph,
        POOL,
        f"{APPLICATION}::prod-eu-karpenter",
        f"{APPLICATION}::prod-eu-karpenter-crd",
    )
    for name in ("cpu", "cpu-spot", "gpu-l4"):
        assert_after(
            graph,
            f"{POOL}::prod-eu-pool-{name}",
            f"kubernetes:karpenter.k8s.aws/v1:EC2NodeClass::prod-eu-class-{name}",
        )
    for needed in (
        f"{ASSOCIATION}::prod-eu-karpenter",
        f"{POLICY}::prod-eu-karpenter-node-lifecycle",
        "aws:sqs/queuePolicy:QueuePolicy",
        "aws:cloudwatch/eventTarget:EventTarget",
        "aws:iam/role:Role::prod-eu-karpenter-nodes",
        "aws:eks/accessEntry:AccessEntry::prod-eu-karpenter-nodes",
        f"{ATTACHMENT}::prod-eu-karpenter-nodes-worker",
        "aws:ec2/natGateway:NatGateway",
        "aws:ec2/route:Route",
    ):
        assert_after(graph, POOL, needed)
        assert_after(graph, "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass", needed)


@BOTH
def test_the_plane_goes_down_from_the_agent_to_the_subnets(is_preview: bool) -> None:
    graph = _graph(is_preview)

    _assert_chain(
        graph,
        AGENT,
        POOL,
        f"{APPLICATION}::prod-eu-karpenter",
        "kubernetes:helm.sh/v3:Release::prod-eu-argocd",
        "aws:eks/addon:Addon::prod-eu-aws-ebs-csi-driver",
        NODES,
        "aws:eks/addon:Addon::prod-eu-vpc-cni",
        CLUSTER,
        "aws:ec2/route:Route",
        "aws:ec2/natGateway:NatGateway",
        "aws:ec2/vpc:Vpc",
    )
    _assert_chain(graph, CLUSTER, "aws:ec2/subnet:Subnet", "aws:ec2/vpc:Vpc")
    assert_after(graph, CLUSTER, "aws:cloudwatch/logGroup:LogGroup::prod-eu-logs")


@BOTH
def test_workloads_go_before_the_controller_that_ends_their_load_balancers(
    is_preview: bool,
) -> None:
    graph = _graph(is_preview)

    # Services of type LoadBalancer come through the agent, or by Argo CD, and never from here.
    services = _recorded(is_preview).resources
    kinds = {
        item.inputs["spec"].get("type", "ClusterIP")
        for item in services
        if item.type == "kubernetes:core/v1:Service"
    }
    assert kinds == {"ClusterIP"}
    assert_after(graph, AGENT, f"{APPLICATION}::prod-eu-aws-load-balancer-controller")
    assert_after(graph, AGENT, "kubernetes:storage.k8s.io/v1:StorageClass")


@BOTH
def test_registrations_wait_for_the_plane_by_name_alone(is_preview: bool) -> None:
    graph = _graph(is_preview)

    assert_after(graph, "splitplane:index:Workspace", "splitplane:index:Cluster")
    assert_after(graph, "splitplane:index:MlRepo", "splitplane:index:StorageIntegration")
    assert_after(graph, "splitplane:index:StorageIntegration", "aws:s3/bucket:Bucket")
    assert_unordered(graph, "aws:efs/fileSystem:FileSystem", CLUSTER)


@pytest.mark.parametrize("name", ["production", "private", "dev", "gpu", "existing-vpc"])
def test_what_waits_for_network_interfaces_may_take_45_minutes_to_go(name: str) -> None:
    slow = {
        "aws:ec2/securityGroup:SecurityGroup",
        "aws:ec2/subnet:Subnet",
        CLUSTER,
        POOL,
        "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass",
    }

    found = [item for item in _recorded(True, name).resources if item.type in slow]
    assert {item.timeouts.get("delete") for item in found} == {"45m"}


@pytest.mark.parametrize("name", ["production", "existing-cluster"])
def test_nothing_is_taken_for_gone_because_the_cluster_is(name: str) -> None:
    resources = _recorded(True, name).resources

    assert [item.name for item in resources if item.deleted_with] == []
