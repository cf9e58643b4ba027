"""An add-on that a plane does not have is not chosen in vain."""

from __future__ import annotations

from typing import Any

import pytest
from aws_plane import settings_of

from splitplane.components.clouds.aws.addons.needs import absent_addons, addon_needs
from splitplane.components.clouds.aws.settings_checks import check_settings
from splitplane.components.errors import WrongArgument

ZONE = "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"
CERTIFICATE = "arn:aws:acm:eu-west-1:111122223333:certificate/1b2c"
GPU = {
    "name": "gpu",
    "gpu_name": "a10g",
    "image": "al2023",
    "limit_cpu_cores": 96,
    "limit_memory_gib": 384,
    "limit_gpus": 8,
    "termination_grace_seconds": 3600,
}
GROUP = {"name": "cpu", "instance_types": ["m7i.large"], "max_nodes": 4}


def _check(**args: Any) -> None:  # Any: arguments as programs give them
    settings = settings_of(hub_url="https://hub.example.com", **args)
    check_settings(settings, addons=addon_needs(settings), absent=absent_addons(settings))


@pytest.mark.parametrize(
    ("name", "args", "why"),
    [
        (
            "aws-load-balancer-controller",
            {"compute_mode": "auto_mode"},
            "Auto Mode brings its own",
        ),
        (
            "karpenter",
            {"compute_mode": "auto_mode"},
            "compute_mode is 'auto_mode', not 'karpenter'",
        ),
        (
            "karpenter-crd",
            {"compute_mode": "node_groups", "node_groups": [GROUP]},
            "compute_mode is 'node_groups', not 'karpenter'",
        ),
        ("cluster-autoscaler", {}, "there are no node_groups"),
        ("external-dns", {}, "dns names no zone"),
        (
            "cert-manager",
            {"dns": {"zone_arns": [ZONE]}, "ingress": {"certificate_arn": CERTIFICATE}},
            "it makes certificates for the zones of dns where ingress asks for none of ACM",
        ),
        (
            "cert-manager",
            {
                "dns": {"zone_names": ["ml.example.com"]},
                "ingress": {"certificate_domains": ["ml.example.com"]},
            },
            "it makes certificates for the zones of dns where ingress asks for none of ACM",
        ),
        (
            "nvidia-device-plugin",
            {"pools": [GPU | {"image": "bottlerocket"}]},
            "no nodes with GPUs have image 'al2023' and GPUs that are not cut by MIG",
        ),
        ("gpu-operator", {"pools": [GPU]}, "no pool has image 'al2023' and a mig_profile"),
        ("aws-efa-k8s-device-plugin", {"pools": [GPU]}, "no nodes have has_efa"),
        ("neuron-helm-chart", {"pools": [GPU]}, "no nodes have neuron_name"),
    ],
)
@pytest.mark.parametrize("choice", [{"values": {"replicas": 3}}, {"mode": "adopt"}])
def test_what_would_go_nowhere_is_refused(
    name: str, args: dict[str, Any], why: str, choice: dict[str, Any]
) -> None:
    with pytest.raises(WrongArgument) as refused:
        _check(**args, addons={name: choice})

    assert str(refused.value) == (
        f"addons[{name!r}] with mode {choice.get('mode', 'managed')!r} would install nothing, "
        f"since {why}: leave it out"
    )


@pytest.mark.parametrize("mode", ["off", "external"])
def test_what_others_keep_or_nobody_may_be_named(mode: str) -> None:
    _check(addons={"external-dns": {"mode": mode}, "gpu-operator": {"mode": mode}})


@pytest.mark.parametrize("dns", [{"zone_arns": [ZONE]}, {"zone_names": ["ml.example.com"]}])
def test_values_of_what_is_there_are_taken(dns: dict[str, Any]) -> None:
    _check(
        pools=[GPU],
        dns=dns,
        addons={
            name: {"values": {"priorityClassName": "system-cluster-critical"}}
            for name in ("nvidia-device-plugin", "external-dns", "cert-manager", "karpenter")
        },
    )
