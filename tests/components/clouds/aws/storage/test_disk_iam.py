"""The driver of disks touches its own cluster's disks, snapshots and machines, and no other's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from splitplane.components.clouds.aws.addons.controller_iam import build_volume_key_document
from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.identity.service_accounts import INLINE_POLICY_CHARACTERS
from splitplane.components.clouds.aws.storage.disk_iam import build_cluster_disk_document

SCOPES = (
    Scope("aws", "ap-southeast-2", "111122223333"),
    Scope("aws-cn", "cn-northwest-1", "111122223333"),
    Scope("aws-us-gov", "us-gov-west-1", "111122223333"),
)
EU = Scope("aws", "eu-west-1", "111122223333")
OWN = "${aws:PrincipalTag/eks-cluster-name}"


def _statements(action: str) -> list[dict[str, Any]]:
    statements: list[dict[str, Any]] = json.loads(build_cluster_disk_document(EU))["Statement"]
    return [item for item in statements if action in item["Action"]]


@pytest.mark.parametrize(
    "action",
    [
        "ec2:AttachVolume",
        "ec2:CopyVolumes",
        "ec2:CreateSnapshot",
        "ec2:CreateVolume",
        "ec2:DeleteSnapshot",
        "ec2:DeleteTags",
        "ec2:DeleteVolume",
        "ec2:DetachVolume",
        "ec2:EnableFastSnapshotRestores",
        "ec2:LockSnapshot",
        "ec2:ModifyVolume",
    ],
)
def test_everything_that_changes_something_is_bound_to_the_cluster(action: str) -> None:
    found = _statements(action)

    assert found
    for statement in found:
        assert OWN in statement["Condition"]["StringEquals"].values()
        assert "*" not in statement["Resource"]


@pytest.mark.parametrize("action", ["ec2:AttachVolume", "ec2:DetachVolume"])
def test_machines_of_groups_of_karpenter_and_of_others_take_disks(action: str) -> None:
    tags = {
        key.partition("/")[2]
        for statement in _statements(action)
        if statement["Resource"] == ["arn:aws:ec2:eu-west-1:111122223333:instance/*"]
        for key in statement["Condition"]["StringEquals"]
    }

    assert tags == {"eks:cluster-name", "eks:eks-cluster-name", "ebs.csi.aws.com/cluster-name"}


def test_whose_a_disk_is_cannot_be_changed_after_it_was_made() -> None:
    (new, later) = _statements("ec2:CreateTags")

    assert new["Condition"] == {
        "StringEquals": {"ec2:CreateAction": ["CopyVolumes", "CreateSnapshot", "CreateVolume"]}
    }
    assert (
        "ebs.csi.aws.com/cluster-name"
        in (later["Condition"]["ForAllValues:StringNotEquals"]["aws:TagKeys"])
    )
    assert later["Condition"]["Null"] == {"aws:TagKeys": "false"}


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: scope.partition)
def test_document_and_that_of_the_key_fit_one_role_in_each_partition(scope: Scope) -> None:
    text = build_cluster_disk_document(scope)
    key = build_volume_key_document(scope.arn("kms", "key/" + "0" * 36))

    assert len(text) + len(key) <= INLINE_POLICY_CHARACTERS
    arns = {arn for item in json.loads(text)["Statement"] for arn in item["Resource"]} - {"*"}
    assert arns == {
        f"arn:{scope.partition}:ec2:{scope.region}:111122223333:instance/*",
        f"arn:{scope.partition}:ec2:{scope.region}:111122223333:volume/*",
        f"arn:{scope.partition}:ec2:{scope.region}::snapshot/*",
    }
