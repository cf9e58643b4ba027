"""Each domain is proven once, in the closest public zone."""

from __future__ import annotations

from typing import Any

import pytest
from aws_plane import settings_of

from splitplane.components.clouds.aws.dns.domains import (
    ExistingZone,
    ProvingZone,
    bases_of,
    choose_zones,
    closest_zone,
    name_problem,
)
from splitplane.components.errors import WrongArgument

ZONE = "arn:aws:route53:::hostedzone/Z1"
PUBLIC = ExistingZone("Z1", "example.com", is_private=False)
PRIVATE = ExistingZone("Z2", "ml.example.com", is_private=True)


def _chosen(domains: list[str], existing: list[ExistingZone], **dns: Any) -> dict[str, ProvingZone]:
    asked = settings_of(ingress={"certificate_domains": domains}, dns=dns)
    return choose_zones(asked, existing)


@pytest.mark.parametrize("name", ["example.com", "a-1.ml.example.com", "xn--bcher-kva.example"])
def test_names_in_dns_are_taken(name: str) -> None:
    assert name_problem(name) is None


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("example.com.", "ends in a dot: write 'example.com'"),
        ("ML.example.com", "has capitals: write 'ml.example.com'"),
        ("bücher.example", "has letters beyond ASCII: write it in Punycode, xn--…"),
        ("com", "is no name in DNS"),
        ("", "is no name in DNS"),
        ("a..example.com", "is no name in DNS"),
        ("-a.example.com", "is no name in DNS"),
        ("a_b.example.com", "is no name in DNS"),
        ("*.example.com", "is no name in DNS"),
        (f"{'a' * 64}.example.com", "is no name in DNS"),
    ],
)
def test_other_names_are_refused_with_what_to_write(name: str, problem: str) -> None:
    found = name_problem(name)

    assert found is not None
    assert found.startswith(problem)


def test_the_longest_name_has_253_characters() -> None:
    name = ".".join([*["a" * 49] * 5, "com"])

    assert len(name) == 253
    assert name_problem(name) is None
    assert name_problem(f"a{name}") is not None


def test_a_wildcard_and_its_name_are_proven_by_one_record() -> None:
    found = bases_of(["*.ml.example.com", "ml.example.com", "api.example.com"])

    assert found == ["api.example.com", "ml.example.com"]


@pytest.mark.parametrize(
    ("base", "zone"),
    [
        ("a.ml.example.com", "ml.example.com"),
        ("ml.example.com", "ml.example.com"),
        ("a.example.com", "example.com"),
        ("html.example.com", "example.com"),
        ("other.org", None),
    ],
)
def test_the_longest_zone_around_a_name_is_the_closest(base: str, zone: str | None) -> None:
    assert closest_zone(base, ["example.com", "ml.example.com"]) == zone


def test_domains_are_proven_in_zones_that_exist_or_are_made() -> None:
    found = _chosen(
        ["a.ml.example.com", "*.example.com"],
        [PUBLIC],
        zone_arns=[ZONE],
        zone_names=["ml.example.com"],
    )

    assert found == {
        "a.ml.example.com": ProvingZone("ml.example.com", None),
        "example.com": ProvingZone("example.com", "Z1"),
    }


def test_of_two_zones_of_one_name_that_which_exists_proves() -> None:
    found = _chosen(
        ["example.com"],
        [PUBLIC, ExistingZone("Z9", "example.com", is_private=False)],
        zone_names=["example.com"],
    )

    assert found == {"example.com": ProvingZone("example.com", "Z1")}


def test_a_private_zone_does_not_hide_the_public_one_around_it() -> None:
    found = _chosen(["a.ml.example.com"], [PUBLIC, PRIVATE])

    assert found == {"a.ml.example.com": ProvingZone("example.com", "Z1")}


def test_domains_in_no_public_zone_are_refused_together() -> None:
    with pytest.raises(WrongArgument) as refused:
        _chosen(["*.ml.example.com", "other.org", "a.example.net"], [PRIVATE], zone_names=["a.org"])

    assert str(refused.value) == (
        "ingress.certificate_domains: a.example.net, ml.example.com, other.org cannot be proven, "
        "since no public zone of dns has it: known are a.org; ml.example.com is private, where ACM "
        "sees nothing; add its zone to dns.zone_arns or .zone_names, or leave it out"
    )
