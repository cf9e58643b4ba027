"""Whether the roles that a compute plane names are there and can be used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from splitplane.components.clouds.aws.karpenter.default_pools import effective_pools
from splitplane.stacks.aws.errors import AwsError, NotThere, RetryLater
from splitplane.stacks.aws.findings import Finding, failed, passed, warned
from splitplane.stacks.aws.signin import assume_role, freeze_credentials, translated
from splitplane.stacks.aws.subject import Subject

SPOT_ROLE: Final = "AWSServiceRoleForEC2Spot"
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
    """The account has the role that EC2 needs for spot machines, where any are asked for."""
    settings = subject.settings
    if settings.is_adopted or settings.compute_mode == "auto_mode":
        return
    if settings.compute_mode == "node_groups":
        users = [group.name for group in settings.node_groups if group.capacity == "spot"]
    else:
        users = [pool.name for pool in effective_pools(settings) if pool.capacity == "spot"]
    if not users:
        return
    try:
        subject.account.call("iam", "GetRole", RoleName=SPOT_ROLE)
    except NotThere:
        yield warned(
            "spot role",
            f"{SPOT_ROLE} is missing: no node of {', '.join(users)} comes until somebody made it",
            "aws iam create-service-linked-role --aws-service-name spot.amazonaws.com, once in an "
            "account",
        )
        return
    yield passed("spot role", f"{SPOT_ROLE} is there")
