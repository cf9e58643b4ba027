"""Values over values: what JSON Merge Patch promises."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from splitplane.components.addons.merge import merge_values

KEYS = st.sampled_from(["a", "b", "c"])
LEAVES = st.one_of(st.booleans(), st.integers(), st.text(max_size=3))


def trees(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    inner = st.recursive(
        st.one_of(leaves, st.lists(LEAVES, max_size=2)),
        lambda below: st.dictionaries(KEYS, below, max_size=3),
        max_leaves=6,
    )
    return st.dictionaries(KEYS, inner, max_size=3)


VALUES = trees(LEAVES)
OVERRIDES = trees(st.one_of(LEAVES, st.none()))


def leaves_of(values: dict[str, Any], path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    found: dict[tuple[str, ...], Any] = {}
    for key, value in values.items():
        if isinstance(value, dict):
            found |= leaves_of(value, (*path, key))
        else:
            found[*path, key] = value
    return found


def test_maps_are_merged_lists_replaced_and_nulls_remove() -> None:
    ours = {"image": {"tag": "1", "pull": "Always"}, "args": ["a", "b"], "extra": {"x": 1}}

    merged = merge_values(
        ours,
        {"image": {"tag": "2", "pull": None}, "args": ["c"], "extra": None, "new": {"y": None}},
    )

    assert merged == {"image": {"tag": "2"}, "args": ["c"], "new": {}}


@given(VALUES, OVERRIDES)
def test_every_override_that_is_no_null_holds(ours: dict[str, Any], over: dict[str, Any]) -> None:
    merged = leaves_of(merge_values(ours, over))

    for path, value in leaves_of(over).items():
        assert merged.get(path) == value


@given(VALUES, OVERRIDES)
def test_nothing_is_null_and_a_second_time_changes_nothing(
    ours: dict[str, Any], over: dict[str, Any]
) -> None:
    merged = merge_values(ours, over)

    assert None not in leaves_of(merged).values()
    assert merge_values(merged, over) == merged


@given(VALUES, OVERRIDES)
def test_what_no_override_names_stays(ours: dict[str, Any], over: dict[str, Any]) -> None:
    merged = merge_values(ours, over)

    for key in ours.keys() - over.keys():
        assert merged[key] == ours[key]
    assert merge_values(ours, {}) == ours


@given(VALUES, OVERRIDES)
def test_neither_side_is_changed(ours: dict[str, Any], over: dict[str, Any]) -> None:
    before = copy.deepcopy((ours, over))

    merge_values(ours, over)

    assert (ours, over) == before
