"""Each example configuration as it is committed: what it registers, name by name."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from clouds.sdk_types import kind_of
from clouds.snapshot import assert_snapshot, snapshot
from eks_account import EXAMPLES, read_example, record_example
from recording_monitor import Recording, Registered

SNAPSHOTS = Path(__file__).parent / "snapshots"
PLANE = "splitplane:index:EksComputePlane"
# Beside the plane: what the program registers for people, and its bucket.
BESIDE = {
    "splitplane:index:Environment",
    "splitplane:index:MlRepo",
    "splitplane:index:StorageIntegration",
    "splitplane:index:Workspace",
}
UNTAGGED = {
    # Tags would need a role that ECR assumes.
    "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate",
}
LIMITS = {
    "aws:cloudwatch/eventRule:EventRule": ("name", 64),
    "aws:cloudwatch/logGroup:LogGroup": ("name", 512),
    "aws:ec2/launchTemplate:LaunchTemplate": ("name", 128),
    "aws:ec2/securityGroup:SecurityGroup": ("name", 255),
    "aws:eks/cluster:Cluster": ("name", 100),
    "aws:eks/nodeGroup:NodeGroup": ("nodeGroupName", 63),
    "aws:iam/role:Role": ("name", 64),
    "aws:iam/rolePolicy:RolePolicy": ("name", 128),
    "aws:kms/alias:Alias": ("name", 256),
    "aws:s3/bucket:Bucket": ("bucket", 63),
    "aws:sqs/queue:Queue": ("name", 80),
}
"""Type → its input with a name, and the characters that AWS allows."""
LONGEST_NAME = "production-of-the-fraud-team-europe"
PROTECTED = (
    "aws:ec2/vpc:Vpc",
    "aws:efs/fileSystem:FileSystem",
    "aws:eks/cluster:Cluster",
    "aws:kms/key:Key",
    "aws:s3/bucket:Bucket",
)


@cache
def _recorded(name: str, *, is_preview: bool = True) -> Recording:
    return record_example(name, is_preview=is_preview)


def _name_of(item: Registered) -> Any:  # Any: an input
    field = LIMITS[item.type][0]
    return item.inputs.get(field) or item.inputs.get(f"{field}Prefix") or ""


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_preview_of_the_example_is_as_committed(name: str) -> None:
    assert_snapshot(SNAPSHOTS / f"{name}.json", snapshot(_recorded(name)))


def test_the_production_example_has_at_most_120_resources() -> None:
    counts = Counter(item.type for item in _recorded("production").resources)

    listed = "\n".join(f"{count:3} {token}" for token, count in sorted(counts.items()))
    # One more is the stack itself.
    assert sum(counts.values()) + 1 <= 120, listed


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_resource_of_a_cloud_is_below_the_plane(name: str) -> None:
    recording = _recorded(name)

    plane = recording.one(PLANE)
    parents = {item.urn: item.parent_urn for item in recording.resources}
    outside = set()
    for item in recording.resources:
        above = item.urn
        while above != plane.urn and above in parents:
            above = parents[above]
        if above != plane.urn:
            outside.add(item.type)
    assert outside <= BESIDE


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_resource_that_takes_tags_says_whose_it_is(name: str) -> None:
    plane = read_example(name).args["compute_plane"]
    wanted = {
        "splitplane.io/cluster": plane.get("cluster_name", plane["name"]),
        **plane.get("tags", {}),
    }

    untagged = []
    for item in _recorded(name).resources:
        kind = kind_of(item.type) if item.type.startswith("aws:") else None
        if kind is None or "tags" not in kind.inputs or item.type in UNTAGGED:
            continue
        if not wanted.items() <= item.inputs.get("tags", {}).items():
            untagged.append(f"{item.type} {item.name}")

    assert untagged == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_names_are_as_long_as_the_clouds_allow(name: str) -> None:
    wrong = [
        f"{item.type} {item.name}: {_name_of(item)!r}"
        for item in _recorded(name).resources
        if item.type in LIMITS and len(_name_of(item)) > LIMITS[item.type][1]
    ]

    assert wrong == []


def test_the_longest_name_gives_names_as_long_as_the_clouds_allow() -> None:
    recording = record_example("production", is_preview=True, name=LONGEST_NAME)

    found = [item for item in recording.resources if item.type in LIMITS]
    assert {item.type for item in found} == set(LIMITS) - {"aws:kms/alias:Alias"}
    for item in found:
        assert len(_name_of(item)) <= LIMITS[item.type][1], item
    roles = [_name_of(item) for item in found if item.type == "aws:iam/role:Role"]
    assert len(set(roles)) == len(roles)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_preview_and_an_update_register_the_same(name: str) -> None:
    preview, update = _recorded(name), _recorded(name, is_preview=False)

    assert [item.urn for item in sorted(preview.resources, key=lambda item: item.urn)] == [
        item.urn for item in sorted(update.resources, key=lambda item: item.urn)
    ]


@pytest.mark.parametrize("name", EXAMPLES)
def test_only_production_is_protected_and_all_of_it_that_cannot_be_made_again(name: str) -> None:
    is_production = read_example(name).args["compute_plane"].get("profile") == "prod"
    resources = _recorded(name).resources

    holding = {item.urn for item in resources if item.type in PROTECTED}
    protected = {item.urn for item in resources if item.protect}
    assert protected == (holding if is_production else set())
    assert len(holding) == HOLDING[name]


HOLDING = {
    "dev": 4,
    "existing-cluster": 0,
    "existing-vpc": 3,
    "gpu": 4,
    "private": 5,
    "production": 4,
}
"""Example → its VPCs, clusters, file systems, buckets and keys."""
