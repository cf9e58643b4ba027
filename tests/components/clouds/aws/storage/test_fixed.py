"""Shares and the bucket as files reach every zone, and their volumes wait for what mounts them."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pulumi_aws as aws
import pytest
from aws_plane import Parent, make_plane, settings_of
from clouds.answers import CloudAnswers
from clouds.graph import assert_after, recorded_graph
from recording_monitor import Recording, Registered, record

from splitplane.components.clouds.aws.platform.resources import declare_platform
from splitplane.components.clouds.aws.storage.fixed import FixedVolumes, declare_fixed_volumes
from splitplane.components.clouds.aws.storage.shared import declare_shared_storage

POINT = "aws:efs/accessPoint:AccessPoint"
FILES = "aws:s3/filesFileSystem:FilesFileSystem"
TARGET = "aws:s3/filesMountTarget:FilesMountTarget"
EFS_TARGET = "aws:efs/mountTarget:MountTarget"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
VOLUME = "kubernetes:core/v1:PersistentVolume"
ROLE = "aws:iam/role:Role"
BOUNDARY = "arn:aws:iam::111122223333:policy/boundary"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/0a1b"
SHARES = [
    {"name": "data", "namespaces": ["team-a", "team-b"]},
    {"name": "base", "path": "/models/base", "user_id": 7, "group_id": 8, "permissions": "0755"},
]


def _run(*, is_preview: bool = False, **args: Any) -> tuple[Recording, FixedVolumes]:
    made: list[FixedVolumes] = []

    def program() -> None:
        whole = Parent()
        plane = make_plane(settings_of(**args))
        shared = declare_shared_storage(whole, plane)
        driver = aws.eks.Addon("driver", addon_name="d", cluster_name="prod-eu")
        platform = declare_platform(whole, plane)
        made.append(declare_fixed_volumes(whole, plane, shared, platform, depends_on=[driver]))

    answers = None if is_preview else CloudAnswers()
    recording = record(program, is_preview=is_preview, answers=answers)
    return recording, made[0]


@cache
def _shared() -> Recording:
    return _run(profile="prod", storage={"shares": SHARES})[0]


@cache
def _bucket() -> Recording:
    """The bucket with a key, without shared storage, for an agent bound to two namespaces."""
    return _run(
        storage={"has_s3_files": True, "has_shared_storage": False, "kms_key_arn": KEY},
        allowed_namespaces=["team-a", "team-b"],
        permissions_boundary_arn=BOUNDARY,
    )[0]


def _bucket_name(recording: Recording) -> str:
    (versioning,) = _of(recording, "aws:s3/bucketVersioning:BucketVersioning")
    return str(versioning.inputs["bucket"])


def _of(recording: Recording, type_: str) -> list[Registered]:
    return [item for item in recording.resources if item.type == type_]


def test_nothing_is_made_by_default() -> None:
    recording, made = _run()

    assert _of(recording, POINT) == _of(recording, FILES) == _of(recording, VOLUME) == []
    assert made == FixedVolumes({}, None, ())


def test_each_share_has_an_access_point_with_its_own_user_and_directory() -> None:
    data, base = _of(_shared(), POINT)
    assert data.inputs["posixUser"] == {"uid": 1000, "gid": 1000}
    assert data.inputs["rootDirectory"] == {
        "path": "/shares/data",
        "creationInfo": {"ownerUid": 1000, "ownerGid": 1000, "permissions": "0770"},
    }
    assert data.inputs["tags"] == {"splitplane.io/cluster": "prod-eu", "Name": "prod-eu-data"}
    assert base.inputs["posixUser"] == {"uid": 7, "gid": 8}
    assert base.inputs["rootDirectory"] == {
        "path": "/models/base",
        "creationInfo": {"ownerUid": 7, "ownerGid": 8, "permissions": "0755"},
    }
    # The file system holds the files, and is protected.
    assert not data.protect


def test_each_namespace_of_a_share_has_a_volume_that_goes_with_the_cluster() -> None:
    volumes = _of(_shared(), VOLUME)

    assert [item.inputs["spec"]["claimRef"] for item in volumes] == [
        {"namespace": "team-a", "name": "data"},
        {"namespace": "team-b", "name": "data"},
    ]
    (handle,) = {item.inputs["spec"]["csi"]["volumeHandle"] for item in volumes}
    assert re.fullmatch("fs-[0-9a-f]{17}::fsap-[0-9a-f]{17}", handle)
    for item in volumes:
        assert item.deleted_with.endswith("aws:eks/cluster:Cluster::cluster")
        assert item.replace_on_changes == ("spec.csi",)
        assert item.delete_before_replace


@pytest.mark.parametrize("is_preview", [False, True])
def test_volumes_of_shares_wait_for_driver_and_mount_targets(is_preview: bool) -> None:
    graph = recorded_graph(
        _run(is_preview=True, storage={"shares": SHARES})[0] if is_preview else _shared()
    )

    for namespace in ("team-a", "team-b"):
        volume = f"prod-eu-data.{namespace}"
        assert_after(graph, volume, "driver")
        for target in graph.all(EFS_TARGET):
            assert_after(graph, volume, target)


def test_order_of_shares_means_nothing() -> None:
    other, made = _run(profile="prod", storage={"shares": SHARES[::-1]})

    assert {item.urn for item in other.resources} == {item.urn for item in _shared().resources}
    assert made.shares.keys() == {"data", "base"}


def test_the_bucket_is_reached_in_every_zone_by_nodes_alone() -> None:
    recording = _bucket()

    (files,) = _of(recording, FILES)
    assert files.inputs == {
        "acceptBucketWarning": True,
        "bucket": f"arn:aws:s3:::{_bucket_name(recording)}",
        "kmsKeyId": KEY,
        "roleArn": "arn:aws:iam::111122223333:role/prod-eu-bucket-files-eu-west-1",
        "tags": {"splitplane.io/cluster": "prod-eu", "Name": "prod-eu-bucket"},
    }
    targets = _of(recording, TARGET)
    assert [item.inputs["subnetId"] for item in targets] == ["subnet-a", "subnet-b", "subnet-c"]
    (rule,) = (item for item in _of(recording, RULE) if "bucket-files" in item.urn)
    assert (rule.inputs["fromPort"], rule.inputs["toPort"]) == (2049, 2049)
    assert rule.inputs["referencedSecurityGroupId"] == "sg-cluster"
    groups = {one for item in targets for one in item.inputs["securityGroups"]}
    assert groups == {rule.inputs["securityGroupId"]}


def test_the_file_system_waits_for_versions_of_the_bucket_and_for_its_role() -> None:
    graph = recorded_graph(_bucket())

    assert_after(graph, FILES, "aws:s3/bucketVersioning:BucketVersioning")
    assert_after(graph, FILES, "aws:s3/bucketPolicy:BucketPolicy")
    assert_after(graph, FILES, "aws:iam/rolePolicy:RolePolicy::prod-eu-bucket-files")
    assert_after(graph, FILES, f"{ROLE}::prod-eu-bucket-files")


def test_its_role_has_a_boundary_and_reaches_that_bucket() -> None:
    recording = _bucket()

    (role,) = _of(recording, ROLE)
    assert role.inputs["permissionsBoundary"] == BOUNDARY
    assert role.inputs["tags"] == {"splitplane.io/cluster": "prod-eu"}
    (policy,) = _of(recording, "aws:iam/rolePolicy:RolePolicy")
    statements = {item["Sid"]: item for item in json.loads(policy.inputs["policy"])["Statement"]}
    assert statements["Objects"]["Resource"] == [f"arn:aws:s3:::{_bucket_name(recording)}/*"]


def test_namespaces_of_the_agent_get_the_bucket() -> None:
    recording = _bucket()

    id = _of(recording, TARGET)[0].inputs["fileSystemId"]
    assert [
        (item.inputs["spec"]["claimRef"], item.inputs["spec"]["csi"]["volumeHandle"])
        for item in _of(recording, VOLUME)
    ] == [
        ({"namespace": "team-a", "name": "bucket"}, f"s3files:{id}"),
        ({"namespace": "team-b", "name": "bucket"}, f"s3files:{id}"),
    ]
    graph = recorded_graph(recording)
    for target in graph.all(TARGET):
        assert_after(graph, "prod-eu-bucket.team-a", target)
    assert_after(graph, "prod-eu-bucket.team-a", "driver")


@pytest.mark.parametrize(
    "args",
    [
        pytest.param({}, id="agent-bound-to-no-namespace"),
        pytest.param(
            {
                "allowed_namespaces": ["team-a"],
                "addons": {"storage-classes": {"mode": "external"}},
            },
            id="others-keep-storage",
        ),
    ],
)
def test_without_namespaces_or_where_others_keep_storage_there_is_the_handle_alone(
    args: dict[str, Any],
) -> None:
    recording, made = _run(storage={"has_s3_files": True}, **args)

    assert _of(recording, VOLUME) == []
    assert made.bucket is not None
