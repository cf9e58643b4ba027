"""What Diff says is what Update does, for random pairs of inputs of every resource.

The object is real and the comparison is Read's, so a field that the provider, the client or the
control plane loses, orders or rewrites is found here.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any, TypeVar

import grpc
import pytest
from control_plane import ControlPlane
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from kinds_table import CASES, NOTHING, Case
from property_strategies import InputStrategies
from provider_harness import PluginProcess

from splitplane.provider.codec import Properties, has_unknown
from splitplane.provider.kinds import LAYOUTS
from splitplane.provider.kinds.layout import Layout

BY_TOKEN: dict[str, Layout] = {layout.resource_type: layout for layout, _ in LAYOUTS}
ResultT = TypeVar("ResultT")
_NUMBERS = count(1)

cases = pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
random_pairs = settings(
    # Each is a dozen calls to a real control plane.
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)


def _strategies(case: Case, plane: ControlPlane, name: str) -> InputStrategies:
    changed = [
        {**inputs, key: other}
        for inputs in case.complete(NOTHING, name)[:1]
        for key, (_, other) in case.optional.items()
    ]
    smallest = case.required(NOTHING, name)
    samples = [*case.complete(plane, name), *changed, smallest]
    return InputStrategies(case, BY_TOKEN[case.token], samples)


@cases
def test_after_an_update_nothing_differs(
    case: Case, plugin: PluginProcess, control_plane: ControlPlane, unique: str
) -> None:
    strategies = _strategies(case, control_plane, unique)
    # What the object lies in is made once; it is also what makes the name unique.
    place = {k: v for k, v in case.required(NOTHING, unique).items() if k in _place(case)}

    @given(st.data())
    @random_pairs
    def holds(data: st.DataObject) -> None:
        fixed = {**place, "name": f"{unique}-{next(_NUMBERS)}"}
        old, new = (data.draw(strategies.inputs(fixed)) for _ in range(2))
        _check_pair(case, old, new, plugin, control_plane)

    holds()


@cases
def test_what_never_changes_and_nothing_else_replaces(
    case: Case, plugin: PluginProcess, unique: str
) -> None:
    layout = BY_TOKEN[case.token]
    strategies = _strategies(case, NOTHING, unique)

    @given(old=strategies.inputs({}), new=strategies.inputs({}))
    @random_pairs
    def holds(old: Properties, new: Properties) -> None:
        planned = plugin.create(case.token, old, preview=True).outputs

        found = plugin.diff(case.token, "id", old, planned, new)

        before, after = layout.normalize(old), layout.normalize(new)
        assert found.has_changes is (before != after)
        assert bool(found.replaces) is (_fixed(layout, before) != _fixed(layout, after))
        assert found.deletes_first is (bool(found.replaces) and layout.fqn(old) == layout.fqn(new))

    holds()


def _check_pair(
    case: Case, old: Properties, new: Properties, plugin: PluginProcess, plane: ControlPlane
) -> None:
    created = _unless_refused(lambda: plugin.create(case.token, old))
    state = (created.id, old, created.outputs)
    found = plugin.diff(case.token, *state, new)
    before = plane.client.get(case.kind, created.id)
    try:
        assert plugin.read(case.token, *state) == state
        if found.replaces:
            return
        planned = plugin.update(case.token, *state, new, preview=True)
        outputs = _unless_refused(lambda: plugin.update(case.token, *state, new))
        after = plane.client.get(case.kind, created.id)

        known = {key: value for key, value in planned.items() if not has_unknown(value)}
        assert known == {key: outputs[key] for key in known}
        assert set(planned) == set(outputs)
        assert plugin.read(case.token, created.id, new, outputs) == (created.id, new, outputs)
        assert not plugin.diff(case.token, created.id, new, outputs, new).has_changes
        if not found.has_changes:
            assert (after.manifest, after.etag) == (before.manifest, before.etag)
        beside = {field.wire_name for field in BY_TOKEN[case.token].extra}
        assert (after.manifest != before.manifest) is bool(set(found.detailed) - beside)
    finally:
        plugin.delete(case.token, created.id, old)


def _place(case: Case) -> set[str]:
    """Inputs that say where the object lies, and what tests must not wait for."""
    layout = BY_TOKEN[case.token]
    return {path for path in layout.immutable if "." not in path} & set(
        case.required(NOTHING, "it")
    ) | {"waitFor"}


def _unless_refused(call: Callable[[], ResultT]) -> ResultT:
    """The call's result; inputs that break a rule of the control plane alone are no example."""
    try:
        return call()
    except grpc.RpcError as error:
        found: Any = error  # Any: what a failed call raises is also the call
        if found.code() is grpc.StatusCode.INVALID_ARGUMENT:
            reject()
        raise


def _fixed(layout: Layout, inputs: Properties) -> Properties:
    """What of the inputs needs another object when it changes."""
    variants = {variant.name for variant in layout.variants}
    found: Properties = {name: True for name in variants if name in inputs}
    for path in layout.immutable:
        value: object = inputs
        for step in path.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        found[path] = value
    return found
