"""Which access entry each line of aws-auth becomes, and what is missing of it. Pure.

An entry of a principal takes the place of its line in aws-auth. So a line becomes a whole entry or
none: half of one would take rights away.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from splitplane.components.clouds.aws.cluster.access import (
    ADMIN_POLICY,
    AccessEntry,
    EntryType,
    check_entry,
    policy_arn,
)
from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.stacks.aws.access.aws_auth import Line

Action = Literal["create", "add policies", "none", "by hand"]

_MASTERS: Final = "system:masters"
_NODES: Final = frozenset({"system:bootstrappers", "system:nodes"})
_WINDOWS: Final = "eks:kube-proxy-windows"
_FARGATE: Final = "system:node-proxier"
_TEMPLATE: Final = re.compile(r"\{\{(\w+)\}\}")
_SESSION_NAMES: Final = frozenset({"SessionName", "SessionNameRaw"})
"""What EKS fills in: https://docs.aws.amazon.com/eks/latest/userguide/set-custom-username.html,
checked 2026-11-21."""
_PRINCIPAL: Final = re.compile(
    r"^arn:[a-z-]+:iam::(?P<account>\d{12}):(?P<kind>role|user)/(?P<path>.+)$", re.ASCII
)
_SSO_ROLES: Final = "AWSReservedSSO_"


@dataclass(frozen=True)
class Existing:
    """An access entry that a cluster has.

    Attributes:
        type: its type.
        kubernetes_groups: its groups.
        user_name: its name in Kubernetes.
        cluster_policies: ARNs of its policies that hold in the whole cluster.
        namespace_policies: ARNs of those that hold in namespaces.
    """

    type: str
    kubernetes_groups: frozenset[str] = frozenset()
    user_name: str = ""
    cluster_policies: frozenset[str] = frozenset()
    namespace_policies: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Facts:
    """What is known of a cluster and its account.

    Attributes:
        principals: ARN in aws-auth → the principal's own, with its path; None where it does not
            exist. Those of other accounts are missing.
        managed_role_arns: roles of managed node groups and Fargate profiles.
        entries: principal → its entry; None while the cluster knows no entries.
    """

    principals: Mapping[str, str | None]
    managed_role_arns: frozenset[str] = frozenset()
    entries: Mapping[str, Existing] | None = None


@dataclass(frozen=True)
class Step:
    """What a line of aws-auth comes to.

    Attributes:
        place: where the line is.
        principal_arn: whom it lets in.
        action: what `--yes` does for it; `none` where nothing is to do, `by hand` where only a
            person can.
        entry: the entry that it is as a whole; None where it is none.
        add_policy_arns: policies that the entry which is there lacks.
        why: what a person should know; may be empty.
    """

    place: str
    principal_arn: str
    action: Action
    entry: AccessEntry | None = None
    add_policy_arns: tuple[str, ...] = ()
    why: str = ""

    def to_json(self) -> dict[str, Any]:  # Any: JSON
        """The step as plain values."""
        entry = None if self.entry is None else as_argument(self.entry)
        return {**asdict(self), "entry": entry}


def plan_entries(lines: Sequence[Line], facts: Facts, scope: Scope) -> tuple[Step, ...]:
    """A step for each line, in order.

    Args:
        lines: of aws-auth.
        facts: of the cluster.
        scope: where the cluster is.
    """
    last = {_key(line): line.place for line in lines}
    steps = []
    for line in lines:
        if last[_key(line)] != line.place:
            why = f"{last[_key(line)]} is for the same principal, and the last one holds"
            steps.append(Step(line.place, line.arn, "none", why=why))
        else:
            steps.append(_step(line, facts, scope))
    return tuple(steps)


def as_argument(entry: AccessEntry) -> dict[str, Any]:  # Any: YAML
    """The entry as one of `access_entries` of the component, without what may be left out."""
    document: dict[str, Any] = {"principal_arn": entry.principal_arn}
    if entry.type != "STANDARD":
        document["type"] = entry.type
    if entry.kubernetes_groups:
        document["kubernetes_groups"] = list(entry.kubernetes_groups)
    if entry.user_name is not None:
        document["user_name"] = entry.user_name
    if entry.policy_arns:
        document["policy_arns"] = list(entry.policy_arns)
    return document


def _key(line: Line) -> tuple[str, str]:
    """The authenticator compares without regard to case."""
    return line.kind, line.arn.lower()


def _step(line: Line, facts: Facts, scope: Scope) -> Step:
    if line.kind == "account":
        why = (
            "lets in every principal of an account, without groups, which no access entry does: "
            "make an entry for each that RBAC names"
        )
        return _by_hand(line, why)
    match = _PRINCIPAL.fullmatch(line.arn)
    if match is None or match["kind"] != line.kind:
        return _by_hand(line, f"{line.arn!r} is no ARN of a {line.kind}")
    if line.kind == "role" and "/" in match["path"]:
        why = "aws-auth lets in no role whose path is written; is it meant to? then make its entry"
        return _by_hand(line, why)
    principal = facts.principals.get(line.arn, line.arn)
    if principal is None:
        why = f"the {line.kind} does not exist, so the line lets nobody in"
        return Step(line.place, line.arn, "none", why=why)
    note = ""
    if line.arn not in facts.principals and line.kind == "role":
        note = "is of another account: whether the role has a path is not seen from here"
        if match["path"].startswith(_SSO_ROLES):
            return _by_hand(line, "is of another account: make the entry with the path of the role")
    if principal in facts.managed_role_arns:
        return _managed(line, principal, facts)
    return _translated(line, principal, facts, scope, note)


def _managed(line: Line, principal: str, facts: Facts) -> Step:
    why = "role of managed nodes or Fargate, whose entry EKS makes"
    if facts.entries is not None and principal not in facts.entries:
        why += "; it is not there yet: keep aws-auth until it is"
        return Step(line.place, principal, "by hand", why=why)
    return Step(line.place, principal, "none", why=why)


def _translated(line: Line, principal: str, facts: Facts, scope: Scope, note: str) -> Step:
    groups = frozenset(line.groups)
    node_type = _node_type(groups)
    if node_type is not None:
        entry = AccessEntry(principal, type=node_type)
    elif groups & {*_NODES, _WINDOWS, _FARGATE}:
        why = f"groups {sorted(groups)!r} are those of nodes and others at once: split the role"
        return _by_hand(line, why)
    else:
        is_admin = _MASTERS in groups
        policies = (policy_arn(scope, ADMIN_POLICY),) if is_admin else ()
        own = tuple(sorted(groups - {_MASTERS}))
        name, problem = _user_name(line, principal)
        entry = AccessEntry(principal, kubernetes_groups=own, user_name=name, policy_arns=policies)
        is_refused = bool(problem) or any("user_name" in one for one in check_entry(entry, scope))
        if is_refused and is_admin and not own:
            # An administrator may do all under any name.
            entry = AccessEntry(principal, policy_arns=policies)
            note = f"EKS takes no user name {line.user_name!r} and gives its own"
        elif problem:
            return _by_hand(line, problem)
    if problems := check_entry(entry, scope):
        return _by_hand(line, "; ".join(problems))
    if facts.entries is None or principal not in facts.entries:
        return Step(line.place, principal, "create", entry, why=note)
    return _compared(line, entry, facts.entries[principal])


def _node_type(groups: frozenset[str]) -> EntryType | None:
    """What groups such as EKS writes for nodes stand for."""
    if groups and groups <= _NODES:
        return "EC2_LINUX"
    if groups == _NODES | {_WINDOWS}:
        return "EC2_WINDOWS"
    return "FARGATE_LINUX" if groups == _NODES | {_FARGATE} else None


def _user_name(line: Line, principal: str) -> tuple[str | None, str]:
    """The name as EKS takes it, and what is wrong with it."""
    account = principal.split(":")[4]
    name = line.user_name.replace("{{AccountID}}", account)
    left = set(_TEMPLATE.findall(name))
    allowed = _SESSION_NAMES if line.kind == "role" else frozenset[str]()
    if left - allowed:
        return None, f"user name {line.user_name!r} has a template that EKS does not fill in there"
    return name or None, ""


def _compared(line: Line, entry: AccessEntry, found: Existing) -> Step:
    """What the entry that is there lacks."""
    principal = entry.principal_arn
    if found.type != entry.type:
        why = f"it has an entry of type {found.type}, but the line is one of {entry.type}"
        return Step(line.place, principal, "by hand", entry, why=why)
    if lacking := sorted(set(entry.kubernetes_groups) - found.kubernetes_groups):
        why = f"its entry lacks the groups {lacking!r}: aws eks update-access-entry"
        return Step(line.place, principal, "by hand", entry, why=why)
    missing = tuple(arn for arn in entry.policy_arns if arn not in found.cluster_policies)
    if narrow := [arn for arn in missing if arn in found.namespace_policies]:
        why = f"its entry has {narrow[0]} in some namespaces alone"
        return Step(line.place, principal, "by hand", entry, why=why)
    if missing:
        return Step(line.place, principal, "add policies", entry, missing)
    why = ""
    if entry.user_name is not None and entry.user_name != found.user_name:
        why = f"its entry has the user name {found.user_name!r}, the line {entry.user_name!r}"
    return Step(line.place, principal, "none", entry, why=why)


def _by_hand(line: Line, why: str) -> Step:
    return Step(line.place, line.arn, "by hand", why=why)
