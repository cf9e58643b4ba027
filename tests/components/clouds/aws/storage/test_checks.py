"""Shares, the bucket as files and the rights of the driver of disks are refused where they fail."""

from __future__ import annotations

from typing import Any

import pytest
from aws_plane import settings_of

from splitplane.components.clouds.aws.cluster.versions import MINORS
from splitplane.components.clouds.aws.storage.checks import check_storage

DATA: dict[str, Any] = {"name": "data"}
EBS = "aws-ebs-csi-driver"
EFS = "aws-efs-csi-driver"
SCOPED = {"has_cluster_scoped_disk_rights": True}


def _problems(**args: Any) -> list[str]:
    return check_storage(settings_of(**args))


def _share(**changes: Any) -> list[str]:
    return _problems(storage={"shares": [DATA | changes]})


@pytest.mark.parametrize(
    "args",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"storage": {"shares": [DATA]}}, id="share"),
        pytest.param(
            {
                "storage": {
                    "shares": [
                        {
                            "name": "x" * 40,
                            "path": "/a/b/c/d",
                            "user_id": 1,
                            "group_id": 4_294_967_295,
                            "permissions": "2775",
                            "namespaces": ["team-a", "team-b"],
                        }
                    ]
                }
            },
            id="share-of-limits",
        ),
        pytest.param({"storage": {"has_s3_files": True}}, id="bucket"),
        pytest.param(
            {"storage": {"has_s3_files": True, "has_shared_storage": False}}, id="bucket-alone"
        ),
        pytest.param(
            {"storage": {"has_s3_files": True}, "compute_mode": "auto_mode"}, id="bucket-auto"
        ),
        pytest.param(
            {"storage": {"has_s3_files": True}, "workload_identity": "irsa"}, id="bucket-irsa"
        ),
        pytest.param({"storage": SCOPED}, id="disks"),
        pytest.param(
            {
                "storage": SCOPED,
                "addons": {EBS: {"values": {"controller": {"k8sTagClusterId": "prod-eu"}}}},
            },
            id="disks-of-the-same-name",
        ),
    ],
)
def test_what_is_allowed_passes(args: dict[str, Any]) -> None:
    assert _problems(**args) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "Data"}, "storage.shares[0].name 'Data' is not allowed: use 1 to 40 lower-case"),
        ({"name": "x" * 41}, f"storage.shares[0].name '{'x' * 41}' is not allowed: use 1 to 40"),
        ({"name": "-a"}, "storage.shares[0].name '-a' is not allowed"),
        ({"path": "shares/data"}, "storage.shares[0].path 'shares/data' is not allowed: write / "),
        ({"path": "/"}, "storage.shares[0].path '/' is not allowed"),
        ({"path": "/a/../b"}, "storage.shares[0].path '/a/../b' is not allowed"),
        ({"path": "/a/.cache"}, "storage.shares[0].path '/a/.cache' is not allowed"),
        ({"path": "/a//b"}, "storage.shares[0].path '/a//b' is not allowed"),
        ({"path": "/a/"}, "storage.shares[0].path '/a/' is not allowed"),
        ({"path": "/a/b/c/d/e"}, "storage.shares[0].path '/a/b/c/d/e' is not allowed: write / and"),
        ({"path": "/" + "a" * 100}, f"storage.shares[0].path '/{'a' * 100}' is not allowed"),
        ({"path": "/a;b"}, "storage.shares[0].path '/a;b' is not allowed"),
        ({"user_id": -1}, "storage.shares[0].user_id -1 is not allowed: use 1 to 4294967295"),
        (
            {"user_id": 0},
            "storage.shares[0].user_id 0 is not allowed: use 1 to 4294967295; nobody is root in ",
        ),
        ({"group_id": 0}, "storage.shares[0].group_id 0 is not allowed: use 1 to 4294967295"),
        (
            {"group_id": 4_294_967_296},
            "storage.shares[0].group_id 4294967296 is not allowed: use 1 to 4294967295; no",
        ),
        ({"permissions": "0780"}, "storage.shares[0].permissions '0780' are not allowed: write th"),
        ({"permissions": "rwx"}, "storage.shares[0].permissions 'rwx' are not allowed"),
        ({"namespaces": ["Team"]}, "storage.shares[0].namespaces 'Team' is no namespace: use 1 to"),
        (
            {"namespaces": ["a", "a"]},
            "storage.shares[0].namespaces ['a', 'a'] name one twice: leave it out",
        ),
    ],
)
def test_what_is_wrong_with_a_share_is_said(changes: dict[str, Any], message: str) -> None:
    (problem,) = _share(**changes)

    assert problem.startswith(message)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            {"storage": {"shares": [DATA], "has_shared_storage": False}},
            "storage.shares have no file system to lie in: set storage.has_shared_storage, or leav",
        ),
        (
            {"storage": {"shares": [DATA, DATA]}},
            "storage.shares name 'data' twice: give one another name",
        ),
        (
            {"storage": {"shares": [{"name": "bucket"}], "has_s3_files": True}},
            "storage.shares[0].name 'bucket' is that of the bucket's claim, with storage.has_s3_fi",
        ),
        (
            {
                "storage": {"shares": [DATA | {"namespaces": ["a"]}]},
                "addons": {"storage-classes": {"mode": "off"}},
            },
            "storage.shares[0].namespaces get no volumes where addons.storage-classes is 'off', wh",
        ),
        (
            {"storage": {"has_s3_files": True}, "platform": {"has_bucket": False}},
            "storage.has_s3_files has no bucket to show: set platform.has_bucket, or leave it out",
        ),
        (
            {"storage": {"has_s3_files": True}, "addons": {EFS: {"mode": "external"}}},
            "storage.has_s3_files is not possible with addons.aws-efs-csi-driver.mode 'external': ",
        ),
        (
            {"storage": SCOPED, "workload_identity": "irsa"},
            "storage.has_cluster_scoped_disk_rights is not possible with workload_identity 'irsa',",
        ),
        (
            {"storage": SCOPED, "compute_mode": "auto_mode"},
            "storage.has_cluster_scoped_disk_rights has no meaning with compute_mode 'auto_mode', ",
        ),
        (
            {"storage": SCOPED, "addons": {EBS: {"mode": "external"}}},
            "storage.has_cluster_scoped_disk_rights is not possible with addons.aws-ebs-csi-driver",
        ),
        (
            {
                "storage": SCOPED,
                "addons": {EBS: {"values": {"controller": {"k8sTagClusterId": "other"}}}},
            },
            "addons.aws-ebs-csi-driver.values: controller.k8sTagClusterId 'other' is not the clust",
        ),
    ],
)
def test_what_is_wrong_together_is_said(args: dict[str, Any], message: str) -> None:
    (problem,) = _problems(**args)

    assert problem.startswith(message)


def test_more_shares_than_access_points_are_refused() -> None:
    (problem,) = _problems(storage={"shares": [{"name": f"s{one}"} for one in range(10_001)]})

    assert problem.startswith("storage.shares are 10001: EFS takes 10000 access points in a file ")


def test_an_adopted_cluster_has_shares_where_files_are_asked_for() -> None:
    adopted = {"cluster_name": "theirs", "kubernetes_version": None}

    assert _problems(**adopted, storage={"shares": [DATA], "has_shared_storage": True}) == []
    (problem,) = _problems(**adopted, storage={"shares": [DATA]})
    assert problem.startswith("storage.shares have no file system")


@pytest.mark.parametrize("minor", MINORS, ids=lambda minor: minor.version)
def test_every_pinned_driver_mounts_buckets_and_tags_disks_by_cluster(minor: Any) -> None:
    def version(addon: str) -> tuple[int, int]:
        major, second, _ = minor.addons[addon].removeprefix("v").split(".", 2)
        return int(major), int(second)

    assert version(EFS) >= (3, 0)
    assert version(EBS) >= (1, 58)
