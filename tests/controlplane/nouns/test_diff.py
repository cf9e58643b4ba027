from typing import Any

import pytest

from splitplane.contract.nouns import noun_for_kind
from splitplane.controlplane.errors import UserError
from splitplane.controlplane.nouns.applications import ApplicationHooks
from splitplane.controlplane.nouns.diff import check_immutable, diff
from splitplane.controlplane.nouns.listing import decode_cursor, encode_cursor
from splitplane.controlplane.tables import Application


@pytest.mark.parametrize(
    ("before", "after", "paths"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, ["a"]),
        ({"a": 1}, {"a": True}, ["a"]),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, ["a.c"]),
        ({"a": [{"b": 1}, {"b": 2}]}, {"a": [{"b": 1}, {"b": 3}]}, ["a[1].b"]),
        ({"a": [1]}, {"a": [1, 2]}, ["a"]),
        ({"a": {"b": 1}}, {"a": None}, ["a"]),
        ({}, {"b": 1, "a": 2}, ["a", "b"]),
    ],
)
def test_changes_are_named_by_path(before: Any, after: Any, paths: list[str]) -> None:
    assert [change.path for change in diff(before, after)] == paths


def test_an_absent_field_is_null() -> None:
    (change,) = diff({}, {"a": 1})

    assert (change.before, change.after) == (None, 1)


def test_each_immutable_field_that_changed_is_named_once() -> None:
    before = {"type": "workspace", "name": "team1", "cluster": "a1"}

    with pytest.raises(UserError) as caught:
        check_immutable(
            noun_for_kind("workspace"),
            before,
            {**before, "name": "t2", "cluster": "b1"},
            "a1:team1",
        )

    assert [(error.field, error.allowed) for error in caught.value.errors] == [
        ("name", "'team1'"),
        ("cluster", "'a1'"),
    ]


@pytest.mark.parametrize(
    ("changed", "verbs"),
    [
        ({"image": "b"}, ("application:update", "application:deploy")),
        ({"replicas": 2}, ("application:update", "application:deploy")),
        ({"env": {"A": "1"}}, ("application:update", "application:deploy")),
        ({"image": "b", "args": ["x"]}, ("application:update",)),
        ({"image_pull": "x"}, ("application:update",)),
        ({"environment": "x"}, ("application:update",)),
    ],
)
def test_a_deployer_may_change_image_variables_and_replicas(
    changed: dict[str, Any], verbs: tuple[str, ...]
) -> None:
    before = {"image": "a", "replicas": 1, "env": {}, "args": []}

    changes = diff(before, {**before, **changed})

    assert ApplicationHooks().update_verbs(changes, Application()) == verbs


def test_a_cursor_belongs_to_its_list() -> None:
    cursor = encode_cursor("prod-eu:team1", "workspace")

    assert decode_cursor(cursor, "workspace") == "prod-eu:team1"
    with pytest.raises(UserError, match="cursor"):
        decode_cursor(cursor, "cluster")
