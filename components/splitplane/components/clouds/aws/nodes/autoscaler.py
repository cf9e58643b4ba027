"""The cluster autoscaler: changes the size of node groups to what pods need. Pure.

Karpenter's place with managed node groups. It finds the groups by tags that EKS puts on them, and
what a node of an empty group would be like by asking EKS, so that no tags are kept here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from splitplane.components.addons.addon import AddonContext
from splitplane.components.addons.charts import CHARTS
from splitplane.components.clouds.aws.identity.documents import Scope, Statement, build_document

NAME: Final = "cluster-autoscaler"
"""Of the add-on, its release, its service account and its role."""
NAMESPACE: Final = "kube-system"
CHART: Final = CHARTS[NAME]
IMAGE_TAGS: Final[dict[str, str]] = {"1.33": "v1.33.5", "1.34": "v1.34.4", "1.35": "v1.35.1"}
"""Minor → the autoscaler's release for it: it simulates the scheduler, so both have one minor. As
https://github.com/kubernetes/kops pinned them in autumn 2026. Checked 2026-11-21."""
_OWNED_TAG: Final = "k8s.io/cluster-autoscaler"
"""EKS puts `…/enabled` and, with the value `owned`, `…/CLUSTER` on the groups that it makes:
https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html."""

Values = dict[str, Any]  # Any: values of a chart


def build_autoscaler_document(scope: Scope, cluster_name: str) -> str:
    """The autoscaler: the size of the cluster's own groups, and reading.

    https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md
    """
    return build_document(
        NAME,
        Statement(
            "ScaleOwnGroups",
            ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"],
            [scope.arn("autoscaling", "autoScalingGroup:*:autoScalingGroupName/*")],
            {"StringEquals": {f"aws:ResourceTag/{_OWNED_TAG}/{cluster_name}": "owned"}},
        ),
        Statement(
            "ReadNodeGroups",
            ["eks:DescribeNodegroup"],
            [scope.arn("eks", f"nodegroup/{cluster_name}/*/*")],
        ),
        Statement(
            "ReadGroupsAndMachines",
            [
                "autoscaling:DescribeAutoScalingGroups",
                "autoscaling:DescribeAutoScalingInstances",
                "autoscaling:DescribeLaunchConfigurations",
                "autoscaling:DescribeScalingActivities",
                "autoscaling:DescribeTags",
                "ec2:DescribeImages",
                "ec2:DescribeInstanceTypes",
                "ec2:DescribeLaunchTemplateVersions",
                "ec2:GetInstanceTypesFromInstanceRequirements",
            ],
            ["*"],
        ),
    )


def build_autoscaler_values(
    context: AddonContext,
    scope: Scope,
    *,
    cluster_name: str,
    kubernetes_version: str,
    annotations: Mapping[str, Any],  # Any: promises of text
) -> Values:
    """Values of the chart.

    Args:
        context: what all add-ons share.
        scope: where the cluster is.
        cluster_name: in EKS.
        kubernetes_version: a minor that is supported here.
        annotations: of the service account.
    """
    return {
        "fullnameOverride": NAME,
        "cloudProvider": "aws",
        # Pods do not reach the metadata of their node.
        "awsRegion": scope.region,
        "autoDiscovery": {"clusterName": cluster_name},
        "image": {"tag": IMAGE_TAGS[kubernetes_version]},
        "rbac": {"serviceAccount": {"name": NAME, "annotations": dict(annotations)}},
        # Cluster DNS may need a node from it.
        "dnsPolicy": "Default",
        "extraArgs": {
            # A group is in one zone; its like in the others are filled evenly.
            "balance-similar-node-groups": True,
            "expander": "least-waste",
            # Scratch and pods of the system keep no node: they come up elsewhere.
            "skip-nodes-with-local-storage": False,
            "skip-nodes-with-system-pods": False,
        },
        "replicaCount": context.replicas,
        "resources": {
            # As the chart suggests; memory grows with pods and nodes.
            "requests": {"cpu": "100m", "memory": "300Mi"},
            "limits": {"memory": "600Mi"},
        },
        "tolerations": _plain(context.tolerations),
    }


def _plain(tolerations: Sequence[Mapping[str, Any]]) -> list[Values]:
    return [dict(item) for item in tolerations]
