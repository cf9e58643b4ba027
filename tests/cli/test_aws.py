"""`splitplane aws` as kubectl and people run it."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from aws_environment import KEY_ID, SECRET, isolate_aws

TOKEN = ("aws", "token", "--cluster", "prod-eu", "--region", "eu-central-1")


@pytest.fixture(autouse=True)
def _no_aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate_aws(monkeypatch, tmp_path)


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)


@pytest.mark.usefixtures("keys")
def test_token_is_printed_as_kubectl_reads_it(run: Any) -> None:
    outcome = run(*TOKEN)

    document = json.loads(outcome.out)
    assert (outcome.code, outcome.err) == (0, "")
    assert document["apiVersion"] == "client.authentication.k8s.io/v1"
    assert re.fullmatch(r"k8s-aws-v1\.[\w-]{300,}", document["status"]["token"])


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--region", "eu-centrl-1"), "did you mean 'eu-central-1'?"),
        (("--role-arn", "deployer"), "--role-arn 'deployer' is no role"),
        (("--cluster", "a b"), "name 'a b' is not allowed: EKS takes"),
    ],
)
def test_wrong_argument_exits_with_2(run: Any, arguments: tuple[str, ...], message: str) -> None:
    outcome = run(*TOKEN, *arguments)

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("error: ")
    assert message in outcome.err


def test_missing_credentials_exit_with_3(run: Any) -> None:
    outcome = run(*TOKEN)

    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err.startswith("error: no AWS credentials were found: set AWS_PROFILE")


@pytest.mark.parametrize("left_out", ["--cluster", "--region"])
def test_cluster_and_region_are_needed(run: Any, left_out: str) -> None:
    at = TOKEN.index(left_out)

    outcome = run(*TOKEN[:at], *TOKEN[at + 2 :])

    assert outcome.code == 2
    assert left_out in outcome.err


def test_without_botocore_the_extra_is_named(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(sys.modules):
        if name.startswith(("botocore", "splitplane.stacks.aws")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "botocore", None)

    outcome = run(*TOKEN)

    assert outcome.code == 1
    assert outcome.err.endswith('which is not installed; run: pip install "splitplane[aws]"\n')
