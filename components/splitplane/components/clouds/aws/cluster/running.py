"""What the cluster is like at this moment, asked before anything is changed, in previews too."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from splitplane.components.clouds.aws.cluster.versions import check_upgrade
from splitplane.components.clouds.aws.settings import EksSettings
from splitplane.components.errors import WrongArgument


def read_cluster_names(parent: pulumi.Resource) -> Sequence[str]:
    """Names of all clusters of account and region."""
    return aws.eks.get_clusters(opts=pulumi.InvokeOptions(parent=parent)).names


def check_running_cluster(parent: pulumi.Resource, settings: EksSettings) -> None:
    """Raises WrongArgument when the cluster runs and is not what the program takes it for.

    It cannot get the version that is asked for, or it is said to be gone: then what is in it would
    be forgotten the next time that it does not answer. Called before the first resource is
    registered, so that what is refused changes nothing else. Needs eks:ListClusters and
    eks:DescribeCluster.

    Args:
        parent: whose provider asks.
        settings: checked ones, of a cluster that is created.
    """
    wanted = settings.kubernetes_version
    if wanted is None or settings.eks_name not in read_cluster_names(parent):
        return
    if settings.is_cluster_gone:
        raise WrongArgument(
            f"is_cluster_gone True is not so, EKS has the cluster {settings.eks_name!r} here: "
            "leave it out, or what runs in the cluster would be forgotten"
        )
    found = aws.eks.get_cluster(name=settings.eks_name, opts=pulumi.InvokeOptions(parent=parent))
    check_upgrade(found.version, wanted)
