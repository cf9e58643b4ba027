"""Kubernetes manifests as resources of `pulumi_kubernetes`, with one explicit provider."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import pulumi

Manifest = Mapping[str, Any]  # Any: Kubernetes objects

_FIELDS: Final = {
    "data": "data",
    "stringData": "string_data",
    "type": "type",
    "spec": "spec",
    "rules": "rules",
    "roleRef": "role_ref",
    "subjects": "subjects",
}
"""Fields beside apiVersion, kind and metadata → parameters of the resource classes."""


def declare_provider(
    parent: pulumi.Resource,
    name: str,
    *,
    kubeconfig: pulumi.Input[str],
    context: str,
    cluster_identifier: str,
    forgets_unreachable: bool = False,
    depends_on: Sequence[pulumi.Resource] = (),
) -> pulumi.ProviderResource:
    """The provider through which objects get into one cluster.

    Args:
        parent: the component.
        name: prefix of its name.
        kubeconfig: secret text of the kubeconfig.
        context: its context.
        cluster_identifier: what the provider knows the cluster by, known at preview: only a change
            of it replaces the objects, not a new certificate in the kubeconfig.
        forgets_unreachable: whether objects are dropped from the state when they are to be read or
            deleted and the cluster does not answer, for one that is gone. When false the plugin
            fails then, unless PULUMI_K8S_DELETE_UNREACHABLE is true in its environment.
        depends_on: what has to exist before anything can be put into the cluster.
    """
    import pulumi_kubernetes as kubernetes

    return kubernetes.Provider(
        f"{name}-kubernetes",
        kubeconfig=kubeconfig,
        context=context,
        cluster_identifier=cluster_identifier,
        # A changed setting or token is an update in place, not a new object under another name.
        enable_config_map_mutable=True,
        enable_secret_mutable=True,
        delete_unreachable=True if forgets_unreachable else None,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=list(depends_on)),
    )


def declare_objects(
    parent: pulumi.Resource,
    name: str,
    manifests: Sequence[Manifest],
    *,
    provider: pulumi.ProviderResource,
    custom_timeouts: pulumi.CustomTimeouts | None = None,
    depends_on: Sequence[pulumi.Resource] = (),
) -> list[pulumi.Resource]:
    """One child of `parent` for each manifest, each after those before it in its namespace.

    Args:
        parent: the component.
        name: prefix of the children's names.
        manifests: in the order of application; namespaces first, the workload last.
        provider: provider of the cluster.
        custom_timeouts: of each object; the plugin's when None.
        depends_on: what has to exist before each of them.
    """
    classes = _classes()
    declared: list[pulumi.Resource] = []
    for manifest in manifests:
        is_namespace = manifest["kind"] == "Namespace"
        is_workload = manifest["kind"] == "Deployment"
        # The namespace first; the workload when all that it needs is there.
        earlier = [] if is_namespace else declared if is_workload else declared[:1]
        options = pulumi.ResourceOptions(
            parent=parent,
            provider=provider,
            custom_timeouts=custom_timeouts,
            depends_on=[*depends_on, *earlier],
        )
        build = classes[manifest["kind"]]
        fields = {_FIELDS[key]: value for key, value in manifest.items() if key in _FIELDS}
        declared.append(
            build(
                _child_name(name, manifest), metadata=manifest["metadata"], opts=options, **fields
            )
        )
    return declared


def _child_name(name: str, manifest: Manifest) -> str:
    metadata = manifest["metadata"]
    parts = [name, manifest["kind"].lower(), metadata.get("namespace"), metadata["name"]]
    return "-".join(part.replace(":", "-") for part in parts if part)


def _classes() -> dict[str, Callable[..., pulumi.Resource]]:
    from pulumi_kubernetes.apps import v1 as apps
    from pulumi_kubernetes.core import v1 as core
    from pulumi_kubernetes.rbac import v1 as rbac

    return {
        "ClusterRole": rbac.ClusterRole,
        "ClusterRoleBinding": rbac.ClusterRoleBinding,
        "ConfigMap": core.ConfigMap,
        "Deployment": apps.Deployment,
        "Namespace": core.Namespace,
        "Role": rbac.Role,
        "RoleBinding": rbac.RoleBinding,
        "Secret": core.Secret,
        "Service": core.Service,
        "ServiceAccount": core.ServiceAccount,
    }
