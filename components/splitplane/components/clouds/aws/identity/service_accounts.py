"""A role for the pods of one service account, by Pod Identity or IRSA: the same call for each.

The name of the role is chosen and its ARN computed, so that both are known before it is made; what
uses them has to wait for `Identity.ready`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from splitplane.components.clouds.aws.cluster.roles import role_name_of
from splitplane.components.clouds.aws.identity.documents import POLICIES_OF_A_ROLE, Scope
from splitplane.components.clouds.aws.identity.requested import (
    build_target_role_document,
    purpose_of,
)
from splitplane.components.clouds.aws.identity.trust import (
    build_irsa_trust,
    build_pod_identity_trust,
)
from splitplane.components.clouds.aws.parts import Binding, Plane, Text, child_options, tags_of
from splitplane.components.errors import WrongArgument

INLINE_POLICY_CHARACTERS: Final = 10_240
"""All inline policies of a role together, without whitespace.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
ROLE_ANNOTATION: Final = "eks.amazonaws.com/role-arn"
"""What names the role on a service account, with IRSA."""


@dataclass(frozen=True)
class Identity:
    """A role that the pods of one service account have.

    Attributes:
        role_name: its name.
        role_arn: its ARN, known before it is made.
        namespace: of the service account.
        service_account: its name.
        annotations: what the service account has to carry; nothing with Pod Identity.
        ready: role, policies and association: a pod that starts before them gets no credentials.
    """

    role_name: str
    role_arn: str
    namespace: str
    service_account: str
    annotations: Mapping[str, Text]
    ready: tuple[pulumi.Resource, ...]


def declare_identity(
    parent: pulumi.Resource,
    plane: Plane,
    purpose: str,
    *,
    namespace: str,
    service_account: str,
    documents: Mapping[str, str | Text] = {},
    managed_policies: Sequence[str] = (),
    depends_on: Sequence[pulumi.Resource] = (),
    associates: bool = True,
    target_role_arn: str | None = None,
    irsa_accounts: Sequence[str] = (),
) -> Identity:
    """A role with its policies, which the pods of the service account have from then on.

    It is among the plane's bindings too.

    Args:
        parent: the component.
        plane: the compute plane.
        purpose: ends the names of role and resources; different for each identity of a plane.
        namespace: of the service account.
        service_account: its name; it need not exist yet.
        documents: name of an inline policy → its document, whose length counts where it is known.
        managed_policies: policies of AWS, by name with their path
            (`service-role/AmazonEFSCSIDriverPolicy`), and any by ARN.
        depends_on: what has to exist before the role.
        associates: whether the association of Pod Identity is made here, and not by an add-on of
            EKS; means nothing with IRSA.
        target_role_arn: role that the pods have in the end, assumed with this one's; not with IRSA.
            Session tags stay on: the trust of the role here asks for them.
        irsa_accounts: more service accounts of the namespace that have the role; only with IRSA.

    Raises:
        WrongArgument: the policies are more or longer than IAM takes, or IRSA is asked for and the
            cluster has no OIDC provider; nothing is registered then.
    """
    settings = plane.settings
    check_role_policies(purpose, documents, managed_policies)
    is_irsa = settings.workload_identity == "irsa"
    trust = _trust(plane, namespace, service_account, irsa_accounts)
    role_name = role_name_of(settings, plane.scope, purpose)
    role_arn = plane.scope.global_arn("iam", f"role/{role_name}")
    name = f"{settings.name}-{purpose}"
    role = aws.iam.Role(
        name,
        name=role_name,
        assume_role_policy=trust,
        permissions_boundary=settings.permissions_boundary_arn,
        tags=tags_of(settings),
        opts=child_options(parent, depends_on=depends_on),
    )
    ready = [
        role,
        *declare_role_policies(
            parent,
            name,
            role=role,
            scope=plane.scope,
            documents=documents,
            managed_policies=managed_policies,
        ),
    ]
    binding = Binding(namespace, service_account, role_arn)
    if associates and not is_irsa:
        ready.append(_associate(parent, plane, name, binding, target_role_arn, ready))
    plane.bindings.append(binding)
    if is_irsa:
        plane.bindings.extend(Binding(namespace, other, role_arn) for other in irsa_accounts)
    return Identity(
        role_name=role_name,
        role_arn=role_arn,
        namespace=namespace,
        service_account=service_account,
        annotations={ROLE_ANNOTATION: pulumi.Output.from_input(role_arn)} if is_irsa else {},
        ready=tuple(ready),
    )


def declare_service_accounts(
    parent: pulumi.Resource, plane: Plane, *, rights: str | Text | None
) -> list[pulumi.Resource]:
    """The service accounts that the program names have their roles: what workloads wait for.

    Args:
        parent: the component.
        plane: the compute plane, with checked settings.
        rights: document of bucket, images and secrets; None where the platform has none of them.
    """
    ready: list[pulumi.Resource] = []
    for account in plane.settings.service_accounts:
        documents: dict[str, str | Text] = {}
        if account.has_platform_rights and rights is not None:
            documents["platform"] = rights
        if account.target_role_arn is not None:
            documents["target"] = build_target_role_document(account.target_role_arn)
        identity = declare_identity(
            parent,
            plane,
            purpose_of(account),
            namespace=account.namespace,
            service_account=account.name,
            documents=documents,
            managed_policies=account.policy_arns,
            target_role_arn=account.target_role_arn,
        )
        ready += identity.ready
    return ready


def declare_role_policies(
    parent: pulumi.Resource,
    name: str,
    *,
    role: aws.iam.Role,
    scope: Scope,
    documents: Mapping[str, str | Text] = {},
    managed_policies: Sequence[str] = (),
) -> list[pulumi.Resource]:
    """The policies of a role of any kind: documents inline, managed ones attached.

    Args:
        parent: the component.
        name: starts the names of the resources.
        role: the role.
        scope: where managed policies without an ARN are.
        documents: name of an inline policy → its document.
        managed_policies: as in `declare_identity`.
    """
    inline = [
        aws.iam.RolePolicy(
            f"{name}-{key}",
            name=key,
            role=role.name,
            policy=document,
            opts=child_options(parent),
        )
        for key, document in documents.items()
    ]
    attached = [
        aws.iam.RolePolicyAttachment(
            _attachment_name(name, policy),
            role=role.name,
            policy_arn=managed_policy_arn(scope, policy),
            opts=child_options(parent),
        )
        for policy in managed_policies
    ]
    return [*inline, *attached]


def check_role_policies(
    purpose: str, documents: Mapping[str, str | Text], managed_policies: Sequence[str]
) -> None:
    """Raises WrongArgument unless IAM lets one role have all of them.

    Args:
        purpose: whose role it is, for the error.
        documents: name of an inline policy → its document without whitespace; one that comes out of
            a resource is not counted.
        managed_policies: those that are attached.
    """
    problems: list[str] = []
    if (
        total := sum(len(text) for text in documents.values() if isinstance(text, str))
    ) > INLINE_POLICY_CHARACTERS:
        problems.append(
            f"its documents have {total} characters, IAM takes {INLINE_POLICY_CHARACTERS} in a "
            "role: use shorter names, or fewer zones, principals or prefixes"
        )
    if len(managed_policies) > POLICIES_OF_A_ROLE:
        problems.append(
            f"{len(managed_policies)} managed policies are attached, IAM takes "
            f"{POLICIES_OF_A_ROLE}: attach fewer"
        )
    if problems:
        raise WrongArgument(f"role of {purpose!r} is not allowed: {'; '.join(problems)}")


def managed_policy_arn(scope: Scope, policy: str) -> str:
    """The ARN of a policy of AWS in the partition; an ARN stays what it is."""
    if policy.startswith("arn:"):
        return policy
    return f"arn:{scope.partition}:iam::aws:policy/{policy}"


def _attachment_name(name: str, policy: str) -> str:
    """Two policies of one name may have other paths, or be of AWS and of the account."""
    if policy.startswith("arn:"):
        _, _, _, _, owner, path = policy.split(":", 5)
        return f"{name}/{owner}/{path.removeprefix('policy/')}"
    return f"{name}-{policy.rpartition('/')[2]}"


def _associate(
    parent: pulumi.Resource,
    plane: Plane,
    name: str,
    binding: Binding,
    target_role_arn: str | None,
    ready: Sequence[pulumi.Resource],
) -> pulumi.Resource:
    return aws.eks.PodIdentityAssociation(
        name,
        cluster_name=plane.cluster.name,
        namespace=binding.namespace,
        service_account=binding.service_account,
        role_arn=binding.role_arn,
        target_role_arn=target_role_arn,
        tags=tags_of(plane.settings),
        opts=child_options(parent, depends_on=[*plane.cluster.ready, *ready]),
    )


def _trust(
    plane: Plane, namespace: str, service_account: str, irsa_accounts: Sequence[str]
) -> str | Text:
    if plane.settings.workload_identity == "irsa":
        return _irsa_trust(plane, namespace, (service_account, *irsa_accounts))
    return build_pod_identity_trust(
        plane.scope,
        cluster_name=plane.settings.eks_name,
        namespace=namespace,
        service_account=service_account,
    )


def _irsa_trust(plane: Plane, namespace: str, accounts: Sequence[str]) -> Text:
    if plane.cluster.oidc_provider_arn is None:
        raise WrongArgument(
            f"workload_identity 'irsa' is not possible: cluster {plane.cluster.name!r} has no OIDC "
            "provider in IAM; make one, or write 'pod_identity'"
        )
    found: Text = pulumi.Output.all(
        plane.cluster.oidc_provider_arn, plane.cluster.oidc_issuer_url
    ).apply(
        lambda parts: build_irsa_trust(
            provider_arn=parts[0],
            issuer_url=parts[1],
            namespace=namespace,
            service_account=accounts[0],
            others=accounts[1:],
        )
    )
    return found
