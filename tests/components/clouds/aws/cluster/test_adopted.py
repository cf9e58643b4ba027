"""An adopted cluster is only read: its parts are what EKS says, and nothing is registered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pytest
from aws_adopted import ISSUER, AdoptedAnswers, adopted_functions
from recording_monitor import record

from splitplane.components.clouds.aws.cluster.adopted import adopt_cluster
from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.parts import ClusterParts, NetworkParts, Place
from splitplane.components.clouds.aws.settings import parse_settings

PLACE = Place(Scope("aws", "eu-west-1", "111122223333"), ())
BASE: dict[str, Any] = {
    "name": "prod-eu",
    "environments": ["prod"],
    "hub_url": "https://hub.example.com",
    "cluster_name": "old",
}


class Part(pulumi.ComponentResource):
    def __init__(self, name: str) -> None:
        super().__init__("test:index:Part", name)


def _adopt(
    *,
    cluster: dict[str, Any] | None = None,
    absent: tuple[str, ...] = (),
    reason: str = "couldn't find resource",
    there: Mapping[str, Mapping[str, str]] = {"eks-pod-identity-agent": {}},
    **changes: Any,
) -> dict[str, Any]:
    """What the parts say, or what was `refused`; the program ends well after a refusal."""
    seen: dict[str, Any] = {}
    answers = AdoptedAnswers(adopted_functions(cluster or {}))
    answers.absent, answers.reason, answers.addons = absent, reason, there

    def program() -> None:
        try:
            found = adopt_cluster(Part("plane"), parse_settings(BASE | changes), PLACE)
        except Exception as error:  # what the SDK raises for functions has no type of its own
            seen["refused"] = f"{type(error).__name__}: {error}"
            return
        pulumi.Output.all(**_plain(*found)).apply(seen.update)
        assert found[0].ready == ()
        assert found[1].ways_out == ()

    recording = record(program, answers=answers)
    assert [item.name for item in recording.resources] == ["plane"]
    return seen


def _plain(cluster: ClusterParts, network: NetworkParts) -> dict[str, Any]:
    return {
        "name": cluster.name,
        "arn": cluster.arn,
        "version": cluster.version,
        "endpoint": cluster.endpoint,
        "ca": cluster.ca_certificate,
        "issuer": cluster.oidc_issuer_url,
        "group": cluster.security_group_id,
        "provider": cluster.oidc_provider_arn,
        "vpc": network.vpc_id,
        "nodes": dict(network.node_subnet_ids),
        "private": dict(network.private_subnet_ids),
        "public": dict(network.public_subnet_ids),
        "control_plane": list(network.control_plane_subnet_ids),
    }


def test_the_parts_are_what_eks_says() -> None:
    private = {"eu-west-1a": "subnet-a", "eu-west-1b": "subnet-b"}

    assert _adopt() == {
        "name": "old",
        "arn": "arn:aws:eks:eu-west-1:111122223333:cluster/old",
        "version": "1.34",
        "endpoint": "https://old.example.com",
        "ca": "LS0t",
        "issuer": ISSUER,
        "group": "sg-1",
        "provider": None,
        "vpc": "vpc-1",
        "nodes": private,
        "private": private,
        "public": {},
        "control_plane": ["subnet-a", "subnet-b", "subnet-p"],
    }


def test_named_subnets_take_the_place_of_the_clusters() -> None:
    found = _adopt(network={"private_subnet_ids": ["subnet-b"], "public_subnet_ids": ["subnet-p"]})

    assert found["private"] == {"eu-west-1b": "subnet-b"}
    assert found["public"] == {"eu-west-1a": "subnet-p"}


def test_the_oidc_provider_of_the_issuer_is_used() -> None:
    found = _adopt(workload_identity="irsa")

    assert found["provider"] == (
        "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/A1"
    )


def test_a_cluster_that_is_not_there_is_named_with_those_that_are() -> None:
    assert _adopt(cluster_name="new")["refused"] == (
        "WrongArgument: cluster_name 'new' is no cluster in eu-west-1: use one of old, older, or "
        "leave it out to create one"
    )


def test_everything_that_has_to_be_changed_is_said_at_once() -> None:
    refused = _adopt(
        cluster={"version": "1.29", "accessConfigs": []},
        absent=("aws:eks/getAddon:getAddon",),
        network={"private_subnet_ids": ["subnet-p"]},
    )["refused"]

    assert refused.startswith("ClusterRefused: cluster_name 'old' cannot be adopted: it has Kuber")
    for words in ("authentication mode is CONFIG_MAP", "no add-on eks-pod-id", "subnet-p is publ"):
        assert words in refused


def test_a_missing_provider_is_said() -> None:
    refused = _adopt(
        absent=("aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider",),
        workload_identity="irsa",
    )["refused"]

    assert "IAM has no OIDC provider for its issuer" in refused


@pytest.mark.parametrize(
    "changes",
    [
        {"addons": {"eks-pod-identity-agent": {"mode": "external"}}},
        {"addons": {"eks-pod-identity-agent": {"mode": "managed"}}},
        {"cluster": {"computeConfigs": [{"enabled": True}]}, "compute_mode": "auto_mode"},
    ],
    ids=["external", "managed", "auto"],
)
def test_an_agent_that_is_installed_otherwise_is_not_asked_for(changes: dict[str, Any]) -> None:
    assert _adopt(absent=("aws:eks/getAddon:getAddon",), **changes)["name"] == "old"


def test_addons_that_others_made_are_not_taken_unasked() -> None:
    there = {"eks-pod-identity-agent": {}, "metrics-server": {"team": "ops"}}

    assert _adopt(there=there)["refused"].endswith(
        "it has the add-on metrics-server, made elsewhere: say addons['metrics-server'].mode "
        "'external' to leave it so, or 'adopt' to take it over"
    )
    for mode in ("external", "adopt", "managed"):
        asked = {"metrics-server": {"mode": mode}}
        assert _adopt(there=there, addons=asked)["name"] == "old"


def test_addons_of_an_earlier_run_are_ours() -> None:
    there = {"eks-pod-identity-agent": {}, "metrics-server": {"splitplane.io/cluster": "old"}}

    assert _adopt(there=there)["name"] == "old"


def test_a_cluster_in_the_making_has_to_be_awaited() -> None:
    refused = _adopt(cluster={"status": "CREATING", "identities": []})["refused"]

    assert refused.endswith("its status is CREATING: wait until it is ACTIVE")


def test_other_failures_of_aws_are_not_taken_for_absence() -> None:
    refused = _adopt(absent=("aws:eks/getAddon:getAddon",), reason="AccessDenied")["refused"]

    assert "AccessDenied" in refused
    assert "ClusterRefused" not in refused
