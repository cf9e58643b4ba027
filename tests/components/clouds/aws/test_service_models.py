"""No input is one that AWS' model of the API behind it excludes: enums, patterns, lengths."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import pytest
from clouds.answers import CloudAnswers
from recording_monitor import record
from service_models import compare

from splitplane.components import EksComputePlane

Json = dict[str, Any]  # Any: JSON

ACCOUNT: Final = "111122223333"
NAME: Final = "a-name-that-is-as-long-as-it-may-be"
KEY: Final = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f"
LEAST: Final[Json] = {
    "name": NAME,
    "environments": ["prod"],
    "hub_url": "https://hub.example.com",
    "kubernetes_version": "1.35",
    "deployer_principal_arns": [f"arn:aws:iam::{ACCOUNT}:role/deployer"],
    "profile": "prod",
}
PLANES: Final[dict[str, Json]] = {
    "karpenter": {
        **LEAST,
        "secrets_kms_key": "created",
        "network": {"has_flow_logs": True, "secondary_cidr": "100.64.0.0/16"},
        "dns": {"zone_names": ["ml.example.com"]},
        "ingress": {"certificate_domains": ["ml.example.com", "*.ml.example.com"]},
        "platform": {
            "control_plane_principal_arns": ["arn:aws:iam::210987654321:role/splitplane"],
            "external_id": "acme-7f3a",
            "cors_origins": ["https://app.example.com"],
            "registry_prefix": "acme-ml",
            "pull_through": [
                {"registry": "quay"},
                {"registry": "ecr-public"},
                {"registry": "kubernetes"},
                {
                    "registry": "docker-hub",
                    "credential_arn": f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:"
                    "ecr-pullthroughcache/hub-x1Y2z3",
                },
            ],
        },
        "storage": {
            "kms_key_arn": KEY,
            "has_s3_files": True,
            "efs_throughput_mode": "provisioned",
            "efs_provisioned_mibps": 64,
            "shares": [{"name": "data"}, {"name": "base", "path": "/a/b/c/d", "user_id": 1}],
        },
    },
    "auto-mode": {**LEAST, "compute_mode": "auto_mode"},
    "node-groups": {
        **LEAST,
        "workload_identity": "irsa",
        "compute_mode": "node_groups",
        "node_groups": [{"name": "cpu", "instance_types": ["m7i.large"], "max_nodes": 4}],
    },
}
MACHINES: Final = ("m7i.large", "m6i.large", "m5.large")
ZONES: Final = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
OFFERINGS: Final[Json] = {
    "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": {
        "instanceTypes": [machine for machine in MACHINES for _ in ZONES],
        "locations": [zone for _ in MACHINES for zone in ZONES],
        "locationTypes": ["availability-zone" for _ in MACHINES for _ in ZONES],
    }
}
COMPARED: Final = {
    "karpenter": {
        "AccessEntry",
        "AccessPoint",
        "Addon",
        "BucketPublicAccessBlock",
        "Certificate",
        "Cluster",
        "FileSystem",
        "FilesFileSystem",
        "FilesMountTarget",
        "MountTarget",
        "PodIdentityAssociation",
        "PullThroughCacheRule",
        "RepositoryCreationTemplate",
        "Role",
        "RolePolicy",
        "Zone",
    },
    "auto-mode": {"Cluster", "Role", "RolePolicyAttachment"},
    "node-groups": {"NodeGroup", "LaunchTemplate", "OpenIdConnectProvider"},
}
"""Plane → types of which at least one value was compared."""


@pytest.mark.parametrize("name", PLANES)
def test_no_input_is_outside_of_what_its_api_takes(name: str) -> None:
    args: Any = PLANES[name]  # Any: programs may pass anything
    recording = record(
        lambda: EksComputePlane(args["name"], args), answers=CloudAnswers(dict(OFFERINGS))
    )

    compared: Counter[str] = Counter()
    problems: set[str] = set()
    for item in recording.resources:
        if item.type.startswith("aws:"):
            found = compare(item.type, item.inputs)
            compared[item.type.rpartition(":")[2]] += found.values
            problems |= {*found.problems}

    assert problems == set()
    assert {kind for kind, count in compared.items() if count} >= COMPARED[name]


@pytest.mark.parametrize(
    ("kind", "inputs", "problem"),
    [
        (
            "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate",
            {"appliedFors": ["PUSH"]},
            "CreateRepositoryCreationTemplate .appliedFors[0] 'PUSH' is none of REPLICATION, "
            "PULL_THROUGH_CACHE, CREATE_ON_PUSH",
        ),
        (
            "aws:iam/role:Role",
            {"name": "r" * 65},
            f"CreateRole .name '{'r' * 65}' has 65 characters",
        ),
        (
            "aws:iam/role:Role",
            {"maxSessionDuration": 60},
            "CreateRole .maxSessionDuration 60 is out of range",
        ),
        (
            "aws:efs/accessPoint:AccessPoint",
            {"rootDirectory": {"path": "/.a"}},
            "CreateAccessPoint .rootDirectory.path '/.a' does not match "
            "^(\\/|(\\/(?!\\.)+[^$#<>;`|&?{}^*/\\n]+){1,4})$",
        ),
        (
            "aws:efs/fileSystem:FileSystem",
            {"tags": {"k" * 129: "v"}},
            f"CreateFileSystem .tags[0].key '{'k' * 129}' has 129 characters",
        ),
    ],
)
def test_what_an_api_does_not_take_is_seen(kind: str, inputs: Json, problem: str) -> None:
    assert problem in compare(kind, inputs).problems
