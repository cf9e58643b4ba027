from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from splitplane.contract.fqn import Fqn, FqnError, FqnKind, parse_fqn, parse_fqn_of

FORMS = [
    ("prod-eu", "cluster", ("prod-eu",)),
    ("prod-eu:team1", "workspace", ("prod-eu", "team1")),
    ("prod-eu:team1:ranker", "application", ("prod-eu", "team1", "ranker")),
    ("prod-eu:team1:ranker:v7", "deployment", ("prod-eu", "team1", "ranker", "v7")),
    ("environment:dev", "environment", ("dev",)),
    ("storage-integration:local", "storage-integration", ("local",)),
    ("mlrepo:fraud", "ml-repo", ("fraud",)),
    ("role:auditor", "role", ("auditor",)),
    ("user:ann@example.com", "user", ("ann@example.com",)),
    ("team:ml", "team", ("ml",)),
    ("sa:ci", "service-account", ("ci",)),
    ("workspace:prod-eu:team1", "workspace-subject", ("prod-eu", "team1")),
]


@pytest.mark.parametrize(("text", "kind", "parts"), FORMS, ids=[form[0] for form in FORMS])
def test_every_form_is_read_and_written_back(text: str, kind: str, parts: tuple[str, ...]) -> None:
    fqn = parse_fqn(text)

    assert (fqn.kind, fqn.parts, str(fqn)) == (kind, parts, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        "a::b",
        "A",
        "prod/eu",
        "a:b:c:7",
        "a:b:c:v0",
        "a:b:c:v1:d",
        "mlrepo:",
        "user:ann",
        "sa:a:b",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(FqnError):
        parse_fqn(text)


def test_the_parent_is_what_contains_it() -> None:
    assert parse_fqn("prod-eu:team1:ranker").parent == Fqn("workspace", ("prod-eu", "team1"))
    assert parse_fqn("prod-eu").parent is None
    assert parse_fqn("mlrepo:fraud").parent is None


def test_a_name_of_another_kind_is_refused_with_both_kinds() -> None:
    with pytest.raises(FqnError) as refused:
        parse_fqn_of("workspace", "prod-eu")

    message = "'prod-eu' names a cluster, not a workspace; write CLUSTER:WORKSPACE"
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("cluster", "CLUSTER"),
        ("application", "CLUSTER:WORKSPACE:APPLICATION"),
        ("deployment", "CLUSTER:WORKSPACE:APPLICATION:vN"),
        ("environment", "environment:NAME"),
        ("user", "user:MAIL"),
        ("workspace-subject", "workspace:CLUSTER:WORKSPACE"),
    ],
)
def test_refusal_shows_the_form_of_the_kind(kind: FqnKind, form: str) -> None:
    with pytest.raises(FqnError, match=f"; write {form}$"):
        parse_fqn_of(kind, "prod-eu:team1")


@given(st.text(max_size=60))
def test_what_can_be_read_is_written_back_in_a_form_that_reads_the_same(text: str) -> None:
    try:
        fqn = parse_fqn(text)
    except FqnError:
        return

    assert parse_fqn(str(fqn)) == fqn
