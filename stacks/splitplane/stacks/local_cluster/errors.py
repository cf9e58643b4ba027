"""What can go wrong with the local cluster, split by what the caller should do.

LocalClusterError
├── ClusterRunning   one already runs in this directory: attach to it or stop it
├── ClusterStopped   nothing runs in this directory: start one
└── ProcessFailed    a process ended or did not get ready: the message has its last log lines
"""

from __future__ import annotations


class LocalClusterError(Exception):
    """The local cluster is not in the state that the call needs."""


class ClusterRunning(LocalClusterError):
    """A cluster already runs in this directory."""


class ClusterStopped(LocalClusterError):
    """No cluster runs in this directory."""


class ProcessFailed(LocalClusterError):
    """A process of the cluster ended or did not get ready in time."""
