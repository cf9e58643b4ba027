"""`predestroy` and `token` signed in to a real API server by a token of EKS, nothing in between.

The API server asks an authenticator with EKS' own rules; the account is moto's, which describes the
server as the cluster `prod-eu`.
"""

from __future__ import annotations

import base64
import functools
import json
import os
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from aws_account import ACCOUNT, REGION, AwsAccount, running_account, use_account
from aws_environment import isolate_aws
from cluster_contents import define_kinds, fill, post, release
from eks_authenticator import Authenticator, running_authenticator

from splitplane.components.clouds.aws.cluster.kubeconfig import build_deployer_kubeconfig
from splitplane.stacks.aws import commands
from splitplane.stacks.aws.predestroy.run import Pace
from splitplane.stacks.local_cluster import LocalCluster, programs

pytestmark = pytest.mark.needs_tools

CLUSTER = "prod-eu"
COMMAND = ("aws", "predestroy", "--cluster", CLUSTER, "--region", REGION)
USER = "jsonpath={.status.userInfo.username}"
DEPLOYER = f"arn:aws:iam::{ACCOUNT}:user/deployer"


@pytest.fixture(scope="module")
def authenticator() -> Iterator[Authenticator]:
    with running_authenticator(CLUSTER) as found:
        yield found


@pytest.fixture(scope="module")
def cluster(
    authenticator: Authenticator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalCluster]:
    """A cluster of this module alone, which lets in whoever the authenticator knows."""
    folder = tmp_path_factory.mktemp("webhook")
    kubeconfig = authenticator.write_kubeconfig(folder / "kubeconfig")
    flags = [
        f"--authentication-token-webhook-config-file={kubeconfig}",
        "--authentication-token-webhook-version=v1",
        # A refusal of one test would be the answer in the next one.
        "--authentication-token-webhook-cache-ttl=0s",
    ]
    build = programs.ARGUMENTS["kube-apiserver"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(
            programs.ARGUMENTS, "kube-apiserver", lambda *inputs: [*build(*inputs), *flags]
        )
        with LocalCluster.ephemeral() as found:
            yield found


@pytest.fixture(scope="module")
def client(cluster: LocalCluster) -> Iterator[httpx.Client]:
    """The cluster's own administrator, who binds the deployer as an access entry would."""
    with cluster.open_client() as client:
        define_kinds(client)
        binding = {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "deployer"},
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "ClusterRole",
                "name": "cluster-admin",
            },
            "subjects": [
                {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": DEPLOYER}
            ],
        }
        post(client, "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", binding)
        yield client


@pytest.fixture
def account(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    cluster: LocalCluster,
    authenticator: Authenticator,
) -> Iterator[AwsAccount]:
    """An account with the cluster in it, worked in with the keys of its user `deployer`."""
    isolate_aws(monkeypatch, tmp_path)
    with running_account() as account:
        use_account(monkeypatch, account)
        iam = account.client("iam")
        iam.create_user(UserName="deployer")
        key = iam.create_access_key(UserName="deployer")["AccessKey"]
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
        authenticator.sts_url = account.url
        authenticator.keys = {key["AccessKeyId"]: key["SecretAccessKey"]}
        authenticator.refusals.clear()
        _describe(account, CLUSTER, cluster)
        yield account


def _describe(account: AwsAccount, name: str, cluster: LocalCluster) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/x"
    account.client("eks").create_cluster(name=name, roleArn=role, resourcesVpcConfig={})
    account.clusters[name] = {
        "endpoint": cluster.server,
        "certificateAuthority": {"data": _authority(cluster)},
    }


def _authority(cluster: LocalCluster) -> str:
    return base64.b64encode(cluster.authority_certificate.read_bytes()).decode()


@pytest.mark.usefixtures("account")
def test_a_plan_and_then_the_steps_empty_a_cluster_in_order(
    run: Any, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(client)
    released: list[str] = []
    controllers = functools.partial(Pace, sleep=lambda _: released.extend(release(client)))
    monkeypatch.setattr(commands, "Pace", controllers)

    plan = run(*COMMAND)
    before = client.get("/apis/karpenter.sh/v1/nodepools").json()["items"]
    done = run(*COMMAND, "--yes")
    again = run(*COMMAND)

    assert (plan.code, plan.err, len(before)) == (0, "", 2)
    assert plan.out.splitlines()[-1] == (
        "10 to take out; nothing was changed, run it again with --yes"
    )
    assert (done.code, done.out.splitlines()[-1]) == (0, "10 taken out, 0 stayed")
    assert released == [
        *("Application ranker", "ApplicationSet all"),
        *("Service web", "Ingress public", "Gateway edge"),
        *("PersistentVolume pv-data", "NodePool cpu", "NodeClaim cpu-1", "EC2NodeClass cpu"),
    ]
    assert again.out == "there is nothing to take out\n"


def test_a_token_for_another_cluster_is_refused(
    run: Any, account: AwsAccount, cluster: LocalCluster, authenticator: Authenticator
) -> None:
    _describe(account, "dev-eu", cluster)

    outcome = run("aws", "predestroy", "--cluster", "dev-eu", "--region", REGION)

    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err.startswith("error: the cluster does not let these credentials in: use those")
    assert authenticator.refusals == ["STS: SignatureDoesNotMatch"]


@pytest.mark.usefixtures("account", "client")
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("X-Amz-Expires=60", "X-Amz-Expires=901"), "X-Amz-Expires is not allowed"),
        (("&X-Amz-Date", "&Marker=1&X-Amz-Date"), "a parameter that is not allowed"),
        (("%3Bx-k8s-aws-id", ""), "x-k8s-aws-id is not signed"),
        (("https://sts.", "https://sts.example.com."), "not the address of STS"),
    ],
    ids=["expiry", "parameter", "header", "host"],
)
def test_a_token_that_was_changed_is_refused(
    run: Any,
    cluster: LocalCluster,
    authenticator: Authenticator,
    change: tuple[str, str],
    reason: str,
) -> None:
    token = _token(run)
    url = base64.urlsafe_b64decode(token.removeprefix("k8s-aws-v1.") + "==").decode()
    changed = base64.urlsafe_b64encode(url.replace(*change).encode()).rstrip(b"=").decode()

    assert _status(cluster, token) == 200
    assert _status(cluster, f"k8s-aws-v1.{changed}") == 401
    assert authenticator.refusals == [reason]


def _token(run: Any) -> str:
    outcome = run("aws", "token", "--cluster", CLUSTER, "--region", REGION)
    return str(json.loads(outcome.out)["status"]["token"])


def _status(cluster: LocalCluster, token: str) -> int:
    headers = {"authorization": f"Bearer {token}"}
    return httpx.get(
        f"{cluster.server}/api/v1/namespaces",
        headers=headers,
        verify=_trust(cluster),
    ).status_code


def _trust(cluster: LocalCluster) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(cluster.authority_certificate))


@pytest.mark.usefixtures("account", "client")
@pytest.mark.skipif(shutil.which("kubectl") is None, reason="there is no kubectl")
def test_kubectl_signs_in_by_the_deployers_kubeconfig(
    cluster: LocalCluster, tmp_path: Path
) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(
        build_deployer_kubeconfig(
            cluster=CLUSTER,
            region=REGION,
            server=cluster.server,
            ca_certificate=_authority(cluster),
        )
    )
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    outcome = subprocess.run(
        ["kubectl", "--kubeconfig", str(kubeconfig), "auth", "whoami", "-o", USER],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert outcome.stdout == DEPLOYER
