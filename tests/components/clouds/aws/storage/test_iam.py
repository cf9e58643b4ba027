"""Who may mount the shared files."""

from __future__ import annotations

import json

from splitplane.components.clouds.aws.storage.iam import build_file_system_policy

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
