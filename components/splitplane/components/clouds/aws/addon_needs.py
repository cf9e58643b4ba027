"""Which add-ons a compute plane has, and which of them do not work without which. Pure."""

from __future__ import annotations

from splitplane.components.addons.addon import ARGOCD
from splitplane.components.clouds.aws.addon_plan import ADDON_NAMES
from splitplane.components.clouds.aws.autoscaler import NAME as AUTOSCALER
from splitplane.components.clouds.aws.dns import CERT_MANAGER, EXTERNAL_DNS, needs_cert_manager
from splitplane.components.clouds.aws.gpu_plugins import DEVICE_PLUGIN, EFA_PLUGIN, OPERATOR
from splitplane.components.clouds.aws.gpu_sharing import find_gpu_nodes
from splitplane.components.clouds.aws.karpenter_values import ADDON as KARPENTER
from splitplane.components.clouds.aws.load_balancer import NAME as LOAD_BALANCER
from splitplane.components.clouds.aws.settings import EksSettings


def addon_needs(settings: EksSettings) -> dict[str, tuple[str, ...]]:
    """Name of every add-on → names of those that it needs in a plane with these settings.

    What such a plane does not have needs nothing, so that Argo CD may be off where all that it
    would install is.
    """
    mode = settings.compute_mode
    gpus = find_gpu_nodes(settings)
    is_created = not settings.is_adopted
    charts = {
        LOAD_BALANCER: mode != "auto_mode",
        KARPENTER: mode == "karpenter" and is_created,
        "karpenter-crd": mode == "karpenter" and is_created,
        AUTOSCALER: mode == "node_groups" and bool(settings.node_groups),
        EXTERNAL_DNS: bool(settings.dns.zone_arns),
        CERT_MANAGER: needs_cert_manager(settings),
        DEVICE_PLUGIN: bool(gpus.plugin),
        OPERATOR: bool(gpus.operator),
        EFA_PLUGIN: bool(gpus.efa),
    }
    return {
        **dict.fromkeys(sorted(ADDON_NAMES), ()),
        ARGOCD: (),
        **{name: (ARGOCD,) if is_there else () for name, is_there in charts.items()},
    }
