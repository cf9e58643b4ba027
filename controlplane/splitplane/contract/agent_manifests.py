"""The Kubernetes objects that install the agent. Pure.

Shared by the agent's own command line and by Pulumi components, which may not import the agent.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from splitplane.contract import labels
from splitplane.contract.agent_rbac import NAME, Manifest, build_rbac
from splitplane.contract.version import VERSION

# Programs that attach a cluster import this module, and none of the models.
if TYPE_CHECKING:
    from splitplane.contract.commands import CommandKind
    from splitplane.contract.manifests.cluster import Delivery

ENVIRONMENT_PREFIX: Final = "SPLITPLANE_AGENT_"
"""Prefix of the variables that the agent reads its settings from."""
AGENT_NAMESPACE: Final = "splitplane-agent"
ARGOCD_NAMESPACE: Final = "argocd"

DEFAULT_IMAGE: Final = f"ghcr.io/splitplane/agent:{VERSION}"
STATUS_PORT: Final = 8471
CHART_PORT: Final = 8472
USER_ID: Final = 65532
"""The customary id of an unprivileged user in minimal images; it owns no file of a node."""
JOIN_TOKEN_SECRET: Final = "splitplane-agent-join-token"  # noqa: S105 - a name
CONFIG_MAP_NAME: Final = "splitplane-agent-settings"
SETTINGS_DIGEST: Final = f"{labels.PREFIX}/settings"
"""Annotation of the pod, without which a changed ConfigMap would wait for the next restart."""
CA_MOUNT: Final = "/etc/splitplane/ca"
TOKEN_MOUNT: Final = "/etc/splitplane/join-token"  # noqa: S105 - a path

CPU_REQUEST_MILLICORES: Final = 100
MEMORY_REQUEST_MIB: Final = 200
MEMORY_LIMIT_MIB: Final = 400
"""The budget is 0.2 CPU and 400 MB. Idle it needs some millicores and 70 MiB, with 20,000 pods
under 200 MiB: requests are what a busy cluster uses, the limit of memory is the budget. CPU has no
limit, since throttling would delay heartbeats; requests decide the share anyway."""
_DIGEST_DIGITS: Final = 16


@dataclass(frozen=True)
class AgentInstall:
    """What the manifests need to know.

    Attributes:
        hub_url: address of the control plane as the pod reaches it.
        namespace: namespace of the agent's own objects.
        delivery: how bundles are delivered; what the control plane says when None.
        allowed_namespaces: the only ones for workloads; they have to exist. All when empty.
        denied_namespaces: never for workloads.
        verbs: commands that the agent carries out; all when empty.
        max_deletes: most objects that one command may delete; the agent's default when None.
        log_level: least severe level that is logged; the agent's default when None.
        argocd_namespace: where Argo CD is.
        argocd_destination: this cluster as Argo CD knows it; the agent's default when None.
        chart_url: chart endpoint as Argo CD reaches it; the Service of these manifests when None.
        join_token: text, or in a Pulumi program a promise of it; None when it is enrolled.
        ca_certificates: PEM text of the hub's authorities; those of the image when None.
        image: image of the agent.
        replicas: 1, or 0 where the agent runs outside the cluster with this account's rights.
        cpu_request_millicores: CPU that is reserved.
        memory_request_mib: memory that is reserved.
        memory_limit_mib: memory at most.
    """

    hub_url: str
    namespace: str = AGENT_NAMESPACE
    delivery: Delivery | None = None
    allowed_namespaces: tuple[str, ...] = ()
    denied_namespaces: tuple[str, ...] = ()
    verbs: tuple[CommandKind, ...] = ()
    max_deletes: int | None = None
    log_level: str | None = None
    argocd_namespace: str = ARGOCD_NAMESPACE
    argocd_destination: str | None = None
    chart_url: str | None = None
    join_token: object | None = None
    ca_certificates: str | None = None
    image: str = DEFAULT_IMAGE
    replicas: int = 1
    cpu_request_millicores: int = CPU_REQUEST_MILLICORES
    memory_request_mib: int = MEMORY_REQUEST_MIB
    memory_limit_mib: int = MEMORY_LIMIT_MIB


def build_manifests(agent: AgentInstall) -> list[Manifest]:
    """Namespace, service account, rights, settings and Deployment, in the order of application.

    The allowed namespaces have to exist: Roles are made in them. A Secret with the join token is
    among them only when there is one.
    """
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
            "data": _environment(agent),
        },
    ]
    if agent.ca_certificates is not None:
        objects.append(
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": _metadata("splitplane-agent-ca", agent.namespace),
                "data": {"ca.crt": agent.ca_certificates},
            }
        )
    if agent.join_token is not None:
        objects.append(
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "type": "Opaque",
                "metadata": _metadata(JOIN_TOKEN_SECRET, agent.namespace),
                "stringData": {"token": agent.join_token},
            }
        )
    if agent.delivery != "direct":
        objects.append(_chart_service(agent))
    objects.append(_deployment(agent))
    return objects


def _environment(agent: AgentInstall) -> dict[str, str]:
    values: dict[str, object] = {
        "hub_url": agent.hub_url,
        "namespace": agent.namespace,
        "allowed_namespaces": ",".join(agent.allowed_namespaces),
        "denied_namespaces": ",".join(agent.denied_namespaces),
        "verbs": ",".join(agent.verbs),
        "max_deletes": agent.max_deletes,
        "log_level": agent.log_level,
        "status_host": "0.0.0.0",  # noqa: S104 - the kubelet's probes come from outside the pod
        "status_port": STATUS_PORT,
        "delivery": agent.delivery,
    }
    if agent.delivery != "direct":
        values |= {
            "argocd_namespace": agent.argocd_namespace,
            "argocd_destination": agent.argocd_destination,
            # Argo CD's repo server comes from another pod.
            "chart_host": "0.0.0.0",  # noqa: S104
            "chart_port": CHART_PORT,
            "chart_url": agent.chart_url or f"http://{NAME}.{agent.namespace}.svc:{CHART_PORT}",
        }
    if agent.join_token is not None:
        values["join_token_file"] = f"{TOKEN_MOUNT}/token"
    if agent.ca_certificates is not None:
        values["ca_bundle"] = f"{CA_MOUNT}/ca.crt"
    return {
        ENVIRONMENT_PREFIX + name.upper(): str(value)
        for name, value in values.items()
        if value not in (None, "")
    }


def _digest(agent: AgentInstall) -> str:
    """The same text for the same settings and authorities; a token is used once, and is none."""
    text = json.dumps([_environment(agent), agent.ca_certificates], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_DIGITS]


def _deployment(agent: AgentInstall) -> Manifest:
    selector = {"app.kubernetes.io/name": NAME}
    volumes, mounts = _volumes(agent)
    container: dict[str, Any] = {
        "name": "agent",
        "image": agent.image,
        "envFrom": [{"configMapRef": {"name": CONFIG_MAP_NAME}}],
        # One arena: threads of the resolver would each keep their own freed memory otherwise.
        "env": [{"name": "MALLOC_ARENA_MAX", "value": "2"}],
        "ports": [{"name": "status", "containerPort": STATUS_PORT, "protocol": "TCP"}],
        "resources": {
            "requests": {
                "cpu": f"{agent.cpu_request_millicores}m",
                "memory": f"{agent.memory_request_mib}Mi",
            },
            "limits": {"memory": f"{agent.memory_limit_mib}Mi"},
        },
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
            "replicas": agent.replicas,
            # Two agents at a time would take the session from each other.
            "strategy": {"type": "Recreate"},
            "selector": {"matchLabels": selector},
            "template": {
                "metadata": {
                    "labels": {**selector, labels.MANAGED_BY: labels.MANAGED_BY_VALUE},
                    "annotations": {SETTINGS_DIGEST: _digest(agent)},
                },
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
    agent: AgentInstall,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    volumes: list[dict[str, Any]] = []
    mounts: list[dict[str, Any]] = []
    if agent.join_token is not None:
        # Optional, so that the Secret may be deleted once the cluster is enrolled.
        secret = {"secretName": JOIN_TOKEN_SECRET, "optional": True}
        volumes.append({"name": "join-token", "secret": secret})
        mounts.append({"name": "join-token", "mountPath": TOKEN_MOUNT, "readOnly": True})
    if agent.ca_certificates is not None:
        volumes.append({"name": "ca", "configMap": {"name": "splitplane-agent-ca"}})
        mounts.append({"name": "ca", "mountPath": CA_MOUNT, "readOnly": True})
    return volumes, mounts


def _chart_service(agent: AgentInstall) -> Manifest:
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
