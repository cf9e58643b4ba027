"""What a cluster left in its account goes, in order; what is another's, or Pulumi's, survives."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_account import ACCOUNT, REGION, AwsAccount, running_account, use_account
from aws_environment import isolate_aws
from iam_check import problems
from iam_findings import read_findings

from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.stacks.aws.account import open_account
from splitplane.stacks.aws.errors import RetryLater, WrongArgument
from splitplane.stacks.aws.policies import build_predestroy_document
from splitplane.stacks.aws.predestroy.run import (
    Outcome,
    Pace,
    build_plan,
    choose_steps,
    open_world,
    take_steps,
)

OWN, OTHER = "prod-eu", "other"
PULUMI = {"splitplane.io/cluster": OWN}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AwsAccount]:
    isolate_aws(monkeypatch, tmp_path)
    with running_account() as account:
        use_account(monkeypatch, account)
        yield account


class Left:
    """Things of a cluster, made as its controllers make them."""

    def __init__(self, account: AwsAccount, cluster: str) -> None:
        self.ec2 = account.client("ec2")
        self.elb = account.client("elbv2")
        self.cluster = cluster
        self.owned = {f"kubernetes.io/cluster/{cluster}": "owned"}
        self.vpc = self.ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        self.subnets = [item["SubnetId"] for item in self.ec2.describe_subnets()["Subnets"]]

    def instance(self, **tags: str) -> str:
        image = self.ec2.describe_images()["Images"][0]["ImageId"]
        made = self.ec2.run_instances(
            ImageId=image,
            MinCount=1,
            MaxCount=1,
            TagSpecifications=_tagged("instance", self.owned | tags),
        )
        return str(made["Instances"][0]["InstanceId"])

    def node(self) -> str:
        return self.instance(**{"karpenter.sh/nodepool": "gpu"})

    def template(self, **tags: str) -> str:
        name = f"{self.cluster}-{len(tags)}"
        self.ec2.create_launch_template(
            LaunchTemplateName=name,
            LaunchTemplateData={"InstanceType": "m5.large"},
            TagSpecifications=_tagged("launch-template", self.owned | tags),
        )
        return name

    def load_balancer(self) -> str:
        tags = _pairs({"elbv2.k8s.aws/cluster": self.cluster})
        name = f"k8s-{self.cluster}"
        self.elb.create_load_balancer(
            Name=name, Subnets=self.subnets[:2], Type="network", Scheme="internal", Tags=tags
        )
        self.elb.create_target_group(
            Name=f"{name}-tg", Protocol="TCP", Port=80, VpcId=self.vpc, Tags=tags
        )
        return name

    def group(self, name: str, tags: dict[str, str]) -> str:
        made = self.ec2.create_security_group(
            GroupName=name,
            Description=name,
            VpcId=self.vpc,
            TagSpecifications=_tagged("security-group", tags),
        )
        return str(made["GroupId"])

    def interface(self, **tags: str) -> str:
        known = {"node.k8s.amazonaws.com/instance_id": "i-0"}
        made = self.ec2.create_network_interface(
            SubnetId=self.subnets[0],
            TagSpecifications=_tagged("network-interface", known | tags),
        )
        return str(made["NetworkInterface"]["NetworkInterfaceId"])

    def disk(self) -> str:
        claim = {
            "kubernetes.io/created-for/pvc/namespace": "team1",
            "kubernetes.io/created-for/pvc/name": "data",
        }
        made = self.ec2.create_volume(
            AvailabilityZone=f"{REGION}a",
            Size=20,
            TagSpecifications=_tagged(
                "volume", self.owned | claim | {"ebs.csi.aws.com/cluster": "true"}
            ),
        )
        return str(made["VolumeId"])


def _pairs(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _tagged(kind: str, tags: dict[str, str]) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": _pairs(tags)}]


def _everything(left: Left) -> None:
    left.node()
    left.template(**{"karpenter.sh/nodepool": "gpu"})
    left.load_balancer()
    name = left.cluster
    left.interface(**{"cluster.k8s.amazonaws.com/name": name})
    left.group(f"k8s-traffic-{name}", {"elbv2.k8s.aws/cluster": name})
    left.disk()
    tags = _pairs({f"kubernetes.io/cluster/{name}": "shared", "team": "ml"})
    left.ec2.create_tags(Resources=left.subnets[:1], Tags=tags)


def _plan(only: tuple[str, ...] = ()) -> list[tuple[str, str, str]]:
    with open_world(open_account(region=REGION), OWN) as world:
        plan = build_plan(world, choose_steps(world, only))
    return [(item.step, item.kind, item.action) for item in plan.items]


def _take(*only: str, seconds: float = 30) -> Outcome:
    clock = [0.0]

    def sleep(duration: float) -> None:
        clock[0] += duration

    pace = Pace(seconds, sleep=sleep, now=lambda: clock[0], tell=lambda _: None)
    with open_world(open_account(region=REGION), OWN) as world:
        return take_steps(world, choose_steps(world, only), pace)


def test_the_plan_lists_all_in_order_and_changes_nothing(account: AwsAccount) -> None:
    _everything(Left(account, OWN))
    _everything(Left(account, OTHER))
    account.calls.clear()

    planned = _plan()

    assert planned == [
        ("instances", "instance", "terminate"),
        ("launch-templates", "launch template", "delete"),
        ("cloud-load-balancers", "load balancer", "delete"),
        ("target-groups", "target group", "delete"),
        ("network-interfaces", "network interface", "delete"),
        ("security-groups", "security group", "delete"),
        ("subnet-tags", "subnet", "remove the tag kubernetes.io/cluster/prod-eu"),
    ]
    verbs = {call.partition(":")[2] for call in account.calls}
    assert all(verb.startswith(("Describe", "Get")) for verb in verbs)


def test_all_goes_and_all_of_another_cluster_stays(account: AwsAccount) -> None:
    own, other = Left(account, OWN), Left(account, OTHER)
    _everything(own)
    _everything(other)

    outcome = _take()

    assert [item.kind for item in outcome.gone] == [
        "instance",
        "launch template",
        "load balancer",
        "target group",
        "network interface",
        "security group",
        "subnet",
    ]
    assert outcome.stayed == ()
    assert outcome.notes == ("EKS has no cluster 'prod-eu': only the account is looked at",)
    ec2, elb = own.ec2, own.elb
    states = {
        item["Tags"][0]["Key"]: item["State"]["Name"]
        for group in ec2.describe_instances()["Reservations"]
        for item in group["Instances"]
    }
    assert states == {
        "kubernetes.io/cluster/prod-eu": "terminated",
        "kubernetes.io/cluster/other": "running",
    }
    assert [
        item["LoadBalancerName"] for item in elb.describe_load_balancers()["LoadBalancers"]
    ] == ["k8s-other"]
    assert [item["TargetGroupName"] for item in elb.describe_target_groups()["TargetGroups"]] == [
        "k8s-other-tg"
    ]
    names = {item["GroupName"] for item in ec2.describe_security_groups()["SecurityGroups"]}
    assert names == {"default", "k8s-traffic-other"}
    tags = ec2.describe_subnets(SubnetIds=own.subnets[:1])["Subnets"][0]["Tags"]
    assert {tag["Key"] for tag in tags} == {"kubernetes.io/cluster/other", "team"}
    assert (
        len(
            ec2.describe_volumes(
                Filters=[{"Name": "tag-key", "Values": ["ebs.csi.aws.com/cluster"]}]
            )["Volumes"]
        )
        == 2
    )


def test_a_second_run_finds_nothing(account: AwsAccount) -> None:
    _everything(Left(account, OWN))
    _take()
    account.calls.clear()

    outcome = _take()

    assert (outcome.gone, outcome.stayed) == ((), ())
    assert not any(call.partition(":")[2].startswith(("Delete", "Term")) for call in account.calls)


def test_what_pulumi_or_eks_made_is_left_to_them(account: AwsAccount) -> None:
    left = Left(account, OWN)
    left.instance()
    left.template()
    left.group("nodes", left.owned | PULUMI)
    left.group("eks-cluster-sg", left.owned | {"team": "x"})
    left.interface()
    left.interface(**{"cluster.k8s.amazonaws.com/name": OTHER})
    left.ec2.create_tags(Resources=left.subnets[:1], Tags=_pairs(left.owned | PULUMI))

    assert _plan() == [("security-groups", "security group", "delete")]


def test_a_group_that_rules_of_the_cluster_name_goes_with_these_rules(account: AwsAccount) -> None:
    left = Left(account, OWN)
    traffic = left.group("traffic", {"elbv2.k8s.aws/cluster": OWN})
    nodes = left.group("nodes", left.owned | PULUMI)
    rule = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}
    for source in (
        {"UserIdGroupPairs": [{"GroupId": traffic}]},
        {"IpRanges": [{"CidrIp": "10.0.0.0/8"}]},
    ):
        left.ec2.authorize_security_group_ingress(GroupId=nodes, IpPermissions=[rule | source])

    outcome = _take()

    (group,) = left.ec2.describe_security_groups(GroupIds=[nodes])["SecurityGroups"]
    (kept,) = group["IpPermissions"]
    assert [item.name for item in outcome.gone] == ["traffic"]
    assert (kept["IpRanges"], kept["UserIdGroupPairs"]) == ([{"CidrIp": "10.0.0.0/8"}], [])


def test_disks_go_only_when_they_are_named(account: AwsAccount) -> None:
    left = Left(account, OWN)
    disk = left.disk()
    kept = Left(account, OTHER).disk()

    with open_world(open_account(region=REGION), OWN) as world:
        plan = build_plan(world, choose_steps(world, ()))
    first = _take()
    second = _take("disks")

    assert plan.items == ()
    assert [(item.name, item.action) for item in plan.data] == [
        (disk, "delete with its data, 20 GiB, claim team1/data")
    ]
    assert (first.gone, [item.name for item in second.gone]) == ((), [disk])
    assert "data that nothing brings back is deleted" in second.notes
    assert [item["VolumeId"] for item in left.ec2.describe_volumes()["Volumes"]][-1] == kept


def test_what_may_not_be_deleted_stays_and_is_not_waited_for(account: AwsAccount) -> None:
    Left(account, OWN).node()
    account.failures["ec2:TerminateInstances"] = (403, "UnauthorizedOperation")

    outcome = _take()

    ((item, why),) = outcome.stayed
    assert item.kind == "instance"
    assert why == "refused: the credentials lack ec2:TerminateInstances"
    assert account.calls.count("ec2:TerminateInstances") == 1


def test_what_is_in_use_is_tried_until_the_time_is_over(account: AwsAccount) -> None:
    left = Left(account, OWN)
    left.group("traffic", {"elbv2.k8s.aws/cluster": OWN})
    account.failures["ec2:DeleteSecurityGroup"] = (400, "DependencyViolation")

    outcome = _take(seconds=12)

    ((item, why),) = outcome.stayed
    assert (item.name, why) == ("traffic", "in use")
    assert account.calls.count("ec2:DeleteSecurityGroup") == 4


def test_a_step_that_is_none_is_refused(account: AwsAccount) -> None:
    with pytest.raises(WrongArgument, match=r"--only 'diks' is no step: use some of agent, add-on"):
        _plan(("diks",))


def test_a_cluster_that_cannot_be_reached_is_not_undermined(account: AwsAccount) -> None:
    left = Left(account, OWN)
    left.node()
    account.client("eks").create_cluster(
        name=OWN, roleArn=f"arn:aws:iam::{ACCOUNT}:role/x", resourcesVpcConfig={}
    )
    account.clusters[OWN] = {"endpoint": "https://127.0.0.1:1"}

    with pytest.raises(RetryLater, match=r"the API of cluster 'prod-eu' cannot be reached from"):
        _plan()

    assert _plan(("instances",)) == [("instances", "instance", "terminate")]


def test_every_call_is_in_the_document_and_the_document_is_right(account: AwsAccount) -> None:
    left = Left(account, OWN)
    _everything(left)
    traffic = left.group("traffic", {"elbv2.k8s.aws/cluster": OWN})
    nodes = left.group("nodes", left.owned | PULUMI)
    pair = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": traffic}]}
    left.ec2.authorize_security_group_ingress(GroupId=nodes, IpPermissions=[pair])
    account.calls.clear()

    _take()
    _take("disks")

    text = build_predestroy_document(Scope("aws", REGION, ACCOUNT), cluster_name=OWN)
    allowed = {action for item in json.loads(text)["Statement"] for action in item["Action"]}
    assert set(account.calls) - allowed == set()
    assert allowed - set(account.calls) == set()
    assert problems(text) == []
    assert read_findings(text) == []
