"""Names of hosted zones and certificates: which are allowed, and which zone proves which. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from splitplane.components.clouds.aws.settings import EksSettings
from splitplane.components.errors import WrongArgument

WILDCARD: Final = "*."
"""Starts a name of all below; ACM takes it in no other place."""
LONGEST_NAME: Final = 253
"""Without the dot at the end. https://docs.aws.amazon.com/acm/latest/APIReference/API_DomainValidation.html;
Route 53 counts that dot and takes 255."""
_LABEL: Final = re.compile(r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", re.ASCII)
"""As in the same place: letters, digits, and hyphens inside. Route 53 takes more characters, which
certificates cannot have."""


@dataclass(frozen=True)
class ExistingZone:
    """A hosted zone of `dns.zone_arns`.

    Attributes:
        zone_id: `Z…`.
        name: without the dot at the end.
        is_private: whether only VPCs see it.
    """

    zone_id: str
    name: str
    is_private: bool


@dataclass(frozen=True)
class ProvingZone:
    """Where a domain of the certificate is proven.

    Attributes:
        name: of the zone.
        zone_id: of a zone that exists; None for one that is made.
    """

    name: str
    zone_id: str | None


def name_problem(name: str) -> str | None:
    """What is wrong with a name in DNS, and what to write; None when nothing is."""
    if name.endswith("."):
        return f"ends in a dot: write {name.rstrip('.')!r}"
    if not name.isascii():
        return "has letters beyond ASCII: write it in Punycode, xn--…"
    if name != name.lower():
        return f"has capitals: write {name.lower()!r}"
    labels = name.split(".")
    if len(labels) < 2 or len(name) > LONGEST_NAME or not all(map(_LABEL.fullmatch, labels)):
        return (
            f"is no name in DNS: use two parts or more between dots, at most {LONGEST_NAME} "
            "characters, each of 1 to 63 letters, digits and hyphens inside"
        )
    return None


def base_of(domain: str) -> str:
    """What is proven for a domain: the name, and for a wildcard that below which it stands.

    ACM asks for one record for both.
    https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
    """
    return domain.removeprefix(WILDCARD)


def bases_of(domains: Iterable[str]) -> list[str]:
    """What is proven for all of them, each once, sorted."""
    return sorted({base_of(domain) for domain in domains})


def closest_zone(base: str, zones: Iterable[str]) -> str | None:
    """The longest of the zones that the name lies in; None when it lies in none."""
    around = [zone for zone in zones if base == zone or base.endswith(f".{zone}")]
    return max(around, key=len, default=None)


def unplaced_domains(settings: EksSettings) -> list[str]:
    """Domains of the certificate that lie in none of the zones that are made."""
    return [
        domain
        for domain in settings.ingress.certificate_domains
        if closest_zone(base_of(domain), settings.dns.zone_names) is None
    ]


def choose_zones(settings: EksSettings, existing: Sequence[ExistingZone]) -> dict[str, ProvingZone]:
    """What is proven → the closest zone for it; of two of one name that which exists.

    Private zones prove nothing, since ACM looks from the internet.

    Args:
        settings: checked ones.
        existing: the zones of `dns.zone_arns`.

    Raises:
        WrongArgument: a domain lies in no public zone; names all.
    """
    zones = {name: ProvingZone(name, None) for name in settings.dns.zone_names}
    for zone in reversed(existing):
        if not zone.is_private:
            zones[zone.name] = ProvingZone(zone.name, zone.zone_id)
    chosen: dict[str, ProvingZone] = {}
    outside: list[str] = []
    for base in bases_of(settings.ingress.certificate_domains):
        closest = closest_zone(base, zones)
        if closest is None:
            outside.append(base)
        else:
            chosen[base] = zones[closest]
    if outside:
        private = sorted(zone.name for zone in existing if zone.is_private)
        also = f"; {', '.join(private)} is private, where ACM sees nothing" if private else ""
        raise WrongArgument(
            f"ingress.certificate_domains: {', '.join(outside)} cannot be proven, since no public "
            f"zone of dns has it: known are {', '.join(sorted(zones)) or 'none'}{also}; add its "
            "zone to dns.zone_arns or .zone_names, or leave it out"
        )
    return chosen
