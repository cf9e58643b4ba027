"""S3 Files reaches one bucket and its key; pods that mount only read it."""

from __future__ import annotations

import json
from typing import Any

from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.storage.bucket_iam import (
    build_bucket_files_document,
    build_bucket_files_reading_document,
    build_bucket_files_trust,
)

EU = Scope("aws", "eu-west-1", "111122223333")
BUCKET = "arn:aws:s3:::prod-eu-1"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/0a1b"


def _by_sid(text: str) -> dict[str, dict[str, Any]]:
    return {item["Sid"]: item for item in json.loads(text)["Statement"]}


def test_only_file_systems_of_this_account_and_region_assume_the_role() -> None:
    (statement,) = json.loads(build_bucket_files_trust(EU))["Statement"]

    assert statement == {
        "Sid": "Files",
        "Effect": "Allow",
        "Principal": {"Service": "elasticfilesystem.amazonaws.com"},
        "Action": ["sts:AssumeRole"],
        "Condition": {
            "StringEquals": {"aws:SourceAccount": "111122223333"},
            "ArnLike": {"aws:SourceArn": "arn:aws:s3files:eu-west-1:111122223333:file-system/*"},
        },
    }


def test_the_service_reaches_one_bucket_and_rules_of_its_own() -> None:
    found = _by_sid(build_bucket_files_document(EU, BUCKET))

    assert found.keys() == {"Bucket", "FindRules", "KeepRules", "Objects", "ReadRules"}
    assert found["Bucket"]["Resource"] == [BUCKET]
    assert found["Objects"]["Resource"] == [f"{BUCKET}/*"]
    assert {"s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObject"} <= {
        *found["Objects"]["Action"]
    }
    assert found["KeepRules"]["Resource"] == [
        "arn:aws:events:eu-west-1:111122223333:rule/DO-NOT-DELETE-S3-Files*"
    ]
    assert found["KeepRules"]["Condition"] == {
        "StringEquals": {"events:ManagedBy": "elasticfilesystem.amazonaws.com"}
    }


def test_the_key_serves_objects_of_the_bucket_alone() -> None:
    service = _by_sid(build_bucket_files_document(EU, BUCKET, key_arn=KEY))["Key"]
    pods = _by_sid(build_bucket_files_reading_document(EU, "prod-eu-", key_arn=KEY))["Key"]

    assert service["Resource"] == pods["Resource"] == [KEY]
    assert service["Condition"] == {
        "StringLike": {"kms:EncryptionContext:aws:s3:arn": [BUCKET, f"{BUCKET}/*"]}
    }
    assert "kms:GenerateDataKey" in service["Action"]
    assert pods["Action"] == ["kms:Decrypt"]


def test_pods_that_mount_read_this_bucket_and_no_other() -> None:
    found = _by_sid(build_bucket_files_reading_document(EU, "prod-eu-"))

    own = {"StringEquals": {"aws:ResourceAccount": "111122223333"}}
    assert found == {
        "Bucket": {
            "Sid": "Bucket",
            "Effect": "Allow",
            "Action": ["s3:ListBucket"],
            "Resource": ["arn:aws:s3:::prod-eu-*"],
            "Condition": own,
        },
        "Objects": {
            "Sid": "Objects",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:GetObjectVersion"],
            "Resource": ["arn:aws:s3:::prod-eu-*/*"],
            "Condition": own,
        },
    }
