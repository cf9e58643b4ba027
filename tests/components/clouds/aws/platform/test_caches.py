"""Each registry that comes through ECR gets its rule and a template whose tags may move."""

from __future__ import annotations

import json
from typing import Any

from aws_plane import Parent, settings_of, with_plane
from clouds.answers import CloudAnswers
from clouds.graph import assert_after, recorded_graph
from recording_monitor import Recording, record

from splitplane.components.clouds.aws.cluster.component import EksCluster
from splitplane.components.clouds.aws.parts import Place, Plane
from splitplane.components.clouds.aws.platform.caches import declare_caches

RULE = "aws:ecr/pullThroughCacheRule:PullThroughCacheRule"
TEMPLATE = "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate"
SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/hub-x1Y2z3"
ASKED = [{"registry": "docker-hub", "credential_arn": SECRET}, {"registry": "quay"}]


def _run(asked: list[dict[str, Any]]) -> Recording:
    settings = settings_of(platform={"pull_through": asked})
    return record(with_plane(settings, declare_caches), answers=CloudAnswers())


def _inputs(recording: Recording, kind: str) -> dict[str, dict[str, Any]]:
    return {item.name: item.inputs for item in recording.resources if item.type == kind}


def test_a_rule_leads_from_a_prefix_to_a_host() -> None:
    assert _inputs(_run(ASKED), RULE) == {
        "prod-eu-docker-hub": {
            "ecrRepositoryPrefix": "prod-eu/docker-hub",
            "upstreamRegistryUrl": "registry-1.docker.io",
            "credentialArn": SECRET,
        },
        "prod-eu-quay": {
            "ecrRepositoryPrefix": "prod-eu/quay",
            "upstreamRegistryUrl": "quay.io",
        },
    }


def test_a_tag_moves_when_its_registry_moves_it() -> None:
    template = _inputs(_run(ASKED), TEMPLATE)["prod-eu-quay"]

    assert template["prefix"] == "prod-eu/quay"
    assert template["appliedFors"] == ["PULL_THROUGH_CACHE"]
    assert template["imageTagMutability"] == "MUTABLE"
    (rule,) = json.loads(template["lifecyclePolicy"])["rules"]
    assert rule["selection"]["tagStatus"] == "untagged"
    assert rule["selection"]["countNumber"] == 14


def test_no_repository_is_born_before_its_template() -> None:
    graph = recorded_graph(_run([{"registry": "quay"}]))

    assert_after(graph, RULE, TEMPLATE)


def test_without_registries_there_is_nothing() -> None:
    recording = _run([])

    assert (_inputs(recording, RULE), _inputs(recording, TEMPLATE)) == ({}, {})


def test_nodes_of_auto_mode_may_make_repositories_too() -> None:
    settings = settings_of(compute_mode="auto_mode", platform={"pull_through": ASKED})

    def declare(parent: Parent, plane: Plane) -> None:
        EksCluster("prod-eu", settings, Place(plane.scope, ()), plane.network)

    recording = record(with_plane(settings, declare), answers=CloudAnswers())

    (policy,) = (
        item.inputs for item in recording.resources if item.name == "prod-eu-auto-node-first-pull"
    )
    assert policy["role"] == "prod-eu-auto-node-eu-west-1"
    (statement,) = json.loads(policy["policy"])["Statement"]
    assert statement["Resource"] == [
        "arn:aws:ecr:eu-west-1:111122223333:repository/prod-eu/docker-hub/*",
        "arn:aws:ecr:eu-west-1:111122223333:repository/prod-eu/quay/*",
    ]
