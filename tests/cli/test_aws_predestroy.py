"""`splitplane aws predestroy` as people and pipelines run it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_account import ACCOUNT, AwsAccount, running_account, use_account
from aws_environment import isolate_aws

COMMAND = ("aws", "predestroy", "--cluster", "prod-eu", "--region", "eu-central-1")


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AwsAccount]:
    isolate_aws(monkeypatch, tmp_path)
    with running_account() as account:
        use_account(monkeypatch, account)
        yield account


@pytest.fixture
def group(account: AwsAccount) -> str:
    """A security group that the load balancer controller left."""
    ec2 = account.client("ec2")
    made = ec2.create_security_group(
        GroupName="k8s-traffic",
        Description="x",
        VpcId=ec2.describe_vpcs()["Vpcs"][0]["VpcId"],
        TagSpecifications=[
            {
                "ResourceType": "security-group",
                "Tags": [{"Key": "elbv2.k8s.aws/cluster", "Value": "prod-eu"}],
            }
        ],
    )
    return str(made["GroupId"])


@pytest.mark.usefixtures("account")
def test_a_cluster_that_left_nothing_has_nothing_to_take_out(run: Any) -> None:
    outcome = run(*COMMAND)

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == (
        "note: EKS has no cluster 'prod-eu': only the account is looked at\n"
        "there is nothing to take out\n"
    )


def test_the_plan_is_shown_and_nothing_is_changed(
    run: Any, account: AwsAccount, group: str
) -> None:
    outcome = run(*COMMAND)

    assert outcome.code == 0
    assert outcome.out.splitlines() == [
        "note: EKS has no cluster 'prod-eu': only the account is looked at",
        "STEP             KIND            NAME         ACTION",
        "security-groups  security group  k8s-traffic  delete",
        "",
        "1 to take out; nothing was changed, run it again with --yes",
    ]
    assert account.client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"]


@pytest.mark.usefixtures("group")
def test_yes_takes_it_out_and_tells_how_it_goes(run: Any) -> None:
    outcome = run(*COMMAND, "--yes")
    again = run(*COMMAND, "--yes", "-o", "json")

    assert outcome.code == 0
    assert outcome.err == "security-groups: 1 left, such as security group k8s-traffic\n"
    assert outcome.out.splitlines()[-2:] == [
        "1 taken out, 0 stayed",
        "note: EKS has no cluster 'prod-eu': only the account is looked at",
    ]
    assert json.loads(again.out) == {
        "gone": [],
        "stayed": [],
        "notes": ["EKS has no cluster 'prod-eu': only the account is looked at"],
    }


@pytest.mark.usefixtures("group")
def test_what_stays_is_listed_and_exits_with_1(run: Any, account: AwsAccount) -> None:
    account.failures["ec2:DeleteSecurityGroup"] = (403, "UnauthorizedOperation")

    outcome = run(*COMMAND, "--yes", "--only", "security-groups")

    assert outcome.code == 1
    assert outcome.out.splitlines()[-4:] == [
        "0 taken out, 1 stayed",
        "  security-groups: security group k8s-traffic: refused: the credentials lack "
        "ec2:DeleteSecurityGroup",
        "note: EKS has no cluster 'prod-eu': only the account is looked at",
        "run it again once the reasons are gone",
    ]


def test_a_cluster_that_cannot_be_reached_exits_with_6(run: Any, account: AwsAccount) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/x"
    account.client("eks").create_cluster(name="prod-eu", roleArn=role, resourcesVpcConfig={})
    account.clusters["prod-eu"] = {"endpoint": "https://127.0.0.1:1"}

    outcome = run(*COMMAND)

    assert (outcome.code, outcome.out) == (6, "")
    assert outcome.err.startswith("error: the API of cluster 'prod-eu' cannot be reached from here")


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--only", "diks"), "error: --only 'diks' is no step: use some of agent, add-on-sync,"),
        (("--cluster", "a b"), "error: name 'a b' is not allowed: EKS takes"),
        (("--region", "nowhere"), "error: --region 'nowhere' is no AWS region"),
    ],
)
def test_wrong_arguments_exit_with_2(run: Any, arguments: tuple[str, ...], message: str) -> None:
    outcome = run(*COMMAND, *arguments)

    assert outcome.code == 2
    assert outcome.err.startswith(message)


@pytest.mark.usefixtures("account")
def test_the_policy_is_printed(run: Any) -> None:
    outcome = run(*COMMAND, "--print-policy")

    first = json.loads(outcome.out)["Statement"][0]
    assert (outcome.code, first["Sid"], first["Resource"]) == (0, "Read", ["*"])
