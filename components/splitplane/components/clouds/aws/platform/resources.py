"""What the platform owns in the account beside the cluster: bucket, registry prefix, its role.

Secrets have no resource here: they are made below the prefix by whoever has their values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from splitplane.components.clouds.aws.cluster.roles import role_name_of
from splitplane.components.clouds.aws.identity.documents import Scope, pack_documents
from splitplane.components.clouds.aws.identity.trust import build_control_plane_trust
from splitplane.components.clouds.aws.names import derived_name
from splitplane.components.clouds.aws.parts import Plane, Text, child_options, tags_of
from splitplane.components.clouds.aws.platform.caches import declare_caches
from splitplane.components.clouds.aws.platform.iam import (
    build_bucket_access_document,
    build_bucket_policy,
    build_cluster_reading_document,
    build_registry_document,
    build_secret_reading_document,
)
from splitplane.components.clouds.aws.platform.lifecycle import build_untagged_lifecycle
from splitplane.components.clouds.aws.platform.pull_through import repositories_of
from splitplane.components.clouds.aws.settings import EksSettings

ABORT_UPLOAD_DAYS: Final = 7
"""Parts of an upload that was not finished by then never will be, and cost as objects do."""
NONCURRENT_DAYS: Final = 30
"""How long what was overwritten or deleted can be had back: a month to notice the mistake."""
CACHE_TAGS: Final = "buildcache*"
"""The only tags that may move: each build writes its cache over the last one."""
_CORS_SECONDS: Final = 3600
"""How long browsers keep the answer of a preflight request; the rule hardly ever changes."""

_REGISTRY_DOMAINS: Final = {
    "aws-cn": "amazonaws.com.cn",
    "aws-eusc": "amazonaws.eu",
    "aws-iso": "c2s.ic.gov",
    "aws-iso-b": "sc2s.sgov.gov",
    "aws-iso-e": "cloud.adc-e.uk",
    "aws-iso-f": "csp.hci.ic.gov",
}
"""Partition → domain where it is not amazonaws.com.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html, and the partitions of
botocore 1.44, whose suffixes the registries' hosts have."""


@dataclass(frozen=True)
class PlatformParts:
    """What the platform owns; None for each part that is not wanted.

    Attributes:
        bucket: name of the bucket.
        registry_prefix: what the names of images start with, from the registry's host on.
        secret_store_prefix: path of parameters and secrets, without slashes at its ends.
        role_arn: role that the control plane assumes; None too when nobody may.
        rights: document of using bucket, images and secrets, for pods; None when there is nothing.
        bucket_ready: what the bucket is used with safely; empty without one.
    """

    bucket: Text | None
    registry_prefix: str | None
    secret_store_prefix: str | None
    role_arn: str | None
    rights: str | Text | None = None
    bucket_ready: tuple[pulumi.Resource, ...] = ()


def declare_platform(parent: pulumi.Resource, plane: Plane) -> PlatformParts:
    """Bucket, template of repositories and the control plane's role exist, as far as wanted.

    Args:
        parent: the component.
        plane: the compute plane; its settings have passed `check_platform`.
    """
    settings = plane.settings
    wanted = settings.platform
    bucket, bucket_ready = _declare_bucket(parent, plane) if wanted.has_bucket else (None, ())
    repositories = repositories_of(settings)
    if wanted.has_registry:
        _declare_template(parent, plane, repositories)
        declare_caches(parent, plane)
    secrets = wanted.secret_store_prefix or settings.name
    documents: dict[str, str] = {}
    if wanted.has_registry:
        documents["registry"] = build_registry_document(plane.scope, [f"{repositories}/"])
    if wanted.has_secret_store:
        documents["secrets"] = build_secret_reading_document(plane.scope, f"{secrets}/")
    key_arn = settings.storage.kms_key_arn
    role_arn = None
    if wanted.control_plane_principal_arns:
        reading = build_cluster_reading_document(plane.scope, plane.cluster.name)
        policy = _one_document({"cluster": reading, **documents}, bucket, key_arn)
        role_arn = _declare_role(parent, plane, policy)
    host = registry_host(plane.scope)
    return PlatformParts(
        bucket=None if bucket is None else bucket.bucket,
        registry_prefix=f"{host}/{repositories}" if wanted.has_registry else None,
        secret_store_prefix=secrets if wanted.has_secret_store else None,
        role_arn=role_arn,
        rights=_one_document(documents, bucket, key_arn) if documents or bucket else None,
        bucket_ready=bucket_ready,
    )


def registry_host(scope: Scope) -> str:
    """Host of the account's registry in the region."""
    domain = _REGISTRY_DOMAINS.get(scope.partition, "amazonaws.com")
    return f"{scope.account_id}.dkr.ecr.{scope.region}.{domain}"


def bucket_prefix_of(settings: EksSettings) -> str:
    """What the bucket's name starts with; AWS ends it."""
    chosen = settings.platform.bucket_prefix
    return derived_name("bucket_prefix", settings.name) + "-" if chosen is None else chosen


def _declare_bucket(
    parent: pulumi.Resource, plane: Plane
) -> tuple[aws.s3.Bucket, tuple[pulumi.Resource, ...]]:
    """The bucket, and what it is used with safely: who gets in, and that versions are kept."""
    settings = plane.settings
    name = f"{settings.name}-bucket"
    bucket = aws.s3.Bucket(
        name,
        bucket_prefix=bucket_prefix_of(settings),
        # What people trained lies here: a destroy stops at a bucket that is not empty.
        force_destroy=False,
        tags=tags_of(settings),
        opts=child_options(parent, protect=settings.is_production or None),
    )
    block = aws.s3.BucketPublicAccessBlock(
        name,
        bucket=bucket.bucket,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=child_options(parent),
    )
    policy = aws.s3.BucketPolicy(
        name,
        bucket=bucket.bucket,
        policy=bucket.arn.apply(build_bucket_policy),
        # S3 refuses two changes of the same bucket's access at the same time.
        opts=child_options(parent, depends_on=[block]),
    )
    versioning = aws.s3.BucketVersioning(
        name,
        bucket=bucket.bucket,
        versioning_configuration={"status": "Enabled"},
        opts=child_options(parent),
    )
    _declare_lifecycle(parent, name, bucket, versioning)
    _declare_encryption(parent, name, bucket, settings.storage.kms_key_arn)
    _declare_cors(parent, name, bucket, settings.platform.cors_origins)
    return bucket, (policy, versioning)


def _declare_lifecycle(
    parent: pulumi.Resource,
    name: str,
    bucket: aws.s3.Bucket,
    versioning: aws.s3.BucketVersioning,
) -> None:
    """No archive tiers: an archived model has to be restored for hours before it can be read."""
    aws.s3.BucketLifecycleConfiguration(
        name,
        bucket=bucket.bucket,
        rules=[
            {
                "id": "unfinished-uploads",
                "status": "Enabled",
                "filter": {},
                "abort_incomplete_multipart_upload": {"days_after_initiation": ABORT_UPLOAD_DAYS},
            },
            {
                "id": "noncurrent-versions",
                "status": "Enabled",
                "filter": {},
                "noncurrent_version_expiration": {"noncurrent_days": NONCURRENT_DAYS},
                # A deletion leaves a marker, which is all that is left when its versions are gone.
                "expiration": {"expired_object_delete_marker": True},
            },
        ],
        opts=child_options(parent, depends_on=[versioning]),
    )


def _declare_encryption(
    parent: pulumi.Resource, name: str, bucket: aws.s3.Bucket, key_arn: str | None
) -> None:
    """Nothing without a key: S3 encrypts every bucket with one of its own."""
    if key_arn is None:
        return
    aws.s3.BucketServerSideEncryptionConfiguration(
        name,
        bucket=bucket.bucket,
        rules=[
            {
                "apply_server_side_encryption_by_default": {
                    "sse_algorithm": "aws:kms",
                    "kms_master_key_id": key_arn,
                },
                # One call of the key serves many objects, in place of one for each.
                "bucket_key_enabled": True,
            }
        ],
        opts=child_options(parent),
    )


def _declare_cors(
    parent: pulumi.Resource, name: str, bucket: aws.s3.Bucket, origins: tuple[str, ...]
) -> None:
    """Lets pages of these origins use signed URLs; the parts of an upload are named by ETag."""
    if not origins:
        return
    aws.s3.BucketCorsConfiguration(
        name,
        bucket=bucket.bucket,
        cors_rules=[
            {
                "allowed_headers": ["*"],
                "allowed_methods": ["GET", "POST", "PUT"],
                "allowed_origins": list(origins),
                "expose_headers": ["ETag"],
                "max_age_seconds": _CORS_SECONDS,
            }
        ],
        opts=child_options(parent),
    )


def _declare_template(parent: pulumi.Resource, plane: Plane, prefix: str) -> None:
    """Repositories that a first push makes below the prefix are born with these settings.

    Tags stay where they are, so that what a deployment names is what was built for it. It carries
    no tags for the repositories, which would need a role that ECR assumes. Scanning is a setting of
    the whole registry, which may be in use by others, so it is left alone.
    """
    aws.ecr.RepositoryCreationTemplate(
        f"{plane.settings.name}-registry",
        prefix=prefix,
        description=f"Images of {plane.settings.name}",
        applied_fors=["CREATE_ON_PUSH"],
        image_tag_mutability="IMMUTABLE_WITH_EXCLUSION",
        image_tag_mutability_exclusion_filters=[{"filter": CACHE_TAGS, "filter_type": "WILDCARD"}],
        lifecycle_policy=build_untagged_lifecycle(),
        opts=child_options(parent),
    )


def _declare_role(parent: pulumi.Resource, plane: Plane, policy: str | Text) -> str:
    """The role, with the statements of each capability in one policy; returns its ARN."""
    settings = plane.settings
    role_name = role_name_of(settings, plane.scope, "platform")
    name = f"{settings.name}-platform"
    role = aws.iam.Role(
        name,
        name=role_name,
        description=f"What the control plane may do for {settings.name}",
        assume_role_policy=build_control_plane_trust(
            principal_arns=settings.platform.control_plane_principal_arns,
            external_id=settings.platform.external_id or "",
        ),
        max_session_duration=settings.platform.assumed_role_seconds,
        permissions_boundary=settings.permissions_boundary_arn,
        tags=tags_of(settings),
        opts=child_options(parent),
    )
    aws.iam.RolePolicy(
        name, name="platform", role=role.name, policy=policy, opts=child_options(parent)
    )
    return plane.scope.global_arn("iam", f"role/{role_name}")


def _one_document(
    documents: dict[str, str], bucket: aws.s3.Bucket | None, key_arn: str | None
) -> str | Text:
    """The statements of all capabilities in one; the bucket's too, whose name AWS ends."""
    if bucket is None:
        return _packed(documents)
    found: Text = bucket.arn.apply(
        lambda arn: _packed(
            {**documents, "bucket": build_bucket_access_document(arn, key_arn=key_arn)}
        )
    )
    return found


def _packed(documents: dict[str, str]) -> str:
    # Names are bounded by `check_platform`, so that all together stay well below IAM's limit.
    (document,) = pack_documents(documents).values()
    return document
