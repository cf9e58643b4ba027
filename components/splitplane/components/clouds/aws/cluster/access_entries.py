"""The access entry of one principal with its policies, as `cluster/access.py` planned it."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from splitplane.components.clouds.aws.cluster.access import AccessEntry, PlannedEntry
from splitplane.components.clouds.aws.parts import child_options

# EKS takes one entry of a principal, and associates a policy with it once: a second that is made
# before the first is gone is refused, or is gone with it.
_FIRST_DELETE = pulumi.ResourceOptions(delete_before_replace=True)


def declare_entry(
    parent: pulumi.Resource,
    name: str,
    *,
    cluster_name: str,
    planned: PlannedEntry,
    tags: dict[str, str] | None = None,
    depends_on: Sequence[pulumi.Resource],
) -> list[pulumi.Resource]:
    """The principal may enter once all that is returned exists: the entry and its policies.

    Args:
        parent: the component.
        name: of the component; the entry's key is added.
        cluster_name: name in EKS.
        planned: of `plan_access`.
        tags: of the entry; none when None.
        depends_on: the cluster, and the role where the program makes it.
    """
    entry, label = planned.entry, f"{name}-{planned.key}"
    made = aws.eks.AccessEntry(
        label,
        cluster_name=cluster_name,
        principal_arn=entry.principal_arn,
        type=entry.type,
        kubernetes_groups=list(entry.kubernetes_groups) or None,
        user_name=entry.user_name,
        tags=tags,
        opts=_options(parent, depends_on),
    )
    policies = [
        aws.eks.AccessPolicyAssociation(
            f"{label}-{arn.rpartition('/')[2]}",
            cluster_name=cluster_name,
            # So that a new entry gets its policies again.
            principal_arn=made.principal_arn,
            policy_arn=arn,
            access_scope=_scope_of(entry),
            opts=_options(parent, [*depends_on, made]),
        )
        for arn in entry.policy_arns
    ]
    return [made, *policies]


def _scope_of(entry: AccessEntry) -> aws.eks.AccessPolicyAssociationAccessScopeArgs:
    return aws.eks.AccessPolicyAssociationAccessScopeArgs(
        type=entry.scope, namespaces=list(entry.namespaces) or None
    )


def _options(
    parent: pulumi.Resource, depends_on: Sequence[pulumi.Resource]
) -> pulumi.ResourceOptions:
    options = child_options(parent, depends_on=depends_on)
    return pulumi.ResourceOptions.merge(options, _FIRST_DELETE)
