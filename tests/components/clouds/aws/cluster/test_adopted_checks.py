"""A cluster is adopted only as it is needed, and all that has to be changed is listed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from splitplane.components.clouds.aws.cluster.adopted_checks import (
    AdoptedCluster,
    check_adopted,
    choose_subnets,
)
from splitplane.components.clouds.aws.network.existing_checks import ExistingNetwork, SubnetFacts
from splitplane.components.clouds.aws.network.zones import Zone
from splitplane.components.clouds.aws.settings import EksSettings, parse_settings

FOUND = AdoptedCluster("old", "ACTIVE", "1.34", "API_AND_CONFIG_MAP")
ZONES = {name: Zone(f"eu-west-1{name}", f"euw1-az{name}") for name in "ab"}


def _settings(**changes: Any) -> EksSettings:
    base = {"name": "prod-eu", "environments": ["prod"], "hub_url": "https://h.example.com"}
    return parse_settings({**base, "cluster_name": "old", **changes})


def _subnet(id: str, zone: str, target: str = "nat-1", vpc_id: str = "vpc-1") -> SubnetFacts:
    return SubnetFacts(id, vpc_id, ZONES[zone], 100, routes={"0.0.0.0/0": target})


def _network(*private: SubnetFacts, public: tuple[SubnetFacts, ...] = ()) -> ExistingNetwork:
    subnets: Any = {"private_subnet_ids": private, "public_subnet_ids": public}
    return ExistingNetwork("vpc-1", ("10.0.0.0/16",), True, True, subnets)


def test_a_cluster_that_fits_has_no_problems() -> None:
    assert check_adopted(FOUND, _settings()) == []
    auto = replace(FOUND, is_auto_mode=True, has_identity_agent=False)
    assert check_adopted(auto, _settings(compute_mode="auto_mode")) == []
    assert check_adopted(FOUND, _settings(workload_identity="irsa")) == []


@pytest.mark.parametrize(
    ("found", "changes", "message"),
    [
        ({"status": "CREATING"}, {}, "its status is CREATING: wait until it is ACTIVE"),
        (
            {"version": "1.29"},
            {},
            "it has Kubernetes 1.29, and 1.33, 1.34, 1.35 are supported: upgrade it, one minor at",
        ),
        (
            {"authentication_mode": "CONFIG_MAP"},
            {},
            "its authentication mode is CONFIG_MAP, which knows no access entries: run `aws eks "
            "update-cluster-config --name old --access-config authenticationMode=API_AND_CONFIG_M",
        ),
        (
            {"is_auto_mode": True},
            {},
            "it has Auto Mode, but compute_mode is 'karpenter': write 'auto_mode'",
        ),
        (
            {},
            {"compute_mode": "auto_mode"},
            "it has no Auto Mode, but compute_mode is 'auto_mode': write another",
        ),
        (
            {"has_identity_agent": False},
            {},
            "it has no add-on eks-pod-identity-agent, without which pods get no role: say addons",
        ),
        (
            {"foreign_addons": ("metrics-server",)},
            {},
            "it has the add-on metrics-server, made elsewhere: say addons['metrics-server'].mode",
        ),
        (
            {"has_oidc_provider": False},
            {"workload_identity": "irsa"},
            "IAM has no OIDC provider for its issuer, which workload_identity 'irsa' needs: run `e",
        ),
    ],
)
def test_what_has_to_be_changed_is_said(
    found: dict[str, Any], changes: dict[str, Any], message: str
) -> None:
    (problem,) = check_adopted(replace(FOUND, **found), _settings(**changes))

    assert problem.startswith(message)


def test_private_subnets_of_the_cluster_are_taken_one_for_each_zone() -> None:
    network = _network(
        _subnet("subnet-4", "a"),
        _subnet("subnet-1", "a", "igw-1"),
        _subnet("subnet-3", "b"),
        _subnet("subnet-2", "a"),
    )

    chosen, problems = choose_subnets(network, _settings())

    assert [item.id for item in chosen] == ["subnet-2", "subnet-3"]
    assert problems == []


def test_named_subnets_are_taken_as_they_are() -> None:
    network = _network(_subnet("subnet-9", "b"), public=(_subnet("subnet-1", "a", "igw-1"),))

    chosen, problems = choose_subnets(
        network, _settings(network={"private_subnet_ids": ["subnet-9"]})
    )

    assert [item.id for item in chosen] == ["subnet-9"]
    assert problems == []


NAMED = {"network": {"private_subnet_ids": ["x"]}}


@pytest.mark.parametrize(
    ("network", "changes", "message"),
    [
        (
            _network(_subnet("subnet-1", "a", "igw-1")),
            {},
            "network.private_subnet_ids is left out, but all subnets of the cluster are public: n",
        ),
        (
            _network(_subnet("subnet-1", "a", "igw-1")),
            NAMED,
            "network.private_subnet_ids: subnet-1 is public, its default route is igw-1: name one",
        ),
        (
            _network(_subnet("subnet-1", "a"), _subnet("subnet-2", "a")),
            NAMED,
            "network.private_subnet_ids has several subnets in eu-west-1a, where shared storage ta",
        ),
        (
            _network(_subnet("subnet-1", "a", vpc_id="vpc-2")),
            NAMED,
            "network.private_subnet_ids: subnet-1 lies in another VPC than the cluster's vpc-1: na",
        ),
        (
            _network(_subnet("subnet-1", "a"), public=(_subnet("subnet-2", "a"),)),
            NAMED,
            "network.public_subnet_ids: subnet-2 has no default route to an internet gateway: name",
        ),
        (
            replace(_network(_subnet("subnet-1", "a")), missing={"private_subnet_ids": ("s-9",)}),
            NAMED,
            "network.private_subnet_ids: s-9 is not in this region and account: name others",
        ),
    ],
)
def test_wrong_subnets_are_named(
    network: ExistingNetwork, changes: dict[str, Any], message: str
) -> None:
    _, (problem,) = choose_subnets(network, _settings(**changes))

    assert problem.startswith(message)
