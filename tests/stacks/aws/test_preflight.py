"""What the checks say of an account: ready, and each thing that speaks against it alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_account import ACCOUNT, REGION, AwsAccount
from iam_check import problems
from iam_findings import read_findings
from preflight_case import DEPLOYER, POOL, TRUST, Vpc, against, ready_account, run_checks

from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.stacks.aws.findings import Finding
from splitplane.stacks.aws.policies import build_preflight_document


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AwsAccount]:
    with ready_account(monkeypatch, tmp_path) as account:
        yield account


def _make_role(account: AwsAccount, name: str) -> None:
    account.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)


def _make_cluster(account: AwsAccount, name: str = "prod-eu", **fields: Any) -> None:
    account.client("eks").create_cluster(
        name=name, roleArn=DEPLOYER, resourcesVpcConfig={}, tags={"splitplane.io/cluster": name}
    )
    account.clusters[name] = {
        "version": "1.35",
        "endpoint": "https://api.example.com",
        "accessConfig": {"authenticationMode": "API"},
    } | fields
    account.entries[name] = [DEPLOYER]


def test_an_account_that_is_ready_passes_every_check(account: AwsAccount) -> None:
    found = run_checks()

    assert [(item.status, item.check, item.found) for item in found] == [
        ("OK", "account", f"{ACCOUNT}, eu-central-1, as arn:aws:sts::{ACCOUNT}:user/moto"),
        ("OK", "settings", "fit the account and the region"),
        ("OK", "zones", "eu-central-1a, eu-central-1b, eu-central-1c"),
        ("OK", "machines", "system nodes: m7i.large in every zone"),
        (
            "OK",
            "machines",
            "pools[0].gpu_name 'a10g': offered in eu-central-1a, eu-central-1b, eu-central-1c",
        ),
        (
            "OK",
            "quota Running On-Demand Standard instances",
            "1920 vCPUs, 0 in use, 4 needed",
        ),
        ("OK", "quota Running On-Demand G and VT instances", "768 vCPUs, 0 in use, 64 needed"),
        ("OK", "quota EC2-VPC Elastic IPs", "5 addresses, 0 in use, 1 needed"),
        ("OK", "quota VPCs per Region", "5 VPCs, 1 in use, 1 needed"),
        (
            "OK",
            "quota NAT gateways per Availability Zone",
            "5 gateways in a zone, 0 in use, 1 needed",
        ),
        ("OK", "quota Internet gateways per Region", "5 gateways, 0 in use, 1 needed"),
        ("OK", "quota Clusters", "100 clusters, 0 in use, 1 needed"),
        ("OK", "version", "1.35 is in standard support"),
        ("OK", "add-ons", "all 9 pinned versions are there for 1.35"),
        ("OK", "network", "3 zones, way out: single"),
        ("OK", "cluster", "the name 'prod-eu' is free"),
        ("OK", "control plane", "cp.example.com:443 accepts connections"),
        ("OK", "deployers", DEPLOYER),
        ("OK", "deployer role", f"{DEPLOYER} can be assumed"),
        ("OK", "names", "log groups, roles and queue are free"),
    ]


def test_nothing_is_called_that_changes_anything(account: AwsAccount) -> None:
    run_checks()

    verbs = {call.partition(":")[2] for call in account.calls} - {"AssumeRole"}
    assert all(verb.startswith(("Describe", "Get", "List")) for verb in verbs)


def test_every_call_is_in_the_document_and_the_document_is_right(account: AwsAccount) -> None:
    _make_cluster(account)
    vpc = Vpc(account)
    account.calls.clear()
    spot = POOL | {"name": "spot", "capacity": "spot"}

    run_checks(pools=[POOL, spot])
    run_checks(name="other", network=vpc.args())
    run_checks(name="third")
    run_checks(name="fourth", network=vpc.args(nat="none"))

    scope = Scope("aws", REGION, ACCOUNT)
    text = build_preflight_document(scope, cluster_name="prod-eu", deployer_role_arn=DEPLOYER)
    statements = json.loads(text)["Statement"]
    allowed = {action for item in statements for action in item["Action"]}
    assert set(account.calls) - allowed == set()
    assert allowed - set(account.calls) == {"iam:GetUser"}
    assert problems(text) == []
    assert read_findings(text) == []


@pytest.mark.parametrize(
    ("partition", "region"), [("aws-cn", "cn-north-1"), ("aws-us-gov", "us-gov-west-1")]
)
def test_the_document_is_of_the_partition(partition: str, region: str) -> None:
    text = build_preflight_document(Scope(partition, region, ACCOUNT))

    arns = {arn for item in json.loads(text)["Statement"] for arn in item["Resource"]} - {"*"}
    assert all(arn.startswith(f"arn:{partition}:") for arn in arns)


def test_a_right_that_is_missing_is_a_warning_and_the_rest_is_checked(account: AwsAccount) -> None:
    account.failures["ec2:DescribeInstanceTypes"] = (403, "UnauthorizedOperation")
    account.failures["logs:DescribeLogGroups"] = (400, "AccessDeniedException")

    found = run_checks()

    assert against(found) == [
        ("WARN", "quotas", "not checked: the credentials lack ec2:DescribeInstanceTypes"),
        ("WARN", "names", "not checked: the credentials lack logs:DescribeLogGroups"),
    ]
    assert found[-1].advice == (
        "ask for the right; preflight --print-policy prints all that it needs"
    )


def test_a_quota_that_cannot_be_read_is_told_apart_from_the_others(account: AwsAccount) -> None:
    del account.quotas["ec2", "L-DB2E81BA"]

    (finding,) = (item for item in run_checks() if item.status != "OK")

    assert finding.status == "WARN"
    assert finding.check == "quota Running On-Demand G and VT instances"
    assert finding.found.startswith("not read: servicequotas:GetServiceQuota")
    assert finding.advice == (
        "see that 64 vCPUs fit: aws service-quotas get-service-quota --region eu-central-1 "
        "--service-code ec2 --quota-code L-DB2E81BA"
    )


def test_a_quota_of_zero_fails(account: AwsAccount) -> None:
    account.quotas["ec2", "L-DB2E81BA"] = ("Running On-Demand G and VT instances", 0)

    found = run_checks()

    assert against(found) == [
        (
            "FAIL",
            "quota Running On-Demand G and VT instances",
            "0 vCPUs, 0 in use; pool gpu cannot do with less than 4",
        )
    ]


def test_a_quota_whose_name_is_not_confirmed_only_warns(account: AwsAccount) -> None:
    _make_role(account, "AWSServiceRoleForEC2Spot")

    found = run_checks(pools=[POOL | {"gpu_name": "a100", "gpu_counts": [8], "capacity": "spot"}])

    assert [(status, check) for status, check, _ in against(found)] == [
        ("WARN", "quota All P4, P3 and P2 Spot Instance Requests"),
    ]


def test_machines_that_run_count_and_the_planes_own_do_not(account: AwsAccount) -> None:
    ec2 = account.client("ec2")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    own = [{"Key": "kubernetes.io/cluster/prod-eu", "Value": "owned"}]
    for tags in ([], [{"ResourceType": "instance", "Tags": own}]):
        ec2.run_instances(
            ImageId=image, InstanceType="m5.4xlarge", MinCount=1, MaxCount=1, TagSpecifications=tags
        )

    found = {item.check: item.found for item in run_checks()}

    assert found["quota Running On-Demand Standard instances"].endswith("in use, 4 needed")
    used = int(found["quota Running On-Demand Standard instances"].split()[2])
    assert 0 < used <= 16


def test_addresses_that_are_taken_count(account: AwsAccount) -> None:
    for _ in range(3):
        account.client("ec2").allocate_address(Domain="vpc")

    found = run_checks(network={"nat": "per_az"})

    assert against(found) == [
        (
            "FAIL",
            "quota EC2-VPC Elastic IPs",
            "5 addresses, 3 in use; NAT (per_az) cannot do with less than 3",
        )
    ]


def test_machines_that_no_zone_offers_fail(account: AwsAccount) -> None:
    found = run_checks(system_nodes={"instance_types": ["m99.large"]})

    assert against(found)[0] == (
        "FAIL",
        "machines",
        "system nodes: no zone of eu-central-1a, eu-central-1b, eu-central-1c offers m99.large",
    )


def test_zones_that_are_none_fail(account: AwsAccount) -> None:
    found = run_checks(network={"availability_zones": ["eu-central-1a", "eu-central-1x"]})

    assert against(found)[0][:2] == ("FAIL", "zones")
    assert "'eu-central-1x'" in against(found)[0][2]


@pytest.mark.parametrize(
    ("status", "found"),
    [
        (None, "EKS makes no cluster with 1.35 here; it has 1.33, 1.34"),
        ("UNSUPPORTED", "EKS makes no cluster with 1.35 here; it has 1.33, 1.34"),
    ],
)
def test_a_version_that_eks_lacks_fails(
    account: AwsAccount, status: str | None, found: str
) -> None:
    del account.versions["1.35"]
    if status is not None:
        account.versions["1.35"] = status

    assert against(run_checks()) == [("FAIL", "version", found)]


def test_the_end_of_support_is_a_warning(account: AwsAccount) -> None:
    ((status, check, text),) = against(run_checks(kubernetes_version="1.34"))

    assert (status, check) == ("WARN", "version")
    assert "ends on 2026-12-02" in text


def test_a_new_cluster_in_extended_support_needs_that_support_type(account: AwsAccount) -> None:
    assert against(run_checks(kubernetes_version="1.33")) == [
        (
            "FAIL",
            "version",
            "1.33 is in extended support, with which EKS makes no cluster of support_type STANDARD",
        )
    ]
    ((status, check, text),) = against(
        run_checks(kubernetes_version="1.33", support_type="EXTENDED")
    )
    assert (status, check) == ("WARN", "version")
    assert "is in extended support since 2026-07-29, which costs more per hour" in text


def test_a_pin_that_eks_lacks_fails(account: AwsAccount) -> None:
    account.addons["coredns"] = ["v9.9.9-eksbuild.1", "v9.9.8-eksbuild.1"]

    assert against(run_checks()) == [
        (
            "FAIL",
            "add-on coredns",
            "EKS has no v1.14.2-eksbuild.4 for 1.35 here; it has v9.9.9-eksbuild.1, "
            "v9.9.8-eksbuild.1",
        )
    ]


def test_a_private_endpoint_to_be_is_a_warning(account: AwsAccount) -> None:
    assert against(run_checks(public_access_cidrs=None)) == [
        (
            "WARN",
            "API server",
            "it will be reached from the VPC alone, and add-ons are installed through it",
        )
    ]


def test_a_control_plane_that_does_not_answer_is_a_warning(account: AwsAccount) -> None:
    assert against(run_checks(reaches="connection refused")) == [
        (
            "WARN",
            "control plane",
            "cp.example.com:443 cannot be reached from here: connection refused",
        )
    ]


def test_deployers_that_do_not_exist_fail(account: AwsAccount) -> None:
    gone = f"arn:aws:iam::{ACCOUNT}:role/gone"
    short = f"arn:aws:iam::{ACCOUNT}:role/deployer"
    elsewhere = "arn:aws:iam::999999999999:role/other"

    found = run_checks(deployer_principal_arns=[gone, short, elsewhere, DEPLOYER])

    assert against(found) == [
        ("FAIL", "deployers", f"{gone} does not exist, so EKS would refuse its access entry"),
        ("FAIL", "deployers", f"{short} is really {DEPLOYER}, and EKS compares the whole ARN"),
    ]


def test_a_role_that_may_not_be_assumed_fails(account: AwsAccount) -> None:
    account.failures["sts:AssumeRole"] = (403, "AccessDenied")

    ((status, check, text),) = against(run_checks())

    assert (status, check) == ("FAIL", "deployer role")
    assert text.startswith(f"role '{DEPLOYER}' may not be assumed by these credentials")


def test_a_deployer_role_without_an_entry_fails(account: AwsAccount) -> None:
    other = f"arn:aws:iam::{ACCOUNT}:role/other"

    assert against(run_checks(deployer_role_arn=other)) == [
        (
            "FAIL",
            "deployer role",
            f"{other} is none of deployer_principal_arns, so the cluster would not let it in",
        )
    ]


def test_spot_without_its_role_is_a_warning(account: AwsAccount) -> None:
    spot = POOL | {"capacity": "spot"}

    before = against(run_checks(pools=[spot]))
    _make_role(account, "AWSServiceRoleForEC2Spot")
    after = against(run_checks(pools=[spot]))

    assert before == [
        (
            "WARN",
            "spot role",
            "AWSServiceRoleForEC2Spot is missing: no node of gpu comes until somebody made it",
        )
    ]
    assert after == []


def test_a_spot_role_that_is_made_must_not_be_there(account: AwsAccount) -> None:
    args: dict[str, Any] = {
        "pools": [POOL | {"capacity": "spot"}],
        "makes_spot_service_role": True,
    }

    before = against(run_checks(**args))
    _make_role(account, "AWSServiceRoleForEC2Spot")
    after = against(run_checks(**args))

    assert before == []
    assert after == [
        (
            "FAIL",
            "spot role",
            "AWSServiceRoleForEC2Spot is there already, so pulumi up would fail to make it: an "
            "account has one",
        )
    ]


def test_a_spot_role_that_the_plane_made_is_no_problem(account: AwsAccount) -> None:
    _make_cluster(account)
    iam = account.client("iam")
    _make_role(account, "AWSServiceRoleForEC2Spot")
    own = [{"Key": "splitplane.io/cluster", "Value": "prod-eu"}]
    iam.tag_role(RoleName="AWSServiceRoleForEC2Spot", Tags=own)

    found = run_checks(pools=[POOL | {"capacity": "spot"}], makes_spot_service_role=True)

    assert [item for item in found if item.check == "spot role"] == [
        Finding("OK", "spot role", "AWSServiceRoleForEC2Spot is there")
    ]


def test_the_role_of_a_service_account_that_is_taken_fails(account: AwsAccount) -> None:
    _make_role(account, "prod-eu-pods-ml.train-eu-central-1")
    asked = {"namespace": "ml", "name": "train", "has_platform_rights": True}

    found = against(run_checks(service_accounts=[asked]))

    assert found == [
        ("FAIL", "names", "role prod-eu-pods-ml.train-eu-central-1 exists already"),
    ]


def test_what_an_earlier_cluster_left_fails(account: AwsAccount) -> None:
    account.client("logs").create_log_group(logGroupName="/aws/eks/prod-eu/cluster")
    account.client("logs").create_log_group(logGroupName="/aws/eks/prod-eu/cluster-2")
    account.client("logs").create_log_group(logGroupName="/aws/vpc/prod-eu/flow-logs")
    account.client("sqs").create_queue(QueueName="prod-eu-karpenter")
    _make_role(account, "prod-eu-karpenter-nodes-eu-central-1")

    assert against(run_checks()) == [
        ("FAIL", "names", "log group /aws/eks/prod-eu/cluster exists already"),
        ("FAIL", "names", "log group /aws/vpc/prod-eu/flow-logs exists already"),
        ("FAIL", "names", "role prod-eu-karpenter-nodes-eu-central-1 exists already"),
        ("FAIL", "names", "queue prod-eu-karpenter exists already"),
    ]


def test_keys_of_another_region_fail(account: AwsAccount) -> None:
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k"

    assert against(run_checks(secrets_kms_key=key)) == [
        (
            "FAIL",
            "settings",
            f"secrets_kms_key {key!r} lies in 'us-east-1' (aws), the cluster in 'eu-central-1' "
            "(aws): name one of the cluster's region",
        )
    ]


def test_a_plane_that_is_there_would_be_updated(account: AwsAccount) -> None:
    _make_cluster(account)

    found = run_checks()

    assert against(found) == []
    assert ("cluster", "prod-eu exists and would be updated, version 1.35") in [
        (item.check, item.found) for item in found
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"version": "1.33"}, ("FAIL", "version")),
        ({"status": "FAILED"}, ("FAIL", "cluster")),
        ({"tags": {}}, ("FAIL", "cluster")),
        ({"accessConfig": {"authenticationMode": "CONFIG_MAP"}}, ("FAIL", "access")),
    ],
    ids=["two minors", "broken", "of others", "no entries"],
)
def test_a_cluster_that_cannot_be_updated_fails(
    account: AwsAccount, fields: dict[str, Any], expected: tuple[str, str]
) -> None:
    _make_cluster(account, **fields)

    assert [item[:2] for item in against(run_checks())] == [expected]


@pytest.mark.parametrize(("mode", "status"), [("API", "FAIL"), ("API_AND_CONFIG_MAP", "WARN")])
def test_a_cluster_without_an_entry_of_the_deployer_is_told(
    account: AwsAccount, mode: str, status: str
) -> None:
    _make_cluster(account, accessConfig={"authenticationMode": mode})
    account.entries["prod-eu"] = [f"arn:aws:iam::{ACCOUNT}:role/other"]

    assert [item[:2] for item in against(run_checks())] == [(status, "access")]


@pytest.mark.parametrize(
    ("vpc", "advice"),
    [
        (
            {"vpcId": "vpc-7", "endpointPublicAccess": False},
            "its endpoint is private: run from a machine that reaches vpc-7 (a runner in it, a "
            "VPN), whose addresses the cluster's security group lets in on 443",
        ),
        (
            {"endpointPublicAccess": True, "publicAccessCidrs": ["198.51.100.0/24"]},
            "it lets in 198.51.100.0/24: add this machine's address to public_access_cidrs",
        ),
    ],
    ids=["private", "public"],
)
def test_an_endpoint_that_does_not_answer_fails(
    account: AwsAccount, vpc: dict[str, Any], advice: str
) -> None:
    _make_cluster(account, resourcesVpcConfig=vpc)

    found = [
        item for item in run_checks(reaches="no answer within 5 s") if item.check == "API server"
    ]

    assert found == [
        Finding(
            "FAIL",
            "API server",
            "api.example.com:443 cannot be reached from here: no answer within 5 s",
            advice,
        )
    ]


def test_adopting_a_cluster_that_is_not_there_fails(account: AwsAccount) -> None:
    args = {"kubernetes_version": None, "deployer_principal_arns": None, "pools": None}

    found = run_checks(cluster_name="gone", public_access_cidrs=None, **args)

    assert [item[:2] for item in against(found)] == [("FAIL", "cluster")]
    assert against(found)[0][2] == f"there is no cluster 'gone' in {ACCOUNT}, eu-central-1"
