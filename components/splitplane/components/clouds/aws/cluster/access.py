"""Who may enter the cluster: access entries of deployers, nodes and others. Pure.

EKS refuses a wrong entry only when it is made, half-way through a run, and says nothing of a right
one for the wrong principal; so all are checked together before anything is registered.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.errors import WrongArgument

EntryType = Literal["STANDARD", "EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "HYBRID_LINUX", "EC2"]
NodeEntryType = Literal["EC2_LINUX", "EC2"]

ADMIN_POLICY: Final = "AmazonEKSClusterAdminPolicy"
AUTO_NODE_POLICY: Final = "AmazonEKSAutoNodePolicy"
"""The one policy that an entry other than STANDARD needs: nodes of Auto Mode with a node class of
their own (https://docs.aws.amazon.com/eks/latest/userguide/create-node-class.html)."""

# https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html, checked 2026-11-21.
_RESERVED: Final = ("system:", "eks:", "aws:", "amazon:", "iam:")
_PRINCIPAL: Final = re.compile(
    r"^arn:(?P<partition>[a-z-]+):iam::(?P<account>\d{12}):(?P<kind>role|user)/(?P<path>[\w+=,.@/-]+)$",
    re.ASCII,
)
_SESSION: Final = re.compile(
    r"^arn:(?P<partition>[a-z-]+):sts::(?P<account>\d{12}):assumed-role/(?P<role>[^/]+)/", re.ASCII
)
_SERVICE_ROLES: Final = "aws-service-role/"
_SSO_ROLES: Final = "AWSReservedSSO_"
_POLICY: Final = re.compile(r"^arn:(?P<partition>[a-z-]+):eks::aws:cluster-access-policy/\w+$")
_NAMESPACE: Final = re.compile(r"^[a-z0-9*]([a-z0-9*-]{0,61}[a-z0-9*])?$")
"""EKS takes wildcards: `team-*`."""
_SESSION_NAME: Final = re.compile(r"^[^:]*\{\{SessionName(Raw)?\}\}")
_NO_DEPLOYER: Final = (
    "deployer_principal_arns is empty: nobody could reach the cluster; name the roles that deploy"
)


@dataclass(frozen=True)
class AccessEntry:
    """An entry as a platform engineer asks for it.

    Attributes:
        principal_arn: a role or a user, in this account or, with STANDARD, in another.
        type: STANDARD for people and programs, another for nodes.
        kubernetes_groups: groups that RBAC may name; only with STANDARD.
        user_name: name in Kubernetes; EKS makes one from the principal when None.
        policy_arns: access policies of EKS; only with STANDARD.
        scope: where the policies hold.
        namespaces: with scope `namespace`; `*` stands for any characters.
    """

    principal_arn: str
    type: EntryType = "STANDARD"
    kubernetes_groups: tuple[str, ...] = ()
    user_name: str | None = None
    policy_arns: tuple[str, ...] = ()
    scope: Literal["cluster", "namespace"] = "cluster"
    namespaces: tuple[str, ...] = ()


@dataclass(frozen=True)
class NodeRole:
    """A role of nodes that needs an entry: Karpenter's, or that of an own node class of Auto Mode.

    Attributes:
        name: tells it from others in the program, such as `karpenter-node`.
        principal_arn: its ARN.
        type: EC2_LINUX, or EC2 on Auto Mode.
    """

    name: str
    principal_arn: str
    type: NodeEntryType = "EC2_LINUX"


@dataclass(frozen=True)
class PlannedEntry:
    """An entry as it is registered.

    Attributes:
        key: names the resource in the program, the same each time, whatever the order.
        entry: the checked entry, with groups, policies and namespaces sorted.
    """

    key: str
    entry: AccessEntry


def plan_access(
    scope: Scope,
    *,
    deployer_principal_arns: Sequence[str],
    node_roles: Sequence[NodeRole] = (),
    managed_role_arns: Sequence[str] = (),
    entries: Sequence[AccessEntry] = (),
) -> tuple[PlannedEntry, ...]:
    """Every entry of the cluster: deployers, who administer it, then nodes, then the others.

    Args:
        scope: account of the cluster.
        deployer_principal_arns: at least one; never taken from who runs the program, since another
            who runs it would then replace the entry.
        node_roles: roles whose entry is made here.
        managed_role_arns: roles of managed node groups and Fargate profiles, whose entry EKS makes.
        entries: what else was asked for.

    Raises:
        WrongArgument: names every problem of every entry.
    """
    asked = [
        *_deployers(scope, deployer_principal_arns),
        *(
            (f"node role {role.name!r}", PlannedEntry(role.name, _node_entry(scope, role)))
            for role in node_roles
        ),
        *((f"access_entries[{index}]", _planned(entry)) for index, entry in enumerate(entries)),
    ]
    problems = [] if deployer_principal_arns else [_NO_DEPLOYER]
    first: dict[str, tuple[str, AccessEntry]] = {}
    for field, planned in asked:
        entry = planned.entry
        problems += [f"{field}: {text}" for text in check_entry(entry, scope)]
        if entry.principal_arn in managed_role_arns:
            problems.append(f"{field}: {_managed_problem(entry)}")
        elif (other := first.get(entry.principal_arn)) is not None:
            problems.append(f"{field}: {_duplicate_problem(entry, *other)}")
        first.setdefault(entry.principal_arn, (field, entry))
    if problems:
        raise WrongArgument("; ".join(problems))
    return tuple(planned for _, planned in asked)


def check_entry(entry: AccessEntry, scope: Scope) -> list[str]:
    """Everything for which EKS would refuse the entry; empty when it takes it.

    Args:
        entry: as somebody asks for it.
        scope: account of the cluster.
    """
    return list(_problems(entry, scope))


def policy_arn(scope: Scope, name: str) -> str:
    """ARN of an access policy of EKS in the cluster's partition."""
    return f"arn:{scope.partition}:eks::aws:cluster-access-policy/{name}"


def _deployers(scope: Scope, principal_arns: Sequence[str]) -> Iterable[tuple[str, PlannedEntry]]:
    for index, arn in enumerate(principal_arns):
        entry = AccessEntry(arn, policy_arns=(policy_arn(scope, ADMIN_POLICY),))
        yield f"deployer_principal_arns[{index}]", _planned(entry)


def _node_entry(scope: Scope, role: NodeRole) -> AccessEntry:
    policies = (policy_arn(scope, AUTO_NODE_POLICY),) if role.type == "EC2" else ()
    return AccessEntry(role.principal_arn, type=role.type, policy_arns=policies)


def _planned(entry: AccessEntry) -> PlannedEntry:
    """The key ends in a hash: two accounts, or two paths, may hold roles of one name.

    It is that of the principal alone: EKS has one entry of each, and who stops being a deployer and
    becomes something else keeps it.
    """
    digest = hashlib.sha256(entry.principal_arn.encode()).hexdigest()[:8]
    name = entry.principal_arn.rpartition("/")[2]
    in_order = replace(
        entry,
        kubernetes_groups=tuple(sorted(entry.kubernetes_groups)),
        policy_arns=tuple(sorted(entry.policy_arns)),
        namespaces=tuple(sorted(entry.namespaces)),
    )
    return PlannedEntry(f"entry-{name}-{digest}", in_order)


def _managed_problem(entry: AccessEntry) -> str:
    return (
        f"principal_arn {entry.principal_arn!r} is the role of managed nodes, whose entry EKS "
        "makes itself: leave this one out"
    )


def _duplicate_problem(entry: AccessEntry, other_field: str, other: AccessEntry) -> str:
    if other.type != "STANDARD" and entry.type == "STANDARD":
        return (
            f"principal_arn {entry.principal_arn!r} is the role of nodes of {other_field}, which "
            f"join with {other.type} and not with STANDARD: leave this one out"
        )
    return (
        f"principal_arn {entry.principal_arn!r} is also that of {other_field}, but EKS takes one "
        "entry of a principal: leave this one out"
    )


def _problems(entry: AccessEntry, scope: Scope) -> Iterable[str]:
    yield from _principal_problems(entry, scope)
    yield from _name_problems(entry)
    yield from _policy_problems(entry, scope)
    if entry.scope == "namespace":
        if not entry.namespaces:
            yield "namespaces is empty, but scope is 'namespace': name at least one"
        if not entry.policy_arns:
            yield "scope 'namespace' has no meaning without policy_arns: give policies"
    elif entry.namespaces:
        yield (
            f"namespaces {list(entry.namespaces)!r} have no meaning with scope 'cluster': use "
            "scope 'namespace', or leave them out"
        )
    for namespace in entry.namespaces:
        if _NAMESPACE.fullmatch(namespace) is None:
            yield f"namespaces {namespace!r} is no name of a namespace, in which * may stand"


def _principal_problems(entry: AccessEntry, scope: Scope) -> Iterable[str]:
    arn = entry.principal_arn
    if (session := _SESSION.match(arn)) is not None:
        yield f"principal_arn {arn!r} is a session, which ends: write {_role_of(session)}"
        return
    match = _PRINCIPAL.fullmatch(arn)
    if match is None:
        yield (
            f"principal_arn {arn!r} is no role or user: write arn:{scope.partition}:iam::"
            f"{scope.account_id}:role/NAME"
        )
        return
    if match["path"].startswith(_SERVICE_ROLES):
        yield f"principal_arn {arn!r} is a service-linked role, which EKS takes no entry for"
    if match["partition"] != scope.partition:
        yield (
            f"principal_arn {arn!r} lies in partition {match['partition']!r}, the cluster in "
            f"{scope.partition!r}: name a principal of that"
        )
    if entry.type == "STANDARD":
        return
    if match["kind"] == "user":
        yield f"principal_arn {arn!r} is a user, but type {entry.type} is for roles of nodes"
    if match["account"] != scope.account_id:
        yield (
            f"principal_arn {arn!r} is of another account, but nodes have a role of the cluster's, "
            f"{scope.account_id}"
        )


def _role_of(session: re.Match[str]) -> str:
    partition, account, role = session["partition"], session["account"], session["role"]
    if role.startswith(_SSO_ROLES):
        return (
            f"the role's own ARN with its path, 'arn:{partition}:iam::{account}:role/aws-reserved/"
            f"sso.amazonaws.com/REGION/{role}'"
        )
    return f"its role, 'arn:{partition}:iam::{account}:role/{role}', with the path if it has one"


def _name_problems(entry: AccessEntry) -> Iterable[str]:
    if entry.type != "STANDARD":
        if entry.kubernetes_groups:
            yield (
                f"kubernetes_groups {list(entry.kubernetes_groups)!r} are not allowed with type "
                f"{entry.type}: EKS gives nodes theirs"
            )
        if entry.user_name is not None:
            yield f"user_name {entry.user_name!r} is not allowed with type {entry.type}"
        return
    names = [("kubernetes_groups", group) for group in entry.kubernetes_groups]
    names += [("user_name", entry.user_name)] if entry.user_name is not None else []
    for field, name in names:
        if not name or name.startswith(_RESERVED):
            yield (
                f"{field} {name!r} is not allowed: EKS takes none that is empty or starts with "
                f"{', '.join(_RESERVED)}; bind a group of your own with RBAC, or use policy_arns"
            )
    if entry.user_name and _SESSION_NAME.match(entry.user_name) is not None:
        yield (
            f"user_name {entry.user_name!r} is not allowed: EKS wants a colon before "
            "{{SessionName}}"
        )


def _policy_problems(entry: AccessEntry, scope: Scope) -> Iterable[str]:
    if len(set(entry.policy_arns)) < len(entry.policy_arns):
        yield f"policy_arns {list(entry.policy_arns)!r} name one twice: EKS associates each once"
    allowed = (policy_arn(scope, AUTO_NODE_POLICY),) if entry.type == "EC2" else ()
    for arn in entry.policy_arns:
        match = _POLICY.fullmatch(arn)
        if match is None or match["partition"] != scope.partition:
            yield (
                f"policy_arns {arn!r} is no access policy of EKS here: write "
                f"{policy_arn(scope, 'AmazonEKSViewPolicy')!r}, for example"
            )
        elif entry.type != "STANDARD" and (arn not in allowed or entry.scope != "cluster"):
            yield (
                f"policy_arns {arn!r} is not allowed with type {entry.type}: EKS associates "
                "policies with STANDARD"
            )
