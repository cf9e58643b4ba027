"""Argo CD as resources: once in a cluster, by Helm, before everything that it installs itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pulumi

from splitplane.components.addons.addon import CRITICAL, ArgoCd, Choice, Manifest, Profile
from splitplane.components.addons.application import build_project
from splitplane.components.addons.argocd_values import build_values
from splitplane.components.addons.charts import CHARTS
from splitplane.components.addons.merge import merge_values
from splitplane.contract.agent_manifests import ARGOCD_NAMESPACE

RELEASE: Final = "argocd"
READY_SECONDS: Final = 900
"""Longest time until all pods are ready: as for add-ons."""
_HISTORY: Final = 3
"""Releases that Helm keeps, each with all values, in Secrets."""


def declare_argocd(
    parent: pulumi.Resource,
    provider: pulumi.ProviderResource,
    *,
    profile: Profile,
    choice: Choice,
    depends_on: Sequence[pulumi.Resource] = (),
    tolerations: Sequence[Manifest] = (CRITICAL,),
) -> ArgoCd | None:
    """The cluster has an Argo CD with the project of our add-ons; None with mode `off`.

    By mode: `managed` makes the namespace `argocd` and the release `argocd` in it, and both go when
    they are deleted; the kinds of Argo CD stay, since with them every Application would go. `adopt`
    takes over the objects of a release of that name in that namespace: Helm's record of it, the
    Secrets `sh.helm.release.v1.argocd.*`, has to be deleted first (the objects stay), or Helm
    refuses the name; deleting the program's release leaves everything there. `external` installs
    nothing but the project, into the namespace `argocd`; that Argo CD has to accept Applications in
    the namespaces of workspaces (`application.namespaces`).

    Args:
        parent: the component.
        provider: provider of Kubernetes objects.
        profile: how much it is made to withstand.
        choice: what is asked for of it.
        depends_on: what has to be there before its first pod: nodes, DNS.
        tolerations: of all its pods.
    """
    import pulumi_kubernetes as kubernetes

    if choice.mode == "off":
        return None
    name = parent.pulumi_resource_name
    before = list(depends_on)
    if choice.mode == "managed":
        before = [
            kubernetes.core.v1.Namespace(
                f"{name}-argocd",
                metadata={"name": ARGOCD_NAMESPACE},
                opts=pulumi.ResourceOptions(parent=parent, provider=provider, depends_on=before),
            )
        ]
    if choice.mode != "external":
        before = [_release(parent, provider, profile, choice, before, tolerations)]
    manifest = build_project(ARGOCD_NAMESPACE)
    project = kubernetes.apiextensions.CustomResource(
        f"{name}-addons",
        api_version=manifest["apiVersion"],
        kind=manifest["kind"],
        metadata=manifest["metadata"],
        spec=manifest["spec"],
        opts=pulumi.ResourceOptions(parent=parent, provider=provider, depends_on=before),
    )
    return ArgoCd(ARGOCD_NAMESPACE, (project,))


def _release(
    parent: pulumi.Resource,
    provider: pulumi.ProviderResource,
    profile: Profile,
    choice: Choice,
    depends_on: Sequence[pulumi.Resource],
    tolerations: Sequence[Manifest],
) -> pulumi.Resource:
    from pulumi_kubernetes.helm.v3 import Release

    chart = CHARTS["argo-cd"]
    is_adopted = choice.mode == "adopt"
    return Release(
        f"{parent.pulumi_resource_name}-argocd",
        name=RELEASE,
        namespace=ARGOCD_NAMESPACE,
        chart=chart.name,
        version=chart.version,
        repository_opts={"repo": chart.repository},
        values=merge_values(build_values(profile, tolerations), choice.values),
        # A first installation that fails is taken away again, so that the next run may try anew.
        atomic=True,
        timeout=READY_SECONDS,
        max_history=_HISTORY,
        take_ownership=is_adopted,
        opts=pulumi.ResourceOptions(
            parent=parent,
            provider=provider,
            depends_on=list(depends_on),
            retain_on_delete=is_adopted,
        ),
    )
