"""The agent's rights, generated from the allow list: as few as its work needs.

Never: reading Secrets of others, `escalate`, `bind`, `impersonate`, nodes/proxy, webhooks, writing
CRDs or anything of RBAC. With an allow list the rights to write are Roles in those namespaces;
without one, workspaces come and go, so that they are a ClusterRole over the kinds of bundles.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from splitplane.contract.bundle_kinds import BUNDLE_KINDS, NAMESPACE_KINDS

NAME: Final = "splitplane-agent"
"""Name of the agent's service account, Deployment and roles."""
IDENTITY_SECRET: Final = "splitplane-agent-identity"  # noqa: S105 - a name, not a secret
"""Secret in the agent's namespace that holds its key and its enrolment."""
LEDGER: Final = "splitplane-agent-ledger"
"""ConfigMap in the agent's namespace with the results of commands."""
MAX_NAMESPACE_WATCHES: Final = 20
"""Up to so many allowed namespaces each has its own watches; above, one watch sees all."""
READ: Final = ("get", "list", "watch")
WRITE: Final = ("get", "list", "watch", "create", "patch", "delete")

Rule = dict[str, Any]  # Any: a rule of RBAC
Manifest = dict[str, Any]  # Any: a Kubernetes object


def cluster_rules(*, allowed: Sequence[str], has_argocd: bool) -> list[Rule]:
    """Rules of the agent's ClusterRole."""
    rules = [
        _rule([""], ["nodes"], READ),
        _rule([""], ["namespaces"], READ),
        _rule(["apiextensions.k8s.io"], ["customresourcedefinitions"], READ),
        _rule(["storage.k8s.io"], ["storageclasses"], READ),
    ]
    if allowed:
        rules.append({**_rule([""], ["namespaces"], ("patch",)), "resourceNames": sorted(allowed)})
        if len(allowed) > MAX_NAMESPACE_WATCHES:
            rules += _watch_rules(has_argocd=has_argocd)
    else:
        rules.append(_rule([""], ["namespaces"], ("create", "patch", "delete")))
        rules += workspace_rules(has_argocd=has_argocd)
    return rules


def workspace_rules(*, has_argocd: bool) -> list[Rule]:
    """What the agent does in the namespace of a workspace."""
    by_group: dict[str, set[str]] = {}
    for item in (*BUNDLE_KINDS, *NAMESPACE_KINDS):
        by_group.setdefault(item.group, set()).add(item.plural)
    rules = [_rule([group], sorted(plurals), WRITE) for group, plurals in sorted(by_group.items())]
    rules.append(_rule([""], ["events", "pods"], READ))
    if has_argocd:
        rules.append(_rule(["argoproj.io"], ["applications"], WRITE))
    return rules


def own_rules() -> list[Rule]:
    """What the agent does in its own namespace.

    A server-side apply that makes an object needs `create`, which cannot be limited to a name.
    """
    return [
        {
            **_rule([""], ["secrets"], ("get", "patch", "delete")),
            "resourceNames": [IDENTITY_SECRET],
        },
        {**_rule([""], ["configmaps"], ("get", "patch")), "resourceNames": [LEDGER]},
        _rule([""], ["configmaps", "secrets"], ("create",)),
    ]


def build_rbac(
    *,
    namespace: str,
    allowed: Sequence[str],
    argocd_namespace: str | None,
) -> list[Manifest]:
    """Roles and bindings for the service account `splitplane-agent` in `namespace`.

    Args:
        namespace: the agent's own.
        allowed: the only namespaces for workspaces, which must exist; all when empty.
        argocd_namespace: where AppProjects go; None without Argo CD.
    """
    has_argocd = argocd_namespace is not None
    subject = {"kind": "ServiceAccount", "name": NAME, "namespace": namespace}
    cluster_name = f"{NAME}:{namespace}"
    objects = [
        _object(
            "ClusterRole",
            cluster_name,
            None,
            rules=cluster_rules(allowed=allowed, has_argocd=has_argocd),
        ),
        _binding("ClusterRole", cluster_name, None, subject),
        *_role_pair(namespace, own_rules(), subject),
    ]
    for name in sorted(allowed):
        objects += _role_pair(name, workspace_rules(has_argocd=has_argocd), subject)
    if argocd_namespace is not None:
        objects += _role_pair(
            argocd_namespace, [_rule(["argoproj.io"], ["appprojects"], WRITE)], subject
        )
    return objects


def _watch_rules(*, has_argocd: bool) -> list[Rule]:
    rules = [
        _rule([""], ["events", "pods", "resourcequotas"], READ),
        _rule(["apps"], ["deployments"], READ),
        _rule(["batch"], ["jobs"], READ),
    ]
    if has_argocd:
        rules.append(_rule(["argoproj.io"], ["applications"], READ))
    return rules


def _rule(groups: Sequence[str], resources: Sequence[str], verbs: Sequence[str]) -> Rule:
    return {"apiGroups": list(groups), "resources": list(resources), "verbs": list(verbs)}


def _role_pair(namespace: str, rules: list[Rule], subject: dict[str, str]) -> list[Manifest]:
    return [
        _object("Role", NAME, namespace, rules=rules),
        _binding("Role", NAME, namespace, subject),
    ]


def _object(kind: str, name: str, namespace: str | None, **fields: Any) -> Manifest:
    metadata: dict[str, Any] = {"name": name, "labels": {"app.kubernetes.io/name": NAME}}
    if namespace is not None:
        metadata["namespace"] = namespace
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": kind,
        "metadata": metadata,
        **fields,
    }


def _binding(kind: str, name: str, namespace: str | None, subject: dict[str, str]) -> Manifest:
    return _object(
        f"{kind}Binding",
        name,
        namespace,
        roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name},
        subjects=[subject],
    )
