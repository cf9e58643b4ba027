"""The pod template that services and jobs share."""

from __future__ import annotations

from typing import Any, Final, Literal

from splitplane.contract.manifests.application import Application, ServiceManifest
from splitplane.contract.manifests.workload import Port, Probe, Resources, parse_secret_reference
from splitplane.controlplane.rendering.context import (
    RenderContext,
    object_labels,
    service_account_name,
)
from splitplane.platforms import GPU_RESOURCE, NEURON_RESOURCE

KubernetesObject = dict[str, Any]  # Any: JSON of the Kubernetes API

CONTAINER_NAME: Final = "app"
TOKEN_DIRECTORY: Final = "/var/run/secrets/splitplane.io"  # noqa: S105 - a path
TOKEN_FILE: Final = f"{TOKEN_DIRECTORY}/token"
TOKEN_SECONDS: Final = 3600
"""Lifetime of the projected token; the kubelet renews it at 80 %. One hour bounds a stolen one."""
_TOKEN_VOLUME: Final = "splitplane-token"  # noqa: S105 - a volume's name

_CONTAINER_SECURITY: Final[KubernetesObject] = {
    "allowPrivilegeEscalation": False,
    # The capabilities that ordinary images need to start as root and drop to their own user
    # (nginx, redis, postgres); all are within Kubernetes' "baseline" pod security standard.
    "capabilities": {
        "add": ["CHOWN", "DAC_OVERRIDE", "FOWNER", "NET_BIND_SERVICE", "SETGID", "SETUID"],
        "drop": ["ALL"],
    },
}


def pod_template(
    manifest: Application,
    context: RenderContext,
    *,
    restart_policy: Literal["Always", "Never"],
) -> KubernetesObject:
    """The pod template of the application, with the workload's identity and without quirks."""
    spec: KubernetesObject = {
        "automountServiceAccountToken": False,
        "containers": [_container(manifest, context)],
        # Variables for every Service of the namespace would leak names and slow starts.
        "enableServiceLinks": False,
        "restartPolicy": restart_policy,
        "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
        "serviceAccountName": service_account_name(manifest.name),
        "volumes": [_token_volume(context)],
    }
    gpu_type = manifest.resources.gpu_type
    if gpu_type is not None:
        spec["nodeSelector"] = {context.capabilities.gpu_selector_label: gpu_type}
    return {
        "metadata": {"labels": object_labels(manifest.name, manifest.labels, context)},
        "spec": spec,
    }


def port_name(port: Port) -> str:
    """The port's name, made of protocol and number when the manifest gives none."""
    return port.name or f"{port.protocol}-{port.port}"


def _container(manifest: Application, context: RenderContext) -> KubernetesObject:
    container: KubernetesObject = {
        "env": _environment(manifest.env, context),
        "image": manifest.image,
        "name": CONTAINER_NAME,
        "resources": _resources(manifest.resources),
        "securityContext": _CONTAINER_SECURITY,
        "volumeMounts": [
            {"mountPath": TOKEN_DIRECTORY, "name": _TOKEN_VOLUME, "readOnly": True},
        ],
    }
    if manifest.command:
        container["command"] = list(manifest.command)
    if manifest.args:
        container["args"] = list(manifest.args)
    if isinstance(manifest, ServiceManifest):
        _add_service_fields(container, manifest)
    return container


def _add_service_fields(container: KubernetesObject, manifest: ServiceManifest) -> None:
    if manifest.ports:
        container["ports"] = [
            {"containerPort": port.port, "name": port_name(port), "protocol": "TCP"}
            for port in manifest.ports
        ]
    for field, probe in (
        ("livenessProbe", manifest.liveness_probe),
        ("readinessProbe", manifest.readiness_probe),
        ("startupProbe", manifest.startup_probe),
    ):
        if probe is not None:
            container[field] = _probe(probe, manifest.ports)


def _environment(env: dict[str, str], context: RenderContext) -> list[KubernetesObject]:
    """Ours first, so that `$(SPLITPLANE_…)` works in the others; then by name, to be stable."""
    rendered: list[KubernetesObject] = [
        {"name": "SPLITPLANE_ENDPOINT", "value": context.control_plane_url},
        {"name": "SPLITPLANE_TOKEN_FILE", "value": TOKEN_FILE},
        {"name": "SPLITPLANE_WORKSPACE", "value": f"{context.cluster}:{context.workspace}"},
    ]
    for name in sorted(env):
        reference = parse_secret_reference(env[name])
        if reference is None:
            rendered.append({"name": name, "value": env[name]})
            continue
        group, key = reference
        source = {"secretKeyRef": {"key": key, "name": group}}
        rendered.append({"name": name, "valueFrom": source})
    return rendered


def _resources(resources: Resources) -> KubernetesObject:
    limits = {
        "cpu": f"{resources.cpu_limit_millicores}m",
        "ephemeral-storage": f"{resources.ephemeral_storage_limit_mib}Mi",
        "memory": f"{resources.memory_limit_mib}Mi",
    }
    requests = {
        "cpu": f"{resources.cpu_request_millicores}m",
        "ephemeral-storage": f"{resources.ephemeral_storage_request_mib}Mi",
        "memory": f"{resources.memory_request_mib}Mi",
    }
    # Extended resources cannot be overcommitted: the API wants both equal.
    if resources.gpu_count:
        limits[GPU_RESOURCE] = requests[GPU_RESOURCE] = str(resources.gpu_count)
    if resources.neuron_count:
        limits[NEURON_RESOURCE] = requests[NEURON_RESOURCE] = str(resources.neuron_count)
    return {"limits": limits, "requests": requests}


def _probe(probe: Probe, ports: list[Port]) -> KubernetesObject:
    rendered: KubernetesObject = {
        "failureThreshold": probe.failure_threshold,
        "initialDelaySeconds": probe.initial_delay_seconds,
        "periodSeconds": probe.period_seconds,
        "timeoutSeconds": probe.timeout_seconds,
    }
    if probe.command is not None:
        return {**rendered, "exec": {"command": list(probe.command)}}
    port = probe.port if probe.port is not None else ports[0].port
    if probe.http_path is not None:
        return {**rendered, "httpGet": {"path": probe.http_path, "port": port}}
    return {**rendered, "tcpSocket": {"port": port}}


def _token_volume(context: RenderContext) -> KubernetesObject:
    token = {
        "audience": context.control_plane_url,
        "expirationSeconds": TOKEN_SECONDS,
        "path": "token",
    }
    return {"name": _TOKEN_VOLUME, "projected": {"sources": [{"serviceAccountToken": token}]}}
