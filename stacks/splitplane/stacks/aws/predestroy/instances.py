"""Machines and launch templates that Karpenter left when it was gone before its nodes."""

from __future__ import annotations

from typing import Final

from splitplane.stacks.aws.predestroy.finding import Filter, filter_by, ignore_gone
from splitplane.stacks.aws.predestroy.steps import Item, World

NODE_POOL_TAG: Final = "karpenter.sh/nodepool"
_ALIVE: Final = ("pending", "running", "stopping", "stopped", "shutting-down")


def find_instances(world: World) -> list[Item]:
    """Machines of Karpenter, until they have ended; not those that Auto Mode manages."""
    filters = [*_karpenter(world), filter_by("instance-state-name", *_ALIVE)]
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
    ignore_gone(world, "ec2", "TerminateInstances", InstanceIds=[item.name])


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
    ignore_gone(world, "ec2", "DeleteLaunchTemplate", LaunchTemplateId=item.id)


def _karpenter(world: World) -> list[Filter]:
    return [filter_by("tag-key", NODE_POOL_TAG), filter_by(f"tag:{world.owner_tag}", "owned")]
