"""Service accounts that a program names get a role of their own, or are refused with a reason."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aws_plane import SCOPE, Parent, make_plane, settings_of
from clouds.answers import CloudAnswers
from iam_check import problems
from recording_monitor import Recording, record

from splitplane.components.clouds.aws.identity.requested import (
    build_target_role_document,
    check_service_accounts,
    foreign_rights,
    purpose_of,
)
from splitplane.components.clouds.aws.identity.service_accounts import declare_service_accounts
from splitplane.components.clouds.aws.parts import Binding
from splitplane.components.clouds.aws.platform.resources import declare_platform
from splitplane.components.clouds.aws.settings import ServiceAccountSettings

TRAIN: dict[str, Any] = {"namespace": "ml", "name": "train"}
READ = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
OWN = "arn:aws:iam::111122223333:policy/team/AmazonS3ReadOnlyAccess"
TARGET = "arn:aws:iam::444455556666:role/data"


def _run(account: dict[str, Any], **args: Any) -> tuple[Recording, list[Binding]]:
    bindings: list[Binding] = []
    settings = settings_of(service_accounts=[TRAIN | account], **args)

    def program() -> None:
        plane = make_plane(settings)
        parent = Parent()
        rights = declare_platform(parent, plane).rights
        declare_service_accounts(parent, plane, rights=rights)
        bindings.extend(plane.bindings)

    return record(program, answers=CloudAnswers()), bindings


def _of(recording: Recording, kind: str) -> list[dict[str, Any]]:
    return [
        item.inputs
        for item in recording.resources
        if item.type.endswith(f":{kind}") and "pods" in item.name
    ]


def _problems(*accounts: dict[str, Any], **args: Any) -> list[str]:
    return check_service_accounts(settings_of(service_accounts=[*accounts], **args))


def test_platform_rights_are_those_of_the_platforms_role_but_for_its_cluster() -> None:
    recording, bindings = _run(
        {"has_platform_rights": True},
        platform={
            "control_plane_principal_arns": ["arn:aws:iam::210987654321:role/control-plane"],
            "external_id": "tenant-7",
        },
    )

    (policy,) = _of(recording, "RolePolicy")
    pods = json.loads(policy["policy"])["Statement"]
    (platform,) = (
        json.loads(item.inputs["policy"])["Statement"]
        for item in recording.resources
        if item.name == "prod-eu-platform" and item.type.endswith(":RolePolicy")
    )
    assert {item["Sid"] for item in platform} - {item["Sid"] for item in pods} == {
        "ReadCluster",
        "ReadParts",
    }
    assert [item for item in platform if item in pods] == pods
    assert bindings == [
        Binding("ml", "train", "arn:aws:iam::111122223333:role/prod-eu-pods-ml.train-eu-west-1")
    ]


def test_the_association_waits_for_the_role_and_goes_on_to_the_target() -> None:
    recording, _ = _run({"target_role_arn": TARGET})

    (association,) = _of(recording, "PodIdentityAssociation")
    assert association == {
        "clusterName": "prod-eu",
        "namespace": "ml",
        "serviceAccount": "train",
        "roleArn": "arn:aws:iam::111122223333:role/prod-eu-pods-ml.train-eu-west-1",
        "targetRoleArn": TARGET,
        "tags": {"splitplane.io/cluster": "prod-eu"},
    }
    (policy,) = _of(recording, "RolePolicy")
    assert json.loads(policy["policy"])["Statement"] == [
        {
            "Sid": "TargetRole",
            "Effect": "Allow",
            "Action": ["sts:AssumeRole", "sts:TagSession"],
            "Resource": [TARGET],
        }
    ]
    # With them off, the trust of the role would hold for nobody: it asks for the tags.
    (role,) = _of(recording, "Role")
    equal = json.loads(role["assumeRolePolicy"])["Statement"][0]["Condition"]["StringEquals"]
    assert equal["aws:RequestTag/kubernetes-service-account"] == "train"


def test_policies_of_one_name_are_attached_side_by_side() -> None:
    recording, _ = _run({"policy_arns": [READ, OWN]})

    assert sorted(item["policyArn"] for item in _of(recording, "RolePolicyAttachment")) == [
        OWN,
        READ,
    ]


@pytest.mark.parametrize("mode", ["auto_mode", "karpenter"])
def test_it_is_the_same_in_every_mode_and_in_an_adopted_cluster(mode: str) -> None:
    created, _ = _run({"policy_arns": [READ]}, compute_mode=mode)
    adopted, _ = _run({"policy_arns": [READ]}, cluster_name="prod-eu")

    for kind in ("Role", "RolePolicyAttachment", "PodIdentityAssociation"):
        assert len(_of(created, kind)) == 1
        assert _of(created, kind) == _of(adopted, kind)


def test_with_irsa_the_role_trusts_the_service_account_and_nothing_is_associated() -> None:
    recording, bindings = _run({"policy_arns": [READ]}, workload_identity="irsa")

    (role,) = _of(recording, "Role")
    assert "system:serviceaccount:ml:train" in role["assumeRolePolicy"]
    assert _of(recording, "PodIdentityAssociation") == []
    assert len(bindings) == 1


def test_no_two_service_accounts_have_one_purpose() -> None:
    asked = [("a", "b-c"), ("a-b", "c"), ("a", "b.c"), ("a-b", "c.d")]

    purposes = {purpose_of(ServiceAccountSettings(*names)) for names in asked}

    assert purposes == {"pods-a.b-c", "pods-a-b.c", "pods-a.b.c", "pods-a-b.c.d"}


def test_long_names_stay_within_the_limit_and_apart() -> None:
    accounts = [
        TRAIN | {"namespace": "n" * 63, "name": "x" * 200 + end, "policy_arns": [READ]}
        for end in "ab"
    ]
    settings = settings_of(service_accounts=accounts)
    names: list[str] = []

    def program() -> None:
        plane = make_plane(settings)
        declare_service_accounts(Parent(), plane, rights=None)
        names.extend(item.role_arn.rpartition("/")[2] for item in plane.bindings)

    record(program, answers=CloudAnswers())

    assert len({*names}) == 2
    assert {len(name) for name in names} == {64}


def test_the_document_of_a_target_names_real_actions() -> None:
    assert problems(build_target_role_document(TARGET)) == []


@pytest.mark.parametrize(
    ("account", "problem"),
    [
        (
            {"namespace": "ML", "policy_arns": [READ]},
            "service_accounts[0].namespace 'ML' is not allowed: use 1 to 63 lower-case letters, "
            "digits and hyphens, starting and ending with a letter or digit",
        ),
        (
            {"name": "train-", "policy_arns": [READ]},
            "service_accounts[0].name 'train-' is not allowed: use 1 to 253 lower-case letters, "
            "digits, hyphens and dots, each word starting and ending with a letter or digit",
        ),
        (
            {},
            "service_accounts[0] ml/train has no right: set has_platform_rights, name policy_arns "
            "or a target_role_arn, or leave it out",
        ),
        (
            {"policy_arns": ["AmazonS3ReadOnlyAccess"]},
            "service_accounts[0].policy_arns 'AmazonS3ReadOnlyAccess' is no policy: write "
            "arn:aws:iam::ACCOUNT:policy/NAME, for those of AWS arn:aws:iam::aws:policy/NAME",
        ),
        (
            {"policy_arns": [READ, READ]},
            f"service_accounts[0].policy_arns {[READ, READ]!r} name one twice: leave it out",
        ),
        (
            {"policy_arns": [f"{READ}{index}" for index in range(11)]},
            "service_accounts[0].policy_arns are 11, IAM takes 10 in a role: attach fewer",
        ),
        (
            {"target_role_arn": "data"},
            "service_accounts[0].target_role_arn 'data' is no role: write "
            "arn:aws:iam::ACCOUNT:role/NAME",
        ),
    ],
    ids=["namespace", "name", "no right", "policy", "twice", "too many", "target"],
)
def test_what_cannot_be_made_is_refused(account: dict[str, Any], problem: str) -> None:
    assert _problems(TRAIN | account) == [problem]


def test_one_that_is_named_twice_is_refused() -> None:
    account = TRAIN | {"policy_arns": [READ]}

    assert _problems(account, account) == [
        "service_accounts name ml/train 2 times: put its rights together"
    ]


def test_one_of_an_addon_is_refused() -> None:
    account = {"namespace": "kube-system", "name": "karpenter", "policy_arns": [READ]}
    settings = settings_of(service_accounts=[account])

    assert check_service_accounts(settings, {"kube-system/karpenter": "karpenter"}) == [
        "service_accounts[0] 'kube-system/karpenter' is that of add-on 'karpenter', which has a "
        "role of its own: name another one"
    ]


def test_platform_rights_need_something_of_the_platform() -> None:
    bare = {"has_bucket": False, "has_registry": False, "has_secret_store": False}

    assert _problems(TRAIN | {"has_platform_rights": True}, platform=bare) == [
        "service_accounts[0].has_platform_rights True has nothing to be for: the platform has no "
        "bucket, registry or secret store here"
    ]


def test_a_target_needs_pod_identity() -> None:
    assert _problems(TRAIN | {"target_role_arn": TARGET}, workload_identity="irsa") == [
        f"service_accounts[0].target_role_arn {TARGET!r} needs workload_identity 'pod_identity', "
        "which goes on to it; with 'irsa' let the pods' own SDK assume it"
    ]


def test_rights_of_elsewhere_are_refused() -> None:
    other = "arn:aws:iam::444455556666:policy/read"
    china = "arn:aws-cn:iam::444455556666:role/data"
    settings = settings_of(
        service_accounts=[
            TRAIN | {"policy_arns": [READ, OWN, other], "target_role_arn": china},
        ]
    )

    assert list(foreign_rights(settings, SCOPE)) == [
        f"service_accounts[0].policy_arns {other!r} lies in account '444455556666' (aws), the role "
        "in '111122223333' (aws): name a policy of the role's account or of AWS",
        f"service_accounts[0].target_role_arn {china!r} lies in another partition than 'aws', from "
        "where nobody can assume it",
    ]
