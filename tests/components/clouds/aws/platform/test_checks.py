"""Names and role of the platform's resources are checked before anything is made."""

from __future__ import annotations

from typing import Any

import pytest

from splitplane.components.clouds.aws.platform.checks import check_platform
from splitplane.components.clouds.aws.settings import EksSettings, parse_settings

PRINCIPAL = "arn:aws:iam::210987654321:role/control-plane"


def _settings(**changes: Any) -> EksSettings:
    return parse_settings(
        {"name": "prod-eu", "environments": ["prod"], "hub_url": "https://cp.example.com"} | changes
    )


@pytest.mark.parametrize(
    "platform",
    [
        {},
        {"control_plane_principal_arns": [PRINCIPAL], "external_id": "tenant-7"},
        {"bucket_prefix": "acme-ml-"},
        {"registry_prefix": "acme/ml"},
        {"secret_store_prefix": "acme/ml"},
        {"cors_origins": ["https://ui.example.com", "https://*.example.com", "*"]},
        {"assumed_role_seconds": 43200},
    ],
)
def test_what_aws_takes_passes(platform: dict[str, Any]) -> None:
    assert check_platform(_settings(platform=platform)) == []


@pytest.mark.parametrize(
    ("platform", "problem"),
    [
        ({"bucket_prefix": "Acme"}, "platform.bucket_prefix 'Acme' is not allowed"),
        ({"bucket_prefix": "acme..ml"}, "hyphens and single dots, starting with a letter"),
        ({"bucket_prefix": "a" * 38}, "use 1 to 37 lower-case letters"),
        ({"bucket_prefix": "sthree-x"}, "S3 keeps xn--, sthree-, amzn-s3-demo- for itself"),
        ({"registry_prefix": "a--b"}, "platform.registry_prefix 'a--b' is not allowed"),
        ({"registry_prefix": "acme/"}, "platform.registry_prefix 'acme/' is not allowed"),
        ({"secret_store_prefix": "/acme"}, "none at the ends"),
        ({"secret_store_prefix": "a/" * 13 + "a"}, "use at most 13 words"),
        ({"secret_store_prefix": "a" * 257}, "256 characters in all"),
        ({"secret_store_prefix": "aws-acme"}, "start with another word"),
        ({"assumed_role_seconds": 900}, "assumed_role_seconds 900 is not allowed: IAM takes 3600"),
        ({"control_plane_principal_arns": [PRINCIPAL]}, "platform.external_id is missing"),
        ({"external_id": "tenant-7"}, "platform.external_id 'tenant-7' means nothing alone"),
        (
            {"control_plane_principal_arns": ["*"], "external_id": "tenant-7"},
            "platform.control_plane_principal_arns '*' is no role or user",
        ),
        ({"cors_origins": ["https://a/b"]}, "platform.cors_origins 'https://a/b' is no origin"),
        ({"cors_origins": ["*"], "has_bucket": False}, "has no bucket to hold for"),
    ],
)
def test_each_problem_is_named(platform: dict[str, Any], problem: str) -> None:
    (found,) = check_platform(_settings(platform=platform))

    assert problem in found


def test_a_key_is_an_arn_and_no_alias() -> None:
    alias = "arn:aws:kms:eu-west-1:123456789012:alias/ml"

    (found,) = check_platform(_settings(storage={"kms_key_arn": alias}))

    assert "storage.kms_key_arn 'arn:aws:kms:eu-west-1:123456789012:alias/ml' is no key" in found
