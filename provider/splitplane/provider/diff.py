"""Differences between two property maps, as the engine wants them: one entry for each place."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from splitplane.provider.codec import has_unknown
from splitplane.provider.paths import is_same_or_inside, join_key

ChangeKind = Literal["add", "delete", "update"]


@dataclass(frozen=True)
class Change:
    """One place that differs."""

    kind: ChangeKind
    is_replace: bool = False


@dataclass(frozen=True)
class Diff:
    """What differs, and what has to happen."""

    changes: dict[str, Change] = field(default_factory=dict[str, Change])
    """Path such as `ports[0].port` → what happened there."""
    delete_before_replace: bool = False

    @property
    def replaces(self) -> list[str]:
        """The paths that force a replacement."""
        return sorted(path for path, change in self.changes.items() if change.is_replace)

    @property
    def keys(self) -> list[str]:
        """The changed top-level properties."""
        return sorted({path.partition(".")[0].partition("[")[0] for path in self.changes})


def diff_properties(
    old: Mapping[str, Any],  # Any: property values
    new: Mapping[str, Any],  # Any: property values
    *,
    replace_on: Collection[str] = (),
    delete_before_replace: bool = False,
) -> Diff:
    """The places where `new` differs from `old`; a None is the same as an absent value.

    Args:
        old: the properties as they are, without secrets.
        new: the properties as they should be, without secrets; an unknown one counts as changed.
        replace_on: paths whose change, or a change beneath them, forces a replacement.
        delete_before_replace: whether the old object must be gone before the new one is made.
    """
    changes = {
        path: Change(kind, _is_under(path, replace_on)) for path, kind in _walk("", old, new)
    }
    must_replace = any(change.is_replace for change in changes.values())
    return Diff(changes, delete_before_replace and must_replace)


def _is_under(path: str, parents: Collection[str]) -> bool:
    return any(is_same_or_inside(path, parent) for parent in parents)


def _walk(path: str, old: Any, new: Any) -> Iterator[tuple[str, ChangeKind]]:  # Any: values
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            inner = join_key(path, key)
            yield from _walk(inner, old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            before = old[index] if index < len(old) else None
            after = new[index] if index < len(new) else None
            yield from _walk(f"{path}[{index}]", before, after)
    elif has_unknown(new):
        yield path, "add" if old is None else "update"
    elif type(old) is not type(new) and (old is None or new is None):
        yield path, "add" if old is None else "delete"
    elif old != new:
        yield path, "update"
