"""What a program asks of its add-ons in vain is said before any cloud resource is registered."""

from __future__ import annotations

from typing import Any

import pytest
from aws_refusal import ACCOUNT, Json, assert_refused

ZONE = "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"


def _karpenter(**settings: Any) -> Json:  # Any: values of a chart
    return {"addons": {"karpenter": {"values": {"settings": settings}}}}


WITHOUT_AWS: dict[str, tuple[Json, str]] = {
    "no rights of Karpenter": (
        {"is_zonal_shift_enabled": False, **_karpenter(enableZonalShift=True)},
        (
            "addons['karpenter'].values: settings.enableZonalShift needs "
            "arc-zonal-shift:GetManagedResource, which its role does not have: leave it out, "
            "or set what it belongs to in the arguments"
        ),
    ),
    "another queue": (
        _karpenter(interruptionQueue="other"),
        (
            "addons['karpenter'].values: settings.interruptionQueue 'other' is out of reach of "
            "its role, which is made for 'prod-eu-karpenter': leave it out"
        ),
    ),
    "no Karpenter": (
        {"addons": {"karpenter": {"mode": "off"}}},
        (
            "addons['karpenter'].mode 'off' is not allowed with compute_mode 'karpenter': use "
            "'external' where others run it, or another compute_mode"
        ),
    ),
    "no CoreDNS": (
        {"addons": {"coredns": {"mode": "off"}}},
        (
            "addons.coredns.mode 'off' is not allowed: no cluster works without it; write "
            "external where others keep it"
        ),
    ),
    "add-on that is not there": (
        {"addons": {"gpu-operator": {"values": {"mig": {"strategy": "mixed"}}}}},
        (
            "addons['gpu-operator'] with mode 'managed' would install nothing, since no pool "
            "has image 'al2023' and a mig_profile: leave it out"
        ),
    ),
    "names without a way out": (
        {
            "network": {"nat": "none"},
            "dns": {"zone_arns": [ZONE]},
            "ingress": {"certificate_arn": f"arn:aws:acm:eu-west-1:{ACCOUNT}:certificate/1b2c"},
        },
        (
            "dns.zone_arns ['arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ'] are out of "
            "reach for external-dns with network.nat 'none': add the endpoint of Route 53 to "
            "network.interface_endpoints, by its full name, name a proxy in "
            "addons['external-dns'].values, or leave the zones out"
        ),
    ),
}
"""Known to be wrong by the arguments alone."""


@pytest.mark.parametrize(("args", "message"), WITHOUT_AWS.values(), ids=WITHOUT_AWS)
def test_what_is_wrong_by_itself_is_said_before_anything_is_registered(
    args: Json, message: str
) -> None:
    assert_refused(args, message)
