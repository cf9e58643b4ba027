"""The service accounts of add-ons are known, so that nobody asks for a second role of one."""

from __future__ import annotations

from typing import Any

import pytest
from aws_plane import settings_of
from clouds.answers import CloudAnswers
from recording_monitor import record

from splitplane.components import EksComputePlane
from splitplane.components.clouds.aws.addons.accounts import addon_accounts

ZONE = "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"
MACHINES = ("m7i.large", "m6i.large", "m5.large", "m7i.xlarge")
ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
GROUP = {"name": "cpu", "instance_types": ["m7i.xlarge"], "max_nodes": 3}


@pytest.mark.parametrize(
    ("args", "names"),
    [
        (
            {"dns": {"zone_arns": [ZONE]}},
            {
                "kube-system/aws-node": "vpc-cni",
                "kube-system/ebs-csi-controller-sa": "aws-ebs-csi-driver",
                "kube-system/efs-csi-controller-sa": "aws-efs-csi-driver",
                "kube-system/aws-load-balancer-controller": "aws-load-balancer-controller",
                "kube-system/karpenter": "karpenter",
                "external-dns/external-dns": "external-dns",
                "cert-manager/cert-manager": "cert-manager",
            },
        ),
        (
            {"compute_mode": "auto_mode"},
            {"kube-system/efs-csi-controller-sa": "aws-efs-csi-driver"},
        ),
        (
            {
                "compute_mode": "node_groups",
                "node_groups": [GROUP],
                "storage": {"has_shared_storage": False},
                "addons": {"aws-load-balancer-controller": {"mode": "external"}},
            },
            {
                "kube-system/aws-node": "vpc-cni",
                "kube-system/ebs-csi-controller-sa": "aws-ebs-csi-driver",
                "kube-system/cluster-autoscaler": "cluster-autoscaler",
            },
        ),
    ],
    ids=["karpenter with DNS", "auto mode", "node groups"],
)
def test_those_of_installed_addons_are_named(args: dict[str, Any], names: dict[str, str]) -> None:
    assert addon_accounts(settings_of(**args)) == names


def test_they_are_those_that_get_a_role() -> None:
    args: Any = {
        "name": "prod-eu",
        "environments": ["prod"],
        "hub_url": "https://hub.example.com",
        "kubernetes_version": "1.35",
        "deployer_principal_arns": ["arn:aws:iam::111122223333:role/deployer"],
        "dns": {"zone_arns": [ZONE]},
        "service_accounts": [{"namespace": "ml", "name": "train", "has_platform_rights": True}],
    }
    offered = [(machine, zone) for machine in MACHINES for zone in ZONES]
    functions = {
        "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": {
            "instanceTypes": [machine for machine, _ in offered],
            "locations": [zone for _, zone in offered],
            "locationTypes": ["availability-zone"] * len(offered),
        }
    }
    bound: dict[str, str] = {}

    def program() -> None:
        EksComputePlane("prod-eu", args).identity_bindings.apply(bound.update)

    record(program, answers=CloudAnswers(functions, settings={"region": "eu-west-1"}))

    own = bound.pop("ml/train")
    assert own == "arn:aws:iam::111122223333:role/prod-eu-pods-ml.train-eu-west-1"
    assert bound.keys() == addon_accounts(settings_of(dns={"zone_arns": [ZONE]})).keys()
