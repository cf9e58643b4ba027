"""Every place of every property of every resource, through the plugin's process.

The places come from the layouts and the values from `kinds_table`, so that a new resource joins by
its values alone. test_lifecycle goes through whole properties, this file through what is in them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from control_plane import ControlPlane
from kinds_table import CASES, NOTHING, Case
from property_positions import (
    Position,
    changed_at,
    first_positions,
    get_at,
    names_in,
    put_at,
    used_names,
    without,
)
from provider_harness import PluginProcess

from splitplane.provider.codec import UNKNOWN, Properties, Secret, has_unknown, unwrap
from splitplane.provider.kinds import LAYOUTS
from splitplane.provider.kinds.layout import Layout
from splitplane.provider.paths import is_same_or_inside, overlap, secret_paths
from splitplane.provider.schema import PATH

SCHEMA: dict[str, Any] = json.loads(PATH.read_text())
BY_TOKEN: dict[str, Layout] = {layout.resource_type: layout for layout, _ in LAYOUTS}
TABLE = [(case, BY_TOKEN[case.token]) for case in CASES]

cases = pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
samples = pytest.mark.parametrize(
    ("case", "number"),
    [
        pytest.param(case, number, id=f"{case.name}-{number}")
        for case in CASES
        for number, _ in enumerate(case.complete(NOTHING, "it"))
    ],
)
PLACES = [
    pytest.param(case, number, position, id=f"{case.name}-{number}-{position.path}")
    for case, layout in TABLE
    for number, position in first_positions(layout.inputs, case.complete(NOTHING, "it"))
]
places = pytest.mark.parametrize(("case", "number", "position"), PLACES)


def test_every_resource_has_values() -> None:
    assert {case.token for case in CASES} == set(BY_TOKEN)


@cases
def test_the_values_reach_every_property(case: Case) -> None:
    layout = BY_TOKEN[case.token]
    sets = [case.required(NOTHING, "it"), *case.complete(NOTHING, "it")]

    found = {name for inputs in sets for name in used_names(layout.inputs, inputs)}

    assert sorted(set(names_in(layout.inputs)) - found) == []
    assert [layout.failures(inputs) for inputs in sets] == [[] for _ in sets]


@places
def test_an_unknown_is_tolerated(
    case: Case, number: int, position: Position, plugin: PluginProcess
) -> None:
    inputs = _inputs(case, number)
    news = put_at(inputs, position.steps, UNKNOWN)

    checked, failures = plugin.check(case.token, news)
    planned = plugin.create(case.token, news, preview=True).outputs
    known = plugin.create(case.token, inputs, preview=True).outputs
    updated = plugin.update(case.token, "id", inputs, known, news, preview=True)
    found = plugin.diff(case.token, "id", inputs, known, news)

    assert (checked, failures) == (news, [])
    assert has_unknown(get_at(planned, position.steps))
    assert has_unknown(get_at(updated, position.steps))
    assert found.has_changes
    assert all(overlap(path, position.path) for path in found.detailed)
    if not _is_immutable(case, position.path):
        assert found.replaces == []


@places
def test_a_secret_stays_secret(
    case: Case, number: int, position: Position, plugin: PluginProcess
) -> None:
    inputs = _inputs(case, number)
    news = put_at(inputs, position.steps, Secret(get_at(inputs, position.steps)))

    checked, failures = plugin.check(case.token, news)
    planned = plugin.create(case.token, news, preview=True).outputs
    updated = plugin.update(case.token, "id", inputs, planned, news, preview=True)

    assert (checked, failures) == (news, [])
    for outputs in (planned, updated):
        secrets = secret_paths(outputs)
        assert any(is_same_or_inside(position.path, path) for path in secrets)
    assert not plugin.diff(case.token, "id", news, planned, inputs).has_changes
    assert not plugin.diff(case.token, "id", inputs, planned, news).has_changes


@places
def test_a_change_is_shown_where_it_is(
    case: Case, number: int, position: Position, plugin: PluginProcess
) -> None:
    layout = BY_TOKEN[case.token]
    inputs = _inputs(case, number)
    news = changed_at(layout, inputs, position)
    if news is None:
        # A whole object changes by what is in it, which has a place of its own.
        assert position.shape.kind == "object" or position.path in case.fixed
        return
    planned = plugin.create(case.token, inputs, preview=True).outputs

    found = plugin.diff(case.token, "id", inputs, planned, news)
    ignored = plugin.diff(
        case.token, "id", inputs, planned, news, ignore=[position.path.split("[")[0]]
    )

    assert found.has_changes
    assert all(overlap(path, position.path) for path in found.detailed)
    assert bool(found.replaces) is _is_immutable(case, position.path)
    assert bool(found.replaces) is _schema_replaces(case, position)
    assert not ignored.has_changes


@places
def test_a_removal_is_shown_where_it_is(
    case: Case, number: int, position: Position, plugin: PluginProcess
) -> None:
    layout = BY_TOKEN[case.token]
    inputs = _inputs(case, number)
    news = without(inputs, position.steps)
    if layout.failures(news):
        assert plugin.check(case.token, news)[1]
        return
    planned = plugin.create(case.token, inputs, preview=True).outputs

    found = plugin.diff(case.token, "id", inputs, planned, news)

    is_default = layout.normalize(news) == layout.normalize(inputs)
    assert found.has_changes is not is_default
    outer = position.path if not isinstance(position.steps[-1], int) else _list_of(position)
    assert all(overlap(path, outer) for path in found.detailed)


@samples
def test_what_was_made_with_everything_set_is_read_back_and_imported(
    case: Case, number: int, plugin: PluginProcess, control_plane: ControlPlane, unique: str
) -> None:
    inputs = case.complete(control_plane, unique)[number]
    created = plugin.create(case.token, inputs)
    state = (created.id, inputs, created.outputs)

    assert plugin.read(case.token, *state) == state
    assert not plugin.diff(case.token, *state, inputs).has_changes
    for name in (created.id, case.fqn(unique)):
        found_id, found_inputs, outputs = plugin.read(case.token, name)
        assert found_id == created.id
        known = {k: v for k, v in inputs.items() if k not in _beside(case)}
        found = plugin.diff(case.token, found_id, found_inputs, outputs, known)
        assert found.detailed == {}
    plugin.delete(case.token, created.id, inputs)


@samples
def test_secrets_of_a_made_object_stay_secret(
    case: Case, number: int, plugin: PluginProcess, control_plane: ControlPlane, unique: str
) -> None:
    plain = case.complete(control_plane, unique)[number]
    inputs = {key: Secret(value) for key, value in plain.items()}

    created = plugin.create(case.token, inputs)
    state = (created.id, inputs, created.outputs)
    updated = plugin.update(case.token, *state, inputs)
    imported = plugin.read(case.token, created.id)[2]

    assert set(plain) <= set(secret_paths(created.outputs))
    assert plugin.read(case.token, *state) == state
    assert updated == created.outputs
    assert not plugin.diff(case.token, *state, plain).has_changes
    assert {k: v for k, v in unwrap(imported).items() if k not in _beside(case)}.items() <= {
        **unwrap(updated)
    }.items()
    plugin.delete(case.token, created.id, inputs)


@samples
def test_drift_at_every_place_is_shown_and_repaired(
    case: Case, number: int, plugin: PluginProcess, control_plane: ControlPlane, unique: str
) -> None:
    layout = BY_TOKEN[case.token]
    inputs = case.complete(control_plane, unique)[number]
    created = plugin.create(case.token, inputs)
    state = (created.id, inputs, created.outputs)

    for position in _first(case, number):
        if _is_immutable(case, position.path) or position.steps[0] in _beside(case):
            continue
        drifted = _existing(case, position, inputs, control_plane, unique)
        if drifted is None:
            assert position.shape.kind == "object" or position.path in case.fixed
            continue
        control_plane.client.update(case.kind, created.id, layout.to_manifest(drifted))
        found_id, read_inputs, read_outputs = plugin.read(case.token, *state)
        found = plugin.diff(case.token, found_id, read_inputs, read_outputs, inputs)
        refreshed = plugin.diff(case.token, found_id, inputs, created.outputs, read_inputs)

        assert found.has_changes, position.path
        assert refreshed.has_changes, position.path
        assert all(overlap(path, position.path) for path in found.detailed), position.path
        assert found.replaces == []
        repaired = plugin.update(case.token, found_id, read_inputs, read_outputs, inputs)
        again = plugin.read(case.token, created.id, inputs, repaired)
        assert again == (created.id, inputs, repaired), position.path
        made = _made_by_the_control_plane(case)
        assert {k: v for k, v in repaired.items() if k not in made} == {
            k: v for k, v in created.outputs.items() if k not in made
        }, position.path
    plugin.delete(case.token, created.id, inputs)


@cases
def test_an_object_deleted_by_others_is_gone_and_can_be_made_again(
    case: Case, plugin: PluginProcess, control_plane: ControlPlane, unique: str
) -> None:
    inputs = case.required(control_plane, unique)
    created = plugin.create(case.token, inputs)
    control_plane.client.delete(case.kind, created.id)

    assert plugin.read(case.token, created.id, inputs, created.outputs) == ("", {}, {})
    with pytest.raises(grpc.RpcError, match="pulumi refresh"):
        plugin.update(case.token, created.id, inputs, created.outputs, inputs)
    plugin.delete(case.token, created.id, inputs)
    again = plugin.create(case.token, inputs)

    assert again.id != created.id
    assert plugin.read(case.token, again.id, inputs, again.outputs)[0] == again.id
    plugin.delete(case.token, again.id, inputs)


def _inputs(case: Case, number: int) -> Properties:
    return case.complete(NOTHING, "it")[number]


def _first(case: Case, number: int) -> list[Position]:
    """The places that the inputs of this number are the first to have."""
    found = first_positions(BY_TOKEN[case.token].inputs, case.complete(NOTHING, "it"))
    return [position for at, position in found if at == number]


def _beside(case: Case) -> set[str]:
    """Inputs that are no part of the object, such as how long to wait for it."""
    return {field.wire_name for field in BY_TOKEN[case.token].extra}


def _made_by_the_control_plane(case: Case) -> set[str]:
    """Outputs such as a token's secret, which a repair may have made anew."""
    return {name for name, _ in BY_TOKEN[case.token].computed} - {"fqn"}


def _is_immutable(case: Case, path: str) -> bool:
    layout = BY_TOKEN[case.token]
    variants = {variant.name for variant in layout.variants}
    return path in variants or any(is_same_or_inside(path, item) for item in layout.immutable)


def _schema_replaces(case: Case, position: Position) -> bool:
    """Whether the schema says that a change at the place, or around it, needs another object."""
    properties = SCHEMA["resources"][case.token]["inputProperties"]
    for name in position.name.replace("[]", "").split("."):
        found = properties[name]
        if found.get("willReplaceOnChanges"):
            return True
        inner = found.get("items") or found.get("additionalProperties") or found
        if "$ref" in inner:
            properties = SCHEMA["types"][inner["$ref"].removeprefix("#/types/")].get("properties")
    return False


def _list_of(position: Position) -> str:
    return position.path.rpartition("[")[0]


def _existing(
    case: Case,
    position: Position,
    inputs: Properties,
    plane: ControlPlane,
    name: str,
) -> Properties | None:
    """The inputs with another value at the place; one that exists where it names an object."""
    make: Callable[[ControlPlane, str], object] | None = case.references.get(position.path)
    if make is None:
        return changed_at(BY_TOKEN[case.token], inputs, position)
    return put_at(inputs, position.steps, make(plane, name))
