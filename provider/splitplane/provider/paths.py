"""Paths of properties, in the engine's notation: `service.ports[0].port`, `labels["a/b"]`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from splitplane.provider.codec import OutputValue, Secret, Unknown


def join_key(path: str, key: str) -> str:
    """The path of `key` in the object at `path`, quoted where the key needs it."""
    is_plain = key.isascii() and key.replace("_", "a").isalnum()
    if not is_plain:
        return f'{path}["{key}"]'
    return f"{path}.{key}" if path else key


def is_same_or_inside(path: str, outer: str) -> bool:
    """Whether `path` is `outer` or a place inside it; everything is inside the empty path."""
    return not outer or path == outer or path.startswith((f"{outer}.", f"{outer}["))


def overlap(one: str, other: str) -> bool:
    """Whether one of two places is the other or lies in it."""
    return is_same_or_inside(one, other) or is_same_or_inside(other, one)


def secret_paths(value: Any) -> list[str]:  # Any: a property value
    """The outermost places in `value` that are secret."""
    return _paths_of(
        value, lambda v: isinstance(v, Secret) or (isinstance(v, OutputValue) and v.is_secret)
    )


def unknown_places(value: Any) -> list[str]:  # Any: a property value
    """The places in `value` that are not known yet."""
    return _paths_of(value, lambda v: isinstance(v, Unknown))


def _paths_of(
    value: Any, is_wanted: Callable[[Any], bool], path: str = ""
) -> list[str]:  # Any: a property value
    if is_wanted(value):
        return [path]
    if isinstance(value, Secret | OutputValue):
        return _paths_of(value.value, is_wanted, path)
    if isinstance(value, dict):
        return [
            found
            for key, item in value.items()
            for found in _paths_of(item, is_wanted, join_key(path, key))
        ]
    if isinstance(value, list):
        return [
            found
            for index, item in enumerate(value)
            for found in _paths_of(item, is_wanted, f"{path}[{index}]")
        ]
    return []
