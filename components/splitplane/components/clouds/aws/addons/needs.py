"""Which add-ons a compute plane has, and which of them do not work without which. Pure."""

from __future__ import annotations

from splitplane.components.addons.addon import ARGOCD
from splitplane.components.clouds.aws.addons.dns import CERT_MANAGER, EXTERNAL_DNS
from splitplane.components.clouds.aws.addons.gpu_plugins import (
    DEVICE_PLUGIN,
    EFA_PLUGIN,
    NEURON_PLUGIN,
    OPERATOR,
)
from splitplane.components.clouds.aws.addons.gpu_sharing import find_gpu_nodes
from splitplane.components.clouds.aws.addons.load_balancer import NAME as LOAD_BALANCER
from splitplane.components.clouds.aws.addons.order import ComputeMode
from splitplane.components.clouds.aws.addons.plan import ADDON_NAMES
from splitplane.components.clouds.aws.karpenter.values import ADDON as KARPENTER
from splitplane.components.clouds.aws.nodes.autoscaler import NAME as AUTOSCALER
from splitplane.components.clouds.aws.settings import EksSettings


def addon_needs(settings: EksSettings) -> dict[str, tuple[str, ...]]:
    """Name of every add-on → names of those that it needs in a plane with these settings.

    What such a plane does not have needs nothing, so that Argo CD may be off where all that it
    would install is.
    """
    charts = {name: (ARGOCD,) if why is None else () for name, why in _reasons(settings).items()}
    return {**dict.fromkeys(sorted(ADDON_NAMES), ()), ARGOCD: (), **charts}


def absent_addons(settings: EksSettings) -> dict[str, str]:
    """Name of every chart that a plane with these settings does not have → why."""
    return {name: why for name, why in _reasons(settings).items() if why is not None}


def _reasons(settings: EksSettings) -> dict[str, str | None]:
    """Name of every chart → why it is not there; None where it is."""
    gpus = find_gpu_nodes(settings)
    karpenter = _why_no_karpenter(settings)
    return {
        LOAD_BALANCER: "Auto Mode brings its own" if _is(settings, "auto_mode") else None,
        KARPENTER: karpenter,
        "karpenter-crd": karpenter,
        AUTOSCALER: _unless(
            _is(settings, "node_groups") and settings.node_groups, "there are no node_groups"
        ),
        EXTERNAL_DNS: _unless(settings.dns.has_zones, "dns names no zone"),
        CERT_MANAGER: _unless(
            settings.makes_certificates,
            "it makes certificates for the zones of dns where ingress asks for none of ACM",
        ),
        DEVICE_PLUGIN: _unless(
            gpus.plugin, "no nodes with GPUs have image 'al2023' and GPUs that are not cut by MIG"
        ),
        OPERATOR: _unless(gpus.operator, "no pool has image 'al2023' and a mig_profile"),
        EFA_PLUGIN: _unless(gpus.efa, "no nodes have has_efa"),
        NEURON_PLUGIN: _unless(gpus.neuron, "no nodes have neuron_name"),
    }


def _why_no_karpenter(settings: EksSettings) -> str | None:
    if settings.is_adopted:
        return "the nodes of an adopted cluster are made elsewhere"
    return _unless(
        _is(settings, "karpenter"), f"compute_mode is {settings.compute_mode!r}, not 'karpenter'"
    )


def _is(settings: EksSettings, mode: ComputeMode) -> bool:
    return settings.compute_mode == mode


def _unless(is_there: object, why: str) -> str | None:
    return None if is_there else why
