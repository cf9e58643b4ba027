"""What the platform may do in the account: bucket, images, secret store, reading its cluster. Pure.

Each capability is a document of its own, so that one that is not wanted is not attached.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from splitplane.components.clouds.aws.identity.documents import Scope, Statement, build_document

_READ_BUCKET: Final = ("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads")
_OBJECTS: Final = (
    "s3:AbortMultipartUpload",
    "s3:DeleteObject",
    "s3:GetObject",
    "s3:ListMultipartUploadParts",
    "s3:PutObject",
)
_PUSH: Final = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:DescribeImages",
    "ecr:GetDownloadUrlForLayer",
    "ecr:InitiateLayerUpload",
    "ecr:ListImages",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
)


def build_bucket_access_document(bucket_arn: str, *, key_arn: str | None = None) -> str:
    """Reading and writing the objects of one bucket; its key too where it has one."""
    statements = [
        Statement("ReadBucket", _READ_BUCKET, [bucket_arn]),
        Statement("Objects", _OBJECTS, [f"{bucket_arn}/*"]),
    ]
    if key_arn is not None:
        statements.append(Statement("Key", ["kms:Decrypt", "kms:GenerateDataKey"], [key_arn]))
    return build_document("bucket", *statements)


def build_registry_document(scope: Scope, prefixes: Sequence[str]) -> str:
    """Making and filling repositories whose names start with one of the prefixes."""
    repositories = [scope.arn("ecr", f"repository/{prefix}*") for prefix in prefixes]
    return build_document(
        "registry",
        Statement("SignIn", ["ecr:GetAuthorizationToken"], ["*"]),
        Statement(
            "Repositories",
            ["ecr:CreateRepository", "ecr:DescribeRepositories", "ecr:TagResource"],
            repositories,
        ),
        Statement("Images", _PUSH, repositories),
    )


def build_first_pull_document(scope: Scope, prefixes: Sequence[str]) -> str:
    """Making the repository of an image that is pulled through ECR for the first time; for nodes.

    All else that the pull needs, `ecr:BatchImportUpstreamImage` too, is in AWS' own policy of nodes
    (AmazonEC2ContainerRegistryPullOnly):
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-iam.html, checked
    2026-11-21.

    Args:
        scope: where the repositories are.
        prefixes: what their names start with, without a slash behind.
    """
    return build_document(
        "first pull",
        Statement(
            "FirstPull",
            ["ecr:CreateRepository"],
            [scope.arn("ecr", f"repository/{prefix}/*") for prefix in prefixes],
        ),
    )


def build_secret_reading_document(scope: Scope, prefix: str) -> str:
    """Reading secrets and parameters below one prefix; for what runs in the cluster.

    Listing all below a path asks for a right to the path itself:
    https://github.com/cloudposse/terraform-aws-components/pull/1110, checked 2026-11-21.

    Args:
        scope: where they are.
        prefix: start of their names without a slash in front, such as `prod-eu/`.
    """
    return build_document(
        "secrets",
        Statement(
            "Parameters",
            ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"],
            [
                scope.arn("ssm", f"parameter/{prefix}*"),
                # A path is listed by its own name, which has no slash behind.
                scope.arn("ssm", f"parameter/{prefix.rstrip('/')}"),
            ],
        ),
        Statement(
            "Secrets",
            ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
            [scope.arn("secretsmanager", f"secret:{prefix}*")],
        ),
    )


def build_cluster_reading_document(scope: Scope, cluster_name: str) -> str:
    """Reading what the cluster is made of; nothing inside it."""
    return build_document(
        "cluster",
        Statement(
            "ReadCluster",
            ["eks:DescribeCluster", "eks:ListAddons", "eks:ListNodegroups", "eks:ListUpdates"],
            [scope.cluster_arn(cluster_name)],
        ),
        Statement(
            "ReadParts",
            ["eks:DescribeAddon", "eks:DescribeNodegroup"],
            [
                scope.arn("eks", f"addon/{cluster_name}/*/*"),
                scope.arn("eks", f"nodegroup/{cluster_name}/*/*"),
            ],
        ),
    )


def build_bucket_policy(bucket_arn: str) -> str:
    """The bucket's own policy: nothing comes or goes without TLS."""
    return build_document(
        "bucket policy",
        Statement(
            "OnlyEncrypted",
            ["s3:*"],
            [bucket_arn, f"{bucket_arn}/*"],
            conditions={"Bool": {"aws:SecureTransport": "false"}},
            principals={"AWS": "*"},
            effect="Deny",
        ),
    )
