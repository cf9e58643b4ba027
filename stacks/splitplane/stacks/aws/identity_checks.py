"""Whether the roles that a compute plane names are there and can be used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from splitplane.components.clouds.aws.nodes.spot import SPOT_ROLE, SPOT_SERVICE, spot_users
from splitplane.components.clouds.aws.parts import CLUSTER_TAG
from splitplane.stacks.aws.errors import AwsError, NotThere, RetryLater
from splitplane.stacks.aws.findings import Finding, failed, passed, warned
from splitplane.stacks.aws.signin import assume_role, freeze_credentials, translated
from splitplane.stacks.aws.subject import Subject

_PRINCIPAL: Final = re.compile(
    r"^arn:[a-z-]+:iam::(?P<account>\d{12}):(?P<kind>role|user)/(?P<path>.+)$"
)


def check_deployers(subject: Subject) -> Iterator[Finding]:
    """The principals of the account that shall administer the cluster exist.

    Those of other accounts cannot be seen from here.
    """
    for arn in subject.settings.deployer_principal_arns:
        match = _PRINCIPAL.fullmatch(arn)
        if match is None or match["account"] != subject.account.scope.account_id:
            continue
        name = match["path"].rpartition("/")[2]
        try:
            if match["kind"] == "role":
                real = subject.account.call("iam", "GetRole", RoleName=name)["Role"]["Arn"]
            else:
                real = subject.account.call("iam", "GetUser", UserName=name)["User"]["Arn"]
        except NotThere:
            yield failed(
                "deployers",
                f"{arn} does not exist, so EKS would refuse its access entry",
                "make it first, or correct deployer_principal_arns",
            )
            continue
        if real != arn:
            found = f"{arn} is really {real}, and EKS compares the whole ARN"
            yield failed("deployers", found, f"write {real} in deployer_principal_arns")
        else:
            yield passed("deployers", arn)


def check_deployer_role(subject: Subject) -> Iterator[Finding]:
    """The role that the program assumes to reach the cluster can be assumed."""
    arn = subject.settings.deployer_role_arn
    if arn is None:
        return
    account = subject.account
    try:
        with translated(account.session, arn):
            assume_role(
                account.session,
                freeze_credentials(account.session),
                region=account.scope.region,
                role_arn=arn,
            )
    except RetryLater:
        raise
    except AwsError as exc:
        yield failed(
            "deployer role",
            str(exc),
            f"let the role trust {account.principal_arn}, or name another",
        )
        return
    yield passed("deployer role", f"{arn} can be assumed")
    deployers = subject.settings.deployer_principal_arns
    if deployers and arn not in deployers:
        yield failed(
            "deployer role",
            f"{arn} is none of deployer_principal_arns, so the cluster would not let it in",
            "add it there",
        )


def check_spot_role(subject: Subject) -> Iterator[Finding]:
    """The account has the role that EC2 needs for spot machines, or the program can make it."""
    settings = subject.settings
    users = spot_users(settings)
    if not users:
        return
    try:
        role = subject.account.call("iam", "GetRole", RoleName=SPOT_ROLE)["Role"]
    except NotThere:
        if settings.makes_spot_service_role:
            yield passed("spot role", f"{SPOT_ROLE} is not there yet, and is made")
            return
        yield warned(
            "spot role",
            f"{SPOT_ROLE} is missing: no node of {', '.join(users)} comes until somebody made it",
            "set makes_spot_service_role, or run once in the account: aws iam "
            f"create-service-linked-role --aws-service-name {SPOT_SERVICE}",
        )
        return
    tags = {item["Key"]: item["Value"] for item in role.get("Tags", [])}
    is_ours = subject.cluster is not None and tags.get(CLUSTER_TAG) == settings.eks_name
    if settings.makes_spot_service_role and not is_ours:
        yield failed(
            "spot role",
            f"{SPOT_ROLE} is there already, so pulumi up would fail to make it: an account has one",
            "leave makes_spot_service_role out, nodes use it all the same; where the stack shall "
            "have it, run pulumi import aws:iam/serviceLinkedRole:ServiceLinkedRole "
            f"{settings.name}-spot {role['Arn']} --parent plane=URN with that of the compute plane",
        )
        return
    yield passed("spot role", f"{SPOT_ROLE} is there")
