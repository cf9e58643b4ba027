"""Preflight on an account of moto: a plane that passes every check, and a VPC to use."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from aws_account import ACCOUNT, REGION, AwsAccount, running_account, use_account
from aws_environment import isolate_aws

from splitplane.components.clouds.aws.settings import parse_settings
from splitplane.stacks.aws.account import open_account
from splitplane.stacks.aws.findings import Finding
from splitplane.stacks.aws.preflight import run_preflight

DEPLOYER = f"arn:aws:iam::{ACCOUNT}:role/ci/deployer"
TODAY = date(2026, 11, 21)
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
POOL: dict[str, Any] = {
    "name": "gpu",
    "gpu_name": "a10g",
    "limit_cpu_cores": 64,
    "limit_memory_gib": 256,
    "limit_gpus": 4,
    "termination_grace_seconds": 3600,
}
ARGS: dict[str, Any] = {
    "name": "prod-eu",
    "environments": ["prod"],
    "hub_url": "https://cp.example.com",
    "kubernetes_version": "1.35",
    "deployer_principal_arns": [DEPLOYER],
    "deployer_role_arn": DEPLOYER,
    "public_access_cidrs": ["198.51.100.0/24"],
    "pools": [POOL],
}


@contextmanager
def ready_account(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Generator[AwsAccount]:
    """An account in which nothing speaks against the plane of `ARGS`, while the body runs."""
    isolate_aws(monkeypatch, folder)
    with running_account() as account:
        use_account(monkeypatch, account)
        account.client("iam").create_role(
            RoleName="deployer", Path="/ci/", AssumeRolePolicyDocument=TRUST
        )
        account.calls.clear()
        yield account


def run_checks(reaches: str | None = None, **args: Any) -> list[Finding]:
    """What the checks find of `ARGS` with other arguments; `reaches` is why no host answers."""
    settings = parse_settings(ARGS | args)
    found = run_preflight(
        open_account(region=REGION), settings, today=TODAY, reaches=lambda _, __: reaches
    )
    return list(found)


def against(found: list[Finding]) -> list[tuple[str, str, str]]:
    """Status, check and text of what speaks against it."""
    return [(item.status, item.check, item.found) for item in found if item.status != "OK"]


class Vpc:
    """A VPC with two public and two private subnets, as a network team would hand it over."""

    def __init__(self, account: AwsAccount) -> None:
        self.ec2 = account.client("ec2")
        self.id = self.ec2.create_vpc(CidrBlock="10.50.0.0/16")["Vpc"]["VpcId"]
        self.ec2.modify_vpc_attribute(VpcId=self.id, EnableDnsHostnames={"Value": True})
        self.gateway = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        self.ec2.attach_internet_gateway(InternetGatewayId=self.gateway, VpcId=self.id)
        self.public = [self.subnet(zone, f"10.50.{place}.0/24") for place, zone in enumerate("ab")]
        self.private = [
            self.subnet(zone, f"10.50.{place}.0/24") for place, zone in enumerate("ab", start=8)
        ]
        self.control = [
            self.subnet(zone, f"10.50.{place}.0/27") for place, zone in enumerate("ab", start=16)
        ]
        address = self.ec2.allocate_address(Domain="vpc")["AllocationId"]
        nat = self.ec2.create_nat_gateway(SubnetId=self.public[0], AllocationId=address)
        self.route(self.public, GatewayId=self.gateway)
        self.route(self.private, NatGatewayId=nat["NatGateway"]["NatGatewayId"])
        self.tag(self.public, "kubernetes.io/role/elb")
        self.tag(self.private, "kubernetes.io/role/internal-elb")

    def subnet(self, zone: str, cidr: str) -> str:
        made = self.ec2.create_subnet(
            VpcId=self.id, CidrBlock=cidr, AvailabilityZone=f"{REGION}{zone}"
        )
        return str(made["Subnet"]["SubnetId"])

    def route(self, subnets: list[str], **target: str) -> None:
        table = self.ec2.create_route_table(VpcId=self.id)["RouteTable"]["RouteTableId"]
        self.ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **target)
        for subnet in subnets:
            self.ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)

    def tag(self, subnets: list[str], key: str) -> None:
        self.ec2.create_tags(Resources=subnets, Tags=[{"Key": key, "Value": "1"}])

    def args(self, **more: Any) -> dict[str, Any]:
        return {
            "vpc_id": self.id,
            "public_subnet_ids": self.public,
            "private_subnet_ids": self.private,
            "control_plane_subnet_ids": self.control,
        } | more
