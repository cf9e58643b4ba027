"""Who may assume a role: services, pods by Pod Identity or IRSA, and the control plane. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from splitplane.components.clouds.aws.identity.documents import Scope, Statement, build_document
from splitplane.components.errors import WrongArgument

_EXTERNAL_ID: Final = re.compile(r"^[\w+=,.@:/-]{2,1224}$", re.ASCII)
"""https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html."""
_PRINCIPAL: Final = re.compile(r"^arn:[a-z-]+:iam::\d{12}:(role|user)/[\w+=,.@/-]+$", re.ASCII)


def build_service_trust(*services: str) -> str:
    """AWS services, such as `eks.amazonaws.com`.

    The cluster's role also passes tags on, which EKS asks for in Auto Mode and allows otherwise.
    """
    actions = ["sts:AssumeRole"]
    if "eks.amazonaws.com" in services:
        actions.append("sts:TagSession")
    statement = Statement("Services", actions, principals={"Service": sorted(services)})
    return build_document("trust of services", statement, is_trust=True)


def build_pod_identity_trust(
    scope: Scope, *, cluster_name: str, namespace: str, service_account: str
) -> str:
    """Pods of one service account in one cluster, through EKS Pod Identity."""
    statement = Statement(
        "Pods",
        ["sts:AssumeRole", "sts:TagSession"],
        principals={"Service": "pods.eks.amazonaws.com"},
        conditions={
            "StringEquals": {
                "aws:SourceAccount": scope.account_id,
                "aws:RequestTag/kubernetes-namespace": namespace,
                "aws:RequestTag/kubernetes-service-account": service_account,
            },
            "ArnEquals": {"aws:SourceArn": scope.cluster_arn(cluster_name)},
        },
    )
    return build_document("trust of pods", statement, is_trust=True)


def build_irsa_trust(
    *,
    provider_arn: str,
    issuer_url: str,
    namespace: str,
    service_account: str,
    others: Sequence[str] = (),
) -> str:
    """Pods of one service account, through the cluster's OIDC provider.

    Args:
        provider_arn: ARN of the provider in IAM.
        issuer_url: the cluster's issuer, with or without https.
        namespace: of the service account.
        service_account: its name.
        others: more service accounts of the namespace.
    """
    subjects = [f"system:serviceaccount:{namespace}:{name}" for name in (service_account, *others)]
    issuer = issuer_url.removeprefix("https://")
    statement = Statement(
        "Pods",
        ["sts:AssumeRoleWithWebIdentity"],
        principals={"Federated": provider_arn},
        conditions={
            "StringEquals": {
                f"{issuer}:aud": "sts.amazonaws.com",
                f"{issuer}:sub": subjects if others else subjects[0],
            }
        },
    )
    return build_document("trust of pods", statement, is_trust=True)


def build_control_plane_trust(*, principal_arns: Sequence[str], external_id: str) -> str:
    """The control plane, from another account, with the tenant's external id.

    Raises:
        WrongArgument: a principal is neither a role nor a user, or the external id is left out or
            not one.
    """
    for principal in principal_arns:
        if _PRINCIPAL.fullmatch(principal) is None:
            raise WrongArgument(
                f"platform.control_plane_principal_arns {principal!r} is no role or user: write "
                "arn:aws:iam::ACCOUNT:role/NAME"
            )
    if _EXTERNAL_ID.fullmatch(external_id) is None:
        raise WrongArgument(
            f"platform.external_id {external_id!r} is not allowed: it keeps others from using the "
            "control plane to reach this account; use 2 to 1224 letters, digits and _+=,.@:/-"
        )
    statement = Statement(
        "ControlPlane",
        ["sts:AssumeRole"],
        principals={"AWS": sorted(principal_arns)},
        conditions={"StringEquals": {"sts:ExternalId": external_id}},
    )
    return build_document("trust of the control plane", statement, is_trust=True)
