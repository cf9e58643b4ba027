"""Every place that differs is named, in the engine's notation."""

from __future__ import annotations

from typing import Any

import pytest

from splitplane.provider.codec import UNKNOWN, Secret
from splitplane.provider.diff import Change, diff_properties
from splitplane.provider.paths import is_same_or_inside, overlap, secret_paths


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param({"a": 1}, {"a": 1}, {}, id="same"),
        pytest.param({"a": 1}, {"a": 2}, {"a": "update"}, id="changed"),
        pytest.param({}, {"a": 1}, {"a": "add"}, id="added"),
        pytest.param({"a": 1}, {}, {"a": "delete"}, id="removed"),
        pytest.param({"a": None}, {}, {}, id="null is absent"),
        pytest.param({"a": {"b": 1}}, {"a": {"b": 2}}, {"a.b": "update"}, id="nested"),
        pytest.param({"a": [1, 2]}, {"a": [1, 3]}, {"a[1]": "update"}, id="item"),
        pytest.param({"a": [1]}, {"a": [1, 3]}, {"a[1]": "add"}, id="longer"),
        pytest.param({"a": [1, 2]}, {"a": [1]}, {"a[1]": "delete"}, id="shorter"),
        pytest.param({"a": {}}, {"a": {"x/y": "1"}}, {'a["x/y"]': "add"}, id="odd key"),
        pytest.param({"a": 1}, {"a": UNKNOWN}, {"a": "update"}, id="unknown"),
        pytest.param({}, {"a": {"b": UNKNOWN}}, {"a": "add"}, id="unknown inside"),
        pytest.param({"a": [1]}, {"a": 1}, {"a": "update"}, id="other type"),
    ],
)
def test_changes(old: dict[str, Any], new: dict[str, Any], expected: dict[str, str]) -> None:
    found = diff_properties(old, new)

    assert {path: change.kind for path, change in found.changes.items()} == expected


def test_a_change_beneath_an_immutable_path_replaces() -> None:
    found = diff_properties({"s3": {"bucket": "a"}}, {"s3": {"bucket": "b"}}, replace_on={"s3"})

    assert found.changes == {"s3.bucket": Change("update", is_replace=True)}
    assert found.replaces == ["s3.bucket"]
    assert found.keys == ["s3"]


def test_deleting_first_needs_a_replacement() -> None:
    update = diff_properties({"a": 1}, {"a": 2}, delete_before_replace=True)
    replace = diff_properties({"a": 1}, {"a": 2}, replace_on={"a"}, delete_before_replace=True)

    assert not update.delete_before_replace
    assert replace.delete_before_replace


def test_a_name_that_starts_like_another_is_not_inside_it() -> None:
    assert is_same_or_inside("ports[0].port", "ports")
    assert not is_same_or_inside("portsX", "ports")
    assert overlap("a", "a.b[0]")
    assert not overlap("a.b", "a.c")


def test_secret_places_are_the_outermost() -> None:
    value = {"a": Secret({"b": Secret(1)}), "c": [1, Secret(2)], "d": {"x/y": Secret(3)}}

    assert secret_paths(value) == ["a", "c[1]", 'd["x/y"]']
