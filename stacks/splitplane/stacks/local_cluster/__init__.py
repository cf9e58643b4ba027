"""A real Kubernetes API on loopback, for the demo, for trying things out and for tests."""

from splitplane.stacks.local_cluster.cluster import LocalCluster
from splitplane.stacks.local_cluster.errors import (
    ClusterRunning,
    ClusterStopped,
    LocalClusterError,
    ProcessFailed,
)
from splitplane.stacks.local_cluster.ports import Ports

__all__ = [
    "ClusterRunning",
    "ClusterStopped",
    "LocalCluster",
    "LocalClusterError",
    "Ports",
    "ProcessFailed",
]
