"""What is wrong with the zones and certificates that a program asks for. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from splitplane.components.clouds.aws.addons.controller_iam import (
    build_cert_manager_document,
    build_external_dns_document,
)
from splitplane.components.clouds.aws.dns.domains import base_of, name_problem, unplaced_domains
from splitplane.components.clouds.aws.settings import EksSettings
from splitplane.components.errors import WrongArgument

USUAL_NAMES: Final = 10
MOST_NAMES: Final = 100
"""Names of a certificate: the quota of an account, and what it can be raised to.
https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html"""
FIRST_CHARACTERS: Final = 64
"""The first name is the certificate's common name.
https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html"""
LONGEST_ZONE_ARN: Final = f"arn:aws-us-gov:route53:::hostedzone/{'Z' * 32}"
"""As long as the ARN of a zone can be, for what is not made yet.
https://docs.aws.amazon.com/Route53/latest/APIReference/API_HostedZone.html: ids have at most 32."""
_CERTIFICATE: Final = re.compile(
    r"^arn:[a-z-]+:acm:[a-z0-9-]+:\d{12}:certificate/[\w-]+$", re.ASCII
)
_ZONE: Final = re.compile(r"^arn:[a-z-]+:route53:::hostedzone/[A-Z0-9]{1,32}$")


def check_names(settings: EksSettings) -> list[str]:
    """Every problem of the fields of `dns`, and of the certificate of `ingress`."""
    return [*_zone_problems(settings), *_certificate_problems(settings)]


def name_warnings(settings: EksSettings) -> list[str]:
    """What is allowed and stops `up` where something outside of the program is not done."""
    domains = settings.ingress.certificate_domains
    found: list[str] = []
    outside = unplaced_domains(settings)
    if waiting := [domain for domain in domains if domain not in outside]:
        found.append(
            f"ingress.certificate_domains {waiting!r} lie in zones that are made here: until "
            "dns.zone_names are delegated to the output name_servers, nobody can prove them, and "
            "`up` waits and fails"
        )
    if len(domains) > USUAL_NAMES:
        found.append(
            f"ingress.certificate_domains are {len(domains)}, ACM takes {USUAL_NAMES} unless the "
            "account's quota was raised"
        )
    return found


def _zone_problems(settings: EksSettings) -> Iterator[str]:
    dns = settings.dns
    for arn in dns.zone_arns:
        if _ZONE.fullmatch(arn) is None:
            yield f"dns.zone_arns {arn!r} is no hosted zone: write arn:aws:route53:::hostedzone/ID"
    for name in dns.zone_names:
        if problem := name_problem(name):
            yield f"dns.zone_names {name!r} {problem}"
    for field, zones in (("zone_arns", dns.zone_arns), ("zone_names", dns.zone_names)):
        if len({*zones}) < len(zones):
            yield f"dns.{field} {list(zones)!r} name one twice: leave it out"
    if not dns.has_zones and dns.policy != "upsert-only":
        yield (
            f"dns.policy {dns.policy!r} has no meaning without dns.zone_arns or .zone_names: name "
            "the zones, or leave it out"
        )
    arns = [*dns.zone_arns, *[LONGEST_ZONE_ARN] * len(dns.zone_names)]
    try:
        build_external_dns_document(arns)
        build_cert_manager_document(arns, partition="aws-us-gov")
    except WrongArgument as error:
        yield f"dns has {len(arns)} zones: {error}"


def _certificate_problems(settings: EksSettings) -> Iterator[str]:
    ingress, dns = settings.ingress, settings.dns
    certificate, domains = ingress.certificate_arn, ingress.certificate_domains
    if certificate is not None and _CERTIFICATE.fullmatch(certificate) is None:
        yield (
            f"ingress.certificate_arn {certificate!r} is no certificate: write "
            "arn:aws:acm:REGION:ACCOUNT:certificate/ID"
        )
    if certificate is not None and domains:
        yield (
            f"ingress.certificate_arn {certificate!r} and .certificate_domains {list(domains)!r} "
            "are two certificates for one load balancer: leave one out"
        )
    wrong = {domain: problem for domain in domains if (problem := name_problem(base_of(domain)))}
    for domain, problem in wrong.items():
        yield f"ingress.certificate_domains {domain!r} {problem}; `*.` may only start it"
    if len({*domains}) < len(domains):
        yield f"ingress.certificate_domains {list(domains)!r} name one twice: leave it out"
    if len(domains) > MOST_NAMES:
        yield (
            f"ingress.certificate_domains are {len(domains)}, ACM takes {MOST_NAMES} at most: use "
            "wildcards, or fewer"
        )
    if domains and len(domains[0]) > FIRST_CHARACTERS:
        yield (
            f"ingress.certificate_domains {domains[0]!r} has {len(domains[0])} characters, ACM "
            f"takes {FIRST_CHARACTERS} of the first one: begin with a shorter one"
        )
    if domains and not dns.has_zones:
        yield (
            f"ingress.certificate_domains {list(domains)!r} cannot be proven without zones: name "
            "theirs in dns.zone_arns or .zone_names, or give ingress.certificate_arn"
        )
    outside = [domain for domain in unplaced_domains(settings) if domain not in wrong]
    if outside and dns.zone_names and not dns.zone_arns:
        yield (
            f"ingress.certificate_domains {outside!r} lie in none of dns.zone_names "
            f"{list(dns.zone_names)!r}: name their zones too, or leave them out"
        )
