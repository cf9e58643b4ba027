"""What a program asks of its cluster in vain is said before any cloud resource is registered."""

from __future__ import annotations

from typing import Any

import pytest
from aws_refusal import ACCOUNT, LEAST, Json, assert_refused, assert_refused_here, offerings
from clouds.answers import CloudAnswers
from recording_monitor import record

from splitplane.components import EksComputePlane

NODES = f"arn:aws:iam::{ACCOUNT}:role/prod-eu-system-nodes-eu-west-1"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1b2c"


def _running(version: str) -> Json:
    return {
        "aws:eks/getClusters:getClusters": {"id": "eu-west-1", "names": ["prod-eu"]},
        "aws:eks/getCluster:getCluster": {"id": "prod-eu", "name": "prod-eu", "version": version},
    }


WITHOUT_AWS: dict[str, tuple[Json, str]] = {
    "open to everyone": (
        {"public_access_cidrs": ["0.0.0.0/0"]},
        (
            "public_access_cidrs[0] '0.0.0.0/0' opens the API server to everyone: name your "
            "own ranges, or set allows_public_access_from_anywhere"
        ),
    ),
    "no version": (
        {"kubernetes_version": None},
        (
            "kubernetes_version is missing: left out, it would mean another one with each "
            "cluster; write one of '1.33', '1.34', '1.35'"
        ),
    ),
    "unknown version": (
        {"kubernetes_version": "1.99"},
        ("kubernetes_version '1.99' is not supported: use one of '1.33', '1.34', '1.35'"),
    ),
    "ended version": (
        {"kubernetes_version": "1.20"},
        ("kubernetes_version '1.20' is not supported: use one of '1.33', '1.34', '1.35'"),
    ),
    "latest version": (
        {"kubernetes_version": "latest"},
        ("kubernetes_version 'latest' is no minor version: write one of '1.33', '1.34', '1.35'"),
    ),
    "patch version": (
        {"kubernetes_version": "1.35.1"},
        (
            "kubernetes_version '1.35.1' is no minor version: write one of '1.33', '1.34', "
            "'1.35'; EKS chooses the patch itself"
        ),
    ),
    "no deployer": (
        {"deployer_principal_arns": []},
        (
            "deployer_principal_arns is empty: nobody could reach the cluster; name the roles "
            "that deploy"
        ),
    ),
    "long name": (
        {"name": "x" * 101},
        (
            "name: cluster name "
            f"'{'x' * 101}' "
            "is not allowed: use 2 to 35 lower-case letters, digits and hyphens, starting with "
            "a letter and not ending with a hyphen"
        ),
    ),
    "long bucket": (
        {"platform": {"bucket_prefix": "x" * 38}},
        (
            "platform.bucket_prefix 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' is not allowed: "
            "use 1 to 37 lower-case letters, digits, hyphens and single dots, starting with a "
            "letter or digit"
        ),
    ),
    "no external id": (
        {"platform": {"control_plane_principal_arns": ["arn:aws:iam::210987654321:role/x"]}},
        (
            "platform.external_id is missing: it keeps others from using the control plane to "
            "reach this account; write the one that the control plane shows for the tenant"
        ),
    ),
    "own groups in Auto Mode": (
        {"compute_mode": "auto_mode", "network": {"security_group_profile": "restricted"}},
        (
            "network.security_group_profile 'restricted' is not allowed with compute_mode "
            "'auto_mode', whose nodes have the cluster's security group: leave it out"
        ),
    ),
    "reserved tag": (
        {"tags": {"kubernetes.io/cluster/x": "owned"}},
        (
            "tags 'kubernetes.io/cluster/x' is reserved: use a key that is not "
            "splitplane.io/cluster and does not start with aws:, karpenter., kubernetes.io, "
            "eks:, csivolumename, csivolumesnapshotname, ebs.csi.aws.com/"
        ),
    ),
    "scaling pods more often than the tier allows": (
        {"control_plane": {"pod_autoscaler_sync_seconds": 10}},
        (
            "control_plane.pod_autoscaler_sync_seconds 10 needs another control_plane_tier than "
            "standard: use one of tier-xl, tier-2xl, tier-4xl, tier-8xl, or leave it out"
        ),
    ),
    "unknown tier": (
        {"control_plane_tier": "tier-3xl"},
        (
            "control_plane_tier 'tier-3xl' is not known: use one of standard, tier-xl, "
            "tier-2xl, tier-4xl, tier-8xl"
        ),
    ),
    "days of logs": (
        {"log_retention_days": 31},
        (
            "log_retention_days 31 is not allowed: CloudWatch takes 1, 3, 5, 7, 14, 30, 60, "
            "90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653"
        ),
    ),
    "unknown field": (
        {"nework": {}},
        ("nework is unknown: did you mean network"),
    ),
    "unknown mode": (
        {"compute_mode": "fargate"},
        ("compute_mode 'fargate': input should be 'karpenter', 'auto_mode' or 'node_groups'"),
    ),
    "cluster made and adopted": (
        {"cluster_name": "old", "deployer_principal_arns": []},
        (
            "kubernetes_version '1.35' has no meaning with cluster_name, whose cluster and "
            "nodes are made elsewhere: leave it out"
        ),
    ),
}
"""Known to be wrong by the arguments alone."""
WITH_AWS: dict[str, tuple[tuple[Json, Json], str]] = {
    "older version": (
        ({"kubernetes_version": "1.34"}, _running("1.35")),
        (
            "kubernetes_version '1.34' is older than the cluster's '1.35': a run goes up alone, "
            "since EKS takes nodes back before their cluster; write '1.35', or first go back by "
            "one minor with aws eks, which it allows for 7 days"
        ),
    ),
    "two minors": (
        ({}, _running("1.33")),
        (
            "kubernetes_version '1.35' is 2 minors after the cluster's '1.33': EKS upgrades "
            "one minor at a time; go to '1.34' and then '1.35', each with its nodes"
        ),
    ),
    "key of another region": (
        ({"secrets_kms_key": KEY}, {}),
        (
            "secrets_kms_key 'arn:aws:kms:us-east-1:111122223333:key/1b2c' lies in 'us-east-1' "
            "(aws), the cluster in 'eu-west-1' (aws): name one of the cluster's region"
        ),
    ),
    "entry that EKS makes": (
        ({"access_entries": [{"principal_arn": NODES}]}, {}),
        (
            "access_entries[0]: principal_arn "
            "'arn:aws:iam::111122223333:role/prod-eu-system-nodes-eu-west-1' is the role of "
            "managed nodes, whose entry EKS makes itself: leave this one out"
        ),
    ),
    "groups of nodes": (
        (
            {
                "access_entries": [
                    {
                        "principal_arn": f"arn:aws:iam::{ACCOUNT}:role/x",
                        "type": "EC2_LINUX",
                        "kubernetes_groups": ["a"],
                    }
                ]
            },
            {},
        ),
        (
            "access_entries[0]: kubernetes_groups ['a'] are not allowed with type EC2_LINUX: "
            "EKS gives nodes theirs"
        ),
    ),
    "groups of Kubernetes": (
        (
            {
                "access_entries": [
                    {
                        "principal_arn": f"arn:aws:iam::{ACCOUNT}:role/x",
                        "kubernetes_groups": ["system:masters"],
                    }
                ]
            },
            {},
        ),
        (
            "access_entries[0]: kubernetes_groups 'system:masters' is not allowed: EKS takes "
            "none that is empty or starts with system:, eks:, aws:, amazon:, iam:; bind a "
            "group of your own with RBAC, or use policy_arns"
        ),
    ),
}
"""Known to be wrong by what the account and the region have."""


@pytest.mark.parametrize(("args", "message"), WITHOUT_AWS.values(), ids=WITHOUT_AWS)
def test_what_is_wrong_by_itself_is_said_before_anything_is_registered(
    args: Json, message: str
) -> None:
    assert_refused(args, message)


@pytest.mark.parametrize(("case", "message"), WITH_AWS.values(), ids=WITH_AWS)
def test_what_does_not_fit_the_account_is_said_before_any_resource_of_a_cloud(
    case: tuple[Json, Json], message: str
) -> None:
    assert_refused_here(*case, message)


@pytest.mark.parametrize("is_preview", [False, True], ids=["update", "preview"])
def test_what_fits_is_made(is_preview: bool) -> None:
    args: Any = LEAST  # Any: programs may pass anything

    found = record(
        lambda: EksComputePlane("eu", args),
        is_preview=is_preview,
        answers=CloudAnswers(offerings()),
    )

    assert "aws:eks/cluster:Cluster" in {item.type for item in found.resources}
