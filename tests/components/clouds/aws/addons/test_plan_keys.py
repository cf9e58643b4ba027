"""The configuration of each add-on of EKS has only keys that the add-on takes.

EKS refuses a key that its schema does not have, and does so only when the add-on is installed.
Where the chart that the add-on is made from is at hand, that is what is held against; of the others
the keys are listed, as `aws eks describe-addon-configuration` printed them.
"""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from aws_plane import SCOPE, settings_of
from chart_values import CHARTS, chart_problems

from splitplane.components.clouds.aws.addons.plan import plan_addons

# Of vpc-cni v1.15.1-eksbuild.1:
# https://docs.aws.amazon.com/cli/latest/reference/eks/describe-addon-configuration.html; of coredns
# v1.11.1-eksbuild.8: terraform-aws-modules/terraform-aws-eks, docs; with autoScaling:
# https://docs.aws.amazon.com/eks/latest/userguide/coredns-autoscaling.html; of the node monitoring
# agent the values of its chart: aws/eks-node-monitoring-agent, v1.7.0. Checked 2026-11-21.
KEYS: Final[dict[str, dict[str, type]]] = {
    "vpc-cni": {
        "enableNetworkPolicy": str,
        "env.ENABLE_PREFIX_DELEGATION": str,
        "env.WARM_PREFIX_TARGET": str,
    },
    "coredns": {
        "autoScaling.enabled": bool,
        "nodeSelector.karpenter.sh/controller": str,
        "podDisruptionBudget.enabled": bool,
        "podDisruptionBudget.maxUnavailable": int,
    },
    "eks-node-monitoring-agent": {"dcgmAgent.tolerations": list},
}
CASES: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"profile": "prod", "tags": {"team": "ml"}},
    {"network": {"vpc_id": "vpc-1"}},
    {"network": {"ip_family": "ipv6"}},
    {"compute_mode": "node_groups"},
    {"workload_identity": "irsa", "storage": {"has_s3_files": True}},
    {"cluster_name": "legacy", "addons": {"coredns": {}, "vpc-cni": {}, "aws-ebs-csi-driver": {}}},
)


def _configured(name: str) -> list[dict[str, Any]]:
    return [
        json.loads(planned.configuration)
        for case in CASES
        for planned in plan_addons(settings_of(**case), SCOPE)
        if planned.step.name == name and planned.configuration is not None
    ]


def _leaves(values: dict[str, Any], prefix: str = "") -> dict[str, type]:
    found: dict[str, type] = {}
    for key, value in values.items():
        if isinstance(value, dict):
            found |= _leaves(value, f"{prefix}{key}.")
        else:
            found[f"{prefix}{key}"] = type(value)
    return found


@pytest.mark.skipif(not CHARTS.is_dir(), reason=f"needs upstream charts in {CHARTS}")
def test_the_disks_driver_reads_every_key() -> None:
    configured = _configured("aws-ebs-csi-driver")

    assert configured
    for values in configured:
        free = ["controller.extraVolumeTags"]
        assert chart_problems("aws-ebs-csi-driver", values, free=free) == []


@pytest.mark.parametrize("name", KEYS)
def test_the_others_get_keys_that_their_schemas_have(name: str) -> None:
    configured = _configured(name)

    assert configured
    for values in configured:
        assert _leaves(values).items() <= KEYS[name].items()


def test_nothing_else_is_configured() -> None:
    configured = {
        planned.step.name
        for case in CASES
        for planned in plan_addons(settings_of(**case), SCOPE)
        if planned.configuration is not None
    }

    assert configured == {"aws-ebs-csi-driver", *KEYS}
