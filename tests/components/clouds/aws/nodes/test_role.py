"""Machines get one role, with AWS' own policies and nothing that lets people in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from aws_plane import SCOPE, Parent, settings_of, with_plane
from clouds.answers import CloudAnswers
from recording_monitor import Recording, record

from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.nodes.role import (
    NodeRoleParts,
    declare_node_role,
    declare_spot_role,
)
from splitplane.components.clouds.aws.parts import Plane

ROLE = "aws:iam/role:Role"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"


def declared(scope: Scope = SCOPE, **args: Any) -> tuple[Recording, NodeRoleParts]:
    made: list[NodeRoleParts] = []

    def declare(parent: Parent, plane: Plane) -> None:
        made.append(declare_node_role(parent, plane, "nodes"))

    program = with_plane(settings_of(**args), declare, scope=scope)
    return record(program, answers=CloudAnswers()), made[0]


def attached(recording: Recording) -> Mapping[str, str]:
    return {
        item.name: item.inputs["policyArn"]
        for item in recording.resources
        if item.type == ATTACHMENT
    }


def test_name_and_arn_are_known_before_the_role_is_made() -> None:
    recording, parts = declared()

    role = recording.one(ROLE)
    assert parts.name == role.inputs["name"] == "prod-eu-nodes-eu-west-1"
    assert parts.arn == "arn:aws:iam::111122223333:role/prod-eu-nodes-eu-west-1"
    assert len(parts.ready) == 4
    assert role.parent == "plane"


def test_the_role_has_the_policies_that_nodes_need() -> None:
    recording, _ = declared()

    assert attached(recording) == {
        "prod-eu-nodes-worker": "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
        "prod-eu-nodes-images": "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
        "prod-eu-nodes-sessions": "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
    }


@pytest.mark.parametrize(
    ("partition", "region"),
    [("aws", "eu-west-1"), ("aws-cn", "cn-north-1"), ("aws-us-gov", "us-gov-west-1")],
)
def test_policies_are_those_of_the_partition(partition: str, region: str) -> None:
    recording, parts = declared(Scope(partition, region, "111122223333"))

    trust = json.loads(recording.one(ROLE).inputs["assumeRolePolicy"])
    assert trust["Statement"][0]["Principal"] == {"Service": ["ec2.amazonaws.com"]}
    assert parts.arn.startswith(f"arn:{partition}:iam::111122223333:")
    for arn in attached(recording).values():
        assert arn.startswith(f"arn:{partition}:iam::aws:policy/")


def test_a_boundary_and_tags_are_those_of_the_settings() -> None:
    boundary = "arn:aws:iam::111122223333:policy/boundary"
    recording, _ = declared(permissions_boundary_arn=boundary, tags={"team": "ml"})

    role = recording.one(ROLE)
    assert role.inputs["permissionsBoundary"] == boundary
    assert role.inputs["tags"] == {"splitplane.io/cluster": "prod-eu", "team": "ml"}


def test_the_longest_cluster_name_gives_a_name_that_iam_takes() -> None:
    _, parts = declared(name="x" * 100)

    assert len(parts.name) == 64
    assert parts.arn.endswith(f":role/{parts.name}")


def test_nodes_may_make_the_repositories_of_images_that_come_through_ecr() -> None:
    recording, parts = declared(platform={"pull_through": [{"registry": "quay"}]})

    policy = recording.one("aws:iam/rolePolicy:RolePolicy")
    assert policy.name == "prod-eu-nodes-first-pull"
    assert json.loads(policy.inputs["policy"])["Statement"] == [
        {
            "Sid": "FirstPull",
            "Effect": "Allow",
            "Action": ["ecr:CreateRepository"],
            "Resource": ["arn:aws:ecr:eu-west-1:111122223333:repository/prod-eu/quay/*"],
        }
    ]
    assert len(parts.ready) == 5


def test_the_role_of_spot_machines_is_made_on_request_and_stays() -> None:
    program = with_plane(settings_of(makes_spot_service_role=True), declare_spot_role)
    recording = record(program, answers=CloudAnswers())

    role = recording.one("aws:iam/serviceLinkedRole:ServiceLinkedRole")
    assert role.inputs == {
        "awsServiceName": "spot.amazonaws.com",
        "tags": {"splitplane.io/cluster": "prod-eu"},
    }
    assert role.retain_on_delete
    left_out = record(with_plane(settings_of(), declare_spot_role), answers=CloudAnswers())
    assert [item for item in left_out.resources if "serviceLinkedRole" in item.type] == []
