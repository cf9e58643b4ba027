"""Every place in a property value: its path, and the value with that place changed.

The conformance tests go through all of them, so that a property is tested where it lies and not
only as a part of the resource's top level.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from splitplane.provider.codec import Properties
from splitplane.provider.kinds.layout import Layout
from splitplane.provider.paths import join_key
from splitplane.provider.shapes import Shape

Steps = tuple[str | int, ...]


@dataclass(frozen=True)
class Position:
    """A place in inputs.

    Attributes:
        path: in the engine's notation.
        name: the path with `[]` for an index and for a key of a map.
        steps: keys and indices that lead there.
        shape: what is there.
    """

    path: str
    name: str
    steps: Steps
    shape: Shape


def positions_in(shape: Shape, value: Any, at: Position | None = None) -> Iterator[Position]:
    """Every place in `value`, the outer before the inner, without `value` itself."""
    steps = at.steps if at else ()
    path, name = (at.path, at.name) if at else ("", "")
    for key, item in _children(value):
        if isinstance(key, int):
            assert shape.items is not None, path
            found = Position(f"{path}[{key}]", f"{name}[]", (*steps, key), shape.items)
        elif shape.items is not None:
            found = Position(join_key(path, key), f"{name}[]", (*steps, key), shape.items)
        else:
            inner = join_key(name, key)
            found = Position(join_key(path, key), inner, (*steps, key), shape.fields()[key].shape)
        yield found
        yield from positions_in(found.shape, item, found)


def first_positions(shape: Shape, values: Iterable[Any]) -> Iterator[tuple[int, Position]]:
    """The number of a value and a place in it, once for each name of a place.

    Args:
        shape: what the values are.
        values: what is looked through.
    """
    seen: set[str] = set()
    for number, value in enumerate(values):
        for position in positions_in(shape, value):
            if position.name not in seen:
                seen.add(position.name)
                yield number, position


def names_in(shape: Shape, path: str = "") -> Iterator[str]:
    """Every property that the shape can have, `ports[].name` for one of a list's items."""
    if shape.items is not None:
        yield from names_in(shape.items, f"{path}[]")
    for name, field in shape.fields().items():
        inner = join_key(path, name)
        yield inner
        yield from names_in(field.shape, inner)


def used_names(shape: Shape, value: Any, path: str = "") -> Iterator[str]:
    """The properties of `names_in` that are in `value`."""
    for key, item in _children(value):
        if shape.items is not None:
            yield from used_names(shape.items, item, f"{path}[]")
        else:
            inner = join_key(path, str(key))
            yield inner
            yield from used_names(shape.fields()[str(key)].shape, item, inner)


def get_at(value: Any, steps: Steps) -> Any:
    """What is at the place; a KeyError or IndexError when nothing is."""
    for step in steps:
        value = value[step]
    return value


def put_at(value: Properties, steps: Steps, item: Any) -> Properties:
    """A copy with `item` at the place."""
    result = copy.deepcopy(value)
    get_at(result, steps[:-1])[steps[-1]] = item
    return result


def without(value: Properties, steps: Steps) -> Properties:
    """A copy in which nothing is at the place."""
    result = copy.deepcopy(value)
    del get_at(result, steps[:-1])[steps[-1]]
    return result


def other_values(shape: Shape, value: Any) -> Iterator[Any]:
    """Values like `value` but others; not all of them need to be allowed."""
    yield from (allowed for allowed in shape.allowed if allowed != value)
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield from (value + 1, value - 1)
    elif isinstance(value, str):
        yield from (f"{value}x", f"{value}/x", f"{value[:-1]}0", f"{value[:-1]}1")
    elif isinstance(value, list):
        yield from (value[:-1], [*value, *other_items(shape, value)])
    elif isinstance(value, dict) and shape.kind == "map":
        yield from ({**value, "other": "value"}, {})


def other_items(shape: Shape, value: list[Any]) -> list[Any]:
    """One more item for the list, like its last one."""
    if not value or shape.items is None:
        return []
    return list(other_values(shape.items, value[-1]))[:1]


def changed_at(layout: Layout, inputs: Properties, position: Position) -> Properties | None:
    """Allowed inputs that differ at the place and nowhere else; None when none were found."""
    for other in other_values(position.shape, get_at(inputs, position.steps)):
        changed = put_at(inputs, position.steps, other)
        if not layout.failures(changed) and layout.normalize(changed) != layout.normalize(inputs):
            return changed
    return None


def _children(value: Any) -> list[tuple[str | int, Any]]:
    if isinstance(value, Mapping):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []
