"""Load balancers and target groups that controllers left: ours, and the one of the cloud provider.

The load balancer controller marks what it makes with a tag of its own. A Service that it does not
serve gets a classic or a network load balancer from the cloud provider's controller, which EKS runs
in the control plane; that one marks what it makes with the cluster's owner tag and the Service:
https://github.com/kubernetes/cloud-provider-aws, pkg/providers/v1/aws_loadbalancer.go and tags.go,
checked 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from splitplane.stacks.aws.predestroy.finding import ignore_gone, tags_in
from splitplane.stacks.aws.predestroy.steps import Item, World

LOAD_BALANCER_TAG: Final = "elbv2.k8s.aws/cluster"
"""Of the load balancer controller, on load balancers, target groups and security groups."""
SERVICE_TAG: Final = "kubernetes.io/service-name"
"""Of the cloud provider's controller, beside the owner tag; its value is NAMESPACE/SERVICE."""
_TAGS_PER_CALL: Final = 20
"""Of both generations, checked 2026-11-21:
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTags.html,
https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_DescribeTags.html"""


def find_load_balancers(world: World) -> list[Item]:
    """Application and network load balancers."""
    return _find_tagged(
        world,
        ("DescribeLoadBalancers", "LoadBalancers", "LoadBalancer"),
        ("cloud-load-balancers", "load balancer"),
    )


def remove_load_balancer(world: World, item: Item) -> None:
    """The load balancer goes; its network interfaces follow within minutes."""
    ignore_gone(world, "elbv2", "DeleteLoadBalancer", LoadBalancerArn=item.id)


def find_classic_load_balancers(world: World) -> list[Item]:
    """Classic load balancers, which only the cloud provider's controller makes."""
    names = [
        str(item["LoadBalancerName"])
        for item in world.account.read_all(
            "elb", "DescribeLoadBalancers", "LoadBalancerDescriptions"
        )
    ]
    found = _read_tags(world, "elb", "LoadBalancerName", names)
    return [
        Item("classic-load-balancers", "classic load balancer", name)
        for name, tags in found.items()
        if tags.get(world.owner_tag) == "owned"
    ]


def remove_classic_load_balancer(world: World, item: Item) -> None:
    """The load balancer goes; its network interfaces follow within minutes."""
    ignore_gone(world, "elb", "DeleteLoadBalancer", LoadBalancerName=item.name)


def find_target_groups(world: World) -> list[Item]:
    """Target groups."""
    return _find_tagged(
        world,
        ("DescribeTargetGroups", "TargetGroups", "TargetGroup"),
        ("target-groups", "target group"),
    )


def remove_target_group(world: World, item: Item) -> None:
    """The target group is gone; AWS refuses while a load balancer uses it."""
    ignore_gone(world, "elbv2", "DeleteTargetGroup", TargetGroupArn=item.id)


def _find_tagged(world: World, call: tuple[str, str, str], names: tuple[str, str]) -> list[Item]:
    """What controllers made for the cluster.

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
        for arn, tags in _read_tags(world, "elbv2", "ResourceArn", list(found)).items()
        if _is_of_controller(world, tags)
    ]


def _is_of_controller(world: World, tags: Mapping[str, str]) -> bool:
    if tags.get(LOAD_BALANCER_TAG) == world.cluster:
        return True
    return tags.get(world.owner_tag) == "owned" and SERVICE_TAG in tags


def _read_tags(
    world: World, service: str, key: str, names: Sequence[str]
) -> dict[str, dict[str, str]]:
    """Name → tags; `key` is what the service calls a name, whose plural its argument is."""
    found: dict[str, dict[str, str]] = {}
    for start in range(0, len(names), _TAGS_PER_CALL):
        asked = {f"{key}s": list(names[start : start + _TAGS_PER_CALL])}
        for item in world.account.call(service, "DescribeTags", **asked)["TagDescriptions"]:
            found[str(item[key])] = tags_in(item["Tags"])
    return found
