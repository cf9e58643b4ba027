"""Every resource with values for every property: what the conformance tests go through."""

from __future__ import annotations

from access_kinds import ACCESS_CASES
from kind_case import (
    ADMIN,
    NOTHING,
    ROLE_ARN,
    UUID,
    Case,
    make_cluster,
    make_environment,
    make_ml_repo,
    make_storage,
    make_user,
    make_workspace,
)

from splitplane.provider.codec import Properties

__all__ = ["CASES", "JOB", "NOTHING", "SERVICE", "Case", "make_ml_repo", "make_workspace"]

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
ON_CHIPS: Properties = {"image": "registry.example.com/a:1", "resources": {"neuronCount": 1}}
"""Of AWS, which no node has beside GPUs."""
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
                    "clientId": UUID,
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
                    "neuronCount": 1,
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
            {"service": ON_CHIPS},
            {"service": None, "job": ON_CHIPS},
        ),
        fixed=tuple(f"service.{kind}Probe.tcp" for kind in ("liveness", "readiness", "startup")),
    ),
    *ACCESS_CASES,
)
