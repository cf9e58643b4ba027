"""Properties and types of the schema, made from shapes; every part of the schema uses them.

Whoever adds resources or functions to the schema asks `TypeTable` for their properties, so that one
model is one named type however often it is used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, Final

from splitplane.provider.enums import enum_named, enum_of
from splitplane.provider.shapes import Field, Shape, wire_name

JsonObject = dict[str, Any]  # Any: JSON

PREFIX: Final = "splitplane:index:"
_REFERENCE: Final = "#/types/"
# The contract speaks of its fields as manifests have them.
_FIELD: Final = re.compile(r"`([a-z]+(?:_[a-z0-9]+)+)")
_ANYTHING: Final[JsonObject] = {"$ref": "pulumi.json#/Any"}


class TypeTable:
    """The named types that the properties asked for so far refer to.

    Attributes:
        types: token → type, as the schema lists them.
    """

    def __init__(self) -> None:
        """No type yet."""
        self.types: dict[str, JsonObject] = {}

    def properties(self, fields: Iterable[Field], owner: str) -> dict[str, JsonObject]:
        """The fields as input properties of the type or resource `owner`, by wire name."""
        return {f.wire_name: self._property(f, owner) for f in fields}

    def replaced_on_changes(self, properties: JsonObject, path: str) -> None:
        """Marks the property at a dotted path as one whose change makes another object."""
        first, _, rest = path.partition(".")
        if rest:
            token = properties[first]["$ref"].removeprefix(_REFERENCE)
            self.replaced_on_changes(self.types[token]["properties"], rest)
        else:
            properties[first]["willReplaceOnChanges"] = True

    def _property(self, field: Field, owner: str) -> JsonObject:
        text = in_wire_names(field.description)
        entry = {**self._type(field.shape, owner, field.name), "description": text}
        if field.default is None or not _is_scalar(field.shape):
            return entry
        entry["default"] = field.default
        if field.default == "":
            return entry
        return {**entry, "description": f"{text} Default: `{json.dumps(field.default)}`.".strip()}

    def _type(self, shape: Shape, owner: str, field: str) -> JsonObject:
        if shape.kind == "array" and shape.items is not None:
            return {"type": "array", "items": self._type(shape.items, owner, field)}
        if shape.kind == "map":
            inner = self._type(shape.items, owner, field) if shape.items else _ANYTHING
            return {"type": "object", "additionalProperties": inner}
        if shape.kind == "object":
            return {"$ref": f"{_REFERENCE}{self._object(shape)}"}
        if shape.allowed:
            return {"$ref": f"{_REFERENCE}{self._enum(shape, owner, field)}"}
        return {"type": shape.kind}

    def _object(self, shape: Shape) -> str:
        assert shape.model is not None, "only models are named types"
        name = shape.model.__name__.removesuffix("Manifest")
        token = f"{PREFIX}{name}"
        if token not in self.types:
            self.types[token] = {}  # A model may refer to itself.
            fields = shape.fields().values()
            self.types[token] = {
                "type": "object",
                "description": in_wire_names(" ".join((shape.model.__doc__ or "").split())),
                "properties": self.properties(fields, name),
                "required": sorted(f.wire_name for f in fields if f.is_required),
            }
        return token

    def _enum(self, shape: Shape, owner: str, field: str) -> str:
        described = enum_of(shape.allowed) or enum_named(f"{owner}_{field}", shape.allowed)
        token = f"{PREFIX}{described.name}"
        self.types[token] = {
            "type": "string",
            "description": described.description,
            "enum": [
                {"name": value.name, "value": value.value, "description": value.description}
                for value in described.values
            ],
        }
        return token


def in_wire_names(text: str) -> str:
    """The text with fields that it names, such as `http_path`, as the schema names them."""
    return _FIELD.sub(lambda found: f"`{wire_name(found[1])}", text)


def with_csharp_names(name: str, properties: dict[str, JsonObject]) -> dict[str, JsonObject]:
    """The properties, renamed in C# where one has the name of the class that it is in.

    C# allows no such member (CS0542).
    """
    return {
        key: {**entry, "language": {"csharp": {"name": f"{name}Value"}}}
        if key[:1].upper() + key[1:] == name
        else entry
        for key, entry in properties.items()
    }


def _is_scalar(shape: Shape) -> bool:
    return shape.kind not in ("array", "map", "object")
