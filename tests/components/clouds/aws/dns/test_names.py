"""Zones are made and kept, and a certificate is used once it is proven."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pulumi
import pytest
from aws_certificates import CERTIFICATE, NameAnswers
from aws_plane import Parent, settings_of
from clouds.graph import assert_after, recorded_graph
from recording_monitor import Recording, Registered, record

from splitplane.components.clouds.aws.dns.domains import choose_zones
from splitplane.components.clouds.aws.dns.names import (
    Names,
    declare_names,
    find_proof,
    read_zones,
)
from splitplane.components.errors import WrongArgument

ZONE = "aws:route53/zone:Zone"
RECORD = "aws:route53/record:Record"
VALIDATION = "aws:acm/certificateValidation:CertificateValidation"
EXISTING = "arn:aws:route53:::hostedzone/Z1"
GIVEN = "arn:aws:acm:eu-west-1:111122223333:certificate/1"
MADE = {"zone_names": ["ml.example.com"]}


def _run(
    answers: NameAnswers | None = None, **args: Any
) -> tuple[Recording, dict[str, Any]]:  # Any: outputs
    found: dict[str, Any] = {}

    def program() -> None:
        whole, settings = Parent(), settings_of(**args)
        names: Names = declare_names(
            whole, settings, choose_zones(settings, read_zones(whole, settings))
        )
        if names.certificate_arn is not None:
            names.certificate_arn.apply(lambda arn: found.update(arn=arn))
        zones: dict[str, pulumi.Output[Any]] = {
            name: pulumi.Output.all(zone.zone_id, zone.arn, zone.name_servers)
            for name, zone in names.zones.items()
        }
        pulumi.Output.from_input(zones).apply(found.update)

    return record(program, answers=answers or NameAnswers()), found


def _all(recording: Recording, kind: str) -> dict[str, Registered]:
    return {item.name: item for item in recording.resources if item.type == kind}


def test_nothing_is_made_or_read_without_being_asked_for() -> None:
    answers = NameAnswers({"Z1": "example.com"})
    recording, found = _run(answers, dns={"zone_arns": [EXISTING]})

    assert [item.type for item in recording.resources] == ["test:index:Plane"]
    assert found == {}
    assert answers.read == []


def test_a_zone_is_public_and_tells_its_name_servers() -> None:
    recording, found = _run(dns={"zone_names": ["ml.example.com", "example.net"]}, tags={"a": "b"})

    made = _all(recording, ZONE)
    assert sorted(made) == ["prod-eu-example.net", "prod-eu-ml.example.com"]
    assert made["prod-eu-ml.example.com"].inputs == {
        "name": "ml.example.com",
        "comment": "Names of the EKS cluster prod-eu",
        "forceDestroy": True,
        "tags": {"a": "b", "splitplane.io/cluster": "prod-eu"},
    }
    zone_id, arn, servers = found["ml.example.com"]
    assert arn == f"arn:aws:route53:::hostedzone/{zone_id}"
    assert servers == [
        "ns-1.awsdns-00.com",
        "ns-2.awsdns-00.net",
        "ns-3.awsdns-00.org",
        "ns-4.awsdns-00.co.uk",
    ]


@pytest.mark.parametrize(("profile", "is_kept"), [("dev", False), ("prod", True)])
def test_a_zone_is_kept_in_production(profile: str, is_kept: bool) -> None:
    recording, _ = _run(dns=MADE, profile=profile)

    zone = recording.one(ZONE)
    assert zone.protect is is_kept
    assert zone.inputs["forceDestroy"] is not is_kept


def test_zones_have_the_same_urns_in_any_order() -> None:
    names = ["a.example.com", "b.example.com"]
    one, _ = _run(dns={"zone_names": names})
    other, _ = _run(dns={"zone_names": names[::-1]})

    assert {item.urn for item in one.resources} == {item.urn for item in other.resources}


def test_a_certificate_that_is_given_is_used_as_it_is() -> None:
    recording, found = _run(ingress={"certificate_arn": GIVEN})

    assert found == {"arn": GIVEN}
    assert _all(recording, CERTIFICATE) == {}


def test_a_certificate_is_used_after_its_proof() -> None:
    recording, found = _run(dns=MADE, ingress={"certificate_domains": ["ml.example.com"]})

    certificate, validation = recording.one(CERTIFICATE), recording.one(VALIDATION)
    graph = recorded_graph(recording)
    assert certificate.inputs == {
        "domainName": "ml.example.com",
        "validationMethod": "DNS",
        "tags": {"Name": "prod-eu-ingress", "splitplane.io/cluster": "prod-eu"},
    }
    assert certificate.delete_before_replace is False
    assert validation.inputs == {
        "certificateArn": found["arn"],
        "validationRecordFqdns": ["_proof.ml.example.com."],
    }
    assert validation.create_timeout == "30m"
    assert_after(graph, VALIDATION, RECORD)
    assert_after(graph, RECORD, ZONE)


def test_each_name_is_proven_once_in_the_closest_zone() -> None:
    recording, found = _run(
        NameAnswers({"Z1": "example.com."}),
        dns={"zone_arns": [EXISTING], **MADE},
        ingress={"certificate_domains": ["*.ml.example.com", "www.example.com", "ml.example.com"]},
    )

    records = _all(recording, RECORD)
    assert sorted(records) == ["prod-eu-ml.example.com", "prod-eu-www.example.com"]
    inside, outside = records["prod-eu-ml.example.com"], records["prod-eu-www.example.com"]
    assert inside.inputs == {
        "zoneId": found["ml.example.com"][0],
        "name": "_proof.ml.example.com.",
        "type": "CNAME",
        "records": ["_ml.example.com.acm-validations.aws."],
        "ttl": 300,
        "allowOverwrite": True,
    }
    assert outside.inputs["zoneId"] == "Z1"
    assert outside.inputs["name"] == "_proof.www.example.com."
    assert recording.one(CERTIFICATE).inputs["domainName"] == "*.ml.example.com"
    assert recording.one(CERTIFICATE).inputs["subjectAlternativeNames"] == [
        "ml.example.com",
        "www.example.com",
    ]


def test_proofs_outlive_the_plane_in_zones_that_do() -> None:
    recording, _ = _run(
        NameAnswers({"Z1": "example.com"}),
        dns={"zone_arns": [EXISTING], **MADE},
        ingress={"certificate_domains": ["ml.example.com", "www.example.com"]},
    )

    stays = {name: item.retain_on_delete for name, item in _all(recording, RECORD).items()}
    assert stays == {"prod-eu-ml.example.com": False, "prod-eu-www.example.com": True}


def test_a_private_zone_is_refused_before_anything_is_made() -> None:
    asked = settings_of(
        dns={"zone_arns": [EXISTING], **MADE}, ingress={"certificate_domains": ["www.example.com"]}
    )

    def program() -> None:
        found = read_zones(Parent(), asked)
        with pytest.raises(WrongArgument, match=r"example\.com is private, where ACM sees nothing"):
            choose_zones(asked, found)

    recording = record(program, answers=NameAnswers({"Z1": "example.com"}, private=("Z1",)))

    assert [item.type for item in recording.resources] == ["test:index:Plane"]


def _asked(domain: str, name: str | None) -> Any:  # Any: stands for an output of ACM
    return SimpleNamespace(
        domain_name=domain,
        resource_record_name=name,
        resource_record_type="CNAME",
        resource_record_value="_v.",
    )


def test_a_proof_is_found_by_name_and_not_by_place() -> None:
    asked = [_asked("b.org", "_b.b.org."), _asked("*.a.org", "_a.a.org.")]

    assert find_proof(asked, "a.org").name == "_a.a.org."
    assert find_proof(asked, "b.org").name == "_b.b.org."


@pytest.mark.parametrize("asked", [[], [_asked("b.org", "_b.b.org.")], [_asked("a.org", None)]])
def test_a_proof_that_acm_does_not_ask_for_is_named(asked: list[Any]) -> None:
    with pytest.raises(LookupError, match=r"ACM names no record that proves 'a\.org'"):
        find_proof(asked, "a.org")


def test_a_preview_registers_what_an_update_does() -> None:
    ingress = {"certificate_domains": ["ml.example.com", "*.ml.example.com"]}

    def program() -> None:
        whole, settings = Parent(), settings_of(dns=MADE, ingress=ingress)
        declare_names(whole, settings, choose_zones(settings, []))

    preview = record(program, is_preview=True)
    update, _ = _run(dns=MADE, ingress=ingress)

    assert {item.urn for item in preview.resources} == {item.urn for item in update.resources}
    assert sorted(preview.one(RECORD).inputs) == sorted(update.one(RECORD).inputs)
