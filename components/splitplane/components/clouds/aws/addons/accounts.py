"""Service accounts that add-ons call AWS with: each has a role already, and takes no second one."""

from __future__ import annotations

from typing import Final

from splitplane.components.clouds.aws.addons.dns import CERT_MANAGER, EXTERNAL_DNS
from splitplane.components.clouds.aws.addons.load_balancer import NAME as LOAD_BALANCER
from splitplane.components.clouds.aws.addons.load_balancer import NAMESPACE as BALANCER_NAMESPACE
from splitplane.components.clouds.aws.addons.needs import absent_addons
from splitplane.components.clouds.aws.addons.order import NAMESPACE, NODES, order_addons
from splitplane.components.clouds.aws.addons.plan import addon_mode, service_accounts_of
from splitplane.components.clouds.aws.karpenter.values import ADDON as KARPENTER
from splitplane.components.clouds.aws.karpenter.values import NAMESPACE as KARPENTER_NAMESPACE
from splitplane.components.clouds.aws.nodes.autoscaler import NAME as AUTOSCALER
from splitplane.components.clouds.aws.nodes.autoscaler import NAMESPACE as AUTOSCALER_NAMESPACE
from splitplane.components.clouds.aws.settings import EksSettings

_CHARTS: Final = {
    LOAD_BALANCER: f"{BALANCER_NAMESPACE}/{LOAD_BALANCER}",
    KARPENTER: f"{KARPENTER_NAMESPACE}/{KARPENTER}",
    AUTOSCALER: f"{AUTOSCALER_NAMESPACE}/{AUTOSCALER}",
    EXTERNAL_DNS: f"{EXTERNAL_DNS}/{EXTERNAL_DNS}",
    CERT_MANAGER: f"{CERT_MANAGER}/{CERT_MANAGER}",
}
"""Chart → NAMESPACE/NAME of its service account."""


def addon_accounts(settings: EksSettings) -> dict[str, str]:
    """NAMESPACE/NAME of every service account that an add-on of the plane has → the add-on.

    Not those of add-ons that others keep, which bring no role of their own here.

    Args:
        settings: of `parse_settings`.
    """
    found = {
        f"{NAMESPACE}/{account}": step.name
        for step in order_addons(settings.compute_mode)
        if step.name != NODES and addon_mode(settings, step.name) in ("managed", "adopt")
        for account in service_accounts_of(settings, step)
    }
    absent = absent_addons(settings)
    found |= {
        account: name
        for name, account in _CHARTS.items()
        if name not in absent and settings.addon(name).mode in ("managed", "adopt")
    }
    return found
