"""The cluster's own documents say only what AWS' policies leave out, and AWS knows all of it."""

from __future__ import annotations

import json

import iam_check
import pytest

from splitplane.components.clouds.aws.cluster import iam as cluster_iam
from splitplane.components.clouds.aws.identity.documents import Scope

EU = Scope("aws", "eu-west-1", "111122223333")
KEY = "arn:aws:kms:eu-west-1:111122223333:key/0a1b"
DOCUMENTS = {
    "secrets key": cluster_iam.build_secrets_key_document(KEY),
    "tags": cluster_iam.build_auto_mode_tags_document(EU, "prod-eu"),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_aws_knows_every_action_resource_and_condition_key(name: str) -> None:
    assert iam_check.problems(DOCUMENTS[name]) == []


def test_the_key_is_the_only_one_that_may_be_used() -> None:
    (statement,) = json.loads(DOCUMENTS["secrets key"])["Statement"]

    assert statement["Resource"] == [KEY]
    assert statement["Action"] == [
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:ListGrants",
    ]


def test_auto_mode_tags_only_what_carries_the_name_of_its_cluster() -> None:
    statements = json.loads(DOCUMENTS["tags"])["Statement"]

    assert [item["Sid"] for item in statements] == [
        "Compute",
        "Storage",
        "Networking",
        "LoadBalancers",
    ]
    for statement in statements:
        assert statement["Condition"]["StringEquals"] == {
            "aws:RequestTag/eks:eks-cluster-name": "prod-eu"
        }
