"""aws-auth of a real API server becomes entries in an account; nothing is lost, nothing twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from aws_account import ACCOUNT, REGION, AwsAccount, running_account, use_account
from aws_environment import isolate_aws
from iam_check import problems
from iam_findings import read_findings

from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.stacks.aws.access.run import Plan, build_plan, make_entries, plan_of
from splitplane.stacks.aws.account import open_account
from splitplane.stacks.aws.errors import NotThere, RetryLater
from splitplane.stacks.aws.policies import build_access_entries_document
from splitplane.stacks.aws.predestroy.cluster_api import ClusterApi
from splitplane.stacks.aws.subject import describe_cluster
from splitplane.stacks.local_cluster import LocalCluster

ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
ROLE = f"arn:aws:iam::{ACCOUNT}:role"
ROLES = f"""\
- rolearn: {ROLE}/managed
  username: system:node:{{{{EC2PrivateDNSName}}}}
  groups: [system:bootstrappers, system:nodes]
- rolearn: {ROLE}/pods
  username: system:node:{{{{SessionName}}}}
  groups: [system:bootstrappers, system:nodes, system:node-proxier]
- rolearn: {ROLE}/own-nodes
  groups: [system:bootstrappers, system:nodes]
- rolearn: {ROLE}/deployer
  username: admin
  groups: [system:masters]
- rolearn: {ROLE}/gone
  groups: [system:masters]
"""
USERS = f"""\
- userarn: arn:aws:iam::{ACCOUNT}:user/ana
  username: ana
  groups: [team-a]
"""


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """A real API server; started before the account, which hides where its programs are kept."""
    with LocalCluster.ephemeral() as cluster, cluster.open_client() as client:
        yield client


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AwsAccount]:
    """A cluster with nodes of each kind, and the principals that its aws-auth names."""
    isolate_aws(monkeypatch, tmp_path)
    with running_account() as account:
        use_account(monkeypatch, account)
        iam, eks = account.client("iam"), account.client("eks")
        for name in ("managed", "pods", "own-nodes", "deployer"):
            path = "/platform/" if name == "deployer" else "/"
            iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument="{}")
        iam.create_user(UserName="ana")
        subnets = account.client("ec2").describe_subnets()["Subnets"]
        ids = [item["SubnetId"] for item in subnets]
        eks.create_cluster(
            name="prod-eu", roleArn=f"{ROLE}/cluster", resourcesVpcConfig={"subnetIds": ids[:2]}
        )
        eks.create_nodegroup(
            clusterName="prod-eu", nodegroupName="a", subnets=ids[:1], nodeRole=f"{ROLE}/managed"
        )
        eks.create_fargate_profile(
            clusterName="prod-eu",
            fargateProfileName="b",
            subnets=ids[:1],
            podExecutionRoleArn=f"{ROLE}/pods",
            selectors=[{"namespace": "batch"}],
        )
        _set_mode(account, "API_AND_CONFIG_MAP")
        for name in ("managed", "pods"):
            eks.create_access_entry(
                clusterName="prod-eu", principalArn=f"{ROLE}/{name}", type="EC2_LINUX"
            )
        account.calls.clear()
        yield account


def _set_mode(account: AwsAccount, mode: str) -> None:
    account.clusters["prod-eu"] = {"accessConfig": {"authenticationMode": mode}}


def _api(**data: str) -> ClusterApi:
    """A cluster with that aws-auth and nothing else; none without data."""

    def answer(request: httpx.Request) -> httpx.Response:
        is_known = request.url.path == "/api/v1/namespaces/kube-system/configmaps/aws-auth"
        return httpx.Response(200 if is_known and data else 404, json={"data": data})

    return ClusterApi(httpx.Client(base_url="http://api", transport=httpx.MockTransport(answer)))


def _plan(api: ClusterApi) -> Plan:
    account = open_account(region=REGION)
    description = describe_cluster(account, "prod-eu")
    assert description is not None
    return plan_of(account, description, api)


def _actions(plan: Plan) -> list[tuple[str, str, str]]:
    return [(item.place, item.principal_arn.rpartition(":")[2], item.action) for item in plan.steps]


@pytest.mark.needs_tools
def test_the_lines_of_a_cluster_become_entries_and_then_nothing_is_left(
    client: httpx.Client, account: AwsAccount
) -> None:
    response = client.post(
        "/api/v1/namespaces/kube-system/configmaps",
        json={"metadata": {"name": "aws-auth"}, "data": {"mapRoles": ROLES, "mapUsers": USERS}},
    )
    assert response.is_success, response.text

    plan = _plan(ClusterApi(client))
    outcome = make_entries(open_account(region=REGION), plan)
    again = _plan(ClusterApi(client))

    assert _actions(plan) == [
        ("mapRoles[0]", "role/managed", "none"),
        ("mapRoles[1]", "role/pods", "none"),
        ("mapRoles[2]", "role/own-nodes", "create"),
        ("mapRoles[3]", "role/platform/deployer", "create"),
        ("mapRoles[4]", "role/gone", "none"),
        ("mapUsers[0]", "user/ana", "create"),
    ]
    assert (len(outcome.done), outcome.stayed) == (3, ())
    assert account.entry_fields[f"{ROLE}/own-nodes"]["type"] == "EC2_LINUX"
    assert account.entry_fields[f"{ROLE}/platform/deployer"]["username"] == "admin"
    assert account.policies == {
        f"{ROLE}/platform/deployer": [{"policyArn": ADMIN, "accessScope": {"type": "cluster"}}]
    }
    assert account.entry_fields[f"arn:aws:iam::{ACCOUNT}:user/ana"]["kubernetesGroups"] == [
        "team-a"
    ]
    assert {action for _, _, action in _actions(again)} == {"none"}
    assert again.notes == (
        "no line of aws-auth is needed any more: check that everybody gets in, then run `aws eks "
        "update-cluster-config --name prod-eu --access-config authenticationMode=API`, which "
        "cannot be taken back",
    )


def test_a_cluster_that_takes_no_entries_is_planned_and_told_what_to_do(
    account: AwsAccount,
) -> None:
    _set_mode(account, "CONFIG_MAP")

    plan = _plan(_api(mapRoles=ROLES))

    assert not plan.takes_entries
    assert [item[2] for item in _actions(plan)] == ["none", "none", "create", "create", "none"]
    assert "eks:ListAccessEntries" not in account.calls
    assert "authenticationMode=API_AND_CONFIG_MAP`, which cannot be taken back" in plan.notes[0]


@pytest.mark.usefixtures("account")
def test_a_cluster_without_aws_auth_has_nothing_to_make() -> None:
    plan = _plan(_api())

    assert plan.steps == ()
    assert plan.notes[0] == "the cluster has no ConfigMap aws-auth"


def test_what_aws_refuses_stays_and_the_rest_is_made(account: AwsAccount) -> None:
    plan = _plan(_api(mapRoles=ROLES, mapAccounts='- "210987654321"\n'))
    account.failures["eks:AssociateAccessPolicy"] = (403, "AccessDeniedException")

    outcome = make_entries(open_account(region=REGION), plan)
    account.failures.clear()
    again = _plan(_api(mapRoles=ROLES))

    assert [item.principal_arn for item in outcome.done] == [f"{ROLE}/own-nodes"]
    assert [(item.place, why[:24]) for item, why in outcome.stayed] == [
        ("mapAccounts[0]", "lets in every principal "),
        ("mapRoles[3]", "the credentials lack eks"),
    ]
    assert outcome.notes[0].startswith("keep the authentication mode until no line is left")
    assert [(item.place, item.action) for item in again.to_make] == [
        ("mapRoles[3]", "add policies")
    ]


def test_every_call_is_in_the_document_and_the_document_is_right(account: AwsAccount) -> None:
    make_entries(open_account(region=REGION), _plan(_api(mapRoles=ROLES, mapUsers=USERS)))

    text = build_access_entries_document(Scope("aws", REGION, ACCOUNT), cluster_name="prod-eu")
    allowed = {action for item in json.loads(text)["Statement"] for action in item["Action"]}
    assert set(account.calls) - allowed == set()
    # No call, but what EKS asks for in whoever makes the entry of a role of nodes.
    assert allowed - set(account.calls) == {"iam:PassRole"}
    assert problems(text) == []
    assert read_findings(text) == []


@pytest.mark.parametrize(
    ("cluster", "error", "message"),
    [
        ("other", NotThere, "EKS has no cluster 'other' in eu-central-1"),
        ("prod-eu", RetryLater, r"cannot be reached from here \(no answer\): run from a machine"),
    ],
)
@pytest.mark.usefixtures("account")
def test_a_cluster_that_cannot_be_read_is_named(cluster: str, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        build_plan(open_account(region=REGION), cluster, reaches=lambda *_: "no answer")
