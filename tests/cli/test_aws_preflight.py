"""`splitplane aws preflight` as people and pipelines run it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_account import ACCOUNT, AwsAccount, running_account, use_account
from aws_environment import isolate_aws

PLANE = f"""\
name: prod-eu
environments: [prod]
hub_url: https://127.0.0.1:9
kubernetes_version: "1.35"
deployer_principal_arns: ["arn:aws:iam::{ACCOUNT}:role/deployer"]
public_access_cidrs: [198.51.100.0/24]
pools: []
"""


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AwsAccount]:
    isolate_aws(monkeypatch, tmp_path)
    with running_account() as account:
        use_account(monkeypatch, account)
        trust = '{"Version": "2012-10-17", "Statement": []}'
        account.client("iam").create_role(RoleName="deployer", AssumeRolePolicyDocument=trust)
        yield account


@pytest.fixture
def plane(tmp_path: Path) -> str:
    path = tmp_path / "plane.yaml"
    path.write_text(PLANE)
    return str(path)


@pytest.mark.usefixtures("account")
def test_warnings_alone_exit_with_0(run: Any, plane: str) -> None:
    outcome = run("aws", "preflight", "--config", plane, "--region", "eu-central-1")

    lines = outcome.out.splitlines()
    assert (outcome.code, outcome.err) == (0, "")
    assert lines[0].split() == ["STATUS", "CHECK", "FOUND"]
    assert lines[1].endswith(f"{ACCOUNT}, eu-central-1, as arn:aws:sts::{ACCOUNT}:user/moto")
    assert lines[-5:] == [
        "",
        "To do:",
        "  WARN control plane: make sure that pods of the cluster reach hub_url",
        "",
        "ready: 0 failed, 1 warning",
    ]


@pytest.mark.usefixtures("account")
def test_what_is_to_be_done_is_said_once(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "plane.yaml"
    deployer = f'"arn:aws:iam::{ACCOUNT}:role/deployer"'
    missing = ", ".join(f'"arn:aws:iam::{ACCOUNT}:role/{name}"' for name in ("a", "b"))
    path.write_text(PLANE.replace(deployer, missing))

    outcome = run("aws", "preflight", "--config", str(path), "--region", "eu-central-1")

    lines = outcome.out.splitlines()
    assert sum(line.split()[:2] == ["FAIL", "deployers"] for line in lines) == 2
    assert lines.count("  FAIL deployers: make it first, or correct deployer_principal_arns") == 1
    assert lines[-1] == "not ready: 2 failed, 1 warning"


def test_a_failed_check_exits_with_1_and_json_holds_it(
    run: Any, plane: str, account: AwsAccount
) -> None:
    account.quotas["ec2", "L-1216C47A"] = ("Running On-Demand Standard instances", 2)

    outcome = run(
        *("aws", "preflight", "--config", plane, "--region", "eu-central-1", "-o", "json")
    )

    found = [item for item in json.loads(outcome.out) if item["status"] == "FAIL"]
    assert outcome.code == 1
    assert found == [
        {
            "status": "FAIL",
            "check": "quota Running On-Demand Standard instances",
            "found": "2 vCPUs, 0 in use; system nodes cannot do with less than 4",
            "advice": "aws service-quotas request-service-quota-increase --region eu-central-1 "
            "--service-code ec2 --quota-code L-1216C47A --desired-value 4",
        }
    ]


def test_the_policy_is_printed_and_nothing_is_checked(
    run: Any, plane: str, account: AwsAccount
) -> None:
    account.calls.clear()

    outcome = run(
        *("aws", "preflight", "--config", plane, "--region", "eu-central-1", "--print-policy")
    )

    statements = json.loads(outcome.out)["Statement"]
    assert (outcome.code, account.calls) == (0, ["sts:GetCallerIdentity"])
    assert [item["Sid"] for item in statements] == [
        "ReadRegion",
        "ReadCluster",
        "ReadVpc",
        "ReadPrincipals",
        "ReadNames",
    ]


def test_the_region_has_to_be_said(run: Any, plane: str) -> None:
    outcome = run("aws", "preflight", "--config", plane)

    assert outcome.code == 2
    assert outcome.err.startswith("error: --region is missing, and '")


def test_wrong_settings_are_said_before_aws_is_asked(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "plane.yaml"
    path.write_text(PLANE.replace("1.35", "1.99"))

    outcome = run("aws", "preflight", "--config", str(path), "--region", "eu-central-1")

    assert outcome.code == 2
    assert outcome.err.startswith("error: kubernetes_version '1.99' is not supported: use one of")


def test_missing_credentials_exit_with_3(
    run: Any, plane: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    isolate_aws(monkeypatch, tmp_path)

    outcome = run("aws", "preflight", "--config", plane, "--region", "eu-central-1")

    assert outcome.code == 3
    assert outcome.err.startswith("error: no AWS credentials were found")
