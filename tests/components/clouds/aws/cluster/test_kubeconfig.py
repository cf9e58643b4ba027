"""Kubeconfigs say how to sign in, hold no credential, and are read by what reads kubeconfigs."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from aws_environment import KEY_ID, SECRET, isolate_aws

from splitplane.components.attached.access import read_kubeconfig
from splitplane.components.clouds.aws.cluster.kubeconfig import (
    build_deployer_kubeconfig,
    build_user_kubeconfig,
)
from splitplane.components.errors import ClusterUnreachable, WrongArgument
from splitplane.stacks.local_cluster.certificates import Authority

CA = base64.b64encode(b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n").decode()
SERVER = "https://0123456789ABCDEF.gr7.eu-central-1.eks.amazonaws.com"
CLUSTER: dict[str, Any] = {
    "cluster": "prod-eu",
    "region": "eu-central-1",
    "server": SERVER,
    "ca_certificate": CA,
}
ROLE = "arn:aws:iam::123456789012:role/deployer"

USER_KUBECONFIG = """\
{
  "apiVersion": "v1",
  "kind": "Config",
  "clusters": [
    {
      "name": "prod-eu",
      "cluster": {
        "server": "https://0123456789ABCDEF.gr7.eu-central-1.eks.amazonaws.com",
        "certificate-authority-data": "CA"
      }
    }
  ],
  "users": [
    {
      "name": "prod-eu",
      "user": {
        "exec": {
          "apiVersion": "client.authentication.k8s.io/v1",
          "command": "splitplane",
          "args": [
            "aws",
            "token",
            "--cluster",
            "prod-eu",
            "--region",
            "eu-central-1"
          ],
          "installHint": "splitplane was not found: run `pip install \\"splitplane[aws]\\"` \
and put it on the PATH",
          "interactiveMode": "Never",
          "provideClusterInfo": false
        }
      }
    }
  ],
  "contexts": [
    {
      "name": "prod-eu",
      "context": {
        "cluster": "prod-eu",
        "user": "prod-eu"
      }
    }
  ],
  "current-context": "prod-eu"
}
"""


def test_kubeconfig_of_users_names_nobody() -> None:
    assert build_user_kubeconfig(**CLUSTER).replace(CA, "CA") == USER_KUBECONFIG


def test_deployer_without_role_and_profile_signs_in_as_users_do() -> None:
    assert build_deployer_kubeconfig(**CLUSTER) == build_user_kubeconfig(**CLUSTER)


def test_deployer_signs_in_with_role_and_profile() -> None:
    text = build_deployer_kubeconfig(**CLUSTER, role_arn=ROLE, profile="deploy")

    access = read_kubeconfig(text)

    assert access.context == "prod-eu"
    assert access.server == SERVER
    assert access.authority() == base64.b64decode(CA).decode()
    assert list(access.user) == ["exec"]
    assert access.user["exec"]["args"][-2:] == ["--role-arn", ROLE]
    assert access.user["exec"]["env"] == [{"name": "AWS_PROFILE", "value": "deploy"}]


def test_text_is_yaml_too() -> None:
    text = build_user_kubeconfig(**CLUSTER)

    assert yaml.safe_load(text) == json.loads(text)


@pytest.fixture
def _on_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate_aws(monkeypatch, tmp_path)
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")


@pytest.mark.usefixtures("_on_path")
def test_command_in_the_kubeconfig_signs_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority = base64.b64encode(Authority(tmp_path / "pki").pair.certificate.read_bytes()).decode()
    text = build_user_kubeconfig(**CLUSTER | {"ca_certificate": authority})
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)

    with read_kubeconfig(text).open_client() as client:
        header = client.headers["authorization"]

    assert header.startswith("Bearer k8s-aws-v1.")
    url = base64.urlsafe_b64decode(header.removeprefix("Bearer k8s-aws-v1.") + "==").decode()
    assert url.startswith("https://sts.eu-central-1.amazonaws.com/?Action=GetCallerIdentity&")


@pytest.mark.usefixtures("_on_path")
def test_command_in_the_kubeconfig_says_why_it_fails() -> None:
    with pytest.raises(
        ClusterUnreachable, match=r"sign-in program 'splitplane' .*no AWS credentials were found"
    ):
        read_kubeconfig(build_user_kubeconfig(**CLUSTER)).open_client()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"cluster": "a b"}, r"name 'a b' is not allowed"),
        ({"region": "Frankfurt"}, r"region 'Frankfurt' is no AWS region"),
        ({"region": "eu-central-1a"}, r"region 'eu-central-1a' is no AWS region"),
        ({"server": "http://x"}, r"server 'http://x' is not allowed: give the cluster's endpoint"),
        ({"ca_certificate": "-----BEGIN CERTIFICATE-----"}, r"ca_certificate is not the base64"),
        ({"ca_certificate": "bm90aGluZw=="}, r"ca_certificate is not the base64"),
        ({"role_arn": "deployer"}, r"role_arn 'deployer' is no role"),
        ({"profile": "a b"}, r"profile 'a b' is not allowed"),
    ],
    ids=lambda item: next(iter(item)) if isinstance(item, dict) else None,
)
def test_wrong_value_is_refused(wrong: dict[str, str], message: str) -> None:
    with pytest.raises(WrongArgument, match=message):
        build_deployer_kubeconfig(**CLUSTER | wrong)


@pytest.mark.parametrize("region", ["us-gov-west-1", "cn-northwest-1", "us-isob-east-1"])
def test_regions_of_every_partition_pass(region: str) -> None:
    assert f'"{region}"' in build_user_kubeconfig(**CLUSTER | {"region": region})
