"""Zones and certificates are refused where AWS would refuse them, or nobody could prove them."""

from __future__ import annotations

from typing import Any

import pytest
from aws_plane import settings_of

from splitplane.components.clouds.aws.dns.checks import check_names, name_warnings

ZONE = "arn:aws:route53:::hostedzone/Z0123456789ABC"
CERTIFICATE = "arn:aws:acm:eu-west-1:111122223333:certificate/0a-1"
MADE = {"zone_names": ["ml.example.com"]}
HUNDRED = [f"a{number}.ml.example.com" for number in range(101)]
LONG = f"{'a' * 51}.ml.example.com"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="least"),
        pytest.param({"dns": {"zone_arns": [ZONE], "policy": "sync"}}, id="existing"),
        pytest.param({"dns": MADE | {"policy": "sync"}}, id="made"),
        pytest.param(
            {"dns": {"zone_names": ["example.com", "ml.example.com"]}}, id="one below another"
        ),
        pytest.param({"ingress": {"certificate_arn": CERTIFICATE}}, id="given certificate"),
        pytest.param(
            {
                "dns": MADE,
                "ingress": {"certificate_domains": ["ml.example.com", "*.ml.example.com", LONG]},
            },
            id="made certificate",
        ),
        pytest.param(
            {
                "dns": MADE | {"zone_arns": [ZONE]},
                "ingress": {"certificate_domains": ["www.example.net"]},
            },
            id="perhaps in the existing zone",
        ),
    ],
)
def test_what_is_allowed_passes(changes: dict[str, Any]) -> None:
    assert check_names(settings_of(**changes)) == []


@pytest.mark.parametrize(
    ("dns", "message"),
    [
        ({"zone_arns": ["Z1"]}, "dns.zone_arns 'Z1' is no hosted zone: write arn:aws:route53:::"),
        ({"zone_arns": [ZONE, ZONE]}, f"dns.zone_arns ['{ZONE}', '{ZONE}'] name one twice: leave"),
        ({"policy": "sync"}, "dns.policy 'sync' has no meaning without dns.zone_arns or .zone_na"),
        ({"zone_names": ["a.org."]}, "dns.zone_names 'a.org.' ends in a dot: write 'a.org'"),
        ({"zone_names": ["A.org"]}, "dns.zone_names 'A.org' has capitals: write 'a.org'"),
        ({"zone_names": ["*.a.org"]}, "dns.zone_names '*.a.org' is no name in DNS: use two parts"),
        (
            {"zone_names": ["a.org", "a.org"]},
            "dns.zone_names ['a.org', 'a.org'] name one twice: leave it out",
        ),
        (
            {"zone_names": [f"a{number}.org" for number in range(60)]},
            "dns has 60 zones: policy 'external-dns' has ",
        ),
    ],
)
def test_wrong_zones_are_refused(dns: dict[str, Any], message: str) -> None:
    (problem,) = check_names(settings_of(dns=dns))

    assert problem.startswith(message)


@pytest.mark.parametrize(
    ("ingress", "dns", "message"),
    [
        (
            {"certificate_arn": "arn:aws:iam::111122223333:server-certificate/x"},
            {},
            "ingress.certificate_arn 'arn:aws:iam::111122223333:server-certificate/x' is no certif",
        ),
        (
            {"certificate_arn": CERTIFICATE, "certificate_domains": ["ml.example.com"]},
            MADE,
            f"ingress.certificate_arn '{CERTIFICATE}' and .certificate_domains ['ml.example.com'] "
            "are two certificates for one load balancer: leave one out",
        ),
        (
            {"certificate_domains": ["ml.example.com"]},
            {},
            "ingress.certificate_domains ['ml.example.com'] cannot be proven without zones: name ",
        ),
        (
            {"certificate_domains": ["ml.example.com."]},
            MADE,
            "ingress.certificate_domains 'ml.example.com.' ends in a dot: write 'ml.example.com'; ",
        ),
        (
            {"certificate_domains": ["a.*.ml.example.com"]},
            MADE,
            "ingress.certificate_domains 'a.*.ml.example.com' is no name in DNS: use two parts or ",
        ),
        (
            {"certificate_domains": ["*.*.ml.example.com"]},
            MADE,
            "ingress.certificate_domains '*.*.ml.example.com' is no name in DNS: use two parts or ",
        ),
        (
            {"certificate_domains": ["ml.example.com", "ml.example.com"]},
            MADE,
            "ingress.certificate_domains ['ml.example.com', 'ml.example.com'] name one twice: lea",
        ),
        (
            {"certificate_domains": HUNDRED},
            MADE,
            "ingress.certificate_domains are 101, ACM takes 100 at most: use wildcards, or fewer",
        ),
        (
            {"certificate_domains": [LONG]},
            MADE,
            f"ingress.certificate_domains '{LONG}' has 66 characters, ACM takes 64 of the first on",
        ),
        (
            {"certificate_domains": ["ml.example.com", "www.example.com"]},
            MADE,
            "ingress.certificate_domains ['www.example.com'] lie in none of dns.zone_names "
            "['ml.example.com']: name their zones too, or leave them out",
        ),
    ],
)
def test_wrong_certificates_are_refused(
    ingress: dict[str, Any], dns: dict[str, Any], message: str
) -> None:
    (problem,) = check_names(settings_of(ingress=ingress, dns=dns))

    assert problem.startswith(message)


def test_a_certificate_in_a_zone_that_is_made_is_warned_of() -> None:
    asked = settings_of(
        ingress={"certificate_domains": ["www.example.com", "*.ml.example.com"]},
        dns={"zone_arns": [ZONE], **MADE},
    )

    assert name_warnings(asked) == [
        "ingress.certificate_domains ['*.ml.example.com'] lie in zones that are made here: until "
        "dns.zone_names are delegated to the output name_servers, nobody can prove them, and `up` "
        "waits and fails"
    ]


def test_more_names_than_a_new_account_has_are_warned_of() -> None:
    def warnings(count: int) -> list[str]:
        domains = HUNDRED[:count]
        return name_warnings(
            settings_of(ingress={"certificate_domains": domains}, dns={"zone_arns": [ZONE]})
        )

    assert warnings(10) == []
    assert warnings(11) == [
        "ingress.certificate_domains are 11, ACM takes 10 unless the account's quota was raised"
    ]


def test_zones_alone_are_no_reason_to_warn() -> None:
    assert name_warnings(settings_of(dns=MADE)) == []
