"""The manifests that install an agent with these settings, as objects and as YAML. Pure."""

from __future__ import annotations

from typing import Annotated

import yaml
from pydantic import Field

from splitplane.agent.settings import Settings
from splitplane.contract import agent_manifests
from splitplane.contract.agent_manifests import DEFAULT_IMAGE, AgentInstall
from splitplane.contract.agent_rbac import Manifest
from splitplane.contract.base import StrictModel


class InstallSettings(StrictModel):
    """What the manifests need besides the agent's own settings."""

    agent: Settings
    """Settings of the agent; kubeconfig and context are not for a pod and are left out."""
    image: Annotated[str, Field(min_length=1)] = DEFAULT_IMAGE
    """Image of the agent."""
    ca_certificates: str | None = None
    """PEM text of the authorities for the hub's certificate; the image's when None."""
    replicas: Annotated[int, Field(ge=0, le=1)] = 1
    """1, or 0 where the agent runs outside the cluster with the rights of this installation."""


def build_manifests(settings: InstallSettings) -> list[Manifest]:
    """Namespace, service account, rights, settings and Deployment, in the order of application.

    Raises:
        UserError: the file with the join token cannot be read.
    """
    agent = settings.agent
    return agent_manifests.build_manifests(
        AgentInstall(
            hub_url=agent.hub_url,
            namespace=agent.namespace,
            delivery=agent.delivery,
            allowed_namespaces=agent.allowed_namespaces,
            denied_namespaces=agent.denied_namespaces,
            verbs=agent.verbs,
            max_deletes=agent.max_deletes,
            log_level=agent.log_level,
            argocd_namespace=agent.argocd_namespace,
            argocd_destination=agent.argocd_destination,
            chart_url=agent.chart_url,
            join_token=agent.read_join_token(),
            ca_certificates=settings.ca_certificates,
            image=settings.image,
            replicas=settings.replicas,
        )
    )


def manifests_yaml(settings: InstallSettings) -> str:
    """The objects as one YAML stream, for `kubectl apply -f -`."""
    return yaml.safe_dump_all(build_manifests(settings), sort_keys=False)
