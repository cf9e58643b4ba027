"""Names and certificates: only in the zones that are given, and from one place alone."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pulumi_aws as aws
import pytest
from aws_plane import Parent, make_plane, settings_of
from chart_values import CHARTS as DATA
from chart_values import chart_problems
from clouds.answers import CloudAnswers
from clouds.graph import assert_after, recorded_graph
from recording_monitor import Recording, record

from splitplane.components.addons.addon import AddonContext, ArgoCd
from splitplane.components.clouds.aws.addons.dns import (
    build_cert_manager_values,
    build_external_dns_values,
    build_issuer,
    declare_dns,
)
from splitplane.components.clouds.aws.parts import HostedZone

APPLICATION = "kubernetes:argoproj.io/v1alpha1:Application"
ISSUER = "kubernetes:cert-manager.io/v1:ClusterIssuer"
HOSTED_ZONE = "aws:route53/zone:Zone"
ZONES = ["arn:aws:route53:::hostedzone/Z1", "arn:aws:route53:::hostedzone/Z2"]
CERTIFICATE = "arn:aws:acm:eu-west-1:111122223333:certificate/1"
CRDS = Path(os.environ.get("SPLITPLANE_DATA", "../shared")) / "crds" / "cert-manager"
CONTEXT = AddonContext(None, None, {}, "production")  # type: ignore[arg-type]  # no engine here


def run(zones: list[str], made: tuple[str, ...] = (), **args: Any) -> Recording:
    def program() -> None:
        whole = Parent("prod-eu")
        settings = settings_of(dns={"zone_arns": zones, "zone_names": made}, **args)
        found = {name: hosted_zone(name) for name in made}
        plane = replace(make_plane(settings), zones=found)
        context = AddonContext(plane.kubernetes, ArgoCd("argocd", ()), plane.settings.addons)
        declare_dns(whole, plane, context, depends_on=plane.cluster.ready)

    return record(program, answers=CloudAnswers())


def hosted_zone(name: str) -> HostedZone:
    zone = aws.route53.Zone(name, name=name)
    return HostedZone(zone.zone_id, zone.arn, zone.name_servers)


def installed(recording: Recording) -> set[str]:
    return {item.name for item in recording.resources if item.type in (APPLICATION, ISSUER)}


def filters(recording: Recording) -> list[str]:
    (application,) = (
        item
        for item in recording.resources
        if item.type == APPLICATION and item.name == "prod-eu-external-dns"
    )
    values = application.inputs["spec"]["source"]["helm"]["valuesObject"]
    return list(values["extraArgs"]["zone-id-filter"])


def documents(recording: Recording) -> dict[str, dict[str, Any]]:
    """Name of a policy → sid → resources."""
    return {
        item.inputs["name"]: {
            statement["Sid"]: statement["Resource"]
            for statement in json.loads(item.inputs["policy"])["Statement"]
        }
        for item in recording.resources
        if item.type == "aws:iam/rolePolicy:RolePolicy"
    }


def test_nothing_is_installed_without_zones() -> None:
    recording = run([])

    assert installed(recording) == set()
    assert [item for item in recording.resources if "Identity" in item.type] == []


def test_zones_bring_names_and_certificates() -> None:
    recording = run(ZONES)
    graph = recorded_graph(recording)

    assert installed(recording) == {
        "prod-eu-external-dns",
        "prod-eu-cert-manager",
        "prod-eu-letsencrypt",
    }
    assert_after(graph, ISSUER, f"{APPLICATION}::prod-eu-cert-manager")
    for name in ("external-dns", "cert-manager"):
        application = f"{APPLICATION}::prod-eu-{name}"
        association = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
        assert_after(graph, application, f"{association}::prod-eu-{name}")
        assert_after(graph, application, f"prod-eu-{name}-{name}")
        assert_after(graph, application, "cluster")


def test_zones_that_are_made_are_as_good_as_others() -> None:
    recording = run(ZONES[:1], ("ml.example.com",))

    made = next(item for item in recording.resources if item.type == HOSTED_ZONE)
    existing, zone_id = filters(recording)
    assert existing == "Z1"
    assert zone_id.startswith("Z")
    arns = [ZONES[0], f"arn:aws:route53:::hostedzone/{zone_id}"]
    assert documents(recording)["external-dns"]["ChangeRecords"] == sorted(arns)
    assert documents(recording)["cert-manager"]["ChangeProofs"] == sorted(arns)
    graph = recorded_graph(recording)
    assert_after(graph, f"{APPLICATION}::prod-eu-external-dns", made.urn)
    assert_after(graph, ISSUER, made.urn)


def test_zones_that_are_made_are_enough() -> None:
    recording = run([], ("ml.example.com",))

    assert installed(recording) == {
        "prod-eu-external-dns",
        "prod-eu-cert-manager",
        "prod-eu-letsencrypt",
    }


def test_a_certificate_that_is_made_in_acm_leaves_cert_manager_out() -> None:
    recording = run(ZONES, ingress={"certificate_domains": ["ml.example.com"]})

    assert installed(recording) == {"prod-eu-external-dns"}


def test_a_certificate_of_acm_leaves_cert_manager_out() -> None:
    recording = run(ZONES, ingress={"certificate_arn": CERTIFICATE})

    assert installed(recording) == {"prod-eu-external-dns"}


@pytest.mark.parametrize("mode", ["external", "off"])
def test_without_our_cert_manager_there_is_no_issuer_and_no_role(mode: str) -> None:
    recording = run(ZONES, addons={"cert-manager": {"mode": mode}})

    assert installed(recording) == {"prod-eu-external-dns"}
    assert not [item for item in recording.resources if "cert-manager" in item.name]


def external_dns() -> dict[str, Any]:
    return build_external_dns_values(
        CONTEXT,
        zone_ids=["Z1", "Z2"],
        policy="sync",
        cluster_name="prod-eu",
        region="eu-west-1",
        annotations={"a": "b"},
    )


def test_external_dns_owns_the_clusters_records_in_the_given_zones_alone() -> None:
    values = external_dns()

    assert values["txtOwnerId"] == "prod-eu"
    assert values["policy"] == "sync"
    assert values["extraArgs"] == {"zone-id-filter": ["Z1", "Z2"]}
    assert values["env"] == [{"name": "AWS_REGION", "value": "eu-west-1"}]


@pytest.mark.skipif(not DATA.is_dir(), reason=f"needs the values of charts in {DATA}")
def test_the_charts_read_every_value() -> None:
    free = ("serviceAccount.annotations", "extraArgs")
    assert chart_problems("external-dns", external_dns(), free=free) == []
    # The names of a service account and of its annotations stand in a comment there.
    free = ("serviceAccount.annotations", "serviceAccount.name")
    values = build_cert_manager_values(CONTEXT, region="eu-west-1", annotations={"a": "b"})
    assert chart_problems("cert-manager", values, free=free) == []


@pytest.mark.needs_tools
@pytest.mark.skipif(not CRDS.is_dir(), reason=f"needs upstream CRDs in {CRDS}")
@pytest.mark.usefixtures("upstream_definitions")
def test_the_issuer_is_accepted_strictly(kubernetes: httpx.Client) -> None:
    answer = kubernetes.post(
        "/apis/cert-manager.io/v1/clusterissuers",
        params={"dryRun": "All", "fieldValidation": "Strict"},
        json=build_issuer("eu-west-1"),
    )

    assert answer.is_success, answer.text
