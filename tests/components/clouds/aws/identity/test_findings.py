"""Every IAM document of every builder passes parliament; what it finds all the same is explained.

Beside it, `test_iam.py` and the tests of the builders hold documents against AWS' list of actions.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from parliament_check import Findings, find

import splitplane.components.clouds.aws as package
from splitplane.components.clouds.aws.addons import controller_iam, load_balancer_iam
from splitplane.components.clouds.aws.cluster import iam as cluster_iam
from splitplane.components.clouds.aws.identity import requested, trust
from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.karpenter import iam as karpenter_iam
from splitplane.components.clouds.aws.network import flow_log_iam
from splitplane.components.clouds.aws.nodes import autoscaler
from splitplane.components.clouds.aws.platform import iam as platform_iam
from splitplane.components.clouds.aws.storage import bucket_iam, disk_iam
from splitplane.components.clouds.aws.storage import iam as storage_iam

EU: Final = Scope("aws", "eu-central-1", "111122223333")
CLUSTER: Final = "prod-eu"
KEY: Final = EU.arn("kms", "key/0a1b")
ZONES: Final = ["arn:aws:route53:::hostedzone/Z1"]
ROLE: Final = EU.global_arn("iam", "role/node")
PROVIDER: Final = EU.global_arn("iam", "oidc-provider/oidc.example.com/id/A1")
QUEUE: Final = EU.arn("sqs", "queue")


def _karpenter(**choices: Any) -> Mapping[str, str]:  # Any: of each argument
    return karpenter_iam.build_controller_documents(
        EU, cluster_name=CLUSTER, node_role_arn=ROLE, queue_arn=QUEUE, **choices
    )


def _balancers(vpc_id: str | None = None) -> Mapping[str, str]:
    return load_balancer_iam.build_load_balancer_documents(EU, cluster_name=CLUSTER, vpc_id=vpc_id)


BUILT: Final[dict[str, Mapping[str, str]]] = {
    "build_auto_mode_tags_document": {
        "": cluster_iam.build_auto_mode_tags_document(EU, CLUSTER),
    },
    "build_autoscaler_document": {"": autoscaler.build_autoscaler_document(EU, CLUSTER)},
    "build_bucket_access_document": {
        "": platform_iam.build_bucket_access_document("arn:aws:s3:::ml", key_arn=KEY),
    },
    "build_bucket_files_document": {
        "": bucket_iam.build_bucket_files_document(EU, "arn:aws:s3:::ml", key_arn=KEY),
    },
    "build_bucket_files_reading_document": {
        "": bucket_iam.build_bucket_files_reading_document(EU, "prod-eu-", key_arn=KEY),
    },
    "build_bucket_files_trust": {"": bucket_iam.build_bucket_files_trust(EU)},
    "build_bucket_policy": {"": platform_iam.build_bucket_policy("arn:aws:s3:::ml")},
    "build_cert_manager_document": {
        "": controller_iam.build_cert_manager_document(ZONES, partition="aws"),
    },
    "build_cluster_disk_document": {"": disk_iam.build_cluster_disk_document(EU)},
    "build_cluster_reading_document": {
        "": platform_iam.build_cluster_reading_document(EU, CLUSTER),
    },
    "build_control_plane_trust": {
        "": trust.build_control_plane_trust(
            principal_arns=["arn:aws:iam::444455556666:role/hub"], external_id="tenant-1"
        ),
    },
    "build_controller_documents": {
        **_karpenter(),
        **{f"isolated {name}": text for name, text in _karpenter(is_isolated=True).items()},
        "disk-key": _karpenter(disk_key_arn=KEY)["disk-key"],
    },
    "build_external_dns_document": {"": controller_iam.build_external_dns_document(ZONES)},
    "build_file_system_policy": {
        "": storage_iam.build_file_system_policy(
            EU.arn("elasticfilesystem", "file-system/fs-0a1b2c3d")
        ),
    },
    "build_first_pull_document": {
        "": platform_iam.build_first_pull_document(EU, ["prod-eu/docker-hub", "prod-eu/quay"]),
    },
    "build_flow_logs_document": {
        "": flow_log_iam.build_flow_logs_document(EU, "/splitplane/prod-eu"),
    },
    "build_flow_logs_trust": {"": flow_log_iam.build_flow_logs_trust(EU)},
    "build_ipv6_document": {"": controller_iam.build_ipv6_document(EU)},
    "build_irsa_trust": {
        "": trust.build_irsa_trust(
            provider_arn=PROVIDER,
            issuer_url="https://oidc.example.com/id/A1",
            namespace="argocd",
            service_account="server",
        ),
    },
    "build_load_balancer_documents": {
        **_balancers(),
        **{f"known VPC {name}": text for name, text in _balancers("vpc-0a1b").items()},
    },
    "build_pod_identity_trust": {
        "": trust.build_pod_identity_trust(
            EU, cluster_name=CLUSTER, namespace="kube-system", service_account="karpenter"
        ),
    },
    "build_queue_document": {"": karpenter_iam.build_queue_document(QUEUE)},
    "build_registry_document": {"": platform_iam.build_registry_document(EU, ["prod-eu/"])},
    "build_secret_reading_document": {
        "": platform_iam.build_secret_reading_document(EU, "prod-eu/"),
    },
    "build_secrets_key_document": {"": cluster_iam.build_secrets_key_document(KEY)},
    "build_service_trust": {"": trust.build_service_trust("ec2.amazonaws.com")},
    "build_target_role_document": {
        "": requested.build_target_role_document("arn:aws:iam::444455556666:role/data"),
    },
    "build_volume_key_document": {"": controller_iam.build_volume_key_document(KEY)},
}
"""Builder → what it makes, by purpose."""
DOCUMENTS: Final = {
    f"{builder} {purpose}".strip(): text
    for builder, documents in BUILT.items()
    for purpose, text in documents.items()
}

# parliament has no trust documents: it looks for the resource that they never have.
_NO_RESOURCE: Final = "MALFORMED: Statement contains neither Resource nor NotResource"
# Newer than parliament's list, and in that of `iam_check`.
_NEW_ACTION: Final = "UNKNOWN_ACTION: Unknown action elasticloadbalancing:ModifyIpPools"
_NEW_KEY: Final = (
    "UNKNOWN_CONDITION_FOR_ACTION: Unknown condition elasticloadbalancing:CreateAction for action "
    "elasticloadbalancing:AddTags"
)
# Beside a condition on tags that only the cluster itself puts on what it makes: what is made has no
# ARN before, and of what it is made of there is no end of kinds.
_TAGGED: Final = (
    "RESOURCE_STAR: ['ec2:CreateFleet', 'ec2:CreateLaunchTemplate', 'ec2:RunInstances']",
    "RESOURCE_STAR: ['ec2:CreateNetworkInterface']",
    "RESOURCE_STAR: ['ec2:CreateSecurityGroup', 'elasticloadbalancing:CreateRule', "
    "'elasticloadbalancing:CreateTargetGroup']",
)
# Beside a condition that names the cluster: IAM knows load balancers alone as its resources.
_SHIFT: Final = "RESOURCE_STAR: ['arc-zonal-shift:GetManagedResource']"
# Newer than parliament's list, and in that of `iam_check`.
_COPIES: Final = "UNKNOWN_ACTION: Unknown action ec2:CopyVolumes"
# Access points of S3 lead to a bucket, and this one has none.
_ATTRIBUTES: Final = "RESOURCE_MISMATCH: s3:GetObjectAttributes arn:*:s3:*:*:accesspoint/*"
EXPLAINED: Final[dict[str, tuple[str, ...]]] = {
    "build_auto_mode_tags_document": _TAGGED,
    "build_bucket_files_document": (_ATTRIBUTES,),
    "build_bucket_files_trust": (_NO_RESOURCE,),
    "build_cluster_disk_document": (_COPIES, _COPIES),
    "build_control_plane_trust": (_NO_RESOURCE,),
    "build_controller_documents isolated zonal-shift": (_SHIFT,),
    "build_controller_documents zonal-shift": (_SHIFT,),
    "build_flow_logs_trust": (_NO_RESOURCE,),
    "build_irsa_trust": (
        _NO_RESOURCE,
        # It knows providers of people only, SAML and Cognito.
        f"UNKNOWN_FEDERATION_SOURCE: {PROVIDER}",
    ),
    "build_load_balancer_documents known VPC load-balancers": (_NEW_ACTION, *[_NEW_KEY] * 3),
    "build_load_balancer_documents load-balancers": (_NEW_ACTION, *[_NEW_KEY] * 3),
    "build_pod_identity_trust": (_NO_RESOURCE,),
    "build_service_trust": (_NO_RESOURCE,),
}
"""Document → what is found in it, each for the reason above."""

# Machines may be started from what anybody owns, such as images, and under no condition; what is
# started, only with the tags of the cluster.
_MACHINES: Final = (
    "ec2:CreateFleet fleet/*",
    "ec2:CreateFleet instance/*",
    "ec2:RunInstances image/*",
    "ec2:RunInstances instance/*",
    "ec2:RunInstances network-interface/*",
    "ec2:RunInstances security-group/*",
    "ec2:RunInstances subnet/*",
)
# The parameters of AWS belong to no account, which parliament asks for.
_PUBLIC: Final = ("ssm:GetParameter parameter/*",)
# A group is made with the cluster's tags, in a VPC that has none.
_GROUPS: Final = ("ec2:CreateSecurityGroup security-group/*",)
# Each kind of resource has a condition of its own: tags of what is made, of disks, of machines.
_DISKS: Final = (
    "ec2:AttachVolume volume/*",
    "ec2:CreateSnapshot volume/*",
    "ec2:CreateVolume volume/*",
    "ec2:DetachVolume volume/*",
)
ELSEWHERE: Final[dict[str, tuple[str, ...]]] = {
    "build_cluster_disk_document": _DISKS,
    "build_controller_documents discovery": _PUBLIC,
    "build_controller_documents isolated discovery": _PUBLIC,
    "build_controller_documents isolated node-lifecycle": _MACHINES,
    "build_controller_documents node-lifecycle": _MACHINES,
    "build_load_balancer_documents known VPC security-groups": _GROUPS,
    "build_load_balancer_documents security-groups": _GROUPS,
}
"""Document → kinds of resources that an action lacks in one statement and has in another."""


@pytest.mark.parametrize("name", DOCUMENTS)
def test_nothing_is_found_that_has_no_reason(name: str) -> None:
    assert find(DOCUMENTS[name]) == Findings(EXPLAINED.get(name, ()), ELSEWHERE.get(name, ()))


def test_every_builder_is_here_and_every_reason_is_needed() -> None:
    (folder,) = package.__path__
    builders = {
        item.name
        for path in Path(folder).rglob("*.py")
        for item in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(item, ast.FunctionDef)
        and item.name != "build_document"
        and item.name.startswith("build_")
        and item.name.endswith(("_document", "_documents", "_policy", "_trust"))
    }

    assert builders == BUILT.keys()
    assert EXPLAINED.keys() | ELSEWHERE.keys() <= DOCUMENTS.keys()
