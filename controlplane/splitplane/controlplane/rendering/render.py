"""The objects of one deployment, by type of application.

The output depends on nothing but the arguments and comes in a fixed order, so that equal manifests
give equal bytes.
"""

from __future__ import annotations

from typing import Final

from splitplane.contract import labels
from splitplane.contract.manifests.application import Application, JobManifest, ServiceManifest
from splitplane.controlplane.rendering.context import (
    RenderContext,
    object_labels,
    service_account_name,
)
from splitplane.controlplane.rendering.errors import RenderError
from splitplane.controlplane.rendering.pod import KubernetesObject, pod_template, port_name
from splitplane.platforms import apply_quirks

__all__ = ["RenderContext", "render"]

JOB_TTL_SECONDS: Final = 7 * 24 * 3600
"""A finished job's object stays a week for its logs. Only with direct delivery: Argo CD would make
it anew, and so run it again, after the cluster removed it."""

_REVISION_HISTORY_LIMIT: Final = 2
"""ReplicaSets kept by Kubernetes; the control plane has its own history, so few are enough."""


def render(
    manifest: ServiceManifest | JobManifest, context: RenderContext
) -> list[KubernetesObject]:
    """The objects of the deployment: ServiceAccount, then Service, then Deployment or Job.

    Raises:
        RenderError: two ports have one name.
    """
    objects = [_service_account(manifest, context)]
    if isinstance(manifest, ServiceManifest):
        if manifest.ports:
            objects.append(_service(manifest, context))
        objects.append(_deployment(manifest, context))
    else:
        objects.append(_job(manifest, context))
    return apply_quirks(objects, context.capabilities)


def job_name(application: str, version: int) -> str:
    """Name of the Job of one version: a Job cannot be changed, so each version has its own."""
    return f"{application}-v{version}"


def _metadata(name: str, manifest: Application, context: RenderContext) -> KubernetesObject:
    return {
        "labels": object_labels(manifest.name, manifest.labels, context),
        "name": name,
        "namespace": context.workspace,
    }


def _service_account(manifest: Application, context: RenderContext) -> KubernetesObject:
    return {
        "apiVersion": "v1",
        "automountServiceAccountToken": False,
        "kind": "ServiceAccount",
        "metadata": _metadata(service_account_name(manifest.name), manifest, context),
    }


def _selector(context: RenderContext) -> dict[str, str]:
    """The same for every version: a Deployment's selector cannot be changed."""
    return {labels.APPLICATION_ID: context.application_id}


def _service(manifest: ServiceManifest, context: RenderContext) -> KubernetesObject:
    names = [port_name(port) for port in manifest.ports]
    if len(set(names)) != len(names):
        raise RenderError(
            f"ports have the names {names!r}, one of them twice; "
            "give the port without a name one that no other port has"
        )
    ports = [
        {
            "appProtocol": port.protocol,
            "name": port_name(port),
            "port": port.port,
            "protocol": "TCP",
            "targetPort": port.port,
        }
        for port in manifest.ports
    ]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _metadata(manifest.name, manifest, context),
        "spec": {"ports": ports, "selector": _selector(context), "type": "ClusterIP"},
    }


def _deployment(manifest: ServiceManifest, context: RenderContext) -> KubernetesObject:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": _metadata(manifest.name, manifest, context),
        "spec": {
            "progressDeadlineSeconds": manifest.progress_deadline_seconds,
            "replicas": manifest.replicas,
            "revisionHistoryLimit": _REVISION_HISTORY_LIMIT,
            "selector": {"matchLabels": _selector(context)},
            "template": pod_template(manifest, context, restart_policy="Always"),
        },
    }


def _job(manifest: JobManifest, context: RenderContext) -> KubernetesObject:
    spec: KubernetesObject = {
        "activeDeadlineSeconds": manifest.timeout_seconds,
        "backoffLimit": manifest.retries,
        "completions": manifest.completions,
        "parallelism": manifest.parallelism,
        "template": pod_template(manifest, context, restart_policy="Never"),
    }
    if context.delivery == "direct":
        spec["ttlSecondsAfterFinished"] = JOB_TTL_SECONDS
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": _metadata(job_name(manifest.name, context.version), manifest, context),
        "spec": spec,
    }
