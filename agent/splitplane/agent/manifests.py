"""The Kubernetes objects that install the agent, from its settings. Pure."""

from __future__ import annotations

from typing import Annotated, Any, Final

import yaml
from pydantic import Field

from splitplane.agent.rbac import NAME, Manifest, build_rbac
from splitplane.agent.settings import PREFIX, Settings
from splitplane.contract import labels
from splitplane.contract.base import StrictModel
from splitplane.contract.version import VERSION

DEFAULT_IMAGE: Final = f"ghcr.io/splitplane/agent:{VERSION}"
STATUS_PORT: Final = 8471
CHART_PORT: Final = 8472
USER_ID: Final = 65532
"""The customary id of an unprivileged user in minimal images; it owns no file of a node."""
JOIN_TOKEN_SECRET: Final = "splitplane-agent-join-token"  # noqa: S105 - a name
CONFIG_MAP_NAME: Final = "splitplane-agent-settings"
CA_MOUNT: Final = "/etc/splitplane/ca"
TOKEN_MOUNT: Final = "/etc/splitplane/join-token"  # noqa: S105 - a path

RESOURCES: Final = {
    # The budget is 0.2 CPU and 400 MB. Idle it needs some millicores and 70 MiB, with 20,000 pods
    # under 200 MiB: requests are what a busy cluster uses, the limit of memory is the budget. CPU
    # has no limit, since throttling would delay heartbeats; requests decide the share anyway.
    "requests": {"cpu": "100m", "memory": "200Mi"},
    "limits": {"memory": "400Mi"},
}


class InstallSettings(StrictModel):
    """What the manifests need besides the agent's own settings."""

    agent: Settings
    """Settings of the agent; kubeconfig and context are not for a pod and are left out."""
    image: Annotated[str, Field(min_length=1)] = DEFAULT_IMAGE
    """Image of the agent."""
    ca_certificates: str | None = None
    """PEM text of the authorities for the hub's certificate; the image's when None."""


def build_manifests(settings: InstallSettings) -> list[Manifest]:
    """Namespace, service account, rights, settings and Deployment, in the order of application.

    The allowed namespaces have to exist: Roles are made in them. A Secret with the join token is
    among them only when there is one.
    """
    agent = settings.agent
    token = agent.read_join_token()
    objects: list[Manifest] = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": _metadata(agent.namespace, None)},
        {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": _metadata(NAME, agent.namespace),
        },
        *build_rbac(
            namespace=agent.namespace,
            allowed=agent.allowed_namespaces,
            argocd_namespace=None if agent.delivery == "direct" else agent.argocd_namespace,
        ),
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": _metadata(CONFIG_MAP_NAME, agent.namespace),
            "data": _environment(settings, has_token=token is not None),
        },
    ]
    if settings.ca_certificates is not None:
        objects.append(
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": _metadata("splitplane-agent-ca", agent.namespace),
                "data": {"ca.crt": settings.ca_certificates},
            }
        )
    if token is not None:
        objects.append(
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "type": "Opaque",
                "metadata": _metadata(JOIN_TOKEN_SECRET, agent.namespace),
                "stringData": {"token": token},
            }
        )
    if agent.delivery != "direct":
        objects.append(_chart_service(agent))
    objects.append(_deployment(settings, has_token=token is not None))
    return objects


def manifests_yaml(settings: InstallSettings) -> str:
    """The objects as one YAML stream, for `kubectl apply -f -`."""
    return yaml.safe_dump_all(build_manifests(settings), sort_keys=False)


def _environment(settings: InstallSettings, *, has_token: bool) -> dict[str, str]:
    agent = settings.agent
    values: dict[str, str] = {
        "hub_url": agent.hub_url,
        "namespace": agent.namespace,
        "allowed_namespaces": ",".join(agent.allowed_namespaces),
        "denied_namespaces": ",".join(agent.denied_namespaces),
        "verbs": ",".join(agent.verbs),
        "max_deletes": str(agent.max_deletes),
        "log_level": agent.log_level,
        "status_host": "0.0.0.0",  # noqa: S104 - the kubelet's probes come from outside the pod
        "status_port": str(STATUS_PORT),
    }
    if agent.delivery is not None:
        values["delivery"] = agent.delivery
    if agent.delivery != "direct":
        values["argocd_namespace"] = agent.argocd_namespace
        values["argocd_destination"] = agent.argocd_destination
        values["chart_host"] = "0.0.0.0"  # noqa: S104 - Argo CD's repo server comes from another pod
        values["chart_port"] = str(CHART_PORT)
        values["chart_url"] = agent.chart_url or (
            f"http://{NAME}.{agent.namespace}.svc:{CHART_PORT}"
        )
    if has_token:
        values["join_token_file"] = f"{TOKEN_MOUNT}/token"
    if settings.ca_certificates is not None:
        values["ca_bundle"] = f"{CA_MOUNT}/ca.crt"
    return {PREFIX + name.upper(): value for name, value in values.items() if value}


def _deployment(settings: InstallSettings, *, has_token: bool) -> Manifest:
    agent = settings.agent
    selector = {"app.kubernetes.io/name": NAME}
    volumes, mounts = _volumes(settings, has_token=has_token)
    container: dict[str, Any] = {
        "name": "agent",
        "image": settings.image,
        "envFrom": [{"configMapRef": {"name": CONFIG_MAP_NAME}}],
        # One arena: threads of the resolver would each keep their own freed memory otherwise.
        "env": [{"name": "MALLOC_ARENA_MAX", "value": "2"}],
        "ports": [{"name": "status", "containerPort": STATUS_PORT, "protocol": "TCP"}],
        "resources": RESOURCES,
        "livenessProbe": {
            "httpGet": {"path": "/healthz", "port": "status"},
            "initialDelaySeconds": 30,
            "periodSeconds": 15,
            "timeoutSeconds": 5,
            "failureThreshold": 4,
        },
        "readinessProbe": {
            "httpGet": {"path": "/readyz", "port": "status"},
            "periodSeconds": 5,
            "timeoutSeconds": 5,
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}, *mounts],  # noqa: S108 - in the pod
    }
    if agent.delivery != "direct":
        container["ports"].append({"name": "chart", "containerPort": CHART_PORT, "protocol": "TCP"})
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": _metadata(NAME, agent.namespace),
        "spec": {
            "replicas": 1,
            # Two agents at a time would take the session from each other.
            "strategy": {"type": "Recreate"},
            "selector": {"matchLabels": selector},
            "template": {
                "metadata": {"labels": {**selector, labels.MANAGED_BY: labels.MANAGED_BY_VALUE}},
                "spec": {
                    "serviceAccountName": NAME,
                    "terminationGracePeriodSeconds": 30,
                    "securityContext": {
                        "runAsNonRoot": True,
                        "runAsUser": USER_ID,
                        "runAsGroup": USER_ID,
                        "fsGroup": USER_ID,
                        "seccompProfile": {"type": "RuntimeDefault"},
                    },
                    "containers": [container],
                    "volumes": [
                        {"name": "tmp", "emptyDir": {"sizeLimit": "16Mi"}},
                        *volumes,
                    ],
                },
            },
        },
    }


def _volumes(
    settings: InstallSettings, *, has_token: bool
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    volumes: list[dict[str, Any]] = []
    mounts: list[dict[str, Any]] = []
    if has_token:
        # Optional, so that the Secret may be deleted once the cluster is enrolled.
        secret = {"secretName": JOIN_TOKEN_SECRET, "optional": True}
        volumes.append({"name": "join-token", "secret": secret})
        mounts.append({"name": "join-token", "mountPath": TOKEN_MOUNT, "readOnly": True})
    if settings.ca_certificates is not None:
        volumes.append({"name": "ca", "configMap": {"name": "splitplane-agent-ca"}})
        mounts.append({"name": "ca", "mountPath": CA_MOUNT, "readOnly": True})
    return volumes, mounts


def _chart_service(agent: Settings) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _metadata(NAME, agent.namespace),
        "spec": {
            "selector": {"app.kubernetes.io/name": NAME},
            "ports": [
                {"name": "chart", "port": CHART_PORT, "targetPort": "chart", "protocol": "TCP"}
            ],
        },
    }


def _metadata(name: str, namespace: str | None) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "name": name,
        "labels": {
            "app.kubernetes.io/name": NAME,
            "app.kubernetes.io/version": VERSION,
            labels.MANAGED_BY: labels.MANAGED_BY_VALUE,
        },
    }
    if namespace is not None:
        metadata["namespace"] = namespace
    return metadata
