"""The steps in the account: what controllers made for the cluster and did not take away, by tags.

Only what carries this cluster's own tag is touched. What Pulumi made carries our tag and is left to
`pulumi destroy`; what EKS made goes with the cluster.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from splitplane.components.clouds.aws.parts import CLUSTER_TAG
from splitplane.stacks.aws.predestroy.finding import filter_by, ignore_gone, tags_in
from splitplane.stacks.aws.predestroy.instances import (
    find_instances,
    find_launch_templates,
    remove_instance,
    remove_launch_template,
)
from splitplane.stacks.aws.predestroy.load_balancers import (
    find_classic_load_balancers,
    find_load_balancers,
    find_target_groups,
    remove_classic_load_balancer,
    remove_load_balancer,
    remove_target_group,
)
from splitplane.stacks.aws.predestroy.profiles import find_profiles, remove_profile
from splitplane.stacks.aws.predestroy.security_groups import (
    find_rules,
    find_security_groups,
    remove_rule,
    remove_security_group,
)
from splitplane.stacks.aws.predestroy.steps import Item, Step, World

INTERFACE_TAG: Final = "node.k8s.amazonaws.com/instance_id"
"""Of the network add-on, on the interfaces that it adds to a node."""
INTERFACE_CLUSTER_TAGS: Final = ("cluster.k8s.amazonaws.com/name", "eks:eks-cluster-name")
"""Whose value is the cluster's name; which of them is there depends on who made the interface."""
VOLUME_TAG: Final = "ebs.csi.aws.com/cluster"


def find_interfaces(world: World) -> list[Item]:
    """Network interfaces that the network add-on made for nodes that are gone."""
    filters = [filter_by("status", "available"), filter_by("tag-key", INTERFACE_TAG)]
    return [
        Item("network-interfaces", "network interface", str(item["NetworkInterfaceId"]))
        for item in world.account.read_all(
            "ec2", "DescribeNetworkInterfaces", "NetworkInterfaces", Filters=filters
        )
        if _is_own_interface(world, tags_in(item.get("TagSet", ())))
    ]


def remove_interface(world: World, item: Item) -> None:
    """The interface is gone."""
    ignore_gone(world, "ec2", "DeleteNetworkInterface", NetworkInterfaceId=item.name)


def find_subnet_tags(world: World) -> list[Item]:
    """Subnets of others that are tagged for the cluster."""
    found = world.account.read_all(
        "ec2", "DescribeSubnets", "Subnets", Filters=[filter_by("tag-key", world.owner_tag)]
    )
    return [
        Item("subnet-tags", "subnet", str(item["SubnetId"]), f"remove the tag {world.owner_tag}")
        for item in found
        if CLUSTER_TAG not in tags_in(item.get("Tags", ()))
    ]


def remove_subnet_tag(world: World, item: Item) -> None:
    """The subnet does not have the tag; nothing else of it changes."""
    tags = [{"Key": world.owner_tag}]
    ignore_gone(world, "ec2", "DeleteTags", Resources=[item.name], Tags=tags)


def find_disks(world: World) -> list[Item]:
    """Disks that no machine uses, those to be retained too: no tag tells them apart."""
    filters = [
        filter_by("tag-key", VOLUME_TAG),
        filter_by(f"tag:{world.owner_tag}", "owned"),
        filter_by("status", "available"),
    ]
    return [
        Item(
            "disks",
            "disk",
            str(item["VolumeId"]),
            f"delete with its data, {item['Size']} GiB{_claim_of(tags_in(item.get('Tags', ())))}",
        )
        for item in world.account.read_all("ec2", "DescribeVolumes", "Volumes", Filters=filters)
    ]


def remove_disk(world: World, item: Item) -> None:
    """The disk and its data are gone."""
    ignore_gone(world, "ec2", "DeleteVolume", VolumeId=item.name)


STEPS: Final = (
    Step("instances", "account", find_instances, remove_instance),
    Step("launch-templates", "account", find_launch_templates, remove_launch_template),
    Step("instance-profiles", "account", find_profiles, remove_profile),
    Step("cloud-load-balancers", "account", find_load_balancers, remove_load_balancer),
    Step(
        "classic-load-balancers",
        "account",
        find_classic_load_balancers,
        remove_classic_load_balancer,
    ),
    Step("target-groups", "account", find_target_groups, remove_target_group),
    Step("network-interfaces", "account", find_interfaces, remove_interface),
    Step("security-group-rules", "account", find_rules, remove_rule),
    Step("security-groups", "account", find_security_groups, remove_security_group),
    Step("subnet-tags", "account", find_subnet_tags, remove_subnet_tag),
    Step("disks", "account", find_disks, remove_disk, is_asked_for=True),
)
"""In the order in which they are taken."""


def _is_own_interface(world: World, tags: Mapping[str, str]) -> bool:
    is_named = any(tags.get(key) == world.cluster for key in INTERFACE_CLUSTER_TAGS)
    return is_named or tags.get(world.owner_tag) == "owned"


def _claim_of(tags: Mapping[str, str]) -> str:
    namespace = tags.get("kubernetes.io/created-for/pvc/namespace")
    name = tags.get("kubernetes.io/created-for/pvc/name")
    return f", claim {namespace}/{name}" if namespace and name else ""
