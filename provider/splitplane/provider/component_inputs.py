"""From the property values of a request to the arguments that a component or a method takes.

Every value in a request is final: known, or unknown until the update. So types are checked at once
and no `apply` is needed: what may be an output becomes one that carries what is known of it.
Imports the SDK.
"""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Final, TypeVar

import pulumi
from pulumi.resource import DependencyResource

from splitplane.provider.backend import Failure
from splitplane.provider.codec import OutputValue, Properties, ResourceRef, Secret, Unknown
from splitplane.provider.component_resources import make_asset, make_resource
from splitplane.provider.component_shapes import ArgField, ArgShape, fields_of
from splitplane.provider.errors import WrongArguments
from splitplane.provider.paths import join_key

ValueT = TypeVar("ValueT")

_WRAPPERS: Final = (Secret, OutputValue, Unknown)
_WORDS: Final = {
    "array": "a list",
    "asset": "an asset or an archive",
    "boolean": "true or false",
    "integer": "a whole number",
    "map": "a map",
    "number": "a number",
    "object": "an object",
    "resource": "a resource",
    "string": "a text",
}
_SHOWN_CHARACTERS: Final = 60
"""Longest value in a message; what is wrong is seen in the first words."""


def read_arguments(
    properties: Properties,
    cls: type[Any],
    *,
    dependencies: Mapping[str, Iterable[str]] | None = None,
    kept_secrets: frozenset[str] = frozenset(),
) -> dict[str, Any]:  # Any: arguments of any component
    """The arguments by Python name, for the TypedDict `cls`; absent ones are left out.

    Args:
        properties: decoded inputs of the request.
        cls: what the component or the method takes.
        dependencies: input → URNs that it depends on, for engines without output values.
        kept_secrets: plain arguments that may be secret.

    Raises:
        WrongArguments: everything that is wrong, each with the path of the property.
    """
    found = {
        key: _with_dependencies(value, (dependencies or {}).get(key, ()))
        for key, value in properties.items()
        if not key.startswith("__")  # the engine's own
    }
    reader = _Reader(kept_secrets)
    arguments = reader.read_fields(found, cls)
    if reader.problems:
        raise WrongArguments(reader.problems)
    return arguments


def read_any(value: Any) -> Any:  # Any: a property value, and what a program would pass
    """The value of an option that may be anything."""
    return _Reader(frozenset()).read(value, ArgShape("any", is_input=True), "")


@dataclass
class _Facts:
    """What is known of the output that a value is part of."""

    is_known: bool = True
    is_secret: bool = False
    urns: set[str] = field(default_factory=set[str])


class _Reader:
    def __init__(self, kept_secrets: frozenset[str]) -> None:
        self.problems: list[Failure] = []
        self._kept_secrets = kept_secrets

    def read_fields(
        self,
        values: Mapping[str, Any],  # Any: property values
        cls: type[Any],
        path: str = "",
        facts: _Facts | None = None,
    ) -> dict[str, Any]:  # Any: arguments
        """The object's fields by Python name."""
        fields = fields_of(cls)
        for key in values:
            if key not in fields:
                self._refuse(join_key(path, key), _unknown_key(key, fields))
        arguments: dict[str, Any] = {}  # Any: arguments
        for key, wanted in fields.items():
            value = values.get(key)
            if value is None:
                if wanted.is_required and wanted.shape.is_optional:
                    arguments[wanted.name] = None
                elif wanted.is_required:
                    self._refuse(join_key(path, key), f"is missing: give {_wanted(wanted.shape)}")
                continue
            found = self._read_field(value, wanted, join_key(path, key), facts)
            if found is not None:
                arguments[wanted.name] = found
        return arguments

    def _read_field(
        self, value: Any, wanted: ArgField, path: str, facts: _Facts | None
    ) -> Any:  # Any: a property value, an argument
        shape = wanted.shape
        if facts is None and not shape.is_input and wanted.name in self._kept_secrets:
            value = value.value if isinstance(value, Secret) else value
            value = replace(value, is_secret=False) if isinstance(value, OutputValue) else value
        return self.read(value, shape, path, facts)

    def read(
        self, value: Any, shape: ArgShape, path: str, facts: _Facts | None = None
    ) -> Any:  # Any: a property value, an argument
        """The value as the shape wants it.

        Args:
            value: what came.
            shape: what it has to be.
            path: where it is.
            facts: of the output that it is part of; None when it is part of none.
        """
        value = _with_reference_as_id(value, shape)
        if facts is None and shape.is_input and not _fits(value, shape):
            return self._read_output(value, shape, path)
        value = self._unwrap(value, path, facts)
        if isinstance(value, Unknown):
            if facts is None:
                self._refuse(
                    path,
                    "is not known yet: it has to be known in a preview too, so it cannot be the "
                    "output of a resource that is still to be created",
                )
                return None
            facts.is_known = False
            return pulumi.UNKNOWN
        if value is None:
            if not shape.is_optional and shape.kind != "any":
                self._refuse(path, f"is null: give {_wanted(shape)}")
            return None
        return self._read_bare(value, shape, path, facts)

    def _read_output(
        self, value: Any, shape: ArgShape, path: str
    ) -> pulumi.Output[Any]:  # Any: a property value
        facts = _Facts()
        found = self.read(value, shape, path, facts)
        return pulumi.Output(
            {DependencyResource(urn) for urn in sorted(facts.urns)},
            _done(found),
            _done(facts.is_known),
            _done(facts.is_secret),
        )

    def _unwrap(self, value: Any, path: str, facts: _Facts | None) -> Any:  # Any: property values
        is_secret = False
        while isinstance(value, Secret | OutputValue):
            is_secret |= isinstance(value, Secret) or value.is_secret
            if facts is not None and isinstance(value, OutputValue):
                facts.urns.update(value.dependencies)
            value = value.value
        if is_secret and facts is not None:
            facts.is_secret = True
        elif is_secret:
            self._refuse(path, "is secret, which is not kept here: pass what is not secret")
        return value

    def _read_bare(
        self, value: Any, shape: ArgShape, path: str, facts: _Facts | None
    ) -> Any:  # Any: a property value, an argument
        match shape.kind, value:
            case "object", dict() if shape.cls is not None:
                return self.read_fields(value, shape.cls, path, facts)
            case (("map" | "any"), dict()):
                items = {
                    key: self.read(item, _items(shape), join_key(path, key), facts)
                    for key, item in value.items()
                    if item is not None
                }
                return items
            case (("array" | "any"), list()):
                return [
                    self.read(item, _items(shape), f"{path}[{index}]", facts)
                    for index, item in enumerate(value)
                ]
            case _:
                return self._read_scalar(value, shape, path, facts)

    def _read_scalar(
        self, value: Any, shape: ArgShape, path: str, facts: _Facts | None
    ) -> Any:  # Any: a property value, an argument
        try:
            found = _scalar(value, shape)
        except TypeError:
            is_secret = facts is not None and facts.is_secret
            self._refuse(path, f"is {_shown(value, is_secret)}: give {_wanted(shape)}")
            return None
        if shape.allowed and found not in shape.allowed:
            is_secret = facts is not None and facts.is_secret
            self._refuse(path, f"is {_shown(value, is_secret)}: give {_wanted(shape)}")
            return None
        if shape.cls is not None and issubclass(shape.cls, Enum):
            return shape.cls(found)
        return found

    def _refuse(self, path: str, reason: str) -> None:
        self.problems.append(Failure(path, reason))


def _scalar(value: Any, shape: ArgShape) -> Any:  # Any: a property value, an argument
    """The value as the shape's type; TypeError when it is of another one."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match shape.kind:
        case "boolean" if isinstance(value, bool):
            return value
        case "integer" if is_number and float(value).is_integer():
            return int(value)
        case "number" if is_number:
            return float(value)
        case "string" if isinstance(value, str):
            return value
        case "asset":
            return make_asset(value)
        case "resource" if isinstance(value, ResourceRef):
            return make_resource(value, shape.cls)
        case "any":
            return make_resource(value, None) if isinstance(value, ResourceRef) else value
        case _:
            raise TypeError


def _items(shape: ArgShape) -> ArgShape:
    return shape if shape.items is None else shape.items


def _fits(value: Any, shape: ArgShape) -> bool:  # Any: a property value
    """Whether all that may be unknown or secret lies where an output is taken, further inside."""
    if isinstance(value, _WRAPPERS):
        return False
    return all(
        inner.is_input or _fits(_with_reference_as_id(item, inner), inner)
        for item, inner in _children(value, shape)
    )


def _children(value: Any, shape: ArgShape) -> list[tuple[Any, ArgShape]]:  # Any: property values
    if isinstance(value, list):
        return [(item, _items(shape)) for item in value]
    if not isinstance(value, dict):
        return []
    if shape.kind == "object" and shape.cls is not None:
        fields = fields_of(shape.cls)
        return [(item, fields[key].shape) for key, item in value.items() if key in fields]
    return [(item, _items(shape)) for item in value.values()]


def _with_reference_as_id(value: Any, shape: ArgShape) -> Any:  # Any: property values
    """A reference to a resource means its id, or its URN, where no resource is wanted."""
    if not isinstance(value, ResourceRef) or shape.kind in ("any", "resource"):
        return value
    return OutputValue(value.urn if value.id is None else value.id, dependencies=(value.urn,))


def _with_dependencies(value: Any, urns: Iterable[str]) -> Any:  # Any: property values
    """The value with dependencies that came apart from it, unless it carries its own."""
    dependencies = tuple(urns)
    if not dependencies or _carries_dependencies(value):
        return value
    return OutputValue(value, dependencies=dependencies)


def _carries_dependencies(value: Any) -> bool:  # Any: a property value
    if isinstance(value, OutputValue | ResourceRef):
        return True
    if isinstance(value, dict):
        return any(map(_carries_dependencies, value.values()))
    return isinstance(value, list) and any(map(_carries_dependencies, value))


def _done(value: ValueT) -> asyncio.Future[ValueT]:
    future: asyncio.Future[ValueT] = asyncio.get_running_loop().create_future()
    future.set_result(value)
    return future


def _unknown_key(key: str, fields: Mapping[str, ArgField]) -> str:
    close = difflib.get_close_matches(key, fields, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(sorted(fields))}"
    return f"is not known: {hint}"


def _wanted(shape: ArgShape) -> str:
    if shape.allowed:
        return " or ".join(repr(value) for value in shape.allowed)
    if shape.cls is not None and shape.kind == "resource":
        return f"a resource of class {shape.cls.__name__}"
    return _WORDS.get(shape.kind, "a value")


def _shown(value: Any, is_secret: bool) -> str:  # Any: a property value
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, ResourceRef):
        return "a reference to a resource"
    if is_secret:
        return "a secret of another type or value"
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


__all__ = ["read_any", "read_arguments"]
