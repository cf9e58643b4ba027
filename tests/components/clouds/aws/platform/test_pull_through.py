"""Images of other registries come through ECR below prefixes that it takes, or are refused."""

from __future__ import annotations

from typing import Any

import iam_check
import pytest
from aws_plane import SCOPE, settings_of

from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.platform.pull_through import (
    UPSTREAMS,
    cache_prefixes,
    check_pull_through,
    foreign_caches,
    node_documents,
    pull_through_warnings,
)

QUAY = {"registry": "quay"}
SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/hub-x1Y2z3"


def _problems(*asked: dict[str, Any], name: str = "prod-eu", **platform: Any) -> list[str]:
    return check_pull_through(settings_of(name=name, platform={"pull_through": asked, **platform}))


def test_a_registry_lies_below_the_registry_prefix_and_its_name() -> None:
    asked = [QUAY, {"registry": "docker-hub", "credential_arn": SECRET}]

    settings = settings_of(platform={"pull_through": asked, "registry_prefix": "acme/ml"})

    assert cache_prefixes(settings) == {
        "quay": "acme/ml/quay",
        "docker-hub": "acme/ml/docker-hub",
    }
    assert check_pull_through(settings) == []


def test_every_registry_has_a_host_that_ecr_knows() -> None:
    assert UPSTREAMS == {
        "docker-hub": "registry-1.docker.io",
        "ecr-public": "public.ecr.aws",
        "github": "ghcr.io",
        "gitlab": "registry.gitlab.com",
        "kubernetes": "registry.k8s.io",
        "quay": "quay.io",
    }


def test_nodes_get_a_right_only_where_images_come_through_ecr() -> None:
    asked = settings_of(platform={"pull_through": [QUAY]})

    assert node_documents(settings_of(), SCOPE) == {}
    (document,) = node_documents(asked, SCOPE).values()
    assert iam_check.problems(document) == []


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        (
            {"registry": "github"},
            "platform.pull_through[0].credential_arn is missing: ECR signs in to 'github'; write "
            "the ARN of a secret named ecr-pullthroughcache/NAME with the keys username and "
            "accessToken",
        ),
        (
            {"registry": "gitlab", "credential_arn": SECRET.replace("ecr-pull", "pull")},
            "platform.pull_through[0].credential_arn "
            f"{SECRET.replace('ecr-pull', 'pull')!r} is not allowed: write "
            "arn:aws:secretsmanager:REGION:ACCOUNT:secret:ecr-pullthroughcache/NAME, the only "
            "names that ECR reads",
        ),
        (
            QUAY | {"credential_arn": SECRET},
            f"platform.pull_through[0].credential_arn {SECRET!r} has no meaning with registry "
            "'quay', which asks nobody to sign in: leave it out",
        ),
    ],
    ids=["missing", "of another name", "of nobody"],
)
def test_a_credential_is_there_where_one_is_needed(asked: dict[str, Any], problem: str) -> None:
    assert _problems(asked) == [problem]


def test_one_that_is_named_twice_is_refused() -> None:
    assert _problems(QUAY, QUAY) == ["platform.pull_through names 'quay' 2 times: name it once"]


def test_without_a_registry_there_is_no_place_for_images() -> None:
    assert _problems(QUAY, has_registry=False) == [
        "platform.pull_through has no meaning with platform.has_registry False: its images lie "
        "below the registry prefix; leave it out, or has_registry"
    ]


@pytest.mark.parametrize(("length", "is_taken"), [(19, True), (20, False)])
def test_ecr_takes_thirty_characters_of_a_prefix(length: int, is_taken: bool) -> None:
    found = _problems({"registry": "kubernetes"}, registry_prefix="x" * length)

    assert found == (
        []
        if is_taken
        else [
            f"platform.pull_through makes prefix '{'x' * 20}/kubernetes' of 31 characters, ECR "
            "takes 30: write a platform.registry_prefix of at most 19"
        ]
    )


def test_a_name_that_is_no_prefix_needs_one() -> None:
    assert _problems(QUAY, name="Prod") == [
        "platform.pull_through makes prefix 'Prod/quay', which ECR does not take: write a "
        "platform.registry_prefix of lower-case letters and digits with single dots, hyphens, "
        "underscores and slashes between them"
    ]


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov"])
def test_partitions_without_such_rules_are_refused(partition: str) -> None:
    settings = settings_of(platform={"pull_through": [QUAY]})

    assert list(foreign_caches(settings, Scope(partition, "far-1", "111122223333"))) == [
        "platform.pull_through is not possible in 'far-1': ECR has no pull-through caches in China "
        "and GovCloud; leave it out"
    ]


@pytest.mark.parametrize("scope", [Scope("aws", "us-east-1", "111122223333"), SCOPE])
def test_a_secret_lies_in_the_registrys_region_and_account(scope: Scope) -> None:
    asked = {"registry": "docker-hub", "credential_arn": SECRET}
    settings = settings_of(platform={"pull_through": [asked]})

    assert list(foreign_caches(settings, scope)) == (
        []
        if scope == SCOPE
        else [
            f"platform.pull_through[0].credential_arn {SECRET!r} lies in 'eu-west-1' of account "
            "'111122223333', ECR reads secrets of 'us-east-1' in '111122223333' alone: make one "
            "there"
        ]
    )


def test_a_network_without_a_way_out_is_warned_of_the_first_pull() -> None:
    args: dict[str, Any] = {"platform": {"pull_through": [QUAY]}}

    (warning,) = pull_through_warnings(settings_of(network={"nat": "none"}, **args))

    assert "the first pull of an image may need a route to the internet" in warning
    assert pull_through_warnings(settings_of(**args)) == []
    assert pull_through_warnings(settings_of(network={"nat": "none"})) == []
