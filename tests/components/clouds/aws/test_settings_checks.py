"""All problems of all areas are said at once, and those of the account before anything is made."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.network.zones import Zone
from splitplane.components.clouds.aws.parts import Place
from splitplane.components.clouds.aws.settings import parse_settings
from splitplane.components.clouds.aws.settings_checks import (
    check_against_account,
    check_settings,
    warnings_of,
)
from splitplane.components.errors import WrongArgument

PLACE = Place(
    Scope("aws", "eu-west-1", "111122223333"),
    (Zone("eu-west-1a", "euw1-az1"), Zone("eu-west-1b", "euw1-az2")),
)
DEPLOYER = "arn:aws:iam::111122223333:role/deployer"
BASE: dict[str, Any] = {
    "name": "prod-eu",
    "environments": ["prod"],
    "hub_url": "https://hub.example.com",
    "kubernetes_version": "1.35",
    "deployer_principal_arns": [DEPLOYER],
}
ADOPTED: dict[str, Any] = {
    "cluster_name": "old",
    "kubernetes_version": None,
    "deployer_principal_arns": None,
}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="least"),
        pytest.param({"profile": "prod"}, id="production"),
        pytest.param(ADOPTED, id="adopted"),
        pytest.param(ADOPTED | {"network": {"private_subnet_ids": ["subnet-1"]}}, id="subnets"),
        pytest.param({"compute_mode": "auto_mode"}, id="auto"),
    ],
)
def test_what_is_allowed_passes(changes: dict[str, Any]) -> None:
    settings = parse_settings(BASE | changes)

    check_settings(settings, addons={})
    check_against_account(settings, PLACE)


def test_problems_of_every_area_are_said_at_once() -> None:
    wrong = parse_settings(
        BASE
        | {
            "cluster_name": "old",
            "hub_url": "x",
            "system_nodes": {"count": 1},
            "dns": {"policy": "sync"},
            "platform": {"assumed_role_seconds": 1},
            "addons": {"kedda": {}},
        }
    )

    with pytest.raises(WrongArgument) as caught:
        check_settings(wrong, addons={"keda": ()})

    assert [text.split(" ")[0] for text in str(caught.value).split("; ")] == [
        "hub_url",
        "kubernetes_version",
        "deployer_principal_arns",
        "system_nodes",
        "system_nodes.count",
        "dns.policy",
        "platform.assumed_role_seconds",
        "addons",
    ]


def test_problems_of_the_network_are_said_where_one_is_made() -> None:
    with pytest.raises(WrongArgument, match=r"^network\.vpc_cidr '10\.0\.0\.0/8' has the wrong si"):
        check_settings(parse_settings(BASE | {"network": {"vpc_cidr": "10.0.0.0/8"}}))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"deployer_principal_arns": ["arn:aws-cn:iam::111122223333:role/deployer"]},
            "deployer_principal_arns[0]: principal_arn 'arn:aws-cn:iam::111122223333:role/deploye",
        ),
        (
            {"access_entries": [{"principal_arn": DEPLOYER}]},
            f"access_entries[0]: principal_arn '{DEPLOYER}' is also that of deployer_principal_a",
        ),
        (
            {"secrets_kms_key": "arn:aws:kms:us-east-1:111122223333:key/0a"},
            "secrets_kms_key 'arn:aws:kms:us-east-1:111122223333:key/0a' lies in 'us-east-1' (aws)",
        ),
        (
            {"storage": {"kms_key_arn": "arn:aws:kms:us-east-1:111122223333:key/0a"}},
            "storage.kms_key_arn 'arn:aws:kms:us-east-1:111122223333:key/0a' lies in 'us-east-1' (",
        ),
        (
            {"ingress": {"certificate_arn": "arn:aws:acm:us-east-1:111122223333:certificate/0a"}},
            "ingress.certificate_arn 'arn:aws:acm:us-east-1:111122223333:certificate/0a' lies in '",
        ),
        (
            {"permissions_boundary_arn": "arn:aws:iam::210987654321:policy/x"},
            "permissions_boundary_arn 'arn:aws:iam::210987654321:policy/x' lies in account '210987",
        ),
        (
            {"dns": {"zone_arns": ["arn:aws-cn:route53:::hostedzone/Z1"]}},
            "dns.zone_arns 'arn:aws-cn:route53:::hostedzone/Z1' lies in another partition than 'a",
        ),
    ],
)
def test_what_does_not_fit_the_account_is_said(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(WrongArgument) as caught:
        check_against_account(parse_settings(BASE | changes), PLACE)

    assert str(caught.value).startswith(message)
    assert "; " not in str(caught.value)


def test_the_end_of_support_is_a_warning() -> None:
    settings = parse_settings(BASE)

    assert warnings_of(settings, date(2026, 11, 21)) == []
    (warning,) = warnings_of(settings, date(2027, 3, 1))
    assert warning.startswith("support (STANDARD) of Kubernetes 1.35 ends on 2027-03-27, then EKS")
    assert warnings_of(parse_settings(BASE | ADOPTED), date(2027, 3, 1)) == []


def test_a_closed_vpc_of_others_has_to_have_endpoints() -> None:
    network = {
        "vpc_id": "vpc-1",
        "nat": "none",
        "private_subnet_ids": ["subnet-1", "subnet-2"],
        "control_plane_subnet_ids": ["subnet-3", "subnet-4"],
    }

    (warning,) = warnings_of(parse_settings(BASE | {"network": network}), date(2026, 11, 21))

    assert warning == (
        "network.nat 'none' in an existing VPC: nodes only join if ec2, ecr.api, ecr.dkr, eks, "
        "eks-auth, elasticfilesystem, elasticloadbalancing, logs, secretsmanager, sqs, ssm, sts, "
        "s3 are reached through endpoints; `splitplane aws preflight` says which lack"
    )


def test_a_certificate_in_a_zone_that_nobody_delegated_is_a_warning() -> None:
    asked = {
        "ingress": {"certificate_domains": ["ml.example.com"]},
        "dns": {"zone_names": ["ml.example.com"]},
    }

    (warning,) = warnings_of(parse_settings(BASE | asked), date(2026, 11, 21))

    assert warning.startswith("ingress.certificate_domains ['ml.example.com'] lie in zones that")
