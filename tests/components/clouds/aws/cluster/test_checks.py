"""What a program asks of a cluster is refused where EKS, IAM or CloudWatch would refuse it."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from recording_monitor import record

from splitplane.components.clouds.aws.cluster.checks import check_cluster
from splitplane.components.clouds.aws.settings import EksSettings, parse_settings

KEY = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d"
BASE: dict[str, Any] = {
    "name": "prod-eu",
    "environments": ["prod"],
    "hub_url": "https://hub.example.com",
    "kubernetes_version": "1.35",
    "deployer_principal_arns": ["arn:aws:iam::111122223333:role/deployer"],
}


def _settings(**changes: Any) -> EksSettings:
    return parse_settings(BASE | changes)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="least"),
        pytest.param({"hub_url": "https://hub.example.com:8443/"}, id="port"),
        pytest.param({"public_access_cidrs": ["198.51.100.0/24", "203.0.113.7/32"]}, id="ranges"),
        pytest.param(
            {
                "public_access_cidrs": ["198.51.100.0/24", "2001:db8::/32"],
                "network": {"ip_family": "ipv6"},
            },
            id="both-families",
        ),
        pytest.param(
            {
                "public_access_cidrs": ["0.0.0.0/0"],
                "allows_public_access_from_anywhere": True,
            },
            id="anywhere",
        ),
        pytest.param({"secrets_kms_key": KEY}, id="key"),
        pytest.param({"secrets_kms_key": "created"}, id="created-key"),
        pytest.param({"log_types": []}, id="no-logs"),
        pytest.param({"log_types": ["scheduler"], "log_retention_days": 400}, id="logs"),
        pytest.param({"control_plane_tier": "tier-2xl"}, id="tier"),
        pytest.param(
            {"permissions_boundary_arn": "arn:aws:iam::aws:policy/PowerUserAccess"}, id="boundary"
        ),
        pytest.param({"tags": {"cost center": "ml/42", "Name": "x"}}, id="tags"),
        pytest.param({"allowed_namespaces": ["team1"], "denied_namespaces": ["x"]}, id="spaces"),
        pytest.param(
            {"cluster_name": "Old_1", "kubernetes_version": None, "deployer_principal_arns": None},
            id="adopted",
        ),
    ],
)
def test_what_is_allowed_passes(changes: dict[str, Any]) -> None:
    assert check_cluster(_settings(**changes)) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "Prod"}, "name: cluster name 'Prod' is not allowed: use 2 to 35 lower-case"),
        ({"name": "user"}, "name: cluster name 'user' is reserved: names of other things"),
        ({"environments": []}, "environments is empty: name at least one, such as 'prod'"),
        ({"environments": ["P"]}, "environments[0]: environment name 'P' is not allowed: use 2"),
        ({"environments": ["a1", "a1"]}, "environments[1] 'a1' is named twice: leave one out"),
        ({"environments": "prod"}, "environments 'prod' is no list: name at least one, such as"),
        ({"hub_url": "http://hub"}, "hub_url 'http://hub' is not allowed: the agent needs https"),
        ({"hub_url": "https://hub/x"}, "hub_url 'https://hub/x' is not allowed: the agent needs"),
        ({"hub_url": "https://hub:x"}, "hub_url 'https://hub:x' is not allowed: the agent needs"),
        ({"hub_url": "https://:443"}, "hub_url 'https://:443' is not allowed: the agent needs"),
        ({"kubernetes_version": None}, "kubernetes_version is missing: left out, it would mean"),
        ({"kubernetes_version": "1.99"}, "kubernetes_version '1.99' is not supported: use one of"),
        ({"kubernetes_version": "1.35.1"}, "kubernetes_version '1.35.1' is no minor version: wri"),
        (
            {"deployer_principal_arns": []},
            "deployer_principal_arns is empty: nobody could reach the cluster; name the roles that "
            "deploy",
        ),
        (
            {"public_access_cidrs": ["0.0.0.0/0"]},
            "public_access_cidrs[0] '0.0.0.0/0' opens the API server to everyone: name your own "
            "ranges, or set allows_public_access_from_anywhere",
        ),
        (
            {"public_access_cidrs": ["::/0"], "network": {"ip_family": "ipv6"}},
            "public_access_cidrs[0] '::/0' opens the API server",
        ),
        (
            {"public_access_cidrs": ["198.51.100.0/24", "2001:db8::/32"]},
            "public_access_cidrs[1] '2001:db8::/32' is IPv6, which the endpoint of a cluster with "
            "network.ip_family 'ipv4' has not: leave it out, or write 'ipv6'",
        ),
        (
            {"public_access_cidrs": ["198.51.100.1/24"]},
            "public_access_cidrs[0] '198.51.100.1/24' is not a range of addresses (198.51.100.1/24",
        ),
        (
            {"public_access_cidrs": ["10.1.0.0/16"]},
            "public_access_cidrs[0] '10.1.0.0/16' has addresses that never come from the internet",
        ),
        (
            {"public_access_cidrs": [f"198.51.100.{index}/32" for index in range(41)]},
            "public_access_cidrs has 41 ranges, EKS takes 40: join neighbours",
        ),
        ({"log_types": ["api", "etcd"]}, "log_types 'etcd' is not known: use some of api, audit,"),
        ({"log_types": ["api", "api"]}, "log_types ['api', 'api'] name one twice: leave it out"),
        ({"log_retention_days": 31}, "log_retention_days 31 is not allowed: CloudWatch takes 1, 3"),
        ({"log_retention_days": 0}, "log_retention_days 0 is not allowed: CloudWatch takes 1, 3,"),
        ({"control_plane_tier": "xl"}, "control_plane_tier 'xl' is not known: use one of standard"),
        ({"delete_timeout_minutes": 5}, "delete_timeout_minutes 5 is not allowed: use 10 to 720"),
        (
            {"secrets_kms_key": KEY.replace("key/", "alias/")},
            "secrets_kms_key 'arn:aws:kms:eu-west-1:111122223333:alias/0a1b2c3d' is not allowed: w",
        ),
        (
            {"permissions_boundary_arn": "arn:aws:iam::111122223333:role/x"},
            "permissions_boundary_arn 'arn:aws:iam::111122223333:role/x' is no policy: write arn:",
        ),
        ({"deployer_role_arn": "deployer"}, "deployer_role_arn 'deployer' is no role: write arn:"),
        ({"tags": {"aws:x": "1"}}, "tags 'aws:x' is reserved: use a key that is not splitplane.io"),
        ({"tags": {"AWS:x": "1"}}, "tags 'AWS:x' is reserved: use a key that is not splitplane.io"),
        ({"tags": {"karpenter.sh/x": ""}}, "tags 'karpenter.sh/x' is reserved: use a key that is"),
        ({"tags": {"kubernetes.io/cluster/x": ""}}, "tags 'kubernetes.io/cluster/x' is reserved"),
        ({"tags": {"splitplane.io/cluster": "x"}}, "tags 'splitplane.io/cluster' is reserved: us"),
        ({"tags": {"kubernetes.io/team": "x"}}, "tags 'kubernetes.io/team' is reserved: use a key"),
        ({"tags": {"CSIVolumeName": "x"}}, "tags 'CSIVolumeName' is reserved: use a key that is"),
        ({"tags": {"ebs.csi.aws.com/cluster": "x"}}, "tags 'ebs.csi.aws.com/cluster' is reserved"),
        ({"tags": {"owner": "aws:x"}}, "tags 'owner' has the value 'aws:x': AWS keeps what starts"),
        ({"tags": {"a*": "x"}}, "tags 'a*' is no key: use 1 to 128 letters, digits, spaces and"),
        ({"tags": {"a": "x" * 257}}, "tags 'a' has the value 'xxx"),
        (
            {"tags": {f"k{index}": "" for index in range(41)}},
            "tags has 41 entries, 40 are allowed: AWS takes 50, and the rest are set by",
        ),
        ({"agent": {"cpu_millicores": 0}}, "agent.cpu_millicores 0 is too little: use 1 or more"),
        ({"agent": {"memory_mib": 64}}, "agent.memory_mib 64 is too little: use 128 or more"),
        (
            {"agent": {"hub_ca_certificates": "ca.pem"}},
            "agent.hub_ca_certificates has no certificate: write PEM text with BEGIN CERTIFICATE",
        ),
        ({"denied_namespaces": ["A"]}, "denied_namespaces 'A' is no name of a namespace: use 1 to"),
        (
            {"allowed_namespaces": ["a", "b"], "denied_namespaces": ["b"]},
            "allowed_namespaces ['b'] are in denied_namespaces too: leave them out of one of the",
        ),
    ],
)
def test_what_is_wrong_is_said(changes: dict[str, Any], message: str) -> None:
    (problem,) = check_cluster(_settings(**changes))

    assert problem.startswith(message)


def test_every_problem_is_said_at_once() -> None:
    wrong = _settings(hub_url="x", log_retention_days=2, control_plane_tier="big", tags={"": ""})

    assert [problem.split(" ")[0] for problem in check_cluster(wrong)] == [
        "hub_url",
        "log_retention_days",
        "control_plane_tier",
        "tags",
    ]


def test_environments_of_the_same_program_are_not_looked_into() -> None:
    problems: list[str] = []

    def program() -> None:
        output = pulumi.Output.from_input("prod")
        for environments in ([output, output], output.apply(lambda name: [name])):
            problems.extend(check_cluster(_settings(environments=environments)))

    record(program)

    assert problems == []
