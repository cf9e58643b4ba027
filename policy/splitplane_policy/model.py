"""What a rule sees: a resource with plain values, in which the unknown and the secret are marked.

Nothing here or in the rules knows how a policy reaches the engine; that is `pack`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

Value: TypeAlias = "bool | float | str | Unknown | Sequence[Value] | Mapping[str, Value] | None"
"""An input as the engine sends it; every number is a float."""


class Unknown:
    """A value that only the update will know; a rule lets it pass, and sees it again then."""


UNKNOWN: Final = Unknown()


class SecretText(str):
    """A text that the program marked as secret."""

    __slots__ = ()


@dataclass(frozen=True)
class Resource:
    """A resource of the program."""

    type: str
    """Type token, such as `aws:eks/cluster:Cluster`."""
    urn: str
    inputs: Mapping[str, Value]
    """Its inputs by the names of the schema; in a check of the whole stack its outputs."""
    is_protected: bool = False
    provider_inputs: Mapping[str, Value] = field(default_factory=dict[str, Value])
    """Configuration of the provider that serves it; empty when the engine does not say."""


@dataclass(frozen=True)
class Violation:
    """A rule is broken; the message says what is wrong and what to do."""

    urn: str
    message: str


def find(value: Value, *path: str) -> Value:
    """What lies at the path: None when nothing does, UNKNOWN when that cannot be told yet."""
    for name in path:
        if isinstance(value, Unknown):
            return UNKNOWN
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def texts(value: Value, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text inside the value with its path, such as `env.API_KEY` or `args[2]`."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from texts(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, Sequence):
        for index, inner in enumerate(value):
            yield from texts(inner, f"{path}[{index}]")
