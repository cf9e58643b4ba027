"""Paths of properties, in the engine's notation: `service.ports[0].port`, `labels["a/b"]`."""

from __future__ import annotations

from typing import Any

from splitplane.provider.codec import OutputValue, Secret


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


def secret_paths(value: Any, path: str = "") -> list[str]:  # Any: a property value
    """The outermost places in `value` that are secret."""
    if isinstance(value, Secret) or (isinstance(value, OutputValue) and value.is_secret):
        return [path]
    if isinstance(value, OutputValue):
        return secret_paths(value.value, path)
    if isinstance(value, dict):
        return [
            found
            for key, item in value.items()
            for found in secret_paths(item, join_key(path, key))
        ]
    if isinstance(value, list):
        return [
            found
            for index, item in enumerate(value)
            for found in secret_paths(item, f"{path}[{index}]")
        ]
    return []
