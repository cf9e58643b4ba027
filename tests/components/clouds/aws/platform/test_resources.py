"""The platform's bucket, registry prefix and role are made as far as they are wanted."""

from __future__ import annotations

import json
from typing import Any

import iam_check
import pulumi
import pulumi_kubernetes as kubernetes
import pytest
from botocore.session import Session
from clouds.answers import CloudAnswers
from clouds.graph import assert_after, recorded_graph
from clouds.replacing import replacing_inputs
from recording_monitor import Recording, record

from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.parts import ClusterParts, NetworkParts, Plane
from splitplane.components.clouds.aws.platform.resources import (
    PlatformParts,
    declare_platform,
    registry_host,
)
from splitplane.components.clouds.aws.settings import parse_settings

EU = Scope("aws", "eu-west-1", "123456789012")
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1b2c"
BOUNDARY = "arn:aws:iam::123456789012:policy/boundary"
ROLE = {
    "control_plane_principal_arns": ["arn:aws:iam::210987654321:role/control-plane"],
    "external_id": "tenant-7",
}


def _record(
    platform: dict[str, Any], *, scope: Scope = EU, **changes: Any
) -> tuple[Recording, PlatformParts, dict[str, Any]]:
    parts: list[PlatformParts] = []
    values: dict[str, Any] = {}
    args = {"name": "prod-eu", "environments": ["prod"], "hub_url": "https://cp.example.com"}
    settings = parse_settings(args | changes | {"platform": platform})

    def program() -> None:
        parent = pulumi.ComponentResource("test:index:Part", "plane")
        text = pulumi.Output.from_input("x")
        plane = Plane(
            settings,
            scope,
            NetworkParts(text, {}, {}, {}, (), ()),
            ClusterParts("prod-eu", "arn", text, text, text, text, text, None, ()),
            kubernetes.Provider("kubernetes"),
        )
        parts.append(declare_platform(parent, plane))
        if parts[0].bucket is not None:
            parts[0].bucket.apply(lambda name: values.update(bucket=name))

    return record(program, answers=CloudAnswers()), parts[0], values


def _policy(recording: Recording) -> str:
    document: str = recording.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"]
    return document


def _sids(document: str) -> list[str]:
    return sorted(item["Sid"] for item in json.loads(document)["Statement"])


def test_without_principals_there_are_bucket_and_template() -> None:
    recording, parts, values = _record({})

    made = [item for item in recording.resources if item.type.startswith("aws:")]
    assert sorted(item.type.rpartition(":")[2] for item in made) == [
        "Bucket",
        "BucketLifecycleConfiguration",
        "BucketPolicy",
        "BucketPublicAccessBlock",
        "BucketVersioning",
        "RepositoryCreationTemplate",
    ]
    assert {item.parent for item in made} == {"plane"}
    assert values["bucket"]
    assert parts.registry_prefix == "123456789012.dkr.ecr.eu-west-1.amazonaws.com/prod-eu"
    assert parts.secret_store_prefix == "prod-eu"
    assert parts.role_arn is None


def test_nothing_is_made_of_what_is_not_wanted() -> None:
    recording, parts, _ = _record(
        {"has_bucket": False, "has_registry": False, "has_secret_store": False}
    )

    assert [item for item in recording.resources if item.type.startswith("aws:")] == []
    assert parts == PlatformParts(None, None, None, None)


def test_the_bucket_keeps_what_it_has_and_lets_nobody_in() -> None:
    recording, _, _ = _record({}, tags={"owner": "ml"})

    bucket = recording.one("aws:s3/bucket:Bucket")
    assert bucket.inputs == {
        "bucketPrefix": "prod-eu-",
        "forceDestroy": False,
        "tags": {"splitplane.io/cluster": "prod-eu", "owner": "ml"},
    }
    assert not bucket.protect
    block = recording.one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs
    assert sorted(key for key, value in block.items() if value is True) == [
        "blockPublicAcls",
        "blockPublicPolicy",
        "ignorePublicAcls",
        "restrictPublicBuckets",
    ]
    versioning = recording.one("aws:s3/bucketVersioning:BucketVersioning").inputs
    assert versioning["versioningConfiguration"] == {"status": "Enabled"}
    policy = json.loads(recording.one("aws:s3/bucketPolicy:BucketPolicy").inputs["policy"])
    (statement,) = policy["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert statement["Resource"][1].endswith("/*")


def test_production_protects_the_bucket() -> None:
    recording, _, _ = _record({}, profile="prod")

    assert [item.type for item in recording.resources if item.protect] == ["aws:s3/bucket:Bucket"]


def test_old_versions_and_unfinished_uploads_go_and_nothing_is_archived() -> None:
    recording, _, _ = _record({})

    lifecycle = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    rules = recording.one(lifecycle).inputs["rules"]
    assert rules == [
        {
            "id": "unfinished-uploads",
            "status": "Enabled",
            "filter": {},
            "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
        },
        {
            "id": "noncurrent-versions",
            "status": "Enabled",
            "filter": {},
            "noncurrentVersionExpiration": {"noncurrentDays": 30},
            "expiration": {"expiredObjectDeleteMarker": True},
        },
    ]
    graph = recorded_graph(recording)
    assert_after(graph, lifecycle, "aws:s3/bucketVersioning:BucketVersioning")
    assert_after(
        graph,
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    )


def test_a_key_and_origins_have_their_own_settings() -> None:
    recording, _, _ = _record(
        {"cors_origins": ["https://ui.example.com"]}, storage={"kms_key_arn": KEY}
    )

    encryption = recording.one(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    )
    assert encryption.inputs["rules"] == [
        {
            "applyServerSideEncryptionByDefault": {
                "sseAlgorithm": "aws:kms",
                "kmsMasterKeyId": KEY,
            },
            "bucketKeyEnabled": True,
        }
    ]
    cors = recording.one("aws:s3/bucketCorsConfiguration:BucketCorsConfiguration")
    assert cors.inputs["corsRules"] == [
        {
            "allowedHeaders": ["*"],
            "allowedMethods": ["GET", "POST", "PUT"],
            "allowedOrigins": ["https://ui.example.com"],
            "exposeHeaders": ["ETag"],
            "maxAgeSeconds": 3600,
        }
    ]


def test_images_keep_their_tags_and_caches_may_move() -> None:
    recording, _, _ = _record({"registry_prefix": "acme/ml"})

    made = recording.one("aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate").inputs
    assert made["prefix"] == "acme/ml"
    assert made["appliedFors"] == ["CREATE_ON_PUSH"]
    assert made["imageTagMutability"] == "IMMUTABLE_WITH_EXCLUSION"
    assert made["imageTagMutabilityExclusionFilters"] == [
        {"filter": "buildcache*", "filterType": "WILDCARD"}
    ]
    (rule,) = json.loads(made["lifecyclePolicy"])["rules"]
    assert rule["selection"] == {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": 14,
    }
    assert "resourceTags" not in made


def test_another_prefix_is_another_template_and_other_rules_are_not() -> None:
    kind = "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate"

    recording, _, _ = _record({"registry_prefix": "acme/ml"})

    assert replacing_inputs(recording)[recording.one(kind).urn] == {"prefix": "acme/ml"}


@pytest.mark.parametrize(
    ("partition", "region", "host"),
    [
        ("aws", "us-east-1", "123456789012.dkr.ecr.us-east-1.amazonaws.com/prod-eu"),
        ("aws-cn", "cn-north-1", "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/prod-eu"),
    ],
)
def test_the_registry_is_that_of_the_partition(partition: str, region: str, host: str) -> None:
    _, parts, _ = _record({}, scope=Scope(partition, region, "123456789012"))

    assert parts.registry_prefix == host


def test_registries_of_every_partition_have_its_domain() -> None:
    partitions = Session().get_component("data_loader").load_data("partitions")["partitions"]
    wrong = {
        item["id"]: host
        for item in partitions
        for region in item["regions"]
        if not (host := registry_host(Scope(item["id"], region, "123456789012"))).endswith(
            f".dkr.ecr.{region}.{item['outputs']['dnsSuffix']}"
        )
    }

    assert len(partitions) > 2
    assert wrong == {}


def test_ecr_gets_no_two_hyphens_in_a_row() -> None:
    _, parts, _ = _record({}, name="prod--eu")

    assert parts.registry_prefix is not None
    assert parts.registry_prefix.endswith("/prod-eu")


def test_the_role_is_for_the_control_plane_with_the_external_id() -> None:
    recording, parts, _ = _record(
        ROLE | {"assumed_role_seconds": 7200}, permissions_boundary_arn=BOUNDARY
    )

    role = recording.one("aws:iam/role:Role").inputs
    assert role["name"] == "prod-eu-platform-eu-west-1"
    assert role["maxSessionDuration"] == 7200
    assert role["permissionsBoundary"] == BOUNDARY
    (statement,) = json.loads(role["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"AWS": ["arn:aws:iam::210987654321:role/control-plane"]}
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": "tenant-7"}}
    assert parts.role_arn == "arn:aws:iam::123456789012:role/prod-eu-platform-eu-west-1"


def test_the_role_may_do_what_is_wanted_and_no_more() -> None:
    recording, _, values = _record(ROLE, storage={"kms_key_arn": KEY})

    policy = _policy(recording)
    assert iam_check.problems(policy) == []
    assert _sids(policy) == [
        "Images",
        "Key",
        "Objects",
        "Parameters",
        "ReadBucket",
        "ReadCluster",
        "ReadParts",
        "Repositories",
        "Secrets",
        "SignIn",
    ]
    assert values["bucket"] in policy
    assert KEY in policy
    assert "repository/prod-eu/*" in policy
    assert "parameter/prod-eu/*" in policy


def test_the_role_may_not_do_what_is_not_wanted() -> None:
    recording, _, _ = _record(
        ROLE | {"has_bucket": False, "has_registry": False, "has_secret_store": False}
    )

    assert _sids(_policy(recording)) == ["ReadCluster", "ReadParts"]


def test_the_longest_names_fit_into_one_policy() -> None:
    longest = {
        "bucket_prefix": "b" * 37,
        "registry_prefix": "r" * 100,
        "secret_store_prefix": "s" * 256,
    }

    recording, _, _ = _record(ROLE | longest, name="p" * 35, storage={"kms_key_arn": KEY})

    assert len(_policy(recording)) < 6144
