"""No cluster's API endpoint may be open to everybody.

A private endpoint passes always. A public one passes when it answers a list of address ranges that
is not the whole world, unless the settings refuse that too. Nothing of ours needs a public
endpoint: the agent dials out.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from splitplane_policy.model import UNKNOWN, Resource, Unknown, Value, Violation, find
from splitplane_policy.settings import setting

NAME: Final = "no-public-api-endpoint"


@dataclass(frozen=True)
class EndpointSettings:
    """How strict the policy is."""

    allow_authorized_ranges: bool = setting(
        "Whether a public endpoint passes that answers listed address ranges only.",
        True,
        {"type": "boolean"},
    )
    allow_dns_endpoint: bool = setting(
        "Whether GKE's DNS endpoint may be used from outside; it asks IAM before it forwards.",
        True,
        {"type": "boolean"},
    )
    widest_prefix_length: int = setting(
        "Ranges of fewer fixed bits count as everybody, so that the world in two halves does not "
        "pass.",
        8,  # the widest block that was ever given to one network
        {"type": "integer", "minimum": 0, "maximum": 128},
    )


def check(resource: Resource, settings: EndpointSettings) -> Iterator[Violation]:
    """What is open that may not be; nothing for other resources than clusters."""
    for pattern, rule in _RULES:
        if pattern.fullmatch(resource.type):
            for problem in rule(resource.inputs, settings):
                yield Violation(resource.urn, problem)


def _check_eks(inputs: Value, settings: EndpointSettings) -> Iterator[str]:
    is_public = find(inputs, "vpcConfig", "endpointPublicAccess")
    if is_public is False or isinstance(is_public, Unknown):
        return
    ranges = find(inputs, "vpcConfig", "publicAccessCidrs")
    # Without ranges EKS takes 0.0.0.0/0; without a word it has a public endpoint.
    yield from _problems(
        ranges or ("0.0.0.0/0",),
        settings,
        "set vpcConfig.endpointPublicAccess to false and endpointPrivateAccess to true",
        "vpcConfig.publicAccessCidrs",
    )


def _check_gke(inputs: Value, settings: EndpointSettings) -> Iterator[str]:
    endpoints = find(inputs, "controlPlaneEndpointsConfig")
    has_dns = find(endpoints, "dnsEndpointConfig", "allowExternalTraffic")
    if has_dns is True and not settings.allow_dns_endpoint:
        yield (
            "the DNS endpoint may be used from outside; set controlPlaneEndpointsConfig."
            "dnsEndpointConfig.allowExternalTraffic to false"
        )
    has_ip = find(endpoints, "ipEndpointsConfig", "enabled")
    is_private = find(inputs, "privateClusterConfig", "enablePrivateEndpoint")
    if has_ip is False or is_private is True or UNKNOWN in (has_ip, is_private):
        return
    advice = (
        "set privateClusterConfig.enablePrivateEndpoint to true, or use the DNS endpoint alone "
        "(controlPlaneEndpointsConfig.ipEndpointsConfig.enabled false)"
    )
    authorized = find(inputs, "masterAuthorizedNetworksConfig")
    if isinstance(authorized, Unknown):
        return
    blocks = find(authorized, "cidrBlocks")
    if authorized is None:
        ranges: Value = ("0.0.0.0/0",)
    elif isinstance(blocks, Sequence):
        ranges = [find(block, "cidrBlock") for block in blocks]
    else:  # networks are authorized, and none is: nobody outside
        ranges = blocks or ()
    if find(authorized, "gcpPublicCidrsAccessEnabled") is True:
        yield (
            "every public address of Google Cloud may reach the API endpoint; set "
            "masterAuthorizedNetworksConfig.gcpPublicCidrsAccessEnabled to false"
        )
    yield from _problems(ranges, settings, advice, "masterAuthorizedNetworksConfig.cidrBlocks")


def _check_aks(inputs: Value, settings: EndpointSettings) -> Iterator[str]:
    is_private = find(inputs, "apiServerAccessProfile", "enablePrivateCluster")
    if is_private is True or isinstance(is_private, Unknown):
        return
    ranges = find(inputs, "apiServerAccessProfile", "authorizedIPRanges")
    yield from _problems(
        ranges or ("0.0.0.0/0",),
        settings,
        "set apiServerAccessProfile.enablePrivateCluster to true",
        "apiServerAccessProfile.authorizedIPRanges",
    )


def _problems(ranges: Value, settings: EndpointSettings, advice: str, where: str) -> Iterator[str]:
    """What is wrong with a public endpoint that answers these ranges."""
    if not settings.allow_authorized_ranges:
        yield f"the API endpoint is public; {advice}"
        return
    if isinstance(ranges, str) or not isinstance(ranges, Sequence):
        return  # unknown
    for text in ranges:
        if isinstance(text, str) and _is_everybody(text, settings.widest_prefix_length):
            yield (
                f"the API endpoint is public and answers {text!r}, that is everybody; {advice}, "
                f"or list your own ranges in {where}"
            )


def _is_everybody(text: str, widest_prefix_length: int) -> bool:
    try:
        return ipaddress.ip_network(text, strict=False).prefixlen < widest_prefix_length
    except ValueError:  # what is not a range is refused by the cloud
        return False


_Rule = Callable[[Value, EndpointSettings], Iterator[str]]

_RULES: tuple[tuple[re.Pattern[str], _Rule], ...] = (
    (re.compile(r"aws:eks/cluster:Cluster"), _check_eks),
    (re.compile(r"gcp:container/cluster:Cluster"), _check_gke),
    # A package made for one API version has the version in its module.
    (re.compile(r"azure-native:containerservice(/v\w+)?:ManagedCluster"), _check_aks),
)
