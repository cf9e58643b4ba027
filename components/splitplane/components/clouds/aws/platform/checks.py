"""What is wrong with the names and the role of the platform's own resources. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from splitplane.components.clouds.aws.identity.trust import build_control_plane_trust
from splitplane.components.clouds.aws.names import LIMITS
from splitplane.components.clouds.aws.settings import EksSettings
from splitplane.components.errors import WrongArgument

SESSION_SECONDS: Final = (3600, 43_200)
"""Shortest and longest maximum session that a role can have.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html"""

_BUCKET_PREFIX: Final = re.compile(r"^(?!.*\.\.)[a-z0-9][a-z0-9.-]*$")
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""
_RESERVED_BUCKETS: Final = ("xn--", "sthree-", "amzn-s3-demo-")
"""Beginnings that S3 keeps for itself (same source)."""
_REGISTRY_PREFIX: Final = re.compile(r"^[a-z0-9]+([._-][a-z0-9]+)*(/[a-z0-9]+([._-][a-z0-9]+)*)*$")
_REGISTRY_LENGTHS: Final = range(2, 101)
"""ECR takes 2 to 256 characters of the whole name of a repository, so some are left for what
follows. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html"""
_SECRET_PREFIX: Final = re.compile(r"^[\w.-]+(/[\w.-]+)*$", re.ASCII)
_SECRET_LENGTH: Final = 256
_SECRET_LEVELS: Final = 13
"""A secret's name has at most 512 characters and a parameter's 15 levels; some are left for what
follows. https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html,
https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html"""
_ORIGIN: Final = re.compile(r"^https?://[^\s/*]*\*?[^\s/*]*$")
_KEY: Final = re.compile(r"^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key/[\w-]+$", re.ASCII)


def check_platform(settings: EksSettings) -> list[str]:
    """Every problem of the fields of `platform`, and of the key that bucket and disks share."""
    return [*_name_problems(settings), *_role_problems(settings), *_bucket_problems(settings)]


def _name_problems(settings: EksSettings) -> Iterator[str]:
    platform = settings.platform
    longest = LIMITS["bucket_prefix"]
    bucket = platform.bucket_prefix
    if bucket is not None and (len(bucket) > longest or _BUCKET_PREFIX.fullmatch(bucket) is None):
        yield (
            f"platform.bucket_prefix {bucket!r} is not allowed: use 1 to {longest} lower-case "
            "letters, digits, hyphens and single dots, starting with a letter or digit"
        )
    elif bucket is not None and bucket.startswith(_RESERVED_BUCKETS):
        yield (
            f"platform.bucket_prefix {bucket!r} is not allowed: S3 keeps "
            f"{', '.join(_RESERVED_BUCKETS)} for itself; start with another word"
        )
    registry = platform.registry_prefix
    if registry is not None and (
        len(registry) not in _REGISTRY_LENGTHS or _REGISTRY_PREFIX.fullmatch(registry) is None
    ):
        yield (
            f"platform.registry_prefix {registry!r} is not allowed: use {_REGISTRY_LENGTHS[0]} to "
            f"{_REGISTRY_LENGTHS[-1]} lower-case letters and digits, with single dots, hyphens, "
            "underscores and slashes between them"
        )
    secrets = platform.secret_store_prefix
    if secrets is not None:
        yield from _secret_problems(secrets)


def _secret_problems(prefix: str) -> Iterator[str]:
    is_too_long = len(prefix) > _SECRET_LENGTH or prefix.count("/") >= _SECRET_LEVELS
    if is_too_long or _SECRET_PREFIX.fullmatch(prefix) is None:
        yield (
            f"platform.secret_store_prefix {prefix!r} is not allowed: use at most {_SECRET_LEVELS} "
            "words of letters, digits, dots, hyphens and underscores, with single slashes between "
            f"them and none at the ends, {_SECRET_LENGTH} characters in all"
        )
    elif prefix.lower().startswith(("aws", "ssm")):
        yield (
            f"platform.secret_store_prefix {prefix!r} is not allowed: Parameter Store keeps names "
            "that start with aws or ssm for itself; start with another word"
        )


def _role_problems(settings: EksSettings) -> Iterator[str]:
    platform = settings.platform
    shortest, longest = SESSION_SECONDS
    if not shortest <= platform.assumed_role_seconds <= longest:
        yield (
            f"platform.assumed_role_seconds {platform.assumed_role_seconds!r} is not allowed: IAM "
            f"takes {shortest} to {longest}"
        )
    if not platform.control_plane_principal_arns:
        if platform.external_id is not None:
            yield (
                f"platform.external_id {platform.external_id!r} means nothing alone: name who "
                "assumes the role in platform.control_plane_principal_arns, or leave it out"
            )
        return
    if platform.external_id is None:
        yield (
            "platform.external_id is missing: it keeps others from using the control plane to "
            "reach this account; write the one that the control plane shows for the tenant"
        )
        return
    try:
        build_control_plane_trust(
            principal_arns=platform.control_plane_principal_arns, external_id=platform.external_id
        )
    except WrongArgument as error:
        yield str(error)


def _bucket_problems(settings: EksSettings) -> Iterator[str]:
    origins = settings.platform.cors_origins
    for origin in origins:
        if origin != "*" and _ORIGIN.fullmatch(origin) is None:
            yield (
                f"platform.cors_origins {origin!r} is no origin: write https://HOST[:PORT] without "
                "a path, with at most one *"
            )
    if origins and not settings.platform.has_bucket:
        yield (
            f"platform.cors_origins {list(origins)!r} has no bucket to hold for: leave it out, or "
            "has_bucket"
        )
    key = settings.storage.kms_key_arn
    if key is not None and _KEY.fullmatch(key) is None:
        yield (
            f"storage.kms_key_arn {key!r} is no key: write arn:aws:kms:REGION:ACCOUNT:key/ID, not "
            "an alias"
        )
