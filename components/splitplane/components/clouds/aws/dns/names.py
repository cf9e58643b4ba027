"""Hosted zones and the certificate of the load balancer, as resources.

Only wires: which zone proves which name is in `dns/domains.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from splitplane.components.clouds.aws.dns.domains import (
    ExistingZone,
    ProvingZone,
    base_of,
    bases_of,
)
from splitplane.components.clouds.aws.parts import HostedZone, Text, child_options, tags_of
from splitplane.components.clouds.aws.settings import EksSettings

VALIDATION_MINUTES: Final = 30
"""How long `up` waits for ACM to see the proof: usually some minutes, and with a zone that nobody
delegated for ever, so that the plugin's 75 minutes are a long time to learn of it. The next `up`
waits on; ACM gives up after 72 hours.
https://docs.aws.amazon.com/acm/latest/userguide/troubleshooting-cert-requests.html,
https://github.com/hashicorp/terraform-provider-aws/issues/9338"""
_PROOF_SECONDS: Final = 300
"""Nobody but ACM asks for it, and it never changes."""

_Asked = aws.acm.outputs.CertificateDomainValidationOption
_STAYS: Final = pulumi.ResourceOptions(retain_on_delete=True)
"""ACM has one proof for a name in an account, for all certificates and regions, and renews them by
it: another cluster's would end a year after this one has gone.
https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html"""


@dataclass(frozen=True)
class Proof:
    """The record that proves a name to ACM.

    Attributes:
        name: its name, below the one that is proven.
        type: `CNAME`.
        value: what it says.
    """

    name: str
    type: str
    value: str


@dataclass(frozen=True)
class Names:
    """Zones that are made, and the certificate.

    Attributes:
        zones: name → zone that is made.
        certificate_arn: of the load balancer, proven where it is made here; None without.
    """

    zones: Mapping[str, HostedZone]
    certificate_arn: Text | None


def read_zones(parent: pulumi.Resource, settings: EksSettings) -> list[ExistingZone]:
    """The zones of `dns.zone_arns`, in their order; only read where one may prove a name."""
    if not settings.ingress.certificate_domains:
        return []
    opts = pulumi.InvokeOptions(parent=parent)
    found: list[ExistingZone] = []
    for arn in settings.dns.zone_arns:
        zone = aws.route53.get_zone(zone_id=arn.rpartition("/")[2], opts=opts)
        name = zone.name.rstrip(".").lower()
        found.append(ExistingZone(zone.zone_id, name, bool(zone.private_zone)))
    return found


def declare_names(
    parent: pulumi.Resource, settings: EksSettings, proving: Mapping[str, ProvingZone]
) -> Names:
    """The zones of `dns.zone_names`, and the certificate for `ingress.certificate_domains`.

    In production a zone is protected, since another of the same name has other name servers, and
    keeps the records that others made in it from being deleted.

    Args:
        parent: the component.
        settings: checked ones.
        proving: what is proven → its zone, of `choose_zones`.
    """
    zones = {name: _declare_zone(parent, settings, name) for name in settings.dns.zone_names}
    given = settings.ingress.certificate_arn
    if settings.ingress.certificate_domains:
        return Names(zones, _declare_certificate(parent, settings, zones, proving))
    return Names(zones, None if given is None else pulumi.Output.from_input(given))


def _declare_zone(parent: pulumi.Resource, settings: EksSettings, name: str) -> HostedZone:
    zone = aws.route53.Zone(
        f"{settings.name}-{name}",
        name=name,
        comment=f"Names of the EKS cluster {settings.eks_name}",
        force_destroy=not settings.is_production,
        tags=tags_of(settings),
        opts=child_options(parent, protect=settings.is_production or None),
    )
    return HostedZone(zone.zone_id, zone.arn, zone.name_servers)


def _declare_certificate(
    parent: pulumi.Resource,
    settings: EksSettings,
    zones: Mapping[str, HostedZone],
    proving: Mapping[str, ProvingZone],
) -> Text:
    """Other domains make another certificate, and the old one goes last.

    The plugin waits 20 minutes until no load balancer uses it any more.
    """
    name = f"{settings.name}-ingress"
    first, *others = settings.ingress.certificate_domains
    certificate = aws.acm.Certificate(
        name,
        domain_name=first,
        subject_alternative_names=sorted(others) or None,
        validation_method="DNS",
        tags=tags_of(settings, name),
        opts=child_options(parent),
    )
    records = [
        _declare_proof(parent, settings, certificate, base, zones, proving[base])
        for base in bases_of((first, *others))
    ]
    validation = aws.acm.CertificateValidation(
        name,
        certificate_arn=certificate.arn,
        validation_record_fqdns=[record.fqdn for record in records],
        opts=pulumi.ResourceOptions(
            parent=parent,
            custom_timeouts=pulumi.CustomTimeouts(create=f"{VALIDATION_MINUTES}m"),
        ),
    )
    return validation.certificate_arn


def _declare_proof(
    parent: pulumi.Resource,
    settings: EksSettings,
    certificate: aws.acm.Certificate,
    base: str,
    zones: Mapping[str, HostedZone],
    zone: ProvingZone,
) -> aws.route53.Record:
    options = child_options(parent)
    if zone.zone_id is not None:
        options = pulumi.ResourceOptions.merge(options, _STAYS)
    # A preview does not know what ACM will ask for.
    proof: pulumi.Output[Proof] = certificate.domain_validation_options.apply(
        lambda asked: find_proof(asked, base)
    )
    return aws.route53.Record(
        f"{settings.name}-{base}",
        zone_id=zones[zone.name].zone_id if zone.zone_id is None else zone.zone_id,
        name=proof.apply(lambda found: found.name),
        type=proof.apply(lambda found: found.type),
        records=[proof.apply(lambda found: found.value)],
        ttl=_PROOF_SECONDS,
        # Another certificate for the name has the same proof.
        allow_overwrite=True,
        opts=options,
    )


def find_proof(asked: Sequence[_Asked], base: str) -> Proof:
    """What proves a name, whether for itself or for the wildcard below it.

    Raises:
        LookupError: ACM asks for nothing, though it was asked for a certificate with the name.
    """
    for item in asked:
        name, kind = item.resource_record_name, item.resource_record_type
        value = item.resource_record_value
        if base_of(item.domain_name or "") == base and name and kind and value:
            return Proof(name, kind, value)
    raise LookupError(f"ACM names no record that proves {base!r}: run `up` again")
