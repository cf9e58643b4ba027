"""What EKS Auto Mode forbids: of the plane's nodes and network, and of pools of one's own. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from splitplane.components.clouds.aws.cluster.roles import AUTO_NODE_POOLS
from splitplane.components.clouds.aws.karpenter.default_pools import in_auto_mode
from splitplane.components.clouds.aws.karpenter.node_pool import AUTO_MODE
from splitplane.components.clouds.aws.karpenter.pools import NodePool, check_pools
from splitplane.components.clouds.aws.settings import EksSettings, SystemNodesSettings
from splitplane.components.errors import WrongArgument

MAX_LIFE_HOURS: Final = 504
"""21 days (https://docs.aws.amazon.com/eks/latest/userguide/automode.html), the longest drain
included: the API server of such a cluster refuses a NodePool whose expireAfter and
terminationGracePeriod are together more, as of 2026-06-26:
https://github.com/aws-controllers-k8s/test-infra/pull/1000."""
TAKEN_NAMES: Final = (*AUTO_NODE_POOLS, "default")
"""The pools of EKS, and its class: a class has the name of its pool."""
_MAX_LIFE_SECONDS: Final = MAX_LIFE_HOURS * 3_600
_OWN_TAGS: Final = f"{AUTO_MODE.group}/"
_KARPENTER: Final = "use compute_mode 'karpenter'"


def auto_problems(settings: EksSettings) -> Iterator[str]:
    """Every problem of a plane in Auto Mode, those of its pools by their path."""
    if settings.system_nodes != SystemNodesSettings():
        yield (
            "system_nodes have no meaning with compute_mode 'auto_mode', where EKS makes the nodes "
            "of controllers too: leave them out"
        )
    if settings.network.security_group_profile == "restricted":
        yield (
            "network.security_group_profile 'restricted' is not allowed with compute_mode "
            "'auto_mode', whose nodes have the cluster's security group: leave it out"
        )
    if settings.network.is_prefix_delegation_enabled is not None:
        yield (
            "network.is_prefix_delegation_enabled has no meaning with compute_mode 'auto_mode', "
            "which gives nodes prefixes by itself: leave it out"
        )
    if settings.pools:
        yield from _all_pool_problems(settings, settings.pools)


def _all_pool_problems(settings: EksSettings, pools: tuple[NodePool, ...]) -> Iterator[str]:
    try:
        # What is refused below is not judged as Karpenter would have it.
        check_pools(map(_without_own, pools), is_production=settings.is_production)
    except WrongArgument as error:
        yield str(error)
    for index, pool in enumerate(pools):
        yield from (f"pools[{index}].{text}" for text in _pool_problems(pool))
    for key in settings.tags:
        if key.lower().startswith(_OWN_TAGS):
            yield (
                f"tags {key!r} is reserved by Auto Mode: use a key that does not start with "
                f"{_OWN_TAGS}"
            )


def _without_own(pool: NodePool) -> NodePool:
    shared = replace(pool, sharing=None, image=None, image_version=None, has_efa=False)
    return in_auto_mode(shared)


def _pool_problems(pool: NodePool) -> Iterator[str]:
    if pool.name in TAKEN_NAMES:
        yield f"name {pool.name!r} is taken by a pool or class of EKS itself: choose another"
    if pool.sharing is not None:
        # https://docs.aws.amazon.com/eks/latest/userguide/device-management-nvidia.html
        yield (
            "sharing is not allowed with compute_mode 'auto_mode', whose device plugin gives each "
            f"pod whole GPUs: leave it out, or {_KARPENTER}"
        )
    for field in ("image", "image_version"):
        if (value := getattr(pool, field)) is not None:
            yield (
                f"{field} {value!r} is not allowed with compute_mode 'auto_mode', where EKS "
                f"chooses and renews the image: leave it out, or {_KARPENTER}"
            )
    if pool.has_efa:
        # https://docs.aws.amazon.com/eks/latest/userguide/device-management-efa.html, "Create EKS
        # nodes with EFA interfaces": neither interfaces nor placement groups can be said.
        yield (
            "has_efa is not allowed with compute_mode 'auto_mode', which gives EFA interfaces to "
            "machines of pods that ask for vpc.amazonaws.com/efa and puts none close to each "
            f"other: leave it out, or {_KARPENTER}"
        )
    yield from _life_problems(in_auto_mode(pool))


def _life_problems(pool: NodePool) -> Iterator[str]:
    hours, grace_seconds = pool.effective_lifetime_hours, pool.termination_grace_seconds or 0
    if hours * 3_600 + grace_seconds > _MAX_LIFE_SECONDS:
        yield (
            f"node_lifetime_hours {hours} and termination_grace_seconds "
            f"{grace_seconds} are together more than the {MAX_LIFE_HOURS} hours that Auto Mode "
            "lets a node live: use less"
        )
