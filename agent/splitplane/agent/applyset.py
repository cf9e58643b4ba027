"""ApplySet marks (KEP-3659): which objects belong to one application, so that the rest is pruned.

Pure functions. The parent is a ConfigMap in the workspace's namespace: a Secret would need rights
on Secrets. `kubectl get` with the part-of label finds the members, and `kubectl apply --applyset`
with another tool name refuses to touch them.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

from splitplane.agent.kube import ObjectRef
from splitplane.contract import labels
from splitplane.contract.version import VERSION

ID_LABEL: Final = "applyset.kubernetes.io/id"
PART_OF_LABEL: Final = "applyset.kubernetes.io/part-of"
TOOLING: Final = "applyset.kubernetes.io/tooling"
GROUP_KINDS: Final = "applyset.kubernetes.io/contains-group-kinds"
TOOL: Final = f"splitplane/v{VERSION}"
BUNDLE_DIGEST: Final = f"{labels.PREFIX}/bundle-sha256"
"""Annotation of the parent: digest of the bundle that was applied whole."""


def parent_name(application_id: str) -> str:
    """Name of the ConfigMap that stands for the application's ApplySet."""
    return f"splitplane-applyset-{application_id}"


def applyset_id(name: str, namespace: str) -> str:
    """The id as KEP-3659 defines it for a ConfigMap parent."""
    digest = hashlib.sha256(f"{name}.{namespace}.ConfigMap.".encode()).digest()
    return f"applyset-{base64.urlsafe_b64encode(digest).decode().rstrip('=')}-v1"


def encode_group_kinds(kinds: Iterable[tuple[str, str]]) -> str:
    """`Deployment.apps,Service`, sorted, of (group, kind) pairs."""
    return ",".join(sorted(f"{kind}.{group}" if group else kind for group, kind in set(kinds)))


def decode_group_kinds(text: str) -> set[tuple[str, str]]:
    """The (group, kind) pairs of the annotation."""
    pairs: set[tuple[str, str]] = set()
    for part in filter(None, text.split(",")):
        kind, _, group = part.partition(".")
        pairs.add((group, kind))
    return pairs


def build_parent(
    *,
    application_id: str,
    namespace: str,
    workspace: str,
    group_kinds: Iterable[tuple[str, str]],
    annotations: Mapping[str, str],
) -> dict[str, Any]:
    """The parent ConfigMap, complete for a server-side apply."""
    name = parent_name(application_id)
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {
                ID_LABEL: applyset_id(name, namespace),
                labels.MANAGED_BY: labels.MANAGED_BY_VALUE,
                labels.WORKSPACE: workspace,
                labels.APPLICATION_ID: application_id,
            },
            "annotations": {
                TOOLING: TOOL,
                GROUP_KINDS: encode_group_kinds(group_kinds),
                **annotations,
            },
        },
    }


def mark_member(
    document: Mapping[str, Any],  # Any: a Kubernetes object
    *,
    application_id: str,
    namespace: str,
    annotations: Mapping[str, str],
) -> dict[str, Any]:
    """A copy of the object with the marks of a member."""
    metadata = dict(document["metadata"])
    metadata["labels"] = {
        labels.APPLICATION_ID: application_id,
        labels.MANAGED_BY: labels.MANAGED_BY_VALUE,
        **(metadata.get("labels") or {}),
        PART_OF_LABEL: applyset_id(parent_name(application_id), namespace),
    }
    metadata["annotations"] = {**(metadata.get("annotations") or {}), **annotations}
    return {**document, "metadata": metadata}


def stale_members(members: Iterable[ObjectRef], wanted: Iterable[ObjectRef]) -> list[ObjectRef]:
    """Members that the new bundle does not contain, sorted."""
    return sorted(set(members) - set(wanted))


_ORDER: Final = (
    "Namespace",
    "ResourceQuota",
    "LimitRange",
    "NetworkPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "ConfigMap",
    "PersistentVolumeClaim",
    "Role",
    "RoleBinding",
    "Service",
    "Deployment",
    "StatefulSet",
    "Job",
    "CronJob",
    "HorizontalPodAutoscaler",
    "Ingress",
)


def apply_order(objects: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The objects so that what others refer to comes first; unknown kinds last, names sorted."""
    rank = {kind: index for index, kind in enumerate(_ORDER)}
    return sorted(
        objects,
        key=lambda item: (
            rank.get(item["kind"], len(_ORDER)),
            item["kind"],
            item["metadata"]["name"],
        ),
    )
