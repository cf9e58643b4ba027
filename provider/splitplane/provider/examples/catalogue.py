"""Every example, by what it is for; `python -m splitplane.provider.schema` prints them.

Each is a whole program with the neighbours that its subject needs, and runs as it stands.
"""

from __future__ import annotations

from typing import Final

from splitplane.provider.examples.model import Example, Ref, Resource, Setting

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
        title="A service with a readiness probe and a reference to a secret",
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
                    "service": {
                        "image": "registry.example.com/ranker:1.4.2",
                        "replicas": 2,
                        "ports": [{"port": 8080}],
                        "env": {"DATABASE_PASSWORD": "secret://ranker/password"},
                        "resources": {"cpuLimitMillicores": 1000, "memoryLimitMib": 1024},
                        "readinessProbe": {"httpPath": "/healthz"},
                    },
                },
            ),
        ),
        outputs={"application": Ref("ranker", "fqn")},
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
                    "delivery": "direct",
                },
            ),
        ),
        outputs={"scope": Ref("edge", "scope")},
    ),
}
"""Last part of the token → its example. Every resource, function and component has one."""
