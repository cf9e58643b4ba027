"""Every resource with values for every property: what the conformance tests go through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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
    """

    name: str
    kind: str
    required: Callable[[ControlPlane, str], Properties]
    optional: dict[str, tuple[object, object]]
    replacing: dict[str, object]
    fqn: Callable[[str], str]
    elsewhere: tuple[str, ...] = ()

    @property
    def token(self) -> str:
        """Its type token."""
        return PACKAGE + self.name


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


def make_ml_repo(plane: ControlPlane, name: str) -> str:
    """The name of a new ML repo on a storage integration of its own."""
    storage = make_storage(plane, f"{name}-s")
    plane.client.create({"type": "ml-repo", "name": name, "storage_integration": storage})
    return name


ADMIN = "user:admin@splitplane.local"
SERVICE = {"image": "registry.example.com/a:1"}
BIGGER_SERVICE = {
    "image": "registry.example.com/a:2",
    "command": ["run"],
    "args": ["-v"],
    "env": {"A_B": "1", "TOKEN": "secret://group/key"},
    "labels": {"team": "ml", "example.com/part": "x"},
    "replicas": 2,
    "ports": [{"port": 80, "name": "web", "protocol": "grpc"}],
    "resources": {
        "cpuRequestMillicores": 100,
        "cpuLimitMillicores": 300,
        "memoryRequestMib": 128,
        "memoryLimitMib": 256,
        "ephemeralStorageRequestMib": 100,
        "ephemeralStorageLimitMib": 200,
        "gpuCount": 1,
        "gpuType": "NVIDIA-L4",
    },
    "livenessProbe": {"httpPath": "/live", "periodSeconds": 5},
    "readinessProbe": {"tcp": True, "port": 80, "timeoutSeconds": 2},
    "startupProbe": {"command": ["true"], "failureThreshold": 9, "initialDelaySeconds": 1},
    "progressDeadlineSeconds": 300,
}

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
                    "roleArn": "arn:aws:iam::123456789012:role/r",
                    "externalId": "abc",
                },
            ),
        },
        replacing={"name": "other", "s3": {"bucket": "bucket-b", "prefix": "a/b"}},
        fqn=lambda name: f"storage-integration:{name}",
        elsewhere=("local",),
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
            "collaborators": (
                [{"subject": ADMIN, "role": "admin"}],
                [{"subject": ADMIN, "role": "viewer"}],
            ),
        },
        replacing={"name": "other", "cluster": "other"},
        fqn=lambda name: f"{name}-c:{name}",
        elsewhere=("mlRepos",),
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
    ),
)
