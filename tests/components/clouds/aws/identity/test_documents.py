"""Documents are least privilege: AWS knows every part of them, and IAM takes their length."""

from __future__ import annotations

import json

import iam_check
import pytest

from splitplane.components.clouds.aws.addons import controller_iam
from splitplane.components.clouds.aws.identity import trust
from splitplane.components.clouds.aws.identity.documents import (
    MANAGED_POLICY_CHARACTERS,
    POLICIES_OF_A_ROLE,
    Scope,
    Statement,
    build_document,
    pack_documents,
)
from splitplane.components.clouds.aws.identity.service_accounts import INLINE_POLICY_CHARACTERS
from splitplane.components.clouds.aws.karpenter import iam as karpenter_iam
from splitplane.components.clouds.aws.network import flow_log_iam
from splitplane.components.clouds.aws.platform import iam as platform_iam
from splitplane.components.clouds.aws.storage import bucket_iam, disk_iam
from splitplane.components.clouds.aws.storage import iam as storage_iam
from splitplane.components.errors import WrongArgument

SCOPES = (
    Scope("aws", "eu-central-1", "111122223333"),
    Scope("aws-cn", "cn-north-1", "111122223333"),
    Scope("aws-us-gov", "us-gov-west-1", "111122223333"),
)
EU = SCOPES[0]
ZONES = ["arn:aws:route53:::hostedzone/Z1", "arn:aws:route53:::hostedzone/Z2"]
KEY = EU.arn("kms", "key/0a1b")


def karpenter_documents(scope: Scope, cluster_name: str = "prod-eu") -> dict[str, str]:
    return karpenter_iam.build_controller_documents(
        scope,
        cluster_name=cluster_name,
        node_role_arn=scope.global_arn("iam", "role/node"),
        queue_arn=scope.arn("sqs", "queue"),
    )


DOCUMENTS = {
    **{f"karpenter {k}": v for k, v in karpenter_documents(EU).items()},
    "queue": karpenter_iam.build_queue_document(EU.arn("sqs", "queue")),
    "external-dns": controller_iam.build_external_dns_document(ZONES),
    "cert-manager": controller_iam.build_cert_manager_document(ZONES, partition="aws"),
    "volume key": controller_iam.build_volume_key_document(KEY),
    "ipv6": controller_iam.build_ipv6_document(EU),
    "file system": storage_iam.build_file_system_policy(
        EU.arn("elasticfilesystem", "file-system/fs-1")
    ),
    "flow logs": flow_log_iam.build_flow_logs_document(EU, "/splitplane/prod-eu"),
    "bucket": platform_iam.build_bucket_access_document("arn:aws:s3:::ml", key_arn=KEY),
    "bucket policy": platform_iam.build_bucket_policy("arn:aws:s3:::ml"),
    "registry": platform_iam.build_registry_document(EU, ["prod-eu/"]),
    "secrets": platform_iam.build_secret_reading_document(EU, "prod-eu/"),
    "cluster": platform_iam.build_cluster_reading_document(EU, "prod-eu"),
    "disks": disk_iam.build_cluster_disk_document(EU),
    "bucket as files": bucket_iam.build_bucket_files_document(EU, "arn:aws:s3:::ml", key_arn=KEY),
    "reading of files": bucket_iam.build_bucket_files_reading_document(EU, "ml-", key_arn=KEY),
}


GAPS = {
    # Karpenter's template names it for RunInstances; AWS' list names it for CreateTags only.
    "karpenter node-lifecycle": [
        "Make: resource 'arn:aws:ec2:eu-central-1:*:spot-instances-request/*' is none of its "
        "actions"
    ]
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_aws_knows_every_action_resource_and_condition_key(name: str) -> None:
    assert iam_check.problems(DOCUMENTS[name]) == GAPS.get(name, [])


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: scope.partition)
def test_longest_cluster_name_fits_and_every_arn_is_of_its_partition(scope: Scope) -> None:
    documents = karpenter_documents(scope, "x" * 100)

    assert len(documents) <= POLICIES_OF_A_ROLE
    for text in documents.values():
        assert len(text) <= MANAGED_POLICY_CHARACTERS
        arns = [
            resource
            for statement in json.loads(text)["Statement"]
            for resource in statement["Resource"]
            if resource != "*"
        ]
        assert all(arn.startswith(f"arn:{scope.partition}:") for arn in arns)


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: scope.partition)
@pytest.mark.parametrize("length", [1, 7, 100])
def test_packed_documents_say_the_same_and_fit_one_role(scope: Scope, length: int) -> None:
    documents = karpenter_documents(scope, "x" * length)

    packed = pack_documents(documents)

    assert len(packed) <= 2
    assert all(len(text) <= MANAGED_POLICY_CHARACTERS for text in packed.values())
    assert sum(map(len, packed.values())) <= INLINE_POLICY_CHARACTERS
    before = [item for text in documents.values() for item in json.loads(text)["Statement"]]
    after = [item for text in packed.values() for item in json.loads(text)["Statement"]]
    assert sorted(after, key=by_sid) == sorted(before, key=by_sid)
    assert len({item["Sid"] for item in after}) == len(after) == 18


def by_sid(statement: dict[str, str]) -> str:
    return statement["Sid"]


def test_documents_are_packed_in_any_order_alike_and_named_after_the_longest() -> None:
    documents = karpenter_documents(EU, "x" * 100)

    packed = pack_documents(documents)

    assert list(packed) == ["node-lifecycle", "discovery"]
    assert pack_documents(dict(reversed(documents.items()))) == packed
    assert list(pack_documents(karpenter_documents(EU))) == ["node-lifecycle"]
    assert pack_documents({}) == {}


def test_karpenter_without_a_way_out_makes_no_profiles_and_reads_no_prices() -> None:
    documents = karpenter_iam.build_controller_documents(
        EU,
        cluster_name="prod-eu",
        node_role_arn=EU.global_arn("iam", "role/node"),
        queue_arn=EU.arn("sqs", "queue"),
        is_isolated=True,
        has_zonal_shift=False,
    )

    actions = {
        action
        for text in documents.values()
        for statement in json.loads(text)["Statement"]
        for action in statement["Action"]
    }
    assert {item for item in actions if item.startswith(("iam:", "pricing:", "arc-"))} == {
        "iam:PassRole"
    }


def test_karpenter_starts_only_machines_that_it_tags_as_its_own() -> None:
    statements = json.loads(karpenter_documents(EU)["node-lifecycle"])["Statement"]

    (make,) = [item for item in statements if item["Sid"] == "Make"]
    assert make["Action"] == ["ec2:CreateFleet", "ec2:CreateLaunchTemplate", "ec2:RunInstances"]
    assert make["Condition"] == {
        "StringEquals": {
            "aws:RequestTag/kubernetes.io/cluster/prod-eu": "owned",
            "aws:RequestTag/eks:eks-cluster-name": "prod-eu",
        },
        "StringLike": {"aws:RequestTag/karpenter.sh/nodepool": "*"},
    }
    (remove,) = [item for item in statements if item["Sid"] == "RemoveOwn"]
    assert remove["Condition"]["StringEquals"] == {
        "aws:ResourceTag/kubernetes.io/cluster/prod-eu": "owned"
    }


def test_karpenter_passes_on_no_role_but_the_nodes() -> None:
    statements = json.loads(karpenter_documents(EU)["iam-integration"])["Statement"]

    (pass_role,) = [item for item in statements if "iam:PassRole" in item["Action"]]
    assert pass_role["Resource"] == ["arn:aws:iam::111122223333:role/node"]


def test_pods_assume_a_role_only_from_their_own_account_of_their_own_cluster() -> None:
    text = trust.build_pod_identity_trust(
        EU, cluster_name="prod-eu", namespace="kube-system", service_account="karpenter"
    )

    assert json.loads(text)["Statement"] == [
        {
            "Sid": "Pods",
            "Effect": "Allow",
            "Principal": {"Service": "pods.eks.amazonaws.com"},
            "Action": ["sts:AssumeRole", "sts:TagSession"],
            "Condition": {
                "StringEquals": {
                    "aws:SourceAccount": "111122223333",
                    "aws:RequestTag/kubernetes-namespace": "kube-system",
                    "aws:RequestTag/kubernetes-service-account": "karpenter",
                },
                "ArnEquals": {
                    "aws:SourceArn": "arn:aws:eks:eu-central-1:111122223333:cluster/prod-eu"
                },
            },
        }
    ]


def test_irsa_trust_names_audience_and_account_without_the_scheme() -> None:
    text = trust.build_irsa_trust(
        provider_arn="arn:aws:iam::111122223333:oidc-provider/oidc.example.com/id/A1",
        issuer_url="https://oidc.example.com/id/A1",
        namespace="argocd",
        service_account="server",
    )

    (statement,) = json.loads(text)["Statement"]
    assert statement["Condition"] == {
        "StringEquals": {
            "oidc.example.com/id/A1:aud": "sts.amazonaws.com",
            "oidc.example.com/id/A1:sub": "system:serviceaccount:argocd:server",
        }
    }


def test_control_plane_needs_the_external_id() -> None:
    principal = "arn:aws:iam::444455556666:role/control-plane"
    text = trust.build_control_plane_trust(principal_arns=[principal], external_id="tenant-1")

    (statement,) = json.loads(text)["Statement"]
    assert statement["Principal"] == {"AWS": [principal]}
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": "tenant-1"}}
    with pytest.raises(WrongArgument, match=r"platform\.external_id '' is not allowed"):
        trust.build_control_plane_trust(principal_arns=[principal], external_id="")
    with pytest.raises(WrongArgument, match=r"principal_arns '\*' is no role or user"):
        trust.build_control_plane_trust(principal_arns=["*"], external_id="tenant-1")


@pytest.mark.parametrize(
    ("services", "actions"),
    [
        (("ec2.amazonaws.com",), ["sts:AssumeRole"]),
        (("eks.amazonaws.com",), ["sts:AssumeRole", "sts:TagSession"]),
    ],
)
def test_only_the_cluster_passes_tags_on(services: tuple[str, ...], actions: list[str]) -> None:
    (statement,) = json.loads(trust.build_service_trust(*services))["Statement"]

    assert (statement["Principal"], statement["Action"]) == ({"Service": list(services)}, actions)


def test_document_beyond_the_limit_is_refused_with_both_lengths() -> None:
    resources = [EU.arn("ecr", f"repository/team-{number}/*") for number in range(200)]

    with pytest.raises(WrongArgument, match=r"'registry' has \d+ characters, IAM takes 6144"):
        build_document("registry", Statement("Images", ["ecr:PutImage"], resources))


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        (Statement("S", ["ec2:FlyInstances"], ["*"]), "action 'ec2:FlyInstances' is not known"),
        (Statement("S", ["sky:Fly"], ["*"]), "service 'sky' is not known"),
        (Statement("S", ["s3:GetObject"], ["*"]), "resource '*' without a condition"),
        (
            Statement("S", ["s3:GetObject"], ["arn:aws:ec2:::instance/i"]),
            "resource 'arn:aws:ec2:::instance/i' is none of its actions",
        ),
        (
            Statement("S", ["s3:GetObject"], ["arn:aws:s3:::b/*"], {"Bool": {"ec2:Owner": "x"}}),
            "condition key 'ec2:Owner' is not one of its actions",
        ),
    ],
)
def test_check_itself_finds_what_means_nothing(statement: Statement, problem: str) -> None:
    found = iam_check.problems(build_document("sample", statement))

    assert any(problem in text for text in found), found


def test_who_makes_encrypted_volumes_has_the_rights_that_ebs_asks_for() -> None:
    use, lend = json.loads(controller_iam.build_volume_key_document(KEY))["Statement"]

    assert use["Action"] == [
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
    ]
    assert lend["Action"] == ["kms:CreateGrant"]
    assert use["Resource"] == lend["Resource"] == [KEY]
