"""A service account gets a role by Pod Identity or IRSA, within the limits of IAM."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from aws_plane import Parent, make_plane, settings_of
from clouds.answers import CloudAnswers
from clouds.graph import Graph, assert_after, recorded_graph
from clouds.replacing import replacing_inputs
from recording_monitor import Recording, Registered, record

from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.identity.service_accounts import Identity, declare_identity
from splitplane.components.clouds.aws.parts import Binding
from splitplane.components.errors import WrongArgument

ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/rolePolicy:RolePolicy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
DOCUMENTS = {"records": '{"Statement":[]}', "zones": '{"Statement":[1]}'}


def _run(
    settings: dict[str, Any] | None = None, *, is_preview: bool = False, **given: Any
) -> tuple[Recording, Identity, dict[str, str]]:
    found: list[Identity] = []
    annotations: dict[str, str] = {}

    def program() -> None:
        whole = Parent()
        plane = make_plane(settings_of(**(settings or {})))
        asked: dict[str, Any] = {
            "documents": DOCUMENTS,
            "managed_policies": ["service-role/Disks"],
            **given,
        }
        found.append(
            declare_identity(
                whole,
                plane,
                "dns",
                namespace="external-dns",
                service_account="controller",
                **asked,
            )
        )
        pulumi.Output.all(**found[0].annotations).apply(annotations.update)

    answers = None if is_preview else CloudAnswers()
    recording = record(program, is_preview=is_preview, answers=answers)
    return recording, found[0], annotations


def _of(recording: Recording, type_: str) -> list[Registered]:
    return [item for item in recording.resources if item.type == type_ and "dns" in item.name]


def _graph(**given: Any) -> Graph:
    return recorded_graph(_run(**given)[0])


def test_pod_identity_makes_a_role_its_policies_and_one_association() -> None:
    recording, identity, annotations = _run()

    assert identity.role_name == "prod-eu-dns-eu-west-1"
    assert identity.role_arn == "arn:aws:iam::111122223333:role/prod-eu-dns-eu-west-1"
    assert annotations == {}
    (role,) = _of(recording, ROLE)
    assert role.inputs["name"] == "prod-eu-dns-eu-west-1"
    trust = json.loads(role.inputs["assumeRolePolicy"])["Statement"][0]
    assert trust["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    equal = trust["Condition"]["StringEquals"]
    assert equal["aws:RequestTag/kubernetes-namespace"] == "external-dns"
    assert equal["aws:RequestTag/kubernetes-service-account"] == "controller"
    assert [(item.name, item.inputs) for item in _of(recording, POLICY)] == [
        (
            "prod-eu-dns-records",
            {"name": "records", "role": "prod-eu-dns-eu-west-1", "policy": '{"Statement":[]}'},
        ),
        (
            "prod-eu-dns-zones",
            {"name": "zones", "role": "prod-eu-dns-eu-west-1", "policy": '{"Statement":[1]}'},
        ),
    ]
    (attachment,) = _of(recording, ATTACHMENT)
    assert attachment.name == "prod-eu-dns-Disks"
    assert attachment.inputs == {
        "role": "prod-eu-dns-eu-west-1",
        "policyArn": "arn:aws:iam::aws:policy/service-role/Disks",
    }
    (association,) = _of(recording, ASSOCIATION)
    assert association.inputs == {
        "clusterName": "prod-eu",
        "namespace": "external-dns",
        "serviceAccount": "controller",
        "roleArn": "arn:aws:iam::111122223333:role/prod-eu-dns-eu-west-1",
        "tags": {"splitplane.io/cluster": "prod-eu"},
    }
    assert len(identity.ready) == 5


def test_an_association_takes_another_role_in_place_but_no_other_account() -> None:
    recording, _, _ = _run()

    (association,) = _of(recording, ASSOCIATION)
    assert replacing_inputs(recording)[association.urn] == {
        "clusterName": "prod-eu",
        "namespace": "external-dns",
        "serviceAccount": "controller",
    }


def test_the_plane_knows_who_has_which_role() -> None:
    found: list[Binding] = []

    def program() -> None:
        whole = Parent()
        plane = make_plane(settings_of())
        for purpose in ("dns", "certificates"):
            declare_identity(
                whole, plane, purpose, namespace=purpose, service_account="x", documents=DOCUMENTS
            )
        found.extend(plane.bindings)

    record(program, answers=CloudAnswers())

    assert found == [
        Binding("dns", "x", "arn:aws:iam::111122223333:role/prod-eu-dns-eu-west-1"),
        Binding(
            "certificates", "x", "arn:aws:iam::111122223333:role/prod-eu-certificates-eu-west-1"
        ),
    ]


@pytest.mark.parametrize("is_preview", [False, True])
def test_the_association_comes_after_cluster_and_policies(is_preview: bool) -> None:
    graph = _graph(is_preview=is_preview)

    for earlier in (ATTACHMENT, POLICY, "aws:eks/cluster:Cluster", f"{ROLE}::prod-eu-dns"):
        assert_after(graph, ASSOCIATION, earlier)


def test_irsa_trusts_the_issuer_and_annotates_the_service_account() -> None:
    recording, identity, annotations = _run({"workload_identity": "irsa"})

    (role,) = _of(recording, ROLE)
    (trust,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    issuer = "oidc.example.com/id/1"
    assert trust["Principal"] == {
        "Federated": f"arn:aws:iam::111122223333:oidc-provider/{issuer}",
    }
    assert trust["Condition"]["StringEquals"] == {
        f"{issuer}:aud": "sts.amazonaws.com",
        f"{issuer}:sub": "system:serviceaccount:external-dns:controller",
    }
    assert _of(recording, ASSOCIATION) == []
    assert annotations == {
        "eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/prod-eu-dns-eu-west-1"
    }
    assert len(identity.ready) == 4


def test_irsa_without_a_provider_is_refused_before_anything_is_registered() -> None:
    def program() -> None:
        plane = make_plane(settings_of())
        irsa = dataclasses.replace(plane, settings=settings_of(workload_identity="irsa"))
        with pytest.raises(WrongArgument, match=r"workload_identity 'irsa' .* no OIDC"):
            declare_identity(
                Parent(), irsa, "dns", namespace="external-dns", service_account="controller"
            )

    assert _of(record(program, answers=CloudAnswers()), ROLE) == []


def test_an_addon_makes_the_association_itself() -> None:
    recording, _, _ = _run(associates=False)

    assert _of(recording, ASSOCIATION) == []


def test_boundary_and_tags_are_on_the_role() -> None:
    boundary = "arn:aws:iam::111122223333:policy/boundary"

    recording, _, _ = _run({"permissions_boundary_arn": boundary, "tags": {"team": "ml"}})

    (role,) = _of(recording, ROLE)
    assert role.inputs["permissionsBoundary"] == boundary
    assert role.inputs["tags"] == {"splitplane.io/cluster": "prod-eu", "team": "ml"}


def test_a_long_cluster_name_is_cut_in_the_role_but_not_in_the_program() -> None:
    recording, identity, _ = _run({"name": "x" * 100})

    assert len(identity.role_name) == 64
    (role,) = _of(recording, ROLE)
    assert role.inputs["name"] == identity.role_name
    assert role.name == f"{'x' * 100}-dns"


def test_the_names_in_the_program_are_those_of_the_control_plane_with_an_adopted_cluster() -> None:
    recording, identity, _ = _run({"cluster_name": "legacy"})

    (role,) = _of(recording, ROLE)
    assert role.name == "prod-eu-dns"
    assert identity.role_name == "legacy-dns-eu-west-1"
    (association,) = _of(recording, ASSOCIATION)
    assert association.inputs["clusterName"] == "legacy"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"documents": {"a": "x" * 6000, "b": "x" * 4241}},
            "role of 'dns' is not allowed: its documents have 10241 characters, IAM takes 10240",
        ),
        (
            {"managed_policies": [f"P{number}" for number in range(11)]},
            "role of 'dns' is not allowed: 11 managed policies are attached, IAM takes 10",
        ),
    ],
    ids=["documents", "attachments"],
)
def test_what_iam_does_not_take_is_refused(given: dict[str, Any], message: str) -> None:
    def program() -> None:
        plane = make_plane(settings_of())
        with pytest.raises(WrongArgument) as caught:
            declare_identity(Parent(), plane, "dns", namespace="a", service_account="b", **given)
        assert str(caught.value).startswith(message)

    assert _of(record(program, answers=CloudAnswers()), ROLE) == []


def test_ten_thousand_characters_and_ten_attachments_pass() -> None:
    recording, _, _ = _run(
        documents={"a": "x" * 6000, "b": "x" * 4240},
        managed_policies=[f"P{number}" for number in range(10)],
    )

    assert len(_of(recording, ATTACHMENT)) == 10


def test_managed_policies_are_of_the_partition_and_arns_stay() -> None:
    own = "arn:aws-cn:iam::111122223333:policy/own"

    def program() -> None:
        plane = make_plane(settings_of(), scope=Scope("aws-cn", "cn-north-1", "111122223333"))
        declare_identity(
            Parent(),
            plane,
            "dns",
            namespace="a",
            service_account="b",
            managed_policies=["Reading", own],
        )

    recording = record(program, answers=CloudAnswers())

    found = [item.inputs["policyArn"] for item in _of(recording, ATTACHMENT)]
    assert found == ["arn:aws-cn:iam::aws:policy/Reading", own]


def test_the_role_waits_for_what_it_is_told_to() -> None:
    def program() -> None:
        plane = make_plane(settings_of())
        queue = aws.sqs.Queue("queue")
        declare_identity(
            Parent(), plane, "dns", namespace="a", service_account="b", depends_on=[queue]
        )

    graph = recorded_graph(record(program, answers=CloudAnswers()))

    assert_after(graph, f"{ROLE}::prod-eu-dns", "queue")


def test_everything_is_a_child_of_the_component() -> None:
    recording, _, _ = _run()

    made = [item for item in recording.resources if item.name.startswith("prod-eu-dns")]
    assert {item.parent for item in made} == {"plane"}
