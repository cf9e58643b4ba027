"""What an EKS compute plane says of itself to programs: flags, kinds of nodes, classes. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from splitplane.components.clouds.aws.addons.load_balancer import NAME as LOAD_BALANCER
from splitplane.components.clouds.aws.addons.load_balancer import load_balancer_class
from splitplane.components.clouds.aws.addons.plan import (
    STORAGE_CLASSES as CLASSES_ADDON,
)
from splitplane.components.clouds.aws.addons.plan import (
    SYSTEM_LABELS,
    addon_mode,
)
from splitplane.components.clouds.aws.cluster.roles import (
    AUTO_NODE_POOLS,
    AUTO_NODES,
    CLUSTER,
    GROUP_NODES,
    KARPENTER_NODES,
    MANAGED_NODES,
    role_arn_of,
)
from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.karpenter.default_pools import effective_pools
from splitplane.components.clouds.aws.karpenter.node_pool import build_node_pool
from splitplane.components.clouds.aws.karpenter.pools import Image, NodePool
from splitplane.components.clouds.aws.karpenter.values import ADDON as KARPENTER
from splitplane.components.clouds.aws.names import derived_name
from splitplane.components.clouds.aws.nodes.groups import node_labels, node_taints
from splitplane.components.clouds.aws.nodes.machines import image_of
from splitplane.components.clouds.aws.platform.pull_through import cache_prefixes
from splitplane.components.clouds.aws.platform.resources import registry_host
from splitplane.components.clouds.aws.settings import EksSettings
from splitplane.components.clouds.aws.storage.classes import (
    BLOCK_CLASS,
    RETAINED_BLOCK_CLASS,
    SHARED_CLASS,
)
from splitplane.components.plane_outputs import (
    ComputePlaneCapabilities,
    NodeClass,
    StorageClasses,
)
from splitplane.contract.labels import AUTO_MODE, COMPUTE_MODE
from splitplane.platforms.capabilities import NodeScaling, Taint, capabilities_of

TOKEN_SECONDS: Final = 900
"""https://github.com/kubernetes-sigs/aws-iam-authenticator#api-authorization-from-outside-a-cluster:
a token is a signed URL, good for 15 minutes."""
_SCALING: Final[dict[str, NodeScaling]] = {
    "karpenter": "karpenter",
    "auto_mode": "vendor_managed",
    "node_groups": "cluster_autoscaler",
}
_NODE_ROLES: Final = {
    "karpenter": (MANAGED_NODES, KARPENTER_NODES),
    "auto_mode": (AUTO_NODES,),
    "node_groups": (MANAGED_NODES, GROUP_NODES),
}
_PLUGIN_OWNERS: Final[dict[Image, str]] = {"al2023": "chart", "bottlerocket": "image"}


def build_capabilities(settings: EksSettings) -> ComputePlaneCapabilities:
    """Every flag of a plane with these settings."""
    facts = capabilities_of("eks", labels_of(settings))
    mode = settings.compute_mode
    is_auto = mode == "auto_mode"
    has_balancer = is_auto or settings.addon(LOAD_BALANCER).mode != "off"
    return {
        "node_scaling": _SCALING[mode],
        "has_node_autoprovisioning": mode != "node_groups",
        "is_scale_up_slow": False,
        "needs_headroom": False,
        "requests_equal_limits": False,
        "can_burst": True,
        "allows_privileged": True,
        "allows_host_path": True,
        "allows_host_network": True,
        "allows_node_daemonsets": True,
        "managed_namespaces": [],
        "gpu_selector_label": facts.gpu_selector_label,
        "gpu_taint": None if facts.gpu_taint is None else taint_text(facts.gpu_taint),
        "gpu_plugin_owner": _plugin_owner(settings),
        "spot_selector_label": f"{facts.spot_selector_label}={facts.spot_selector_value}",
        "spot_taint": None if facts.spot_taint is None else taint_text(facts.spot_taint),
        "has_load_balancer": has_balancer,
        "load_balancer_class": load_balancer_class(settings) if has_balancer else None,
        "has_shared_storage": settings.has_shared_storage,
        "identity_method": settings.workload_identity,
        "api_token_seconds": TOKEN_SECONDS,
        "is_api_reachable": bool(settings.public_access_cidrs),
        "has_cluster_scope": not settings.allowed_namespaces,
        "needs_webhook_firewall": settings.network.security_group_profile == "restricted",
    }


def labels_of(settings: EksSettings) -> dict[str, str]:
    """Labels of the cluster: those that are given, and by which the control plane knows Auto Mode.

    Pods with GPUs select nodes by a label that Auto Mode calls otherwise.
    """
    own = {COMPUTE_MODE: AUTO_MODE} if settings.compute_mode == AUTO_MODE else {}
    return {**settings.labels, **own}


def build_node_classes(settings: EksSettings) -> list[NodeClass]:
    """The kinds of nodes, in the order in which they are named; none of an adopted cluster."""
    if settings.is_adopted:
        return []
    if settings.compute_mode == "auto_mode":
        own = [_node_class(name, {"karpenter.sh/nodepool": name}) for name in AUTO_NODE_POOLS]
        return [*own, *map(_of_pool, effective_pools(settings))]
    system = _node_class("system", dict(SYSTEM_LABELS))
    if settings.compute_mode == "karpenter":
        return [system, *map(_of_pool, effective_pools(settings))]
    return [system, *_of_groups(settings)]


def build_storage_classes(settings: EksSettings) -> StorageClasses:
    """Names of the classes that are made."""
    if addon_mode(settings, CLASSES_ADDON) not in ("managed", "adopt"):
        return {"block": None, "block_retain": None, "shared": None}
    return {
        "block": BLOCK_CLASS,
        "block_retain": RETAINED_BLOCK_CLASS,
        "shared": SHARED_CLASS if settings.has_shared_storage else None,
    }


def build_role_arns(settings: EksSettings, scope: Scope, *, platform: str | None) -> dict[str, str]:
    """Purpose → ARN of every role that is made and that no pod has.

    Args:
        settings: checked settings.
        scope: account and region.
        platform: the role of the control plane, where there is one.
    """
    purposes = [] if settings.is_adopted else [CLUSTER, *_NODE_ROLES[settings.compute_mode]]
    if settings.compute_mode == "node_groups" and not settings.node_groups:
        purposes = [purpose for purpose in purposes if purpose != GROUP_NODES]
    found = {purpose: role_arn_of(settings, scope, purpose) for purpose in purposes}
    return found if platform is None else {**found, "platform": platform}


def build_pull_through_prefixes(settings: EksSettings, scope: Scope) -> dict[str, str]:
    """Registry → what stands for its host in the names of its images."""
    host = registry_host(scope)
    return {name: f"{host}/{prefix}" for name, prefix in cache_prefixes(settings).items()}


def build_queue_name(settings: EksSettings) -> str | None:
    """Name of the queue of interruptions; None without Karpenter."""
    if settings.is_adopted or settings.compute_mode != "karpenter":
        return None
    return derived_name("queue", settings.eks_name, KARPENTER)


def taint_text(taint: Taint) -> str:
    """KEY=VALUE:EFFECT."""
    return f"{taint.key}={taint.value}:{taint.effect}"


def _plugin_owner(settings: EksSettings) -> str | None:
    if settings.compute_mode == "auto_mode":
        return "vendor"
    images: set[Image] = {
        pool.effective_image for pool in _pools(settings) if pool.gpu_name is not None
    }
    images |= {image_of(group) for group in settings.node_groups if group.gpu_name is not None}
    owners = {_PLUGIN_OWNERS[image] for image in images}
    return "mixed" if len(owners) > 1 else next(iter(owners), None)


def _pools(settings: EksSettings) -> tuple[NodePool, ...]:
    is_karpenter = settings.compute_mode == "karpenter" and not settings.is_adopted
    return effective_pools(settings) if is_karpenter else ()


def _of_pool(pool: NodePool) -> NodeClass:
    spec: dict[str, Any] = build_node_pool(pool)["spec"]  # Any: a Kubernetes object
    template = spec["template"]
    return {
        "name": pool.name,
        "labels": dict(template["metadata"]["labels"]),
        "taints": [
            f"{taint['key']}={taint['value']}:{taint['effect']}"
            for taint in template["spec"]["taints"]
        ],
        "gpu": pool.gpu_name,
        "capacity": pool.capacity,
        "limits": dict(spec.get("limits", {})),
    }


def _of_groups(settings: EksSettings) -> Iterator[NodeClass]:
    for group in settings.node_groups:
        yield {
            "name": group.name,
            "labels": node_labels(group),
            "taints": [taint_text(taint) for taint in node_taints(group)],
            "gpu": group.gpu_name,
            "capacity": group.capacity,
            "limits": {},
        }


def _node_class(name: str, labels: dict[str, str]) -> NodeClass:
    return {
        "name": name,
        "labels": labels,
        "taints": [],
        "gpu": None,
        "capacity": "on_demand",
        "limits": {},
    }
