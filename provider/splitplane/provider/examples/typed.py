"""Values of an example together with what the schema says of them, for the printers.

A property that the schema does not have, or a value that does not fit, is an error here: no
language can show it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from splitplane.provider.examples.model import (
    Call,
    Inputs,
    Method,
    Ref,
    Resource,
    Setting,
    Step,
    Value,
)

JsonObject = dict[str, Any]  # Any: JSON

PREFIX: Final = "splitplane:index:"
_REFERENCE: Final = "#/types/"
_RECEIVER: Final = "__self__"
_SCALARS: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


@dataclass(frozen=True)
class Scalar:
    """A text, number or truth value."""

    value: str | int | float | bool
    is_plain: bool
    is_required: bool


@dataclass(frozen=True)
class Choice:
    """A value of an enumeration: the enumeration's type, the value's name and text."""

    type: str
    name: str
    value: str
    is_plain: bool
    is_required: bool


@dataclass(frozen=True)
class Output:
    """An output of a step."""

    ref: Ref


@dataclass(frozen=True)
class Configured:
    """A value of the stack's configuration."""

    setting: Setting
    is_plain: bool


@dataclass(frozen=True)
class Items:
    """A list; `of` is the schema of an item."""

    items: tuple[Typed, ...]
    of: JsonObject
    is_plain: bool


@dataclass(frozen=True)
class Entries:
    """A mapping with keys of the user's; `of` is the schema of a value."""

    entries: tuple[tuple[str, Typed], ...]
    of: JsonObject
    is_plain: bool


@dataclass(frozen=True)
class Object:
    """An object of a named type; `type` is the last part of its token."""

    type: str
    properties: tuple[tuple[str, Typed], ...]
    is_plain: bool


Typed: TypeAlias = Scalar | Choice | Output | Configured | Items | Entries | Object
Properties: TypeAlias = tuple[tuple[str, Typed], ...]


class Schema:
    """Reads the values of example steps by the package's schema."""

    def __init__(self, schema: JsonObject) -> None:
        """Nothing is read yet.

        Args:
            schema: the package's schema as JSON.
        """
        self._schema = schema

    def inputs(self, step: Step) -> Properties:
        """The step's inputs, typed.

        Raises:
            ValueError: the schema has no such step or property, or the value does not fit.
        """
        where = f"{_title(step)} {step.name!r}"
        if isinstance(step, Resource):
            spec = self._found("resources", step.type, where)
            properties, required = spec["inputProperties"], spec.get("requiredInputs", [])
        else:
            spec = self._found("functions", _function(step), where).get("inputs", {})
            properties, required = spec.get("properties", {}), spec.get("required", [])
        needed = [name for name in required if name != _RECEIVER]
        return self._properties(properties, needed, step.inputs, where)

    def check_output(self, step: Step, output: str) -> None:
        """Returns when the step has the output; ValueError when not."""
        if isinstance(step, Resource):
            outputs = self._schema["resources"][f"{PREFIX}{step.type}"]["properties"]
        else:
            spec = self._schema["functions"][f"{PREFIX}{_function(step)}"]
            outputs = spec.get("outputs", {}).get("properties", {})
        if output not in outputs:
            raise ValueError(f"{_title(step)} has no output {output!r}; it has {sorted(outputs)}")

    def is_component(self, resource_type: str) -> bool:
        """Whether the resource of this type is a component."""
        spec = self._schema["resources"][f"{PREFIX}{resource_type}"]
        return bool(spec.get("isComponent"))

    def csharp_name(self, resource_type: str, output: str) -> str | None:
        """The output's own name in C#; None when it is the usual one."""
        spec = self._schema["resources"][f"{PREFIX}{resource_type}"]["properties"][output]
        name: str | None = spec.get("language", {}).get("csharp", {}).get("name")
        return name

    def has_resource(self, resource_type: str) -> bool:
        """Whether there is a resource of this type."""
        return f"{PREFIX}{resource_type}" in self._schema["resources"]

    def _found(self, kind: str, name: str, where: str) -> JsonObject:
        spec: JsonObject | None = self._schema.get(kind, {}).get(f"{PREFIX}{name}")
        if spec is None:
            raise ValueError(f"{where}: the schema has no {name!r} under {kind!r}")
        return spec

    def _properties(
        self, specs: JsonObject, required: Sequence[str], values: Inputs, where: str
    ) -> Properties:
        unknown = sorted(set(values) - set(specs))
        missing = sorted(set(required) - set(values))
        if unknown or missing:
            raise ValueError(f"{where}: unknown {unknown}, missing {missing}")
        return tuple(
            (name, self._typed(specs[name], value, f"{where}.{name}", name in required))
            for name, value in values.items()
        )

    def _typed(
        self, spec: JsonObject, value: Value, where: str, is_required: bool, plain: bool = False
    ) -> Typed:
        is_plain = plain or bool(spec.get("plain"))
        if isinstance(value, Ref):
            if is_plain:
                raise ValueError(f"{where} is plain: it cannot be an output")
            return Output(value)
        if isinstance(value, Setting):
            return Configured(value, is_plain)
        if "$ref" in spec:
            token = spec["$ref"].removeprefix(_REFERENCE)
            return self._named(token, value, where, is_required, is_plain)
        if spec["type"] == "array" and isinstance(value, Sequence) and not isinstance(value, str):
            items = (self._typed(spec["items"], i, where, True, is_plain) for i in value)
            return Items(tuple(items), spec["items"], is_plain)
        if spec["type"] == "object" and isinstance(value, Mapping):
            inner = spec["additionalProperties"]
            entries = ((k, self._typed(inner, i, where, True, is_plain)) for k, i in value.items())
            return Entries(tuple(entries), inner, is_plain)
        expected = _SCALARS.get(spec["type"], ())
        if isinstance(value, str | int | float) and isinstance(value, expected):
            return Scalar(value, is_plain, is_required)
        raise ValueError(f"{where}: {value!r} is no {spec['type']}")

    def _named(
        self, token: str, value: Value, where: str, is_required: bool, is_plain: bool
    ) -> Typed:
        spec = self._schema["types"][token]
        name = token.removeprefix(PREFIX)
        if "enum" in spec:
            found = next((item for item in spec["enum"] if item["value"] == value), None)
            if found is None:
                raise ValueError(f"{where}: {value!r} is no value of {name}")
            return Choice(name, found["name"], found["value"], is_plain, is_required)
        if not isinstance(value, Mapping):
            raise ValueError(f"{where}: {value!r} is no {name}")
        inner = self._properties(spec["properties"], spec.get("required", []), value, where)
        return Object(name, inner, is_plain)


def _title(step: Step) -> str:
    return step.type if isinstance(step, Resource) else _function(step)


def _function(step: Call | Method) -> str:
    """Last part of the token of the function that the step calls."""
    return step.function if isinstance(step, Call) else f"{step.type}/{step.method}"
