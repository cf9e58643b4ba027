"""The cluster on the control plane, and the agent that connects it."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from splitplane.components.attached.objects import declare_objects
from splitplane.components.clouds.aws.outputs import labels_of
from splitplane.components.clouds.aws.settings import EksSettings
from splitplane.contract.agent_manifests import (
    CPU_REQUEST_MILLICORES,
    DEFAULT_IMAGE,
    MEMORY_LIMIT_MIB,
    AgentInstall,
    build_manifests,
)
from splitplane.contract.manifests.cluster import Delivery
from splitplane.resources import Cluster


def delivery_of(settings: EksSettings) -> Delivery:
    """How bundles reach the cluster: by Argo CD, unless there is none."""
    return "direct" if settings.addon("argocd").mode == "off" else "argocd"


def register_cluster(
    parent: pulumi.Resource,
    name: str,
    settings: EksSettings,
    *,
    region: str,
    custom_timeouts: pulumi.CustomTimeouts | None = None,
) -> Cluster:
    """The control plane knows the cluster.

    It waits for nothing: what the control plane refuses is seen before half an hour of making, and
    the agent's one-time token is good for a day.

    Args:
        parent: the component.
        name: name of the component.
        settings: the checked settings.
        region: region of the cluster.
        custom_timeouts: of the registration; the plugin's when None.
    """
    return Cluster(
        name,
        name=settings.name,
        provider_kind="eks",
        region=region,
        environments=settings.environments,
        delivery=delivery_of(settings),
        allowed_namespaces=list(settings.allowed_namespaces) or None,
        denied_namespaces=list(settings.denied_namespaces) or None,
        labels=labels_of(settings) or None,
        opts=pulumi.ResourceOptions(parent=parent, custom_timeouts=custom_timeouts),
    )


def declare_agent(
    parent: pulumi.Resource,
    name: str,
    settings: EksSettings,
    *,
    cluster: Cluster,
    provider: pulumi.ProviderResource,
    depends_on: Sequence[pulumi.Resource],
    custom_timeouts: pulumi.CustomTimeouts | None = None,
) -> list[pulumi.Resource]:
    """The agent runs, and connects the cluster.

    Args:
        parent: the component.
        name: name of the component, which starts the names of the resources.
        settings: the checked settings.
        cluster: the cluster as the control plane knows it.
        provider: provider of Kubernetes objects.
        depends_on: what the agent needs: nodes, DNS, Argo CD.
        custom_timeouts: of each object; the plugin's when None.
    """
    spaces: list[pulumi.Resource] = []
    if not settings.is_adopted:
        spaces = _namespaces(parent, name, settings, provider, depends_on)
    return declare_objects(
        parent,
        name,
        build_manifests(_agent(settings, cluster)),
        provider=provider,
        custom_timeouts=custom_timeouts,
        depends_on=[*depends_on, *spaces],
    )


def _namespaces(
    parent: pulumi.Resource,
    name: str,
    settings: EksSettings,
    provider: pulumi.ProviderResource,
    depends_on: Sequence[pulumi.Resource],
) -> list[pulumi.Resource]:
    """Those that the agent is bound to have to exist; in a new cluster there are none."""
    import pulumi_kubernetes as kubernetes

    return [
        kubernetes.core.v1.Namespace(
            f"{name}-{namespace}",
            metadata={"name": namespace},
            opts=pulumi.ResourceOptions(
                parent=parent, provider=provider, depends_on=list(depends_on)
            ),
        )
        for namespace in settings.allowed_namespaces
    ]


def _agent(settings: EksSettings, cluster: Cluster) -> AgentInstall:
    asked = settings.agent
    memory_mib = asked.memory_mib or MEMORY_LIMIT_MIB
    # An imported cluster has no token; its agent is enrolled.
    token: pulumi.Output[str] = cluster.join_token.apply(lambda token: token or "")
    secret_token: pulumi.Output[str] = pulumi.Output.secret(token)
    return AgentInstall(
        hub_url=settings.hub_url,
        delivery=delivery_of(settings),
        allowed_namespaces=settings.allowed_namespaces,
        denied_namespaces=settings.denied_namespaces,
        join_token=secret_token,
        ca_certificates=asked.hub_ca_certificates,
        image=asked.image or DEFAULT_IMAGE,
        cpu_request_millicores=asked.cpu_millicores or CPU_REQUEST_MILLICORES,
        memory_request_mib=memory_mib // 2,
        memory_limit_mib=memory_mib,
    )
