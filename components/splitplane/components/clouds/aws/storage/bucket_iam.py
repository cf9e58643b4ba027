"""What S3 Files and those who mount it may do with the one bucket. Pure.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-files-prereq-policies.html, 2026-11-21.
"""

from __future__ import annotations

from typing import Final

from splitplane.components.clouds.aws.identity.documents import Scope, Statement, build_document

_SERVICE: Final = "elasticfilesystem.amazonaws.com"
"""As which S3 Files acts: it stands on EFS."""
_OBJECTS: Final = (
    "s3:AbortMultipartUpload",
    "s3:DeleteObject",
    "s3:DeleteObjectTagging",
    "s3:DeleteObjectVersion",
    "s3:DeleteObjectVersionTagging",
    "s3:GetObject",
    "s3:GetObjectAttributes",
    "s3:GetObjectTagging",
    "s3:GetObjectVersion",
    "s3:GetObjectVersionAttributes",
    "s3:GetObjectVersionTagging",
    "s3:ListMultipartUploadParts",
    "s3:PutObject",
    "s3:PutObjectTagging",
)
"""What the wildcards of AWS' document mean for objects, but for locks, holds and access lists: the
bucket has none."""


def build_bucket_files_trust(scope: Scope) -> str:
    """S3 Files, for file systems of this account in this region."""
    statement = Statement(
        "Files",
        ["sts:AssumeRole"],
        principals={"Service": _SERVICE},
        conditions={
            "StringEquals": {"aws:SourceAccount": scope.account_id},
            "ArnLike": {"aws:SourceArn": scope.arn("s3files", "file-system/*")},
        },
    )
    return build_document("trust of S3 Files", statement, is_trust=True)


def build_bucket_files_document(
    scope: Scope, bucket_arn: str, *, key_arn: str | None = None
) -> str:
    """S3 Files: what is written goes to the bucket, and what changes there comes back.

    It hears of changes by rules of EventBridge that it makes and keeps itself.

    Args:
        scope: where the bucket is.
        bucket_arn: the bucket.
        key_arn: key of its objects; S3's own when None.
    """
    statements = [
        Statement("Bucket", ["s3:ListBucket", "s3:ListBucketVersions"], [bucket_arn]),
        Statement("Objects", _OBJECTS, [f"{bucket_arn}/*"]),
        Statement(
            "KeepRules",
            [
                "events:DeleteRule",
                "events:DisableRule",
                "events:EnableRule",
                "events:PutRule",
                "events:PutTargets",
                "events:RemoveTargets",
            ],
            [scope.arn("events", "rule/DO-NOT-DELETE-S3-Files*")],
            conditions={"StringEquals": {"events:ManagedBy": _SERVICE}},
        ),
        Statement(
            "ReadRules",
            ["events:DescribeRule", "events:ListTargetsByRule"],
            [scope.arn("events", "rule/*")],
        ),
        Statement("FindRules", ["events:ListRuleNamesByTarget", "events:ListRules"], ["*"]),
    ]
    if key_arn is not None:
        statements.append(_key_statement(bucket_arn, key_arn, writes=True))
    return build_document("S3 Files", *statements)


def build_bucket_files_reading_document(
    scope: Scope, bucket_prefix: str, *, key_arn: str | None = None
) -> str:
    """Pods that mount: what they read comes from the bucket itself, which is faster.

    In place of `AmazonS3ReadOnlyAccess`, which reads every bucket of the account.

    Args:
        scope: where the bucket is.
        bucket_prefix: what its name starts with; AWS ends it.
        key_arn: key of its objects; S3's own when None.
    """
    bucket_arn = f"arn:{scope.partition}:s3:::{bucket_prefix}*"
    own = {"StringEquals": {"aws:ResourceAccount": scope.account_id}}
    statements = [
        Statement("Bucket", ["s3:ListBucket"], [bucket_arn], conditions=own),
        Statement(
            "Objects", ["s3:GetObject", "s3:GetObjectVersion"], [f"{bucket_arn}/*"], conditions=own
        ),
    ]
    if key_arn is not None:
        statements.append(_key_statement(bucket_arn, key_arn, writes=False))
    return build_document("reading of S3 Files", *statements)


def _key_statement(bucket_arn: str, key_arn: str, *, writes: bool) -> Statement:
    """The key for objects of the bucket; with a bucket key S3 names the bucket alone."""
    actions = ["kms:Decrypt"]
    if writes:
        actions += ["kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
    return Statement(
        "Key",
        actions,
        [key_arn],
        conditions={
            "StringLike": {"kms:EncryptionContext:aws:s3:arn": [bucket_arn, f"{bucket_arn}/*"]}
        },
    )
