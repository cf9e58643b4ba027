"""Which add-ons of EKS a compute plane installs, and with which configuration. Pure.

What order they come in is in `addons/order.py`, what they are as resources in `addons/eks.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from splitplane.components.addons.merge import merge_values
from splitplane.components.clouds.aws.addons.order import NODES, STEPS, Step, order_addons
from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.karpenter.node_pool import POOL_LABEL
from splitplane.components.clouds.aws.parts import tags_of
from splitplane.components.clouds.aws.settings import AddonMode, EksSettings
from splitplane.platforms import capabilities_of

Values = dict[str, Any]  # Any: configuration of an add-on

AGENT: Final = "eks-pod-identity-agent"
EFS_DRIVER: Final = "aws-efs-csi-driver"
EFS_NODE_ACCOUNT: Final = "efs-csi-node-sa"
"""Service account of the driver's pods on nodes. EFS is mounted by the network alone; with S3 Files
they need a role: https://docs.aws.amazon.com/eks/latest/userguide/s3files-csi.html."""
EFS_NODES: Final = "efs-csi-node"
"""Purpose of the role of that service account."""
EBS_DRIVER: Final = "aws-ebs-csi-driver"
SNAPSHOTS: Final = "snapshot-controller"
STORAGE_CLASSES: Final = "storage-classes"
"""What `addons` calls the storage classes: no add-on of EKS, but a choice of the same kind."""
EKS_ADDONS: Final = tuple(step.name for step in STEPS if step.name != NODES)
ADDON_NAMES: Final = frozenset({*EKS_ADDONS, STORAGE_CLASSES})
"""What `addons` may name here."""
SYSTEM_LABELS: Final = {"karpenter.sh/controller": "true"}
"""Labels of the system nodes, which have no taint."""

_BEFORE_NODES: Final = frozenset(
    name for step in STEPS if step.name == NODES for name in step.depends_on
)
_BY_NAME: Final = {step.name: step for step in STEPS}
_STARTUP_TAINTS: Final = {
    # https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/install.md
    EBS_DRIVER: "ebs.csi.aws.com/agent-not-ready",
    # https://github.com/kubernetes-sigs/aws-efs-csi-driver/blob/master/docs/README.md
    EFS_DRIVER: "efs.csi.aws.com/agent-not-ready",
}
"""Driver → taint that it takes from a node once volumes can be mounted there."""


@dataclass(frozen=True)
class PlannedAddon:
    """An add-on that becomes a resource.

    Attributes:
        step: its name and place.
        is_adopted: whether one that is there is taken over as it is, and not configured.
        configuration: canonical JSON; None where EKS' own does.
    """

    step: Step
    is_adopted: bool
    configuration: str | None


def plan_addons(settings: EksSettings, scope: Scope) -> tuple[PlannedAddon, ...]:
    """The add-ons of EKS that are installed or taken over, each after all that it depends on.

    Args:
        settings: checked settings.
        scope: where the cluster is.
    """
    off = [
        step.name
        for step in STEPS
        if step.name != NODES and step.is_optional and addon_mode(settings, step.name) == "off"
    ]
    planned: list[PlannedAddon] = []
    for step in order_addons(settings.compute_mode, left_out=off):
        if step.name == NODES:
            continue
        mode = addon_mode(settings, step.name)
        if mode in ("managed", "adopt"):
            is_adopted = mode == "adopt"
            configuration = None if is_adopted else _configuration(settings, scope, step.name)
            planned.append(PlannedAddon(step, is_adopted, configuration))
    return tuple(planned)


def unnamed_addons(settings: EksSettings) -> tuple[str, ...]:
    """The add-ons of EKS that are installed though nobody named them in `addons`."""
    return tuple(
        step.name
        for step in order_addons(settings.compute_mode)
        if step.name != NODES
        and step.name not in settings.addons
        and addon_mode(settings, step.name) == "managed"
    )


def service_accounts_of(settings: EksSettings, step: Step) -> tuple[str, ...]:
    """Names of the service accounts of an add-on that have a role in AWS with these settings."""
    if step.name == EFS_DRIVER and settings.storage.has_s3_files:
        return (*step.service_accounts, EFS_NODE_ACCOUNT)
    return step.service_accounts


def is_first(step: Step) -> bool:
    """Whether the add-on comes before the nodes."""
    return step.name in _BEFORE_NODES


def addon_mode(settings: EksSettings, name: str) -> AddonMode:
    """What is done about one of `ADDON_NAMES`, asked for or by default."""
    if name in settings.addons:
        return settings.addons[name].mode
    if name == EFS_DRIVER and not (settings.has_shared_storage or settings.storage.has_s3_files):
        return "off"
    if name == AGENT and settings.workload_identity == "irsa":
        return "off"
    step = _BY_NAME.get(name)
    # A cluster whose pods run has them, whoever keeps them.
    if settings.is_adopted and step is not None and not step.is_optional:
        return "external"
    return "managed"


def check_addons(settings: EksSettings) -> list[str]:
    """What is wrong with what is asked of the add-ons of EKS; empty when nothing is.

    What holds for every add-on is checked with those of Argo CD.
    """
    return [
        f"addons.{name}{problem}"
        for name in sorted(ADDON_NAMES & settings.addons.keys())
        for problem in _problems(settings, name)
    ]


def startup_taints(settings: EksSettings) -> tuple[str, ...]:
    """Taints that nodes of Karpenter start with until their drivers run, by key, NoExecute.

    Only of drivers that are installed here: a taint that nobody takes away keeps a node from ever
    being ready, and from being consolidated.
    """
    steps = {step.name for step in order_addons(settings.compute_mode)}
    return tuple(
        taint
        for name, taint in _STARTUP_TAINTS.items()
        if name in steps and addon_mode(settings, name) == "managed"
    )


def _problems(settings: EksSettings, name: str) -> list[str]:
    asked = settings.addons[name]
    if name == STORAGE_CLASSES:
        return _class_problems(settings)
    step = _BY_NAME[name]
    if settings.compute_mode == "auto_mode" and step.is_built_into_auto_mode:
        return [" is not allowed: Auto Mode brings it itself; leave it out"]
    problems: list[str] = []
    is_needless = name == AGENT and settings.workload_identity == "irsa"
    if asked.mode == "off" and not step.is_optional and not is_needless:
        problems.append(
            ".mode 'off' is not allowed: no cluster works without it; write external where others "
            "keep it"
        )
    elif asked.mode != "managed" and is_first(step) and not settings.is_adopted and not is_needless:
        problems.append(
            f".mode {asked.mode!r} is not allowed in a cluster that is created: its nodes are not "
            "ready before it; write managed"
        )
    if asked.mode == "adopt" and asked.values:
        problems.append(
            ".values are not allowed with mode 'adopt', which leaves it as it is: adopt it first, "
            "then write managed"
        )
    if name == EFS_DRIVER and asked.mode == "off" and settings.has_shared_storage:
        problems.append(
            ".mode 'off' is not allowed with shared storage: it mounts the files; write "
            "storage.has_shared_storage false too"
        )
    return problems


def _class_problems(settings: EksSettings) -> list[str]:
    asked = settings.addons[STORAGE_CLASSES]
    problems: list[str] = []
    if asked.values:
        problems.append(".values are not allowed: storage classes are no chart; make others beside")
    if asked.mode == "adopt" and not settings.is_adopted:
        problems.append(
            ".mode 'adopt' is only for an adopted cluster, where the default class gp2 gives way"
        )
    return problems


def _configuration(settings: EksSettings, scope: Scope, name: str) -> str | None:
    build = _BUILDERS.get(name)
    defaults = {} if build is None else build(settings, scope)
    values = merge_values(defaults, settings.addon(name).values)
    if not values:
        return None
    return json.dumps(values, sort_keys=True, separators=(",", ":"))


def _vpc_cni(settings: EksSettings, scope: Scope) -> Values:
    values: Values = {"enableNetworkPolicy": "true"}
    # IPv6 addresses come by prefix only:
    # https://docs.aws.amazon.com/eks/latest/userguide/cni-ipv6.html
    if settings.has_prefix_delegation or settings.network.ip_family == "ipv6":
        values["env"] = {"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"}
    return values


def _coredns(settings: EksSettings, scope: Scope) -> Values:
    values: Values = {
        # Replicas follow nodes and cores of the cluster:
        # https://docs.aws.amazon.com/eks/latest/userguide/coredns-autoscaling.html
        "autoScaling": {"enabled": True},
        "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1},
    }
    if not settings.is_adopted:
        # Not on nodes that Karpenter removes again.
        values["nodeSelector"] = dict(SYSTEM_LABELS)
    return values


def _ebs_driver(settings: EksSettings, scope: Scope) -> Values:
    """Its tags; the cluster's name, by which leftovers are found, EKS tells the driver itself.

    https://github.com/kubernetes-sigs/aws-ebs-csi-driver, docs, "Volume Health Monitoring". Nor is
    the region said, which EKS gives to all pods with a role: the add-on need not know these keys.
    """
    return {
        "controller": {
            "extraVolumeTags": tags_of(settings),
            # Type, IOPS and throughput of a volume change by annotations of its claim.
            "volumeModificationFeature": {"enabled": True},
        }
    }


def _node_monitoring(settings: EksSettings, scope: Scope) -> Values:
    taint = capabilities_of("eks").gpu_taint
    assert taint is not None, "nodes with GPUs are tainted on EKS"
    # Only the agent itself tolerates everything; what it asks about GPUs has to be told.
    tolerations = [
        {"key": key, "operator": "Exists", "effect": effect}
        for key, effect in ((taint.key, taint.effect), (POOL_LABEL, "NoSchedule"))
    ]
    return {"dcgmAgent": {"tolerations": tolerations}}


_BUILDERS: Final[Mapping[str, Callable[[EksSettings, Scope], Values]]] = {
    "vpc-cni": _vpc_cni,
    "coredns": _coredns,
    EBS_DRIVER: _ebs_driver,
    "eks-node-monitoring-agent": _node_monitoring,
}
"""Add-on → its configuration; the others run as they come."""
