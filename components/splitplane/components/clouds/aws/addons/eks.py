"""The add-ons of EKS as resources, around the first nodes.

Only wires: which there are and how they are configured is decided in `addons/plan.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pulumi
import pulumi_aws as aws

from splitplane.components.clouds.aws.addons.controller_iam import (
    build_ipv6_document,
    build_volume_key_document,
)
from splitplane.components.clouds.aws.addons.order import NAMESPACE, NODES, Step
from splitplane.components.clouds.aws.addons.plan import (
    EFS_DRIVER,
    EFS_NODE_ACCOUNT,
    EFS_NODES,
    PlannedAddon,
    is_first,
    plan_addons,
    service_accounts_of,
)
from splitplane.components.clouds.aws.cluster.versions import find_addon_version
from splitplane.components.clouds.aws.identity.service_accounts import Identity, declare_identity
from splitplane.components.clouds.aws.parts import Plane, Text, child_options, tags_of
from splitplane.components.clouds.aws.platform.resources import bucket_prefix_of
from splitplane.components.clouds.aws.storage.bucket_iam import build_bucket_files_reading_document
from splitplane.components.clouds.aws.storage.disk_iam import build_cluster_disk_document

_NOT_READ: Final = (
    "addonVersion",
    "configurationValues",
    "podIdentityAssociations",
    "serviceAccountRoleArn",
    "tags",
)
"""What stays as it is in an add-on that is taken over."""


def declare_first_addons(parent: pulumi.Resource, plane: Plane) -> list[pulumi.Resource]:
    """What has to be ready before the first node: the network, kube-proxy and the agent of roles.

    Args:
        parent: the component.
        plane: the compute plane, with checked settings.
    """
    declared: dict[str, pulumi.Resource] = {}
    for planned in plan_addons(plane.settings, plane.scope):
        if is_first(planned.step):
            declared[planned.step.name] = _declare(
                parent, plane, planned, _before(planned, declared)
            )
    return list(declared.values())


def declare_later_addons(
    parent: pulumi.Resource,
    plane: Plane,
    *,
    nodes: Sequence[pulumi.Resource],
    mount_targets: Sequence[pulumi.Resource],
) -> dict[str, pulumi.Resource]:
    """What needs nodes to run on; name of the add-on → its resource.

    Args:
        parent: the component.
        plane: the compute plane, with checked settings.
        nodes: the first nodes; where none are made, the first add-ons.
        mount_targets: what the shared file system is reached by; empty without one.
    """
    declared: dict[str, pulumi.Resource] = {}
    for planned in plan_addons(plane.settings, plane.scope):
        step = planned.step
        if is_first(step):
            continue
        depends_on = _before(planned, declared)
        if NODES in step.depends_on:
            depends_on += nodes
        if step.name == EFS_DRIVER:
            depends_on += mount_targets
        declared[step.name] = _declare(parent, plane, planned, depends_on)
    return declared


def _before(
    planned: PlannedAddon, declared: Mapping[str, pulumi.Resource]
) -> list[pulumi.Resource]:
    return [declared[name] for name in planned.step.depends_on if name in declared]


def _declare(
    parent: pulumi.Resource,
    plane: Plane,
    planned: PlannedAddon,
    depends_on: Sequence[pulumi.Resource],
) -> pulumi.Resource:
    settings = plane.settings
    name = planned.step.name
    depends_on = [*plane.cluster.ready, *depends_on]
    if planned.is_adopted:
        return _adopt(parent, plane, name, depends_on)
    identities = _identities(parent, plane, planned.step)
    is_irsa = settings.workload_identity == "irsa"
    associations: list[aws.eks.AddonPodIdentityAssociationArgsDict] = []
    if not is_irsa:
        associations = [
            {"role_arn": identity.role_arn, "service_account": identity.service_account}
            for identity in identities
            if identity.service_account in planned.step.service_accounts
        ]
    return aws.eks.Addon(
        f"{settings.name}-{name}",
        addon_name=name,
        cluster_name=plane.cluster.name,
        addon_version=_version(plane, name),
        configuration_values=planned.configuration,
        pod_identity_associations=associations or None,
        # An add-on takes one.
        service_account_role_arn=identities[0].role_arn if identities and is_irsa else None,
        # Pods that are still drained keep their network, and an adopted cluster what it runs on.
        preserve=True if name == "vpc-cni" or _is_kept(planned, plane) else None,
        # What EKS or a chart had put there before gives way: the configuration here is the whole.
        resolve_conflicts_on_create="OVERWRITE",
        # In an adopted cluster others may have changed what the configuration does not name.
        resolve_conflicts_on_update="PRESERVE" if settings.is_adopted else "OVERWRITE",
        tags=tags_of(settings),
        opts=child_options(
            parent,
            depends_on=[*depends_on, *(one for item in identities for one in item.ready)],
        ),
    )


def _is_kept(planned: PlannedAddon, plane: Plane) -> bool:
    return plane.settings.is_adopted and not planned.step.is_optional


def _adopt(
    parent: pulumi.Resource, plane: Plane, name: str, depends_on: Sequence[pulumi.Resource]
) -> pulumi.Resource:
    return aws.eks.Addon(
        f"{plane.settings.name}-{name}",
        addon_name=name,
        cluster_name=plane.cluster.name,
        opts=pulumi.ResourceOptions.merge(
            child_options(parent, depends_on=depends_on, ignore_changes=_NOT_READ),
            pulumi.ResourceOptions(
                import_=f"{plane.cluster.name}:{name}",
                # It was there before; it stays when the plane goes.
                retain_on_delete=True,
            ),
        ),
    )


def _version(plane: Plane, name: str) -> str | Text:
    if plane.settings.kubernetes_version is not None:
        return find_addon_version(plane.settings.kubernetes_version, name)
    found: Text = plane.cluster.version.apply(lambda version: find_addon_version(version, name))
    return found


def _identities(parent: pulumi.Resource, plane: Plane, step: Step) -> list[Identity]:
    """The roles of the add-on's service accounts, in their order.

    With IRSA, EKS puts the one role of the driver of files on the service account of its nodes too,
    whose annotations are not in the add-on's schema
    (https://github.com/aws/containers-roadmap/issues/2820). With Pod Identity, EKS takes the
    association of that account beside the add-on, and refuses it in the add-on
    (https://github.com/kubernetes-sigs/aws-efs-csi-driver/issues/1759).
    """
    accounts = service_accounts_of(plane.settings, step)
    is_irsa = plane.settings.workload_identity == "irsa"
    found: list[Identity] = []
    for account in accounts[:1] if is_irsa else accounts:
        documents, managed = _rights(plane, step.name, account)
        if is_irsa:
            for other in accounts[1:]:
                more_documents, more_managed = _rights(plane, step.name, other)
                documents, managed = documents | more_documents, [*managed, *more_managed]
        purpose = step.name.removeprefix("aws-").removesuffix("-driver")
        found.append(
            declare_identity(
                parent,
                plane,
                EFS_NODES if account == EFS_NODE_ACCOUNT else purpose,
                namespace=NAMESPACE,
                service_account=account,
                documents=documents,
                managed_policies=managed,
                associates=account not in step.service_accounts,
                irsa_accounts=accounts[1:],
            )
        )
    return found


def _rights(plane: Plane, name: str, account: str) -> tuple[dict[str, str], list[str]]:
    """Inline documents and managed policies of a service account of an add-on."""
    settings = plane.settings
    if name == "vpc-cni":
        if settings.network.ip_family == "ipv6":
            # The policy of AWS knows IPv4 only.
            return {"ipv6": build_ipv6_document(plane.scope)}, []
        return {}, ["AmazonEKS_CNI_Policy"]
    if name == EFS_DRIVER:
        return _file_rights(plane, account)
    key = settings.storage.kms_key_arn
    documents = {} if key is None else {"key": build_volume_key_document(key)}
    if settings.storage.has_cluster_scoped_disk_rights:
        return documents | {"disks": build_cluster_disk_document(plane.scope)}, []
    return documents, ["AmazonEBSCSIDriverPolicyV2"]


def _file_rights(plane: Plane, account: str) -> tuple[dict[str, str], list[str]]:
    """The same for the driver of files: its controller makes access points, its nodes mount.

    https://docs.aws.amazon.com/eks/latest/userguide/s3files-csi.html
    """
    settings = plane.settings
    if account == EFS_NODE_ACCOUNT:
        document = build_bucket_files_reading_document(
            plane.scope, bucket_prefix_of(settings), key_arn=settings.storage.kms_key_arn
        )
        return {"bucket": document}, ["AmazonS3FilesClientFullAccess"]
    managed = ["service-role/AmazonEFSCSIDriverPolicy"]
    if settings.storage.has_s3_files:
        managed.append("service-role/AmazonS3FilesCSIDriverPolicy")
    return {}, managed
