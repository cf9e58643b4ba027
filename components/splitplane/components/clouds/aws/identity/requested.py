"""Service accounts that a program names: rights of their roles, and what is wrong. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from splitplane.components.clouds.aws.identity.documents import (
    POLICIES_OF_A_ROLE,
    Scope,
    Statement,
    build_document,
)
from splitplane.components.clouds.aws.settings import EksSettings, ServiceAccountSettings

_LABEL: Final = re.compile(r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")
"""https://kubernetes.io/docs/concepts/overview/working-with-objects/names/: a namespace is a label,
so it has no dot; a service account is labels with dots between them, 253 characters in all."""
_NAME_LENGTH: Final = 253
_POLICY: Final = re.compile(r"^arn:[a-z-]+:iam::(aws|\d{12}):policy/[\w+=,.@/-]+$", re.ASCII)
_ROLE: Final = re.compile(r"^arn:[a-z-]+:iam::\d{12}:role/[\w+=,.@/-]+$", re.ASCII)


def purpose_of(account: ServiceAccountSettings) -> str:
    """Ends the names of the service account's role and resources; no two of a plane have the same.

    A namespace has no dot, so the first one stands where the name starts.
    """
    return f"pods-{account.namespace}.{account.name}"


def build_target_role_document(role_arn: str) -> str:
    """Going on to one role, with the tags that say which pod of which cluster it is.

    Session tags of EKS are transitive, so that each step needs the right to pass them:
    https://docs.aws.amazon.com/eks/latest/userguide/pod-id-assign-target-role.html, checked
    2026-11-21.
    """
    return build_document(
        "target role", Statement("TargetRole", ["sts:AssumeRole", "sts:TagSession"], [role_arn])
    )


def check_service_accounts(settings: EksSettings, taken: Mapping[str, str] = {}) -> list[str]:
    """Every problem of the fields of `service_accounts`.

    Args:
        settings: of `parse_settings`.
        taken: NAMESPACE/NAME of a service account that has a role already → the add-on that it is
            of.
    """
    problems: list[str] = []
    for index, account in enumerate(settings.service_accounts):
        field = f"service_accounts[{index}]"
        problems += [*_name_problems(field, account), *_arn_problems(field, account)]
        problems += _right_problems(field, account, settings)
        name = f"{account.namespace}/{account.name}"
        if name in taken:
            problems.append(
                f"{field} {name!r} is that of add-on {taken[name]!r}, which has a role of its own: "
                "name another one"
            )
    counted = Counter((item.namespace, item.name) for item in settings.service_accounts)
    problems += [
        f"service_accounts name {namespace}/{name} {count} times: put its rights together"
        for (namespace, name), count in counted.items()
        if count > 1
    ]
    return problems


def foreign_rights(settings: EksSettings, scope: Scope) -> Iterator[str]:
    """Policies and roles that cannot be used from the cluster's account and partition."""
    for index, account in enumerate(settings.service_accounts):
        for policy in account.policy_arns:
            _, partition, _, _, owner, _ = policy.split(":", 5)
            if partition != scope.partition or owner not in ("aws", scope.account_id):
                yield (
                    f"service_accounts[{index}].policy_arns {policy!r} lies in account {owner!r} "
                    f"({partition}), the role in {scope.account_id!r} ({scope.partition}): name a "
                    "policy of the role's account or of AWS"
                )
        target = account.target_role_arn
        if target is not None and target.split(":")[1] != scope.partition:
            yield (
                f"service_accounts[{index}].target_role_arn {target!r} lies in another partition "
                f"than {scope.partition!r}, from where nobody can assume it"
            )


def _name_problems(field: str, account: ServiceAccountSettings) -> Iterator[str]:
    if _LABEL.fullmatch(account.namespace) is None:
        yield (
            f"{field}.namespace {account.namespace!r} is not allowed: use 1 to 63 lower-case "
            "letters, digits and hyphens, starting and ending with a letter or digit"
        )
    labels = account.name.split(".")
    if len(account.name) > _NAME_LENGTH or any(_LABEL.fullmatch(label) is None for label in labels):
        yield (
            f"{field}.name {account.name!r} is not allowed: use 1 to {_NAME_LENGTH} lower-case "
            "letters, digits, hyphens and dots, each word starting and ending with a letter or "
            "digit"
        )


def _arn_problems(field: str, account: ServiceAccountSettings) -> Iterator[str]:
    policies = account.policy_arns
    for policy in policies:
        if _POLICY.fullmatch(policy) is None:
            yield (
                f"{field}.policy_arns {policy!r} is no policy: write "
                "arn:aws:iam::ACCOUNT:policy/NAME, for those of AWS arn:aws:iam::aws:policy/NAME"
            )
    if len(set(policies)) < len(policies):
        yield f"{field}.policy_arns {list(policies)!r} name one twice: leave it out"
    if len(policies) > POLICIES_OF_A_ROLE:
        yield (
            f"{field}.policy_arns are {len(policies)}, IAM takes {POLICIES_OF_A_ROLE} in a role: "
            "attach fewer"
        )
    target = account.target_role_arn
    if target is not None and _ROLE.fullmatch(target) is None:
        yield (
            f"{field}.target_role_arn {target!r} is no role: write arn:aws:iam::ACCOUNT:role/NAME"
        )


def _right_problems(
    field: str, account: ServiceAccountSettings, settings: EksSettings
) -> Iterator[str]:
    platform = settings.platform
    if not (account.has_platform_rights or account.policy_arns or account.target_role_arn):
        yield (
            f"{field} {account.namespace}/{account.name} has no right: set has_platform_rights, "
            "name policy_arns or a target_role_arn, or leave it out"
        )
    is_bare = not (platform.has_bucket or platform.has_registry or platform.has_secret_store)
    if account.has_platform_rights and is_bare:
        yield (
            f"{field}.has_platform_rights True has nothing to be for: the platform has no bucket, "
            "registry or secret store here"
        )
    if account.target_role_arn is not None and settings.workload_identity == "irsa":
        yield (
            f"{field}.target_role_arn {account.target_role_arn!r} needs workload_identity "
            "'pod_identity', which goes on to it; with 'irsa' let the pods' own SDK assume it"
        )
