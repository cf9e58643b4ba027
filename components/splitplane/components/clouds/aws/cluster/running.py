"""What the cluster is like at this moment, asked before anything is changed, in previews too."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from splitplane.components.clouds.aws.cluster.versions import check_upgrade
from splitplane.components.clouds.aws.settings import EksSettings


def read_cluster_names(parent: pulumi.Resource) -> Sequence[str]:
    """Names of all clusters of account and region."""
    return aws.eks.get_clusters(opts=pulumi.InvokeOptions(parent=parent)).names


def check_running_cluster(parent: pulumi.Resource, settings: EksSettings) -> None:
    """Raises WrongArgument when the cluster runs and cannot get the version that is asked for.

    Called before the first resource is registered, so that a refused version changes nothing else.
    Needs eks:ListClusters and eks:DescribeCluster.

    Args:
        parent: whose provider asks.
        settings: checked ones, of a cluster that is created.
    """
    wanted = settings.kubernetes_version
    if wanted is None or settings.eks_name not in read_cluster_names(parent):
        return
    found = aws.eks.get_cluster(name=settings.eks_name, opts=pulumi.InvokeOptions(parent=parent))
    check_upgrade(found.version, wanted)
