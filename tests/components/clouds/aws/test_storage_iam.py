"""Who may mount the shared files, and which storage is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from eks_plane import eks_settings

from splitplane.components.clouds.aws.storage_iam import build_file_system_policy, check_storage

ARN = "arn:aws:elasticfilesystem:eu-west-1:111122223333:file-system/fs-1"


def test_files_are_mounted_over_tls_by_the_network_and_never_as_root() -> None:
    mount, encrypted = json.loads(build_file_system_policy(ARN))["Statement"]

    assert mount == {
        "Sid": "Mount",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
        "Resource": [ARN],
        "Condition": {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}},
    }
    assert encrypted["Effect"] == "Deny"
    assert encrypted["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize(
    "storage",
    [
        {},
        {"efs_throughput_mode": "provisioned", "efs_provisioned_mibps": 1},
        {"efs_throughput_mode": "provisioned", "efs_provisioned_mibps": 10240},
        {"kms_key_arn": "arn:aws-cn:kms:cn-north-1:111122223333:key/mrk-0a1b"},
    ],
    ids=["nothing", "least", "most", "key"],
)
def test_storage_that_can_be_is_not_refused(storage: dict[str, Any]) -> None:
    assert check_storage(eks_settings(storage=storage)) == []


@pytest.mark.parametrize(
    ("storage", "message"),
    [
        (
            {"efs_throughput_mode": "provisioned"},
            "storage.efs_provisioned_mibps is missing: throughput mode 'provisioned' needs it",
        ),
        (
            {"efs_provisioned_mibps": 100},
            "storage.efs_provisioned_mibps 100 is not allowed with throughput mode 'elastic'",
        ),
        (
            {"efs_throughput_mode": "provisioned", "efs_provisioned_mibps": 0},
            "storage.efs_provisioned_mibps 0 is not allowed: EFS takes 1 to 10240",
        ),
        (
            {"efs_throughput_mode": "provisioned", "efs_provisioned_mibps": 10241},
            "storage.efs_provisioned_mibps 10241 is not allowed: EFS takes 1 to 10240",
        ),
        (
            {"kms_key_arn": "alias/disks"},
            "storage.kms_key_arn 'alias/disks' is no ARN of a key",
        ),
    ],
    ids=["missing", "useless", "too little", "too much", "alias"],
)
def test_storage_that_cannot_be_is_refused(storage: dict[str, Any], message: str) -> None:
    (problem,) = check_storage(eks_settings(storage=storage))

    assert problem.startswith(message)
