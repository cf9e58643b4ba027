"""Whether the names that a compute plane gives are free.

What an earlier cluster of the same name left is found here, and not half-way through a deployment.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from splitplane.components.clouds.aws.addons.plan import EFS_NODES
from splitplane.components.clouds.aws.cluster.roles import (
    AUTO_NODES,
    GROUP_NODES,
    KARPENTER_NODES,
    MANAGED_NODES,
    role_name_of,
)
from splitplane.components.clouds.aws.identity.requested import purpose_of
from splitplane.components.clouds.aws.karpenter.values import ADDON
from splitplane.components.clouds.aws.names import derived_name
from splitplane.components.clouds.aws.nodes.autoscaler import NAME as AUTOSCALER
from splitplane.stacks.aws.account import Answer
from splitplane.stacks.aws.errors import NotThere
from splitplane.stacks.aws.findings import Finding, failed, passed
from splitplane.stacks.aws.subject import Subject

ROLES: Final = (
    *("cluster", MANAGED_NODES, GROUP_NODES, KARPENTER_NODES, AUTO_NODES),
    *("vpc-cni", "ebs-csi", "efs-csi", "load-balancers", "external-dns", "cert-manager"),
    *(EFS_NODES, "bucket-files", ADDON, AUTOSCALER, "flow-logs", "platform"),
)
"""Purposes of roles that every compute plane has, or may have."""


def check_names(subject: Subject) -> Iterator[Finding]:
    """No log group, role or queue has a name that the compute plane would give."""
    if not subject.is_created:
        return
    name = subject.settings.eks_name
    taken = [*_taken_log_groups(subject, name), *_taken_roles(subject)]
    taken += _taken_queues(subject, name)
    for what in taken:
        yield failed(
            "names",
            f"{what} exists already",
            "if an earlier cluster left it, splitplane aws predestroy or the console removes it; "
            "else choose another name",
        )
    if not taken:
        yield passed("names", "log groups, roles and queue are free")


def log_groups_of(cluster: str) -> tuple[str, str]:
    """Where EKS writes the logs of the control plane, and the VPC its flow logs."""
    return f"/aws/eks/{cluster}/cluster", f"/aws/vpc/{cluster}/flow-logs"


def _taken_log_groups(subject: Subject, name: str) -> Iterator[str]:
    for wanted in log_groups_of(name):
        for group in subject.account.read_all(
            "logs", "DescribeLogGroups", "logGroups", logGroupNamePrefix=wanted
        ):
            if group["logGroupName"] == wanted:
                yield f"log group {wanted}"


def _taken_roles(subject: Subject) -> Iterator[str]:
    own = map(purpose_of, subject.settings.service_accounts)
    for purpose in (*ROLES, *own):
        role = role_name_of(subject.settings, subject.account.scope, purpose)
        if _is_there(subject, "iam", "GetRole", RoleName=role):
            yield f"role {role}"


def _taken_queues(subject: Subject, name: str) -> Iterator[str]:
    queue = derived_name("queue", name, ADDON)
    if _is_there(subject, "sqs", "GetQueueUrl", QueueName=queue):
        yield f"queue {queue}"


def _is_there(subject: Subject, service: str, operation: str, **arguments: Answer | str) -> bool:
    try:
        subject.account.call(service, operation, **arguments)
    except NotThere:
        return False
    return True
