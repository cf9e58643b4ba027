"""Every example, by what it is for; `python -m splitplane.provider.schema` prints them.

Each is a whole program with the neighbours that its subject needs, and runs as it stands.
"""

from __future__ import annotations

from typing import Final

from splitplane.provider.examples.model import (
    Call,
    Example,
    Method,
    Ref,
    Resource,
    Setting,
    Value,
)

_DEV: Final = Resource("Environment", "dev", {"name": "dev-eu"})
_PROD: Final = Resource(
    "Environment",
    "prod",
    {"name": "prod-eu", "isProduction": True, "optimizeFor": "availability", "color": "#c0392b"},
)
_CLUSTER: Final = Resource(
    "Cluster",
    "eu",
    {
        "name": "eu-central",
        "providerKind": "eks",
        "region": "eu-central-1",
        "environments": [Ref("prod", "name")],
    },
)
_BUCKET: Final = Resource(
    "StorageIntegration",
    "bucket",
    {
        "name": "ml-bucket",
        "s3": {
            "bucket": "acme-ml-artifacts",
            "region": "eu-central-1",
            "roleArn": "arn:aws:iam::123456789012:role/splitplane-storage",
        },
    },
)
_REPO: Final = Resource(
    "MlRepo",
    "fraud",
    {"name": "fraud", "storageIntegration": Ref("bucket", "name")},
)
_WORKSPACE: Final = Resource(
    "Workspace",
    "team",
    {"name": "team1", "cluster": Ref("eu", "name"), "environment": Ref("prod", "name")},
)
_STORE: Final = Resource(
    "SecretStore",
    "vault",
    {
        "name": "company-vault",
        "vault": {"address": "https://vault.example.com", "role": "splitplane"},
    },
)
_GROUP: Final = Resource(
    "SecretGroup",
    "database",
    {
        "name": "database",
        "secretStore": Ref("vault", "name"),
        "secrets": {"password": {"path": "ml/database", "field": "password"}},
    },
)
_TEAM: Final = Resource(
    "Team",
    "scientists",
    {"name": "scientists", "displayName": "Data science"},
)
_ROBOT: Final = Resource(
    "ServiceAccount",
    "pipeline",
    {"name": "pipeline", "displayName": "Deploys from the main branch"},
)
_SERVICE: Final[dict[str, Value]] = {
    "image": "registry.example.com/ranker:1.4.2",
    "replicas": 2,
    "ports": [{"port": 8080}],
    "env": {"LOG_LEVEL": "info"},
    "resources": {"cpuLimitMillicores": 1000, "memoryLimitMib": 1024},
    "readinessProbe": {"httpPath": "/healthz"},
}

EXAMPLES: Final[dict[str, Example]] = {
    "Environment": Example(
        title="One environment for trying things out and one for production",
        steps=(_DEV, _PROD),
        outputs={"production": Ref("prod", "fqn")},
    ),
    "Cluster": Example(
        title="A cluster that the agent of an EKS cluster will connect to",
        steps=(
            _PROD,
            Resource(
                "Cluster",
                "eu",
                {
                    **_CLUSTER.inputs,
                    "deniedNamespaces": ["monitoring"],
                    "labels": {"cost-center": "ml"},
                },
            ),
        ),
        outputs={"cluster": Ref("eu", "fqn"), "joinToken": Ref("eu", "joinToken")},
    ),
    "Workspace": Example(
        title="A workspace whose workloads may write to an ML repo",
        steps=(
            _PROD,
            _CLUSTER,
            _BUCKET,
            _REPO,
            Resource(
                "Workspace",
                "team",
                {
                    **_WORKSPACE.inputs,
                    "labels": {"cost-center": "ml"},
                    "mlRepos": [{"mlRepo": Ref("fraud", "name"), "role": "editor"}],
                    "quota": {"cpuMillicores": 64_000, "memoryMib": 262_144, "gpuCount": 4},
                    "networkPolicy": {
                        "ingressFrom": "workspace",
                        "ingressNamespaces": ["istio-system"],
                    },
                },
            ),
        ),
        outputs={"workspace": Ref("team", "fqn")},
    ),
    "StorageIntegration": Example(
        title="A bucket that the control plane signs for by assuming a role",
        steps=(_BUCKET,),
        outputs={"storage": Ref("bucket", "fqn")},
    ),
    "MlRepo": Example(
        title="An ML repo in a bucket",
        steps=(
            _BUCKET,
            Resource(
                "MlRepo",
                "fraud",
                {**_REPO.inputs, "description": "Models that score card payments"},
            ),
        ),
        outputs={"repository": Ref("fraud", "fqn")},
    ),
    "Application": Example(
        title="A service with a readiness probe, stored without waiting for it",
        steps=(
            _PROD,
            _CLUSTER,
            _WORKSPACE,
            Resource(
                "Application",
                "ranker",
                {
                    "name": "ranker",
                    "workspace": Ref("team", "fqn"),
                    "waitFor": "none",
                    "service": _SERVICE,
                },
            ),
        ),
        outputs={"application": Ref("ranker", "fqn")},
    ),
    "SecretStore": Example(
        title="A HashiCorp Vault that clusters read from by Kubernetes auth",
        steps=(_STORE,),
        outputs={"store": Ref("vault", "fqn")},
    ),
    "SecretGroup": Example(
        title="A key that workloads refer to as `secret://database/password`",
        steps=(_STORE, _GROUP),
        outputs={"group": Ref("database", "fqn")},
    ),
    "ContainerRegistry": Example(
        title="The registry of an AWS account in one region",
        steps=(
            Resource(
                "ContainerRegistry",
                "images",
                {
                    "name": "images",
                    "ecr": {
                        "accountId": "123456789012",
                        "region": "eu-central-1",
                        "prefix": "ml",
                    },
                },
            ),
        ),
        outputs={"registry": Ref("images", "fqn")},
    ),
    "Team": Example(
        title="A team with a service account in it",
        steps=(
            _ROBOT,
            Resource("Team", "scientists", {**_TEAM.inputs, "members": [Ref("pipeline", "fqn")]}),
        ),
        outputs={"team": Ref("scientists", "fqn")},
    ),
    "ServiceAccount": Example(
        title="An account for a pipeline",
        steps=(_ROBOT,),
        outputs={"subject": Ref("pipeline", "fqn")},
    ),
    "Token": Example(
        title="A token for a pipeline, with a new secret whenever the trigger changes",
        steps=(
            _ROBOT,
            Resource(
                "Token",
                "bearer",
                {
                    "name": "ci",
                    "serviceAccount": Ref("pipeline", "name"),
                    "lifetimeDays": 30,
                    "rotationTrigger": "2026-11",
                },
            ),
        ),
        outputs={"token": Ref("bearer", "token"), "expires": Ref("bearer", "expiresAt")},
    ),
    "Role": Example(
        title="A role on workspaces that may deploy and read, but not create",
        steps=(
            Resource(
                "Role",
                "releaser",
                {
                    "name": "releaser",
                    "scope": "workspace",
                    "verbs": ["workspace:read", "application:read", "application:deploy"],
                },
            ),
        ),
        outputs={"role": Ref("releaser", "fqn")},
    ),
    "RoleBinding": Example(
        title="A team that may edit what is in a workspace",
        steps=(
            _PROD,
            _CLUSTER,
            _WORKSPACE,
            _TEAM,
            Resource(
                "RoleBinding",
                "editors",
                {
                    "name": "scientists-edit",
                    "subject": Ref("scientists", "fqn"),
                    "role": "editor",
                    "object": Ref("team", "fqn"),
                },
            ),
        ),
        outputs={"binding": Ref("editors", "fqn")},
    ),
    "getCluster": Example(
        title="Whether a cluster is connected",
        steps=(_PROD, _CLUSTER, Call("getCluster", "found", {"ref": Ref("eu", "fqn")})),
        outputs={"connected": Ref("found", "isConnected"), "status": Ref("found", "status")},
    ),
    "getWorkspace": Example(
        title="The environment of a workspace",
        steps=(
            _PROD,
            _CLUSTER,
            _WORKSPACE,
            Call("getWorkspace", "found", {"ref": Ref("team", "fqn")}),
        ),
        outputs={"environment": Ref("found", "environment")},
    ),
    "getEnvironment": Example(
        title="Whether production rules hold in an environment",
        steps=(_PROD, Call("getEnvironment", "found", {"ref": Ref("prod", "fqn")})),
        outputs={"production": Ref("found", "isProduction")},
    ),
    "getMlRepo": Example(
        title="Where the bytes of an ML repo are",
        steps=(_BUCKET, _REPO, Call("getMlRepo", "found", {"ref": Ref("fraud", "fqn")})),
        outputs={"storage": Ref("found", "storageIntegration")},
    ),
    "getCapabilities": Example(
        title="Who adds nodes to a cluster, and how GPUs are named there",
        steps=(_PROD, _CLUSTER, Call("getCapabilities", "facts", {"cluster": Ref("eu", "fqn")})),
        outputs={"scaling": Ref("facts", "nodeScaling"), "gpu": Ref("facts", "gpuSelectorLabel")},
    ),
    "getAgentManifests": Example(
        title="The objects that install the agent, to commit to a GitOps repository",
        steps=(
            Call(
                "getAgentManifests",
                "agent",
                {"hubUrl": "https://splitplane.example.com", "delivery": "argocd"},
            ),
        ),
        outputs={"objects": Ref("agent", "objects"), "secret": Ref("agent", "joinTokenSecret")},
    ),
    "renderApplication": Example(
        title="The objects that a service would be, for a review",
        steps=(
            _PROD,
            _CLUSTER,
            _WORKSPACE,
            Call(
                "renderApplication",
                "rendered",
                {"name": "ranker", "workspace": Ref("team", "fqn"), "service": _SERVICE},
            ),
        ),
        outputs={"objects": Ref("rendered", "objects")},
    ),
    "AttachedComputePlane": Example(
        title="An existing cluster, with its agent",
        steps=(
            _DEV,
            Resource(
                "AttachedComputePlane",
                "edge",
                {
                    "name": "edge",
                    "kubeconfig": Setting("kubeconfig", is_secret=True),
                    "environments": [Ref("dev", "name")],
                    "hubUrl": "https://splitplane.example.com",
                },
            ),
            Method(
                "AttachedComputePlane",
                "edge",
                "workspaceNamespace",
                "place",
                {"workspace": "team1"},
            ),
        ),
        outputs={"scope": Ref("edge", "scope"), "namespace": Ref("place", "namespace")},
    ),
    "EksComputePlane": Example(
        title="A cluster on EKS, and a workspace on it",
        steps=(
            _DEV,
            Resource(
                "EksComputePlane",
                "eu",
                {
                    "name": "dev-eu",
                    "kubernetesVersion": "1.35",
                    "environments": [Ref("dev", "name")],
                    "hubUrl": "https://splitplane.example.com",
                    "deployerPrincipalArns": ["arn:aws:iam::111122223333:role/ci-deploy"],
                    "publicAccessCidrs": ["198.51.100.0/24"],
                    "tags": {"cost-center": "ml"},
                },
            ),
            Resource(
                "Workspace",
                "team",
                {
                    "name": "team1",
                    "cluster": Ref("eu", "clusterName"),
                    "environment": Ref("dev", "name"),
                },
            ),
        ),
        outputs={"workspace": Ref("team", "fqn"), "kubeconfig": Ref("eu", "userKubeconfig")},
    ),
}
"""Last part of the token → its example. Every resource, function and component has one."""
