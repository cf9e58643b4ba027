"""Whether Karpenter may and can do what is asked of it. Pure.

A setting without its rights fails much later, when the first node does not come; so what the chart
gets in the end, with the user's own values in it, is held against the documents of the role.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from splitplane.components.addons.merge import merge_values
from splitplane.components.clouds.aws.cluster.roles import KARPENTER_NODES, role_arn_of
from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.karpenter.default_pools import effective_pools
from splitplane.components.clouds.aws.karpenter.iam import build_controller_documents
from splitplane.components.clouds.aws.karpenter.pools import NodePool, check_pools
from splitplane.components.clouds.aws.karpenter.user_data import build_user_data
from splitplane.components.clouds.aws.karpenter.values import (
    ADDON,
    build_values,
    is_isolated,
    queue_name,
)
from splitplane.components.clouds.aws.settings import EksSettings
from splitplane.components.errors import WrongArgument

RIGHTS: Final[dict[str, tuple[str, ...]]] = {
    "settings.enableZonalShift": ("arc-zonal-shift:GetManagedResource",),
    "settings.interruptionQueue": (
        "sqs:DeleteMessage",
        "sqs:GetQueueUrl",
        "sqs:ReceiveMessage",
    ),
    "settings.featureGates.nodeRepair": ("ec2:DescribeInstanceStatus", "ec2:TerminateInstances"),
    "settings.featureGates.reservedCapacity": ("ec2:DescribeCapacityReservations",),
    "settings.featureGates.spotToSpotConsolidation": ("ec2:DescribeSpotPriceHistory",),
    "settings.featureGates.staticCapacity": ("ec2:CreateFleet", "ec2:RunInstances"),
}
"""Path of a setting → what Karpenter calls once it is set. Sources: the permissions of
https://karpenter.sh/docs/reference/cloudformation/ and the upgrade guide, for 1.14."""
_ON_BY_DEFAULT: Final = ("settings.featureGates.reservedCapacity",)
_NO_RIGHTS: Final = frozenset(
    {"settings.featureGates.nodeOverlay", "settings.featureGates.capacityBuffer"}
)
"""Gates that only the API server of the cluster sees."""
_OWN: Final = {"settings.clusterName": False, "settings.interruptionQueue": True}
"""Settings that the documents name, since another cluster or queue is out of reach → whether
Karpenter works without it."""
_ANYWHERE: Final = Scope("aws", "eu-west-1", "000000000000")
"""Which actions the documents allow does not depend on the place."""


def karpenter_problems(settings: EksSettings) -> list[str]:
    """What Karpenter could not do as it is asked to; nothing where it does not run.

    Args:
        settings: of any kind; wrong pools are named by `check_pools` and not looked at here.
    """
    if settings.compute_mode != "karpenter" or settings.is_adopted:
        return []
    choice = settings.addon(ADDON)
    if choice.mode == "off":
        return [
            f"addons[{ADDON!r}].mode 'off' is not allowed with compute_mode 'karpenter': use "
            "'external' where others run it, or another compute_mode"
        ]
    pools = effective_pools(settings)
    try:
        check_pools(pools, is_production=settings.is_production)
    except WrongArgument:
        return []
    defaults = build_values(
        pools,
        cluster_name=settings.eks_name,
        cluster_endpoint="",
        queue_name=queue_name(settings),
        is_isolated=is_isolated(settings),
        has_zonal_shift=settings.is_zonal_shift_enabled,
        tolerations=(),
        annotations={},
    )
    values = merge_values(defaults, choice.values)
    return [
        *_user_data_problems(pools),
        *_right_problems(values, _actions_of(controller_documents(settings, _ANYWHERE))),
        *_own_problems(values, defaults),
        *_gate_problems(values, pools),
    ]


def controller_documents(settings: EksSettings, scope: Scope) -> dict[str, str]:
    """Purpose of a policy → its document, for the role of the controller."""
    return build_controller_documents(
        scope,
        cluster_name=settings.eks_name,
        node_role_arn=role_arn_of(settings, scope, KARPENTER_NODES),
        queue_arn=scope.arn("sqs", queue_name(settings)),
        has_zonal_shift=settings.is_zonal_shift_enabled,
        is_isolated=is_isolated(settings),
        disk_key_arn=settings.storage.kms_key_arn,
    )


def _user_data_problems(pools: Iterable[NodePool]) -> Iterable[str]:
    for pool in pools:
        try:
            build_user_data(pool)
        except WrongArgument as error:
            yield str(error)


def _right_problems(values: Mapping[str, Any], actions: set[str]) -> Iterable[str]:
    for path, needed in RIGHTS.items():
        missing = sorted(set(needed) - actions)
        if _at(values, path, default=path in _ON_BY_DEFAULT) and missing:
            yield (
                f"addons['karpenter'].values: {path} needs {', '.join(missing)}, which its role "
                "does not have: leave it out, or set what it belongs to in the arguments"
            )
    gates = _at(values, "settings.featureGates", default={})
    for name in sorted(gates if isinstance(gates, Mapping) else ()):
        path = f"settings.featureGates.{name}"
        if gates[name] and path not in RIGHTS and path not in _NO_RIGHTS:
            yield f"addons['karpenter'].values: {path} is not known in this version: leave it out"


def _own_problems(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> Iterable[str]:
    for path, is_optional in _OWN.items():
        found, own = _at(values, path, default=""), _at(defaults, path, default="")
        if found != own and not (is_optional and found == ""):
            yield (
                f"addons['karpenter'].values: {path} {found!r} is out of reach of its role, which "
                f"is made for {own!r}: leave it out"
            )


def _gate_problems(values: Mapping[str, Any], pools: Sequence[NodePool]) -> Iterable[str]:
    gates: dict[str, list[str]] = {
        "staticCapacity": [pool.name for pool in pools if pool.static_nodes is not None],
        "reservedCapacity": [pool.name for pool in pools if pool.capacity == "reserved"],
    }
    for gate, names in gates.items():
        path = f"settings.featureGates.{gate}"
        if names and not _at(values, path, default=path in _ON_BY_DEFAULT):
            yield (
                f"addons['karpenter'].values: {path} is off, but pools {', '.join(names)} get no "
                "nodes without it: leave it out"
            )


def _actions_of(documents: Mapping[str, str]) -> set[str]:
    return {
        action
        for text in documents.values()
        for statement in json.loads(text)["Statement"]
        if statement["Effect"] == "Allow"
        for action in statement["Action"]
    }


def _at(values: Mapping[str, Any], path: str, *, default: object) -> Any:  # Any: of a chart
    found: Any = values  # Any: values of a chart
    for key in path.split("."):
        if not isinstance(found, Mapping) or key not in found:
            return default
        found = found[key]
    return found
