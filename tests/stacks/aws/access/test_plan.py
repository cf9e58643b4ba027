"""Each line of aws-auth becomes a whole access entry, or is left to a person with the reason."""

from __future__ import annotations

from typing import Any

import pytest

from splitplane.components.clouds.aws.cluster.access import AccessEntry
from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.stacks.aws.access.aws_auth import Kind, Line, read_lines
from splitplane.stacks.aws.access.plan import Existing, Facts, Step, as_argument, plan_entries
from splitplane.stacks.aws.errors import WrongArgument

SCOPE = Scope("aws", "eu-central-1", "123456789012")
ROLE = "arn:aws:iam::123456789012:role/team"
REAL = "arn:aws:iam::123456789012:role/people/team"
USER = "arn:aws:iam::123456789012:user/ana"
ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
NODES = ("system:bootstrappers", "system:nodes")


def _plan(line: Line, **facts: Any) -> Step:
    known = {"principals": {ROLE: REAL, USER: USER}} | facts
    (step,) = plan_entries([line], Facts(**known), SCOPE)
    return step


def _role(*groups: str, name: str = "", arn: str = ROLE, kind: Kind = "role") -> Line:
    return Line("mapRoles[0]", kind, arn, name, groups)


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        (_role("system:masters"), AccessEntry(REAL, policy_arns=(ADMIN,))),
        (
            _role("system:masters", "ops", name="ops:{{SessionName}}"),
            AccessEntry(
                REAL,
                kubernetes_groups=("ops",),
                user_name="ops:{{SessionName}}",
                policy_arns=(ADMIN,),
            ),
        ),
        (
            _role("team-b", "team-a", name="a:{{AccountID}}:{{SessionNameRaw}}"),
            AccessEntry(
                REAL,
                kubernetes_groups=("team-a", "team-b"),
                user_name="a:123456789012:{{SessionNameRaw}}",
            ),
        ),
        (
            _role(*NODES, name="system:node:{{EC2PrivateDNSName}}"),
            AccessEntry(REAL, type="EC2_LINUX"),
        ),
        (_role(*NODES, "eks:kube-proxy-windows"), AccessEntry(REAL, type="EC2_WINDOWS")),
        (_role(*NODES, "system:node-proxier"), AccessEntry(REAL, type="FARGATE_LINUX")),
        (
            _role("view", name="ana", arn=USER, kind="user"),
            AccessEntry(USER, kubernetes_groups=("view",), user_name="ana"),
        ),
    ],
    ids=["admin", "admin and group", "groups", "nodes", "windows", "fargate", "user"],
)
def test_a_line_becomes_an_entry_of_the_principal_as_iam_has_it(
    line: Line, entry: AccessEntry
) -> None:
    step = _plan(line)

    assert (step.action, step.entry, step.why) == ("create", entry, "")


@pytest.mark.parametrize("name", ["{{SessionName}}", "admin-{{EC2PrivateDNSName}}", "system:root"])
def test_an_administrator_whose_name_eks_refuses_gets_one_of_eks(name: str) -> None:
    step = _plan(_role("system:masters", name=name))

    assert (step.action, step.entry) == ("create", AccessEntry(REAL, policy_arns=(ADMIN,)))
    assert step.why == f"EKS takes no user name {name!r} and gives its own"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (_role(kind="account", arn="012345678901"), "lets in every principal of an account"),
        (_role("system:nodes", "system:masters"), "those of nodes and others at once"),
        (_role("system:masters", "eks:viewers"), "kubernetes_groups 'eks:viewers' is not allowed"),
        (_role("a", name="{{SessionName}}"), "EKS wants a colon before"),
        (_role("a", name="x:{{AccessKeyID}}"), "has a template that EKS does not fill in"),
        (_role("a", name="system:x"), "user_name 'system:x' is not allowed"),
        (_role("a", name="a:{{SessionName}}", arn=USER, kind="user"), "has a template that"),
        (_role(*NODES, arn=USER, kind="user"), "is a user, but type EC2_LINUX is for roles"),
        (_role("a", arn=REAL), "aws-auth lets in no role whose path is written"),
        (_role("a", arn="arn:aws:iam::123456789012:root"), "is no ARN of a role"),
        (_role("a", arn=""), "'' is no ARN of a role"),
        (
            _role("a", arn="arn:aws:iam::210987654321:role/AWSReservedSSO_Admin_0"),
            "is of another account: make the entry with the path of the role",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_line_that_is_no_whole_entry_is_left_to_a_person(line: Line, why: str) -> None:
    step = _plan(line)

    assert (step.action, step.entry) == ("by hand", None)
    assert why in step.why


def test_a_role_of_another_account_is_taken_as_it_is_written() -> None:
    step = _plan(_role("a", arn="arn:aws:iam::210987654321:role/ci"))

    assert step.action == "create"
    assert step.principal_arn == "arn:aws:iam::210987654321:role/ci"
    assert step.why == "is of another account: whether the role has a path is not seen from here"


def test_a_principal_that_is_gone_needs_no_entry() -> None:
    step = _plan(_role("system:masters"), principals={ROLE: None})

    assert (step.action, step.why) == (
        "none",
        "the role does not exist, so the line lets nobody in",
    )


@pytest.mark.parametrize(
    ("entries", "action"),
    [(None, "none"), ({REAL: Existing("EC2_LINUX")}, "none"), ({}, "by hand")],
    ids=["not yet known", "there", "missing"],
)
def test_the_entry_of_managed_nodes_is_left_to_eks(entries: Any, action: str) -> None:
    step = _plan(_role(*NODES), managed_role_arns=frozenset({REAL}), entries=entries)

    assert (step.action, step.entry) == (action, None)


@pytest.mark.parametrize(
    ("found", "action", "why"),
    [
        (Existing("STANDARD", frozenset({"a", "b"}), "x", frozenset({ADMIN})), "none", ""),
        (Existing("STANDARD", frozenset({"a"}), "x"), "add policies", ""),
        (
            Existing("STANDARD", frozenset({"a"}), "y", frozenset({ADMIN})),
            "none",
            "its entry has the user name 'y', the line 'x'",
        ),
        (Existing("EC2_LINUX"), "by hand", "an entry of type EC2_LINUX, but the line is one of S"),
        (Existing("STANDARD"), "by hand", "its entry lacks the groups ['a']"),
        (
            Existing("STANDARD", frozenset({"a"}), "x", namespace_policies=frozenset({ADMIN})),
            "by hand",
            "AmazonEKSClusterAdminPolicy in some namespaces alone",
        ),
    ],
    ids=["has all", "no policy", "other name", "other type", "no group", "narrow policy"],
)
def test_an_entry_that_is_there_only_gets_policies(found: Existing, action: str, why: str) -> None:
    step = _plan(_role("system:masters", "a", name="x"), entries={REAL: found})

    assert step.action == action
    assert why in step.why
    assert step.add_policy_arns == ((ADMIN,) if action == "add policies" else ())


def test_of_two_lines_for_one_principal_the_last_holds() -> None:
    lines = [Line("mapRoles[0]", "role", ROLE.upper()), Line("mapRoles[1]", "role", ROLE)]

    first, second = plan_entries(lines, Facts({ROLE: REAL}), SCOPE)

    assert (first.action, first.why) == (
        "none",
        "mapRoles[1] is for the same principal, and the last one holds",
    )
    assert second.action == "create"


def test_an_entry_is_written_as_an_argument_without_what_may_be_left_out() -> None:
    entry = AccessEntry(REAL, kubernetes_groups=("a",), user_name="x", policy_arns=(ADMIN,))

    assert as_argument(AccessEntry(REAL, type="EC2_LINUX")) == {
        "principal_arn": REAL,
        "type": "EC2_LINUX",
    }
    assert as_argument(entry) == {
        "principal_arn": REAL,
        "kubernetes_groups": ["a"],
        "user_name": "x",
        "policy_arns": [ADMIN],
    }


def test_every_value_of_aws_auth_is_text() -> None:
    lines = read_lines(
        {
            "mapRoles": f"- rolearn: {ROLE}\n  username: yes\n  groups: [system:masters, 1]\n",
            "mapUsers": "",
            "mapAccounts": "- 012345678901\n",
        }
    )

    assert lines == (
        Line("mapRoles[0]", "role", ROLE, "yes", ("system:masters", "1")),
        Line("mapAccounts[0]", "account", "012345678901"),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- [", "mapRoles of aws-auth is no YAML: correct it first"),
        ("a: b", "mapRoles of aws-auth is no list, but 'a: b'"),
        ("- a", r"mapRoles\[0\] of aws-auth is 'a': write a mapping"),
    ],
)
def test_what_the_cluster_cannot_read_is_named(text: str, message: str) -> None:
    with pytest.raises(WrongArgument, match=message):
        read_lines({"mapRoles": text})
