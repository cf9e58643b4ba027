"""What is wrong with the nodes that a program asks for, and with how they are made. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from splitplane.components.clouds.aws.karpenter.pools import MAX_DATA_DISK_GIB, check_pools
from splitplane.components.clouds.aws.nodes.auto_checks import auto_problems
from splitplane.components.clouds.aws.nodes.group_checks import check_group
from splitplane.components.clouds.aws.nodes.machines import check_machines
from splitplane.components.clouds.aws.settings import EksSettings, NodeGroupSettings
from splitplane.components.errors import WrongArgument

MIN_SYSTEM_NODES: Final = 2
"""The replicas of Karpenter never share a node:
https://karpenter.sh/docs/getting-started/getting-started-with-karpenter/."""
MAX_NODES: Final = 450
"""Of one managed node group. https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html"""
MIN_DISK_GIB: Final = 20
_NAME: Final = re.compile(r"^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$")
_INSTANCE_TYPE: Final = re.compile(r"^[a-z][a-z0-9-]*\.[a-z0-9-]+$")


def check_nodes(settings: EksSettings) -> list[str]:
    """Every problem of mode, system nodes, pools and node groups, alone and together."""
    problems = [
        *_system_problems(settings),
        *_group_problems(settings),
        *check_machines(settings),
    ]
    if settings.compute_mode == "auto_mode":
        problems += auto_problems(settings)
    if settings.compute_mode == "karpenter":
        problems += _pool_problems(settings)
    elif settings.compute_mode == "node_groups" and settings.pools is not None:
        problems.append(
            f"pools {[pool.name for pool in settings.pools]!r} have no meaning with compute_mode "
            "'node_groups': write them as node_groups, or use compute_mode 'karpenter'"
        )
    if settings.compute_mode != "node_groups" and settings.node_groups:
        names = [group.name for group in settings.node_groups]
        problems.append(
            f"node_groups {names!r} have no meaning with compute_mode {settings.compute_mode!r}: "
            "use compute_mode 'node_groups', or leave them out"
        )
    return problems


def _system_problems(settings: EksSettings) -> Iterator[str]:
    count = settings.system_nodes.count
    if count is not None and not MIN_SYSTEM_NODES <= count <= MAX_NODES:
        yield (
            f"system_nodes.count {count} is not allowed: use {MIN_SYSTEM_NODES} or more, since the "
            f"two replicas of a controller never share a node, and at most {MAX_NODES}"
        )
    yield from _type_problems("system_nodes.instance_types", settings.system_nodes.instance_types)


def _pool_problems(settings: EksSettings) -> Iterator[str]:
    try:
        check_pools(settings.pools or (), is_production=settings.is_production)
    except WrongArgument as error:
        yield str(error)


def _group_problems(settings: EksSettings) -> Iterator[str]:
    names: list[str] = []
    for index, group in enumerate(settings.node_groups):
        field = f"node_groups[{index}]"
        if group.name in names:
            yield f"{field}.name {group.name!r} is taken: names differ"
        names.append(group.name)
        yield from (f"{field}.{text}" for text in _one_group(group))


def _one_group(group: NodeGroupSettings) -> Iterator[str]:
    if _NAME.fullmatch(group.name) is None:
        yield (
            f"name {group.name!r} is not allowed: use 1 to 40 lower-case letters, digits and "
            "hyphens, starting with a letter"
        )
    elif group.name == "system":
        yield "name 'system' is taken by the nodes of controllers: choose another"
    if not group.instance_types:
        yield "instance_types is empty: name at least one, such as 'm7i.xlarge'"
    yield from _type_problems("instance_types", group.instance_types)
    if not 0 <= group.min_nodes <= group.max_nodes:
        yield f"min_nodes {group.min_nodes} is not allowed: use 0 to max_nodes {group.max_nodes}"
    if not 1 <= group.max_nodes <= MAX_NODES:
        yield f"max_nodes {group.max_nodes} is not allowed: use 1 to {MAX_NODES}"
    if group.data_disk_gib < MIN_DISK_GIB:
        yield f"data_disk_gib {group.data_disk_gib} is too small: use {MIN_DISK_GIB} or more"
    if group.data_disk_gib > MAX_DATA_DISK_GIB:
        yield f"data_disk_gib {group.data_disk_gib} is too large: use {MAX_DATA_DISK_GIB} or less"
    yield from check_group(group)


def _type_problems(field: str, instance_types: tuple[str, ...]) -> Iterator[str]:
    for kind in instance_types:
        if _INSTANCE_TYPE.fullmatch(kind) is None:
            yield f"{field} {kind!r} is no instance type: write FAMILY.SIZE, such as 'm7i.large'"
    if len({*instance_types}) < len(instance_types):
        yield f"{field} {list(instance_types)!r} name one twice: leave it out"
