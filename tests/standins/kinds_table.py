"""Every resource with values for every property: what the conformance tests go through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from control_plane import ControlPlane

from splitplane.provider.codec import Properties

PACKAGE = "splitplane:index:"


@dataclass(frozen=True)
class Case:
    """One kind of resource.

    Attributes:
        name: its name without the package.
        kind: kind of noun.
        required: makes the smallest inputs for an object of this name, and what it needs.
        optional: property → (a value, another value).
        replacing: property → value of another object.
        fqn: makes the fully qualified name for an object of this name.
        elsewhere: properties that tests of their own cover.
        others: makes more inputs, to be put over the smallest ones; a None takes a property away.
            Together with `optional` they hold every property at every depth.
        fixed: paths at which nothing but the value of `optional` or `others` is allowed.
        references: path of a place that names another object → makes one to name in its stead.
    """

    name: str
    kind: str
    required: Callable[[ControlPlane, str], Properties]
    optional: dict[str, tuple[object, object]]
    replacing: dict[str, object]
    fqn: Callable[[str], str]
    elsewhere: tuple[str, ...] = ()
    others: Callable[[ControlPlane, str], tuple[Properties, ...]] = lambda _, __: ()
    fixed: tuple[str, ...] = ()
    references: dict[str, Callable[[ControlPlane, str], object]] = field(default_factory=dict)

    @property
    def token(self) -> str:
        """Its type token."""
        return PACKAGE + self.name

    def complete(self, plane: ControlPlane, name: str) -> list[Properties]:
        """Inputs that between them hold every property; what they need is made."""
        smallest = self.required(plane, name)
        sets = (
            {key: first for key, (first, _) in self.optional.items()},
            *self.others(plane, name),
        )
        merged = ({**smallest, **properties} for properties in sets)
        return [{k: v for k, v in item.items() if v is not None} for item in merged]


class _Nothing:
    """A control plane that makes nothing; Check, Diff and previews ask it nothing."""

    @property
    def client(self) -> _Nothing:
        return self

    def create(self, manifest: object) -> None:
        """Makes nothing."""


NOTHING: Any = _Nothing()  # Any: stands for a control plane where none is asked


def make_cluster(plane: ControlPlane, name: str) -> str:
    """The name of a new cluster."""
    plane.client.create(
        {"type": "cluster", "name": name, "environments": ["dev", "prod"], "delivery": "direct"}
    )
    return name


def make_workspace(plane: ControlPlane, name: str) -> str:
    """The fully qualified name of a new workspace on a cluster of its own."""
    cluster = make_cluster(plane, f"{name}-c")
    plane.client.create(
        {"type": "workspace", "name": name, "cluster": cluster, "environment": "dev"}
    )
    return f"{cluster}:{name}"


def make_storage(plane: ControlPlane, name: str) -> str:
    """The name of a new storage integration."""
    storage = {"kind": "local", "path": f"/tmp/{name}"}
    plane.client.create({"type": "storage-integration", "name": name, "storage": storage})
    return name


def make_environment(plane: ControlPlane, name: str) -> str:
    """The name of a new environment."""
    plane.client.create({"type": "environment", "name": name})
    return name


def make_user(plane: ControlPlane, name: str) -> str:
    """The subject of a new user."""
    plane.client.create({"type": "user", "name": f"{name}@example.com"})
    return f"user:{name}@example.com"


def make_ml_repo(plane: ControlPlane, name: str) -> str:
    """The name of a new ML repo on a storage integration of its own."""
    storage = make_storage(plane, f"{name}-s")
    plane.client.create({"type": "ml-repo", "name": name, "storage_integration": storage})
    return name


ROLE_ARN = "arn:aws:iam::123456789012:role/r"
ADMIN = "user:admin@splitplane.local"
RESOURCES: Properties = {
    "cpuRequestMillicores": 100,
    "cpuLimitMillicores": 300,
    "memoryRequestMib": 128,
    "memoryLimitMib": 256,
    "ephemeralStorageRequestMib": 100,
    "ephemeralStorageLimitMib": 200,
    "gpuCount": 1,
    "gpuType": "NVIDIA-L4",
}
JOB: Properties = {
    "image": "registry.example.com/a:1",
    "command": ["run"],
    "args": ["-v"],
    "env": {"A_B": "1", "TOKEN": "secret://group/key"},
    "labels": {"team": "ml"},
    "resources": RESOURCES,
    "retries": 1,
    "timeoutSeconds": 60,
    "completions": 3,
    "parallelism": 2,
}
SERVICE = {"image": "registry.example.com/a:1"}
BIGGER_SERVICE = {
    "image": "registry.example.com/a:2",
    "command": ["run"],
    "args": ["-v"],
    "env": {"A_B": "1", "TOKEN": "secret://group/key"},
    "labels": {"team": "ml", "example.com/part": "x"},
    "replicas": 2,
    "ports": [{"port": 80, "name": "web", "protocol": "grpc"}, {"port": 81}],
    "resources": RESOURCES,
    "livenessProbe": {"httpPath": "/live", "periodSeconds": 5},
    "readinessProbe": {"tcp": True, "port": 80, "timeoutSeconds": 2},
    "startupProbe": {"command": ["true"], "failureThreshold": 9, "initialDelaySeconds": 1},
    "progressDeadlineSeconds": 300,
}
_TIMES: Properties = {
    "initialDelaySeconds": 3,
    "periodSeconds": 7,
    "timeoutSeconds": 2,
    "failureThreshold": 5,
}
_HTTP: Properties = {"httpPath": "/health", "port": 81, **_TIMES}
_TCP: Properties = {"tcp": True, "port": 81, **_TIMES}
_COMMAND: Properties = {"command": ["true"], **_TIMES}


def probed_service(liveness: Properties, readiness: Properties, startup: Properties) -> Properties:
    """Inputs of a service with these probes."""
    probes = {"livenessProbe": liveness, "readinessProbe": readiness, "startupProbe": startup}
    return {"service": {**SERVICE, "ports": [{"port": 80}, {"port": 81}], **probes}}


CASES = (
    Case(
        name="Environment",
        kind="environment",
        required=lambda _, name: {"name": name},
        optional={
            "displayName": ("One", "Two"),
            "isProduction": (True, False),
            "optimizeFor": ("availability", "cost"),
            "color": ("#112233", "#445566"),
        },
        replacing={"name": "other"},
        fqn=lambda name: f"environment:{name}",
    ),
    Case(
        name="Cluster",
        kind="cluster",
        required=lambda _, name: {"name": name, "environments": ["dev"]},
        optional={
            "environments": (["dev", "prod"], ["prod", "dev"]),
            "displayName": ("One", "Two"),
            "region": ("eu-west-1", "eu-west-2"),
            "delivery": ("direct", "argocd"),
            "allowedNamespaces": (["a", "b"], ["a"]),
            "deniedNamespaces": (["c"], ["d", "e"]),
            "labels": ({"a": "1"}, {"a": "2", "example.com/b": "3"}),
            "joinTokenTrigger": ("1", "2"),
        },
        replacing={"name": "other", "providerKind": "eks"},
        fqn=lambda name: name,
        elsewhere=("waitUntilConnected",),
        others=lambda _, __: ({"providerKind": "attached", "waitUntilConnected": False},),
        references={
            "environments": lambda _, __: ["staging"],
            "environments[0]": lambda plane, name: make_environment(plane, f"{name}-d"),
            "environments[1]": lambda plane, name: make_environment(plane, f"{name}-e"),
        },
    ),
    Case(
        name="StorageIntegration",
        kind="storage-integration",
        required=lambda _, name: {
            "name": name,
            "s3": {"bucket": "bucket-a", "prefix": "a/b"},
        },
        optional={
            "displayName": ("One", "Two"),
            "s3": (
                {"bucket": "bucket-a", "prefix": "a/b", "region": "eu-west-1"},
                {
                    "bucket": "bucket-a",
                    "prefix": "a/b",
                    "endpointUrl": "https://minio.example.com",
                    "roleArn": ROLE_ARN,
                    "externalId": "abc",
                },
            ),
        },
        replacing={"name": "other", "s3": {"bucket": "bucket-b", "prefix": "a/b"}},
        fqn=lambda name: f"storage-integration:{name}",
        elsewhere=("local", "gcs", "azureBlob"),
        others=lambda _, name: (
            {
                "s3": {
                    "bucket": "bucket-a",
                    "prefix": "a/b",
                    "region": "eu-west-1",
                    "endpointUrl": "https://minio.example.com",
                    "profile": "work",
                },
            },
            {"s3": {"bucket": "bucket-a", "roleArn": ROLE_ARN, "externalId": "abc"}},
            {"s3": None, "local": {"path": f"/tmp/{name}"}},
            {
                "s3": None,
                "gcs": {
                    "bucket": "bucket-a",
                    "prefix": "a/b",
                    "serviceAccount": "sign@project-a.iam.gserviceaccount.com",
                },
            },
            {
                "s3": None,
                "azureBlob": {
                    "account": "account1",
                    "container": "container-a",
                    "prefix": "a/b",
                    "clientId": "01234567-89ab-cdef-0123-456789abcdef",
                },
            },
        ),
        fixed=("gcs.serviceAccount",),
    ),
    Case(
        name="MlRepo",
        kind="ml-repo",
        required=lambda plane, name: {
            "name": name,
            "storageIntegration": make_storage(plane, f"{name}-s"),
        },
        optional={
            "displayName": ("One", "Two"),
            "description": ("text", "other text"),
            "collaborators": (
                [{"subject": ADMIN, "role": "admin"}],
                [{"subject": ADMIN, "role": "viewer"}],
            ),
        },
        replacing={"name": "other", "storageIntegration": "other"},
        fqn=lambda name: f"mlrepo:{name}",
        references={
            "collaborators[0].subject": make_user,
            "collaborators[0].role": lambda _, __: "editor",
        },
    ),
    Case(
        name="Workspace",
        kind="workspace",
        required=lambda plane, name: {
            "name": name,
            "cluster": make_cluster(plane, f"{name}-c"),
            "environment": "dev",
        },
        optional={
            "environment": ("prod", "dev"),
            "displayName": ("One", "Two"),
            "labels": ({"a": "1"}, {"a": "2"}),
            "quota": (
                {
                    "cpuMillicores": 4000,
                    "memoryMib": 8192,
                    "gpuCount": 1,
                    "storageGib": 100,
                    "pods": 20,
                },
                {"pods": 5},
            ),
            "networkPolicy": (
                {
                    "ingressFrom": "workspace",
                    "ingressNamespaces": ["istio-system"],
                    "egressTo": "workspace",
                    "egressNamespaces": ["istio-system"],
                    "egressCidrs": ["10.0.0.0/16"],
                },
                {"egressTo": "workspace"},
            ),
            "collaborators": (
                [{"subject": ADMIN, "role": "admin"}],
                [{"subject": ADMIN, "role": "viewer"}],
            ),
        },
        replacing={"name": "other", "cluster": "other"},
        fqn=lambda name: f"{name}-c:{name}",
        elsewhere=("mlRepos",),
        # What may reach the workspace beside it is only said where not everything may.
        fixed=("networkPolicy.ingressFrom", "networkPolicy.egressTo"),
        others=lambda plane, name: (
            {"mlRepos": [{"mlRepo": make_ml_repo(plane, f"{name}-r"), "role": "editor"}]},
        ),
        references={
            "environment": lambda _, __: "dev",
            "collaborators[0].subject": make_user,
            "collaborators[0].role": lambda _, __: "editor",
            "mlRepos[0].mlRepo": lambda plane, name: make_ml_repo(plane, f"{name}-q"),
        },
    ),
    Case(
        name="Application",
        kind="application",
        required=lambda plane, name: {
            "name": name,
            "workspace": make_workspace(plane, name),
            "service": SERVICE,
            "waitFor": "none",
        },
        optional={"service": (BIGGER_SERVICE, {**SERVICE, "replicas": 0})},
        replacing={"name": "other", "workspace": "a-c:other"},
        fqn=lambda name: f"{name}-c:{name}:{name}",
        elsewhere=("job", "waitFor"),
        others=lambda _, __: (
            probed_service(_HTTP, _TCP, _COMMAND),
            probed_service(_TCP, _COMMAND, _HTTP),
            probed_service(_COMMAND, _HTTP, _TCP),
            {"service": None, "job": JOB},
        ),
        fixed=tuple(f"service.{kind}Probe.tcp" for kind in ("liveness", "readiness", "startup")),
    ),
)
