"""The only package of the agent that speaks to the Kubernetes API."""

from __future__ import annotations

from splitplane.agent.kube.access import ClusterAccess, load_access
from splitplane.agent.kube.client import KubeClient
from splitplane.agent.kube.resources import ObjectRef, Resource, ref_of
from splitplane.agent.kube.watch import Change, Snapshot, Trouble, Watcher

__all__ = [
    "Change",
    "ClusterAccess",
    "KubeClient",
    "ObjectRef",
    "Resource",
    "Snapshot",
    "Trouble",
    "Watcher",
    "load_access",
    "ref_of",
]
