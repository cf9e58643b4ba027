"""`splitplane aws access-entries` as people and pipelines run it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import httpx
import pytest
from aws_account import ACCOUNT, AwsAccount, running_account, use_account
from aws_environment import isolate_aws

from splitplane.stacks.aws.access import run as access
from splitplane.stacks.aws.predestroy.cluster_api import ClusterApi

COMMAND = ("aws", "access-entries", "--cluster", "prod-eu", "--region", "eu-central-1")
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ops"
ROLES = f"- {{rolearn: '{ROLE}', username: ops, groups: [ops]}}\n"


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AwsAccount]:
    """A cluster whose aws-auth has one line."""
    isolate_aws(monkeypatch, tmp_path)
    with running_account() as account:
        use_account(monkeypatch, account)
        account.client("iam").create_role(RoleName="ops", AssumeRolePolicyDocument="{}")
        account.client("eks").create_cluster(
            name="prod-eu", roleArn=ROLE, resourcesVpcConfig={"subnetIds": []}
        )
        _set(account, monkeypatch, {"mapRoles": ROLES})
        yield account


def _set(
    account: AwsAccount,
    monkeypatch: pytest.MonkeyPatch,
    data: dict[str, str],
    mode: str = "API_AND_CONFIG_MAP",
) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"data": data}))
    api = ClusterApi(httpx.Client(base_url="http://api", transport=transport))
    monkeypatch.setattr(access, "open_cluster", lambda *_: nullcontext(api))
    account.clusters["prod-eu"] = {
        "endpoint": account.url,
        "accessConfig": {"authenticationMode": mode},
    }


def test_the_plan_is_shown_with_its_arguments_and_nothing_is_changed(
    run: Any, account: AwsAccount
) -> None:
    outcome = run(*COMMAND)

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines() == [
        "LINE         PRINCIPAL                           ENTRY     ACTION",
        f"mapRoles[0]  {ROLE}  STANDARD  create",
        "",
        "The same for a program that makes the entries, in place of --yes:",
        "access_entries:",
        f"- principal_arn: {ROLE}",
        "  kubernetes_groups:",
        "  - ops",
        "  user_name: ops",
        "",
        "1 to make; nothing was changed, run it again with --yes",
        "note: keep the authentication mode until no line is left over: aws-auth is still in force",
    ]
    assert account.entries["prod-eu"] == []


def test_yes_makes_the_entries_and_says_what_is_next(run: Any, account: AwsAccount) -> None:
    outcome = run(*COMMAND, "--yes")
    again = run(*COMMAND, "--yes", "-o", "json")

    assert outcome.code == 0
    assert outcome.out.splitlines()[2] == "1 made, 0 left over"
    assert outcome.out.splitlines()[3].startswith("note: no line of aws-auth is needed any more")
    assert account.entries["prod-eu"] == [ROLE]
    assert json.loads(again.out)["done"] == json.loads(again.out)["stayed"] == []


def test_lines_that_are_left_over_are_listed_and_exit_with_1(
    run: Any, account: AwsAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    _set(account, monkeypatch, {"mapAccounts": '- "210987654321"\n'})

    plan = run(*COMMAND, "-o", "json")
    outcome = run(*COMMAND, "--yes")

    assert (plan.code, outcome.code) == (0, 1)
    assert json.loads(plan.out)["lines"][0]["action"] == "by hand"
    assert "  mapAccounts[0]: 210987654321: lets in every principal of an account" in outcome.out


def test_a_cluster_that_takes_no_entries_refuses_yes_after_the_plan(
    run: Any, account: AwsAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    _set(account, monkeypatch, {"mapRoles": ROLES}, mode="CONFIG_MAP")

    outcome = run(*COMMAND, "--yes")

    assert outcome.code == 2
    assert "mapRoles[0]" in outcome.out
    assert outcome.err.startswith("error: --yes is not possible yet: the cluster takes no access")
    assert account.entries == {}


@pytest.mark.usefixtures("account")
def test_the_document_of_the_command_can_be_printed(run: Any) -> None:
    document = json.loads(run(*COMMAND, "--print-policy").out)

    assert document["Statement"][0]["Action"] == ["sts:GetCallerIdentity"]
