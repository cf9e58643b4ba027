"""What changed between two manifests, as paths of fields; and which of it may not."""

from __future__ import annotations

from typing import Any

from splitplane.contract.errors import ErrorCode, FieldError
from splitplane.contract.nouns import Noun
from splitplane.contract.views import FieldChange, JsonObject
from splitplane.controlplane.errors import UserError


def diff(before: JsonObject, after: JsonObject) -> list[FieldChange]:
    """The changed fields in the order of their paths; lists of equal length item by item."""
    changes: list[FieldChange] = []
    _compare("", before, after, changes)
    return sorted(changes, key=lambda change: change.path)


def check_immutable(noun: Noun, before: JsonObject, after: JsonObject, fqn: str) -> None:
    """Raises UserError `immutable` that names every field that may never change but did."""
    errors = [
        FieldError(
            field=path,
            value=_value_at(after, path),
            message=f"never changes; it is {_value_at(before, path)!r}",
            allowed=repr(_value_at(before, path)),
            hint=f"set it back, or make a new {noun.kind}",
        )
        for path in ("type", "name", *noun.immutable)
        if _value_at(before, path) != _value_at(after, path)
    ]
    if errors:
        fields = ", ".join(dict.fromkeys(error.field for error in errors))
        raise UserError(
            ErrorCode.IMMUTABLE,
            f"{fields} of {noun.kind} {fqn!r} cannot change",
            errors=list({error.field: error for error in errors}.values()),
            fqn=fqn,
            hint=f"make a new {noun.kind} and delete this one",
        )


def _compare(path: str, before: Any, after: Any, changes: list[FieldChange]) -> None:  # Any: JSON
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after}):
            inner = f"{path}.{key}" if path else str(key)
            _compare(inner, before.get(key), after.get(key), changes)
        return
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            _compare(f"{path}[{index}]", old, new, changes)
        return
    # True equals 1 in Python, but not in JSON.
    if before != after or isinstance(before, bool) is not isinstance(after, bool):
        changes.append(FieldChange(path=path, before=before, after=after))


def _value_at(manifest: JsonObject, path: str) -> Any:  # Any: JSON
    value: Any = manifest
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value
