"""Which API endpoints of clusters are open to everybody; the rule as a table."""

from __future__ import annotations

import pytest

from splitplane_policy.model import UNKNOWN, Resource, Value
from splitplane_policy.public_endpoints import EndpointSettings, check

EKS = "aws:eks/cluster:Cluster"
GKE = "gcp:container/cluster:Cluster"
AKS = "azure-native:containerservice:ManagedCluster"
OFFICE = "198.51.100.0/24"


def eks(**vpc_config: Value) -> tuple[str, dict[str, Value]]:
    return EKS, {"vpcConfig": vpc_config}


def aks(**profile: Value) -> tuple[str, dict[str, Value]]:
    return AKS, {"apiServerAccessProfile": profile}


def gke(**inputs: Value) -> tuple[str, dict[str, Value]]:
    return GKE, inputs


def authorized(*ranges: Value, **more: Value) -> dict[str, Value]:
    return {"cidrBlocks": [{"cidrBlock": text} for text in ranges], **more}


def problems(
    given: tuple[str, dict[str, Value]], settings: EndpointSettings | None = None
) -> list[str]:
    resource = Resource(given[0], "urn:it", given[1])
    return [violation.message for violation in check(resource, settings or EndpointSettings())]


@pytest.mark.parametrize(
    ("given", "word"),
    [
        pytest.param(eks(), "'0.0.0.0/0'", id="eks, nothing said"),
        pytest.param((EKS, {}), "'0.0.0.0/0'", id="eks, no vpc config"),
        pytest.param(eks(endpointPublicAccess=True), "'0.0.0.0/0'", id="eks, no ranges"),
        pytest.param(eks(publicAccessCidrs=[]), "'0.0.0.0/0'", id="eks, empty ranges"),
        pytest.param(
            eks(endpointPublicAccess=True, publicAccessCidrs=[OFFICE, "0.0.0.0/0"]),
            "'0.0.0.0/0'",
            id="eks, everybody among the ranges",
        ),
        pytest.param(eks(publicAccessCidrs=["0.0.0.0/1"]), "'0.0.0.0/1'", id="eks, half the world"),
        pytest.param(eks(publicAccessCidrs=["::/0"]), "'::/0'", id="eks, everybody by IPv6"),
        pytest.param(gke(), "'0.0.0.0/0'", id="gke, nothing said"),
        pytest.param(
            gke(privateClusterConfig={"enablePrivateNodes": True}),
            "'0.0.0.0/0'",
            id="gke, only the nodes are private",
        ),
        pytest.param(
            gke(masterAuthorizedNetworksConfig=authorized("0.0.0.0/0")),
            "'0.0.0.0/0'",
            id="gke, everybody is authorized",
        ),
        pytest.param(
            gke(
                masterAuthorizedNetworksConfig=authorized(OFFICE, gcpPublicCidrsAccessEnabled=True)
            ),
            "every public address of Google Cloud",
            id="gke, everybody in the cloud",
        ),
        pytest.param((AKS, {}), "'0.0.0.0/0'", id="aks, nothing said"),
        pytest.param(aks(enablePrivateCluster=False), "'0.0.0.0/0'", id="aks, no ranges"),
        pytest.param(
            ("azure-native:containerservice/v20240901:ManagedCluster", {}),
            "'0.0.0.0/0'",
            id="aks, a package of one API version",
        ),
    ],
)
def test_an_endpoint_for_everybody_is_found(given: tuple[str, dict[str, Value]], word: str) -> None:
    (message,) = problems(given)

    assert word in message
    assert "; set " in message


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(eks(endpointPublicAccess=False), id="eks, private"),
        pytest.param(eks(endpointPublicAccess=UNKNOWN), id="eks, not known yet"),
        pytest.param(eks(publicAccessCidrs=UNKNOWN), id="eks, ranges not known yet"),
        pytest.param(eks(publicAccessCidrs=[UNKNOWN]), id="eks, a range not known yet"),
        pytest.param((EKS, {"vpcConfig": UNKNOWN}), id="eks, nothing known yet"),
        pytest.param(eks(publicAccessCidrs=[OFFICE]), id="eks, own ranges"),
        pytest.param(gke(privateClusterConfig={"enablePrivateEndpoint": True}), id="gke, private"),
        pytest.param(gke(masterAuthorizedNetworksConfig=authorized()), id="gke, nobody outside"),
        pytest.param(gke(masterAuthorizedNetworksConfig={}), id="gke, nobody outside, no list"),
        pytest.param(gke(masterAuthorizedNetworksConfig=authorized(OFFICE)), id="gke, own ranges"),
        pytest.param(gke(masterAuthorizedNetworksConfig=UNKNOWN), id="gke, not known yet"),
        pytest.param(
            gke(
                controlPlaneEndpointsConfig={
                    "ipEndpointsConfig": {"enabled": False},
                    "dnsEndpointConfig": {"allowExternalTraffic": True},
                }
            ),
            id="gke, the DNS endpoint alone",
        ),
        pytest.param(aks(enablePrivateCluster=True), id="aks, private"),
        pytest.param(aks(authorizedIPRanges=[OFFICE]), id="aks, own ranges"),
        pytest.param(aks(authorizedIPRanges=["0.0.0.0/32"]), id="aks, only its own egress"),
        pytest.param(("aws:s3/bucket:Bucket", {}), id="no cluster"),
    ],
)
def test_an_endpoint_for_some_passes(given: tuple[str, dict[str, Value]]) -> None:
    assert problems(given) == []


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(eks(publicAccessCidrs=[OFFICE]), id="eks"),
        pytest.param(gke(masterAuthorizedNetworksConfig=authorized(OFFICE)), id="gke"),
        pytest.param(aks(authorizedIPRanges=[OFFICE]), id="aks"),
    ],
)
def test_own_ranges_do_not_pass_when_the_settings_say_so(
    given: tuple[str, dict[str, Value]],
) -> None:
    (message,) = problems(given, EndpointSettings(allow_authorized_ranges=False))

    assert message.startswith("the API endpoint is public; set ")


def test_the_dns_endpoint_does_not_pass_when_the_settings_say_so() -> None:
    config: Value = {
        "ipEndpointsConfig": {"enabled": False},
        "dnsEndpointConfig": {"allowExternalTraffic": True},
    }

    (message,) = problems(
        gke(controlPlaneEndpointsConfig=config), EndpointSettings(allow_dns_endpoint=False)
    )

    assert message.startswith("the DNS endpoint may be used from outside; set ")


def test_the_width_of_a_range_is_a_setting() -> None:
    given = eks(publicAccessCidrs=["198.0.0.0/10"])

    assert problems(given) == []
    assert len(problems(given, EndpointSettings(widest_prefix_length=16))) == 1
