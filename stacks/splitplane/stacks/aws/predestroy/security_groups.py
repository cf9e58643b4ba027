"""Security groups that controllers left, and the rules that keep them from being deleted.

EC2 deletes no group while a rule of another names it, in either direction
(https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html, checked
2026-11-21), so those rules go first; they are of the cluster's own groups, such as that of its
nodes, or of groups that go too. A rule in another's group is theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from splitplane.components.clouds.aws.parts import CLUSTER_TAG
from splitplane.stacks.aws.account import Answer
from splitplane.stacks.aws.predestroy.finding import Filter, filter_by, ignore_gone, tags_in
from splitplane.stacks.aws.predestroy.load_balancers import LOAD_BALANCER_TAG
from splitplane.stacks.aws.predestroy.steps import Item, World

EKS_TAG: Final = "aws:eks:cluster-name"
_VALUES_PER_FILTER: Final = 200
"""https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Filter.html, checked 2026-11-21."""
_DIRECTIONS: Final = {
    "ingress": ("ip-permission", "IpPermissions", "RevokeSecurityGroupIngress", "from"),
    "egress": ("egress.ip-permission", "IpPermissionsEgress", "RevokeSecurityGroupEgress", "to"),
}
"""Direction → prefix of its filter, its rules in a group, what takes one out, and its word."""


def find_security_groups(world: World) -> list[Item]:
    """Security groups that controllers made: not those of Pulumi, nor that of EKS.

    The load balancer controller puts our tags on what it makes, beside its own.
    """
    balanced = _describe(world, filter_by(f"tag:{LOAD_BALANCER_TAG}", world.cluster))
    owned = _describe(world, filter_by(f"tag:{world.owner_tag}", "owned"))
    groups = {str(item["GroupId"]): item for item in balanced}
    groups |= {
        str(item["GroupId"]): item
        for item in owned
        if not {CLUSTER_TAG, EKS_TAG} & tags_in(item.get("Tags", ())).keys()
    }
    return [
        Item("security-groups", "security group", str(item["GroupName"]), id=group_id)
        for group_id, item in groups.items()
    ]


def remove_security_group(world: World, item: Item) -> None:
    """The group is gone; AWS refuses while a rule names it or an interface has it."""
    ignore_gone(world, "ec2", "DeleteSecurityGroup", GroupId=item.id)


def find_rules(world: World) -> list[Item]:
    """Rules that name a security group that goes, in other groups of the cluster."""
    doomed = {item.id: item.name for item in find_security_groups(world)}
    ids = list(doomed)
    found: dict[Item, None] = {}
    for start in range(0, len(ids), _VALUES_PER_FILTER):
        asked = ids[start : start + _VALUES_PER_FILTER]
        for direction, (prefix, _, _, _) in _DIRECTIONS.items():
            for group in _describe(world, filter_by(f"{prefix}.group-id", *asked)):
                if group["GroupId"] in doomed or _is_of_cluster(world, group):
                    found |= dict.fromkeys(_rules_in(group, direction, doomed))
    return list(found)


def remove_rule(world: World, item: Item) -> None:
    """The rule does not name the group any more; what else it allows stays."""
    direction, group_id, member, protocol, first, last = item.id.split("/")
    permission: dict[str, Any] = {  # Any: as EC2 takes it
        "IpProtocol": protocol,
        "UserIdGroupPairs": [{"GroupId": member}],
    }
    if first:
        permission |= {"FromPort": int(first), "ToPort": int(last)}
    operation = _DIRECTIONS[direction][2]
    ignore_gone(world, "ec2", operation, GroupId=group_id, IpPermissions=[permission])


def _describe(world: World, *filters: Filter) -> Iterator[Answer]:
    return world.account.read_all(
        "ec2", "DescribeSecurityGroups", "SecurityGroups", Filters=list(filters)
    )


def _rules_in(group: Answer, direction: str, doomed: Mapping[str, str]) -> Iterator[Item]:
    _, key, _, word = _DIRECTIONS[direction]
    for rule in group[key]:
        protocol = str(rule["IpProtocol"])
        ports = [str(rule[port]) for port in ("FromPort", "ToPort") if port in rule] or ["", ""]
        for pair in rule["UserIdGroupPairs"]:
            member = str(pair.get("GroupId"))
            if member in doomed and member != group["GroupId"]:
                yield Item(
                    "security-group-rules",
                    f"{direction} rule",
                    f"{group['GroupName']}: {_shown(protocol, ports)} {word} {doomed[member]}",
                    "revoke",
                    "/".join((direction, str(group["GroupId"]), member, protocol, *ports)),
                )


def _shown(protocol: str, ports: Sequence[str]) -> str:
    first, last = ports
    if protocol == "-1" or not first:
        return "all" if protocol == "-1" else protocol
    return f"{protocol} {first}" if first == last else f"{protocol} {first}-{last}"


def _is_of_cluster(world: World, group: Answer) -> bool:
    tags = tags_in(group.get("Tags", ()))
    return (
        tags.get(world.owner_tag) in ("owned", "shared")
        or tags.get(EKS_TAG) == world.cluster
        or tags.get(CLUSTER_TAG) == world.cluster
    )
