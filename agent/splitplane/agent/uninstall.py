"""Removes what `install` made: the agent goes, what it delivered stays and keeps running."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from splitplane.agent.kube import KubeClient
from splitplane.agent.kube.people import load_persons_access
from splitplane.agent.kube.resources import DEPLOYMENT, NAMESPACE, Resource
from splitplane.contract.agent_rbac import NAME

_RBAC: Final = "rbac.authorization.k8s.io/v1"
_CLUSTER_ROLE: Final = Resource(_RBAC, "ClusterRole", "clusterroles", is_namespaced=False)
_CLUSTER_BINDING: Final = Resource(
    _RBAC, "ClusterRoleBinding", "clusterrolebindings", is_namespaced=False
)
_ROLE: Final = Resource(_RBAC, "Role", "roles", is_namespaced=True)
_BINDING: Final = Resource(_RBAC, "RoleBinding", "rolebindings", is_namespaced=True)


async def uninstall(kubeconfig: Path | None, context: str | None, namespace: str) -> list[str]:
    """The agent of `namespace`, its rights everywhere and the namespace are deleted.

    Its key goes with the namespace: an agent that is installed again needs a new join token.
    Returns what was deleted as `Kind namespace/name`; nothing when there was none. Idempotent.

    Raises:
        Refused: the kubeconfig's user may not delete one of the objects.
    """
    async with KubeClient(load_persons_access(kubeconfig, context, os.environ)) as client:
        cluster_name = f"{NAME}:{namespace}"
        wanted = [
            (DEPLOYMENT, namespace, NAME),
            (_CLUSTER_BINDING, None, cluster_name),
            (_CLUSTER_ROLE, None, cluster_name),
            *await _roles(client, namespace),
            (NAMESPACE, None, namespace),
        ]
        return [
            f"{resource.kind} {place + '/' if place else ''}{name}"
            for resource, place, name in wanted
            if await client.delete(resource, place, name)
        ]


async def _roles(client: KubeClient, namespace: str) -> list[tuple[Resource, str, str]]:
    """The bindings of the agent's account in any namespace, each with its role."""
    selector = f"app.kubernetes.io/name={NAME}"
    bindings = await client.list_all(_BINDING, dict[str, Any], label_selector=selector)
    subject = {"kind": "ServiceAccount", "name": NAME, "namespace": namespace}
    return [
        (resource, item["metadata"]["namespace"], item["metadata"]["name"])
        for item in bindings
        if _has_subject(item, subject)
        for resource in (_BINDING, _ROLE)
    ]


def _has_subject(binding: dict[str, Any], subject: dict[str, str]) -> bool:  # Any: Kubernetes
    return any(
        all(found.get(key) == value for key, value in subject.items())
        for found in binding.get("subjects") or ()
    )
