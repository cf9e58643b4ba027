"""What the checks say of a VPC that exists: it fits, and everything that it lacks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from aws_account import AwsAccount
from preflight_case import Vpc, against, ready_account, run_checks


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AwsAccount]:
    with ready_account(monkeypatch, tmp_path) as account:
        yield account


def test_an_existing_vpc_that_fits_passes(account: AwsAccount) -> None:
    vpc = Vpc(account)

    found = run_checks(network=vpc.args())

    assert against(found) == []
    assert [item.found for item in found if item.check in ("zones", "network")] == [
        "eu-central-1a, eu-central-1b",
        f"{vpc.id} has what a cluster needs",
    ]


def test_everything_that_an_existing_vpc_lacks_fails(account: AwsAccount) -> None:
    vpc = Vpc(account)
    vpc.ec2.modify_vpc_attribute(VpcId=vpc.id, EnableDnsHostnames={"Value": False})
    untagged = vpc.subnet("c", "10.50.30.0/24")

    found = run_checks(
        network=vpc.args(
            private_subnet_ids=[vpc.public[0], untagged],
            control_plane_subnet_ids=[vpc.control[0], "subnet-gone"],
        )
    )

    texts = [item.found for item in found if item.check == "network"]
    assert {item.status for item in found if item.check == "network"} == {"FAIL"}
    for part in (
        f"network.vpc_id {vpc.id!r} has DNS host names switched off",
        "network.control_plane_subnet_ids: subnet-gone is not in this region and account",
        "network.control_plane_subnet_ids lie in eu-central-1a",
        f"network.private_subnet_ids: {vpc.public[0]} is public",
        f"network.private_subnet_ids: {untagged} has no default route",
        f"network.private_subnet_ids: {untagged} has no tag kubernetes.io/role/internal-elb=1",
    ):
        assert any(text.startswith(part) for text in texts), part


def test_a_vpc_that_is_not_there_fails(account: AwsAccount) -> None:
    network = {"vpc_id": "vpc-0", "private_subnet_ids": ["subnet-1", "subnet-2"]}

    found = run_checks(network=network | {"availability_zones": []})

    assert (
        "FAIL",
        "network",
        "network.vpc_id 'vpc-0' is not in this region and account",
    ) in against(found)
    assert "zones" not in [item.check for item in found]


def test_the_endpoints_that_a_closed_vpc_lacks_are_named(account: AwsAccount) -> None:
    vpc = Vpc(account)
    for service in ("ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "elasticfilesystem", "logs"):
        vpc.ec2.create_vpc_endpoint(
            VpcId=vpc.id,
            VpcEndpointType="Interface",
            ServiceName=f"com.amazonaws.eu-central-1.{service}",
            SubnetIds=[vpc.private[0]],
        )

    found = run_checks(network=vpc.args(nat="none"))

    assert ("WARN", "network") in [(item.status, item.check) for item in found]
    (warning,) = [item for item in found if item.check == "network" and item.status == "WARN"]
    assert warning.found == (
        f"{vpc.id} has no way out, and no endpoints of elasticloadbalancing, secretsmanager, sqs, "
        "ssm, sts, s3"
    )
