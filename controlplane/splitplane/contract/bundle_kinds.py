"""The kinds that bundles may contain: what the agent accepts, and what its RBAC lets it write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class BundleKind:
    """A kind that bundles may contain."""

    group: str
    kind: str
    plural: str


BUNDLE_KINDS: Final = (
    BundleKind("", "ConfigMap", "configmaps"),
    BundleKind("", "PersistentVolumeClaim", "persistentvolumeclaims"),
    BundleKind("", "Service", "services"),
    BundleKind("", "ServiceAccount", "serviceaccounts"),
    BundleKind("apps", "Deployment", "deployments"),
    BundleKind("apps", "StatefulSet", "statefulsets"),
    BundleKind("autoscaling", "HorizontalPodAutoscaler", "horizontalpodautoscalers"),
    BundleKind("batch", "CronJob", "cronjobs"),
    BundleKind("batch", "Job", "jobs"),
    BundleKind("networking.k8s.io", "Ingress", "ingresses"),
    BundleKind("networking.k8s.io", "NetworkPolicy", "networkpolicies"),
    BundleKind("policy", "PodDisruptionBudget", "poddisruptionbudgets"),
)
"""What the agent may write in a workspace; the RBAC of its manifests is made from this list."""

NAMESPACE_KINDS: Final = (
    BundleKind("", "LimitRange", "limitranges"),
    BundleKind("", "ResourceQuota", "resourcequotas"),
    BundleKind("networking.k8s.io", "NetworkPolicy", "networkpolicies"),
)
"""What a workspace's namespace itself may have: the limits of everything in it. Bundles of
applications may not contain the first two, so that no application lifts its own limits."""
