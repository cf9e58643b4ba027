"""Load balancers: a controller that touches its own cluster's alone, and what Services tell it."""

from __future__ import annotations

import json
from typing import Any

import iam_check
import pulumi
import pytest
from aws_plane import SCOPE, Parent, make_plane, settings_of
from chart_values import CHARTS as DATA
from chart_values import chart_problems
from clouds.answers import CloudAnswers
from clouds.graph import assert_after, recorded_graph
from recording_monitor import Recording, record

from splitplane.components.addons.addon import AddonContext, ArgoCd
from splitplane.components.clouds.aws.addons.load_balancer import (
    build_controller_values,
    declare_load_balancer_controller,
    gateway_annotations,
    load_balancer_class,
)
from splitplane.components.clouds.aws.addons.load_balancer_iam import build_load_balancer_documents
from splitplane.components.clouds.aws.identity.documents import MANAGED_POLICY_CHARACTERS, Scope
from splitplane.components.clouds.aws.identity.service_accounts import check_role_policies
from splitplane.components.errors import WrongArgument

APPLICATION = "kubernetes:argoproj.io/v1alpha1:Application"
SCOPES = (
    SCOPE,
    Scope("aws-cn", "cn-north-1", "111122223333"),
    Scope("aws-us-gov", "us-gov-west-1", "111122223333"),
)
PREFIX = "service.beta.kubernetes.io/aws-load-balancer-"


def statements(vpc_id: str | None = None) -> dict[str, Any]:
    documents = build_load_balancer_documents(SCOPE, cluster_name="prod-eu", vpc_id=vpc_id)
    return {
        item["Sid"]: item for text in documents.values() for item in json.loads(text)["Statement"]
    }


@pytest.mark.parametrize("vpc_id", [None, "vpc-1"])
@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: scope.partition)
def test_the_documents_fit_and_aws_knows_all_of_them(scope: Scope, vpc_id: str | None) -> None:
    documents = build_load_balancer_documents(scope, cluster_name="x" * 100, vpc_id=vpc_id)

    check_role_policies("load-balancers", documents, ())
    for text in documents.values():
        assert len(text) <= MANAGED_POLICY_CHARACTERS
        assert iam_check.problems(text) == []
        for statement in json.loads(text)["Statement"]:
            for resource in statement["Resource"]:
                assert resource == "*" or resource.startswith(f"arn:{scope.partition}:")


def test_only_reading_is_allowed_everywhere() -> None:
    for name, statement in statements().items():
        if statement["Resource"] == ["*"]:
            assert name.startswith("Read")
            assert all(":Describe" in one or ":List" in one for one in statement["Action"])


@pytest.mark.parametrize("name", ["ChangeOwn", "ChangeOwnGroups"])
def test_what_is_changed_or_deleted_carries_the_clusters_name(name: str) -> None:
    assert statements()[name]["Condition"] == {
        "StringEquals": {"aws:ResourceTag/elbv2.k8s.aws/cluster": "prod-eu"}
    }


@pytest.mark.parametrize("name", ["TagOwn", "TagOwnGroups"])
def test_the_tag_that_says_whose_it_is_cannot_be_changed(name: str) -> None:
    condition = statements()[name]["Condition"]

    assert condition["Null"] == {"aws:RequestTag/elbv2.k8s.aws/cluster": "true"}


def test_groups_of_nodes_are_known_by_their_vpc_or_by_the_clusters_name() -> None:
    known = statements("vpc-1")

    assert known["OpenNodes0"]["Condition"] == {
        "ArnLike": {"ec2:Vpc": "arn:aws:ec2:eu-west-1:*:vpc/vpc-1"}
    }
    assert "OpenNodes1" not in known
    assert [statements()[f"OpenNodes{index}"]["Condition"] for index in (0, 1)] == [
        {"StringEquals": {"aws:ResourceTag/kubernetes.io/cluster/prod-eu": ["owned", "shared"]}},
        {"StringEquals": {"aws:ResourceTag/splitplane.io/cluster": "prod-eu"}},
    ]


def run(**args: Any) -> Recording:
    def program() -> None:
        whole = Parent("prod-eu")
        plane = make_plane(settings_of(**args))
        context = AddonContext(
            plane.kubernetes, ArgoCd("argocd", ()), plane.settings.addons, "production"
        )
        declare_load_balancer_controller(whole, plane, context, depends_on=plane.cluster.ready)

    return record(program, answers=CloudAnswers())


def test_the_controller_comes_after_its_rights_and_its_association() -> None:
    recording = run()
    graph = recorded_graph(recording)

    assert len([item for item in recording.resources if "load-balancer" in item.name]) == 5
    for earlier in (
        "aws:iam/rolePolicy:RolePolicy",
        "aws:eks/podIdentityAssociation:PodIdentityAssociation",
        "aws:eks/cluster:Cluster",
    ):
        assert_after(graph, APPLICATION, earlier)
    association = recording.one("aws:eks/podIdentityAssociation:PodIdentityAssociation")
    assert association.inputs["namespace"] == "kube-system"
    assert association.inputs["serviceAccount"] == "aws-load-balancer-controller"


def test_the_application_names_region_and_vpc_and_keeps_its_certificate() -> None:
    made = run(tags={"team": "ml"}).one(APPLICATION)

    values = made.inputs["spec"]["source"]["helm"]["valuesObject"]
    assert (values["region"], values["vpcId"]) == ("eu-west-1", "vpc-1")
    assert values["enableServiceMutatorWebhook"] is False
    assert values["defaultTags"] == {"splitplane.io/cluster": "prod-eu", "team": "ml"}
    assert values["serviceAccount"]["annotations"] == {}
    assert {item["kind"] for item in made.inputs["spec"]["ignoreDifferences"]} == {
        "Secret",
        "MutatingWebhookConfiguration",
        "ValidatingWebhookConfiguration",
    }
    assert "RespectIgnoreDifferences=true" in made.inputs["spec"]["syncPolicy"]["syncOptions"]


def test_with_irsa_the_service_account_names_the_role() -> None:
    made = run(workload_identity="irsa").one(APPLICATION)

    account = made.inputs["spec"]["source"]["helm"]["valuesObject"]["serviceAccount"]
    role = "arn:aws:iam::111122223333:role/prod-eu-load-balancers-eu-west-1"
    assert account["annotations"] == {"eks.amazonaws.com/role-arn": role}


@pytest.mark.parametrize(
    "args",
    [
        {"compute_mode": "auto_mode"},
        {"addons": {"aws-load-balancer-controller": {"mode": "off"}}},
        {"addons": {"aws-load-balancer-controller": {"mode": "external"}}},
    ],
    ids=["auto_mode", "off", "external"],
)
def test_neither_controller_nor_role_is_made_where_another_does_it(args: dict[str, Any]) -> None:
    assert not [item for item in run(**args).resources if "load-balancer" in item.name]


@pytest.mark.skipif(not DATA.is_dir(), reason=f"needs the values of charts in {DATA}")
def test_the_chart_reads_every_value() -> None:
    context: Any = AddonContext(None, None, {}, "production")  # type: ignore[arg-type]  # no engine
    values = build_controller_values(
        context,
        cluster_name="prod-eu",
        region="eu-west-1",
        vpc_id="vpc-1",
        annotations={"eks.amazonaws.com/role-arn": "arn"},
        tags={"team": "ml"},
    )

    # Resources of a pod, annotations, tags and a budget: maps that the chart hands on as they are.
    free = ("resources", "serviceAccount.annotations", "defaultTags", "podDisruptionBudget")
    assert chart_problems("aws-load-balancer-controller", values, free=free) == []


def gateway(
    zones: tuple[str, ...] = ("a", "b"), certificate: str | None = None, **args: Any
) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def program() -> None:
        plane = make_plane(settings_of(**args), zones=zones)
        arn = None if certificate is None else pulumi.Output.from_input(certificate)
        made = gateway_annotations(plane.settings, plane.network, certificate_arn=arn)
        pulumi.Output.all(**made).apply(found.update)

    record(program, answers=CloudAnswers())
    return found


def test_a_gateway_is_internal_and_healthy_when_istio_says_so() -> None:
    assert gateway() == {
        f"{PREFIX}scheme": "internal",
        f"{PREFIX}nlb-target-type": "ip",
        f"{PREFIX}attributes": "load_balancing.cross_zone.enabled=true",
        f"{PREFIX}healthcheck-protocol": "http",
        f"{PREFIX}healthcheck-port": "15021",
        f"{PREFIX}healthcheck-path": "/healthz/ready",
        f"{PREFIX}subnets": "subnet-a,subnet-b",
    }


def test_an_internet_facing_gateway_is_in_public_subnets_with_the_certificate() -> None:
    certificate = "arn:aws:acm:eu-west-1:111122223333:certificate/1"
    found = gateway(ingress={"scheme": "internet-facing"}, certificate=certificate)

    assert found[f"{PREFIX}scheme"] == "internet-facing"
    assert found[f"{PREFIX}subnets"] == "subnet-public-a,subnet-public-b"
    assert found[f"{PREFIX}ssl-cert"] == certificate
    assert found[f"{PREFIX}ssl-ports"] == "443"
    assert found[f"{PREFIX}alpn-policy"] == "HTTP2Preferred"


def test_an_internet_facing_gateway_without_public_subnets_is_refused() -> None:
    def program() -> None:
        # Caught inside, so that what was registered before it comes to its end.
        plane = make_plane(settings_of(ingress={"scheme": "internet-facing"}), zones=())
        with pytest.raises(WrongArgument, match="'internet-facing' needs public subnets"):
            gateway_annotations(plane.settings, plane.network, certificate_arn=None)

    record(program, answers=CloudAnswers())


def test_the_class_is_that_of_the_mode() -> None:
    assert load_balancer_class(settings_of()) == "service.k8s.aws/nlb"
    assert load_balancer_class(settings_of(compute_mode="auto_mode")) == "eks.amazonaws.com/nlb"
