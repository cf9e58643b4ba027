"""The steps in the account: what controllers made for the cluster and did not take away, by tags.

Only what carries this cluster's own tag is touched. What Pulumi made carries our tag and is left to
`pulumi destroy`; what EKS made goes with the cluster.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from splitplane.components.clouds.aws.parts import CLUSTER_TAG
from splitplane.stacks.aws.account import Answer
from splitplane.stacks.aws.errors import NotThere
from splitplane.stacks.aws.predestroy.steps import Item, Step, World

LOAD_BALANCER_TAG: Final = "elbv2.k8s.aws/cluster"
"""Of the load balancer controller, on load balancers, target groups and security groups."""
NODE_POOL_TAG: Final = "karpenter.sh/nodepool"
INTERFACE_TAG: Final = "node.k8s.amazonaws.com/instance_id"
"""Of the network add-on, on the interfaces that it adds to a node."""
INTERFACE_CLUSTER_TAGS: Final = ("cluster.k8s.amazonaws.com/name", "eks:eks-cluster-name")
"""Whose value is the cluster's name; which of them is there depends on who made the interface."""
VOLUME_TAG: Final = "ebs.csi.aws.com/cluster"
EKS_TAG: Final = "aws:eks:cluster-name"
_TAGS_PER_CALL: Final = 20
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTags.html"""
_ALIVE: Final = ("pending", "running", "stopping", "stopped", "shutting-down")


def find_instances(world: World) -> list[Item]:
    """Machines of Karpenter, until they have ended; not those that Auto Mode manages."""
    filters = [*_karpenter(world), _filter("instance-state-name", *_ALIVE)]
    return [
        Item("instances", "instance", str(item["InstanceId"]), "terminate")
        for group in world.account.read_all(
            "ec2", "DescribeInstances", "Reservations", Filters=filters
        )
        for item in group["Instances"]
        if not item.get("Operator", {}).get("Managed")
    ]


def remove_instance(world: World, item: Item) -> None:
    """The machine ends."""
    _ignore_gone(world, "ec2", "TerminateInstances", InstanceIds=[item.name])


def find_launch_templates(world: World) -> list[Item]:
    """Launch templates of Karpenter."""
    found = world.account.read_all(
        "ec2", "DescribeLaunchTemplates", "LaunchTemplates", Filters=_karpenter(world)
    )
    return [
        Item(
            "launch-templates",
            "launch template",
            str(item["LaunchTemplateName"]),
            id=str(item["LaunchTemplateId"]),
        )
        for item in found
    ]


def remove_launch_template(world: World, item: Item) -> None:
    """The template is gone."""
    _ignore_gone(world, "ec2", "DeleteLaunchTemplate", LaunchTemplateId=item.id)


def find_load_balancers(world: World) -> list[Item]:
    """Load balancers of the load balancer controller."""
    return _find_tagged(
        world,
        ("DescribeLoadBalancers", "LoadBalancers", "LoadBalancer"),
        ("cloud-load-balancers", "load balancer"),
    )


def remove_load_balancer(world: World, item: Item) -> None:
    """The load balancer goes; its network interfaces follow within minutes."""
    _ignore_gone(world, "elbv2", "DeleteLoadBalancer", LoadBalancerArn=item.id)


def find_target_groups(world: World) -> list[Item]:
    """Target groups of the load balancer controller."""
    return _find_tagged(
        world,
        ("DescribeTargetGroups", "TargetGroups", "TargetGroup"),
        ("target-groups", "target group"),
    )


def remove_target_group(world: World, item: Item) -> None:
    """The target group is gone; AWS refuses while a load balancer uses it."""
    _ignore_gone(world, "elbv2", "DeleteTargetGroup", TargetGroupArn=item.id)


def find_interfaces(world: World) -> list[Item]:
    """Network interfaces that the network add-on made for nodes that are gone."""
    filters = [_filter("status", "available"), _filter("tag-key", INTERFACE_TAG)]
    return [
        Item("network-interfaces", "network interface", str(item["NetworkInterfaceId"]))
        for item in world.account.read_all(
            "ec2", "DescribeNetworkInterfaces", "NetworkInterfaces", Filters=filters
        )
        if _is_own_interface(world, _tags(item.get("TagSet", ())))
    ]


def remove_interface(world: World, item: Item) -> None:
    """The interface is gone."""
    _ignore_gone(world, "ec2", "DeleteNetworkInterface", NetworkInterfaceId=item.name)


def find_security_groups(world: World) -> list[Item]:
    """Security groups that controllers made: not those of Pulumi, nor that of EKS."""
    groups = {
        str(item["GroupId"]): item
        for filters in (
            [_filter(f"tag:{LOAD_BALANCER_TAG}", world.cluster)],
            [_filter(f"tag:{world.owner_tag}", "owned")],
        )
        for item in world.account.read_all(
            "ec2", "DescribeSecurityGroups", "SecurityGroups", Filters=filters
        )
    }
    return [
        Item("security-groups", "security group", str(item["GroupName"]), id=group_id)
        for group_id, item in groups.items()
        if not {CLUSTER_TAG, EKS_TAG} & _tags(item.get("Tags", ())).keys()
    ]


def remove_security_group(world: World, item: Item) -> None:
    """The group is gone, and no rule of the cluster's groups names it any more."""
    for other in world.account.read_all(
        "ec2",
        "DescribeSecurityGroups",
        "SecurityGroups",
        Filters=[_filter("ip-permission.group-id", item.id)],
    ):
        if other["GroupId"] != item.id and _is_of_cluster(world, _tags(other.get("Tags", ()))):
            _ignore_gone(
                world,
                "ec2",
                "RevokeSecurityGroupIngress",
                GroupId=other["GroupId"],
                IpPermissions=_rules_of(other, item.id),
            )
    _ignore_gone(world, "ec2", "DeleteSecurityGroup", GroupId=item.id)


def find_subnet_tags(world: World) -> list[Item]:
    """Subnets of others that are tagged for the cluster."""
    found = world.account.read_all(
        "ec2", "DescribeSubnets", "Subnets", Filters=[_filter("tag-key", world.owner_tag)]
    )
    return [
        Item("subnet-tags", "subnet", str(item["SubnetId"]), f"remove the tag {world.owner_tag}")
        for item in found
        if CLUSTER_TAG not in _tags(item.get("Tags", ()))
    ]


def remove_subnet_tag(world: World, item: Item) -> None:
    """The subnet does not have the tag; nothing else of it changes."""
    tags = [{"Key": world.owner_tag}]
    _ignore_gone(world, "ec2", "DeleteTags", Resources=[item.name], Tags=tags)


def find_disks(world: World) -> list[Item]:
    """Disks that no machine uses, those to be retained too: no tag tells them apart."""
    filters = [
        _filter("tag-key", VOLUME_TAG),
        _filter(f"tag:{world.owner_tag}", "owned"),
        _filter("status", "available"),
    ]
    return [
        Item(
            "disks",
            "disk",
            str(item["VolumeId"]),
            f"delete with its data, {item['Size']} GiB{_claim_of(_tags(item.get('Tags', ())))}",
        )
        for item in world.account.read_all("ec2", "DescribeVolumes", "Volumes", Filters=filters)
    ]


def remove_disk(world: World, item: Item) -> None:
    """The disk and its data are gone."""
    _ignore_gone(world, "ec2", "DeleteVolume", VolumeId=item.name)


STEPS: Final = (
    Step("instances", "account", find_instances, remove_instance),
    Step("launch-templates", "account", find_launch_templates, remove_launch_template),
    Step("cloud-load-balancers", "account", find_load_balancers, remove_load_balancer),
    Step("target-groups", "account", find_target_groups, remove_target_group),
    Step("network-interfaces", "account", find_interfaces, remove_interface),
    Step("security-groups", "account", find_security_groups, remove_security_group),
    Step("subnet-tags", "account", find_subnet_tags, remove_subnet_tag),
    Step("disks", "account", find_disks, remove_disk, is_asked_for=True),
)
"""In the order in which they are taken."""


def _filter(name: str, *values: str) -> dict[str, str | list[str]]:
    return {"Name": name, "Values": list(values)}


def _karpenter(world: World) -> list[dict[str, str | list[str]]]:
    return [_filter("tag-key", NODE_POOL_TAG), _filter(f"tag:{world.owner_tag}", "owned")]


def _tags(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {str(tag["Key"]): str(tag["Value"]) for tag in tags}


def _is_own_interface(world: World, tags: Mapping[str, str]) -> bool:
    is_named = any(tags.get(key) == world.cluster for key in INTERFACE_CLUSTER_TAGS)
    return is_named or tags.get(world.owner_tag) == "owned"


def _is_of_cluster(world: World, tags: Mapping[str, str]) -> bool:
    return (
        world.owner_tag in tags
        or tags.get(EKS_TAG) == world.cluster
        or tags.get(CLUSTER_TAG) == world.cluster
    )


def _rules_of(group: Answer, member: str) -> list[Answer]:
    """The group's rules that let the member in, and nothing else of them."""
    return [
        {
            **{key: rule[key] for key in ("IpProtocol", "FromPort", "ToPort") if key in rule},
            "UserIdGroupPairs": [{"GroupId": member}],
        }
        for rule in group["IpPermissions"]
        if any(pair.get("GroupId") == member for pair in rule["UserIdGroupPairs"])
    ]


def _claim_of(tags: Mapping[str, str]) -> str:
    namespace = tags.get("kubernetes.io/created-for/pvc/namespace")
    name = tags.get("kubernetes.io/created-for/pvc/name")
    return f", claim {namespace}/{name}" if namespace and name else ""


def _find_tagged(world: World, call: tuple[str, str, str], names: tuple[str, str]) -> list[Item]:
    """What the load balancer controller made for the cluster.

    Args:
        world: whose.
        call: operation, key of its items, and prefix of their fields.
        names: step and kind of the items.
    """
    operation, key, prefix = call
    found = {
        str(item[f"{prefix}Arn"]): str(item[f"{prefix}Name"])
        for item in world.account.read_all("elbv2", operation, key)
    }
    step, kind = names
    return [
        Item(step, kind, found[arn], id=arn)
        for arn, tags in _read_tags(world, list(found)).items()
        if tags.get(LOAD_BALANCER_TAG) == world.cluster
    ]


def _read_tags(world: World, arns: Sequence[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for start in range(0, len(arns), _TAGS_PER_CALL):
        answer = world.account.call(
            "elbv2", "DescribeTags", ResourceArns=list(arns[start : start + _TAGS_PER_CALL])
        )
        for item in answer["TagDescriptions"]:
            found[str(item["ResourceArn"])] = _tags(item["Tags"])
    return found


def _ignore_gone(world: World, service: str, operation: str, **arguments: object) -> None:
    try:
        world.account.call(service, operation, **arguments)
    except NotThere:
        return
