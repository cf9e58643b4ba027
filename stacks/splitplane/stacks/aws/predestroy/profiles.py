"""Instance profiles that Karpenter made and did not take away: IAM keeps their role until they go.

Karpenter 1.14 makes one for each EC2NodeClass that names a role, under a path of the region, the
cluster and the class, and deletes it when the class goes; one of the plane's own program, for a
network without a way to IAM, has none of these tags:
https://github.com/aws/karpenter-provider-aws, pkg/providers/instanceprofile/instanceprofile.go and
pkg/apis/v1/ec2nodeclass.go, checked 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from splitplane.components.clouds.aws.cluster.roles import KARPENTER_NODES
from splitplane.components.clouds.aws.names import global_name
from splitplane.stacks.aws.account import Answer
from splitplane.stacks.aws.errors import AwsError, NotThere
from splitplane.stacks.aws.predestroy.finding import ignore_gone, tags_in
from splitplane.stacks.aws.predestroy.in_cluster import find_node_claims
from splitplane.stacks.aws.predestroy.instances import find_instances
from splitplane.stacks.aws.predestroy.steps import Item, World

NODE_CLASS_TAG: Final = "karpenter.k8s.aws/ec2nodeclass"
REGION_TAG: Final = "topology.kubernetes.io/region"
"""IAM has no regions: a cluster of this name in another region has the same owner tag."""


def find_profiles(world: World) -> list[Item]:
    """Instance profiles of Karpenter: under its path, and those that hold the nodes' role."""
    scope = world.account.scope
    prefix = f"/karpenter/{scope.region}/{world.cluster}/"
    role = global_name("role", world.cluster, KARPENTER_NODES, region=scope.region)
    names = {
        str(item["InstanceProfileName"]): None
        for found in (
            _read(world, "ListInstanceProfiles", PathPrefix=prefix),
            _read(world, "ListInstanceProfilesForRole", RoleName=role),
        )
        for item in found
    }
    return [
        Item("instance-profiles", "instance profile", name)
        for name in names
        if (profile := _read_profile(world, name)) is not None and _is_karpenters(world, profile)
    ]


def remove_profile(world: World, item: Item) -> None:
    """The profile is gone, and its role is in no profile of that name.

    Raises:
        AwsError: a machine of Karpenter is still there, which may use it.
    """
    has_claims = world.api is not None and bool(find_node_claims(world))
    if has_claims or find_instances(world):
        raise AwsError("a machine may use it", code="ResourceInUse")
    profile = _read_profile(world, item.name)
    for role in [] if profile is None else profile["Roles"]:
        ignore_gone(
            world,
            "iam",
            "RemoveRoleFromInstanceProfile",
            InstanceProfileName=item.name,
            RoleName=str(role["RoleName"]),
        )
    ignore_gone(world, "iam", "DeleteInstanceProfile", InstanceProfileName=item.name)


def _read(world: World, operation: str, **arguments: str) -> Iterator[Answer]:
    try:
        yield from world.account.read_all("iam", operation, "InstanceProfiles", **arguments)
    except NotThere:
        return


def _read_profile(world: World, name: str) -> Answer | None:
    """The profile with its tags, which the lists leave out."""
    try:
        found: Answer = world.account.call("iam", "GetInstanceProfile", InstanceProfileName=name)[
            "InstanceProfile"
        ]
    except NotThere:
        return None
    return found


def _is_karpenters(world: World, profile: Answer) -> bool:
    tags = tags_in(profile.get("Tags", ()))
    return (
        tags.get(world.owner_tag) == "owned"
        and tags.get(REGION_TAG) == world.account.scope.region
        and NODE_CLASS_TAG in tags
    )
