"""The service accounts of add-ons are known, so that nobody asks for a second role of one."""

from __future__ import annotations

from typing import Any

import pytest
from aws_plane import settings_of

from splitplane.components.clouds.aws.addons.accounts import addon_accounts

ZONE = "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"
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
        (
            {"compute_mode": "auto_mode", "storage": {"has_s3_files": True}},
            {
                "kube-system/efs-csi-controller-sa": "aws-efs-csi-driver",
                "kube-system/efs-csi-node-sa": "aws-efs-csi-driver",
            },
        ),
    ],
    ids=["karpenter with DNS", "auto mode", "node groups", "bucket as files"],
)
def test_those_of_installed_addons_are_named(args: dict[str, Any], names: dict[str, str]) -> None:
    assert addon_accounts(settings_of(**args)) == names
