"""Where and as which version a manifest is rendered."""

from __future__ import annotations

from dataclasses import dataclass

from splitplane.contract import labels
from splitplane.contract.manifests.cluster import Delivery
from splitplane.platforms import Capabilities


@dataclass(frozen=True)
class RenderContext:
    """Everything that a rendering depends on beside the manifest.

    Attributes:
        application_id: id of the application.
        version: number of the deployment, from 1.
        cluster: name of the cluster.
        workspace: name of the workspace, which is also the namespace.
        control_plane_url: address of the control plane; audience of the workload's token.
        delivery: how the bundle reaches the cluster.
        capabilities: flags of the cluster.
    """

    application_id: str
    version: int
    cluster: str
    workspace: str
    control_plane_url: str
    delivery: Delivery
    capabilities: Capabilities


def service_account_name(application: str) -> str:
    """Name of an application's own ServiceAccount.

    The prefix keeps an application named `default` away from the account that every namespace has.
    """
    return f"app-{application}"


def object_labels(name: str, own: dict[str, str], context: RenderContext) -> dict[str, str]:
    """Labels of every object of the deployment; ours win over the manifest's own."""
    return {
        **own,
        "app.kubernetes.io/name": name,
        labels.APPLICATION: name,
        labels.APPLICATION_ID: context.application_id,
        labels.MANAGED_BY: labels.MANAGED_BY_VALUE,
        labels.VERSION: str(context.version),
        labels.WORKSPACE: context.workspace,
    }
