"""What a cluster left in its account goes, in order; what is another's, or Pulumi's, survives."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from aws_account import ACCOUNT, REGION, AwsAccount, running_account, use_account
from aws_environment import isolate_aws
from aws_leftovers import OTHER, OWN, PULUMI, Left, leave_everything, list_profiles, pairs
from iam_check import problems
from iam_findings import read_findings
from moto.iam.responses import IamResponse

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


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AwsAccount]:
    isolate_aws(monkeypatch, tmp_path)
    with running_account() as account:
        use_account(monkeypatch, account)
        monkeypatch.setattr(IamResponse, "list_instance_profiles", list_profiles)
        yield account


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
    leave_everything(Left(account, OWN))
    leave_everything(Left(account, OTHER))
    account.calls.clear()

    planned = _plan()

    assert planned == [
        ("instances", "instance", "terminate"),
        ("launch-templates", "launch template", "delete"),
        ("instance-profiles", "instance profile", "delete"),
        ("cloud-load-balancers", "load balancer", "delete"),
        ("cloud-load-balancers", "load balancer", "delete"),
        ("classic-load-balancers", "classic load balancer", "delete"),
        ("target-groups", "target group", "delete"),
        ("network-interfaces", "network interface", "delete"),
        ("security-group-rules", "ingress rule", "revoke"),
        ("security-group-rules", "egress rule", "revoke"),
        ("security-groups", "security group", "delete"),
        ("security-groups", "security group", "delete"),
        ("subnet-tags", "subnet", "remove the tag kubernetes.io/cluster/prod-eu"),
    ]
    verbs = {call.partition(":")[2] for call in account.calls}
    assert all(verb.startswith(("Describe", "Get", "List")) for verb in verbs)


def test_all_goes_and_all_of_another_cluster_stays(account: AwsAccount) -> None:
    own, other = Left(account, OWN), Left(account, OTHER)
    leave_everything(own)
    leave_everything(other)

    outcome = _take()

    assert [item.kind for item in outcome.gone] == [
        "instance",
        "launch template",
        "instance profile",
        "load balancer",
        "load balancer",
        "classic load balancer",
        "target group",
        "network interface",
        "ingress rule",
        "egress rule",
        "security group",
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
    ] == ["k8s-other", "a1other"]
    assert [
        item["LoadBalancerName"]
        for item in own.classic.describe_load_balancers()["LoadBalancerDescriptions"]
    ] == ["a0other"]
    assert own.profiles() == {"other_1"}
    assert [item["TargetGroupName"] for item in elb.describe_target_groups()["TargetGroups"]] == [
        "k8s-other-tg"
    ]
    names = {item["GroupName"] for item in ec2.describe_security_groups()["SecurityGroups"]}
    assert names == {
        "default",
        *("k8s-traffic-other", "k8s-elb-a0other", "nodes-other", "nodes-prod-eu"),
    }
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
    leave_everything(Left(account, OWN))
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
    left.group("k8s-elb-a1", left.owned | {"team": "x"})
    left.interface()
    left.interface(**{"cluster.k8s.amazonaws.com/name": OTHER})
    left.ec2.create_tags(Resources=left.subnets[:1], Tags=pairs(left.owned | PULUMI))

    assert _plan() == [("security-groups", "security group", "delete")]


def test_rules_that_name_a_group_go_before_it_and_other_rules_stay(account: AwsAccount) -> None:
    left = Left(account, OWN)
    traffic = left.group("traffic", {"elbv2.k8s.aws/cluster": OWN} | PULUMI)
    nodes = left.group("nodes", left.owned | PULUMI)
    for direction in ("ingress", "egress"):
        left.allow(direction, nodes, UserIdGroupPairs=[{"GroupId": traffic}])
        left.allow(direction, nodes, IpRanges=[{"CidrIp": "10.0.0.0/8"}])

    outcome = _take()

    assert left.rules(nodes) == [(["10.0.0.0/8"], []), (["10.0.0.0/8"], [])]
    assert [item.name for item in outcome.gone] == [
        "nodes: tcp 80 from traffic",
        "nodes: tcp 80 to traffic",
        "traffic",
    ]


def test_groups_that_name_each_other_go_both(account: AwsAccount) -> None:
    left = Left(account, OWN)
    front = left.group("front", {"elbv2.k8s.aws/cluster": OWN})
    back = left.group("back", {"elbv2.k8s.aws/cluster": OWN})
    left.allow("egress", front, UserIdGroupPairs=[{"GroupId": back}])
    left.allow("ingress", back, UserIdGroupPairs=[{"GroupId": front}])

    outcome = _take()

    assert [item.name for item in outcome.gone] == [
        "back: tcp 80 from front",
        "front: tcp 80 to back",
        "front",
        "back",
    ]
    assert outcome.stayed == ()


def test_a_rule_in_the_group_of_another_is_theirs(account: AwsAccount) -> None:
    left = Left(account, OWN)
    traffic = left.group("traffic", {"elbv2.k8s.aws/cluster": OWN})
    database = left.group("database", {"team": "data"})
    left.allow("ingress", database, UserIdGroupPairs=[{"GroupId": traffic}])

    assert _plan() == [("security-groups", "security group", "delete")]
    assert left.rules(database) == [([], [traffic])]


def test_profiles_of_karpenter_alone_go_and_free_their_role(account: AwsAccount) -> None:
    left, role = Left(account, OWN), "prod-eu-karpenter-nodes-eu-central-1"
    left.karpenter_profile("new", role=role)
    left.karpenter_profile("of-another-path", role=role, path="/")
    left.karpenter_profile("without-the-role")
    left.profile("declared", {"splitplane.io/cluster": OWN} | left.owned, role)
    left.karpenter_profile("us", region="us-east-1", role=role)
    Left(account, OTHER).karpenter_profile("other_1")

    outcome = _take()

    held = left.iam.list_instance_profiles_for_role(RoleName=role)["InstanceProfiles"]
    assert {item.name for item in outcome.gone} == {"new", "of-another-path", "without-the-role"}
    assert left.profiles() == {"declared", "us", "other_1"}
    assert {item["InstanceProfileName"] for item in held} == {"declared", "us"}


def test_a_profile_stays_while_a_machine_of_karpenter_does(account: AwsAccount) -> None:
    left = Left(account, OWN)
    left.node()
    left.karpenter_profile("prod-eu_1")

    first = _take("instance-profiles", seconds=0)
    second = _take("instances", "instance-profiles")

    assert [(item.name, why) for item, why in first.stayed] == [("prod-eu_1", "in use")]
    assert [item.kind for item in second.gone] == ["instance", "instance profile"]


def test_load_balancers_without_a_tag_of_a_controller_stay(account: AwsAccount) -> None:
    left = Left(account, OWN)
    left.elb.create_load_balancer(
        Name="own", Subnets=left.subnets[:2], Type="network", Tags=pairs(left.owned)
    )
    left.classic.create_load_balancer(
        LoadBalancerName="shared",
        Listeners=[{"Protocol": "TCP", "LoadBalancerPort": 80, "InstancePort": 80}],
        Subnets=left.subnets[:1],
        Tags=pairs({f"kubernetes.io/cluster/{OWN}": "shared"}),
    )

    assert _plan() == []


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
    leave_everything(left)
    account.calls.clear()

    _take()
    _take("disks")

    text = build_predestroy_document(Scope("aws", REGION, ACCOUNT), cluster_name=OWN)
    allowed = {action for item in json.loads(text)["Statement"] for action in item["Action"]}
    assert set(account.calls) - allowed == set()
    assert allowed - set(account.calls) == set()
    assert problems(text) == []
    assert read_findings(text) == []


def test_the_document_is_right_for_the_longest_name_and_region() -> None:
    text = build_predestroy_document(
        Scope("aws-us-gov", "us-gov-east-1", ACCOUNT), cluster_name="a" * 100
    )

    assert problems(text) == []
