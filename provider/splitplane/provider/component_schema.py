"""The schema of components and their methods, from their annotations and docstrings.

The source is read for the docstrings, so this runs where the schema is made and not in the plugin.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

import pulumi

from splitplane.provider.component_shapes import ArgField, ArgShape, arguments_class, fields_of
from splitplane.provider.components import COMPONENTS, Table, camel_case, load_class
from splitplane.provider.enums import Value, enum_named, enum_of

JsonObject = dict[str, Any]  # Any: JSON

# Outputs whose text says that they are secret, see `_properties`.
_SECRET_WORD: Final = re.compile(r"\bsecret\b")
_TYPES: Final = "#/types/"
_ASSETS: Final = {
    pulumi.Archive: "pulumi.json#/Archive",
    pulumi.Asset: "pulumi.json#/Asset",
}


def component_resources(
    types: dict[str, JsonObject], table: Table = COMPONENTS
) -> dict[str, JsonObject]:
    """Type → its entry in the schema; named types that it needs are added to `types`."""
    return {token: _Entries(types, token).resource(table) for token in table}


def component_methods(
    types: dict[str, JsonObject], table: Table = COMPONENTS
) -> dict[str, JsonObject]:
    """Token → the entry of a method among the functions; named types are added to `types`."""
    return {
        f"{token}/{camel_case(method)}": _Entries(types, token).method(table, method)
        for token, row in table.items()
        for method in row.methods
    }


class _Entries:
    """Entries of one component."""

    def __init__(self, types: dict[str, JsonObject], token: str) -> None:
        self._types = types
        self._token = token
        self._package = token[: token.rindex(":") + 1]

    def resource(self, table: Table) -> JsonObject:
        row = table[self._token]
        component = load_class(self._token, row)
        arguments = arguments_class(component.__init__)
        assert arguments is not None, f"{self._token} takes args"
        inputs, outputs = fields_of(arguments), fields_of(component)
        entry: JsonObject = {
            "isComponent": True,
            "description": _text(component),
            "inputProperties": self._inputs(arguments),
            "requiredInputs": _required(inputs),
            "properties": self._properties(component, is_output=True),
            "required": _required(outputs),
        }
        methods = {camel_case(name): f"{self._token}/{camel_case(name)}" for name in row.methods}
        return {**entry, "methods": methods} if methods else entry

    def method(self, table: Table, name: str) -> JsonObject:
        method = getattr(load_class(self._token, table[self._token]), name)
        arguments = arguments_class(method)
        result = inspect.signature(method, eval_str=True).return_annotation
        inputs = {} if arguments is None else self._inputs(arguments)
        needed = [] if arguments is None else _required(fields_of(arguments))
        receiver = {"$ref": f"#/resources/{self._token}"}
        return {
            # The sections that say what Python raises and takes are for Python.
            "description": _text(method).partition(" Args:")[0].partition(" Raises:")[0],
            "inputs": {
                "properties": {"__self__": receiver, **inputs},
                "required": sorted(["__self__", *needed]),
            },
            "outputs": {
                "properties": self._properties(result, is_output=True),
                "required": _required(fields_of(result)),
            },
        }

    def _inputs(self, cls: type) -> dict[str, JsonObject]:
        """As `_properties`; what has to be known before the program runs is plain, items too.

        Only said of arguments themselves: the same object may be part of one that is plain and of
        one that is not.
        """
        fields = fields_of(cls)
        return {
            key: entry if fields[key].shape.is_input else _plain(entry, fields[key].shape)
            for key, entry in self._properties(cls).items()
        }

    def _properties(self, cls: type, *, is_output: bool = False) -> dict[str, JsonObject]:
        texts = _docstrings(cls)
        entries: dict[str, JsonObject] = {}
        for key, field in fields_of(cls).items():
            entry = {**self._type(field.shape), "description": texts.get(field.name, "")}
            if is_output and _SECRET_WORD.search(entry["description"]):
                entry["secret"] = True
            entries[key] = entry
        return entries

    def _type(self, shape: ArgShape) -> JsonObject:
        if shape.kind == "array" and shape.items is not None:
            return {"type": "array", "items": self._type(shape.items)}
        if shape.kind == "map" and shape.items is not None:
            return {"type": "object", "additionalProperties": self._type(shape.items)}
        if shape.kind == "object" and shape.cls is not None:
            return {"$ref": f"{_TYPES}{self._object(shape.cls)}"}
        if shape.allowed:
            return {"$ref": f"{_TYPES}{self._enumeration(shape)}"}
        if shape.kind == "resource":
            return {"$ref": "pulumi.json#/Any"}
        if shape.kind == "asset" and shape.cls is not None:
            return {"$ref": _ASSETS[shape.cls]}
        if shape.kind == "any":
            return {"$ref": "pulumi.json#/Any"}
        return {"type": shape.kind}

    def _object(self, cls: type) -> str:
        token = f"{self._package}{cls.__name__.removesuffix('Args')}"
        if token not in self._types:
            self._types[token] = {}  # An object may have itself inside.
            self._types[token] = {
                "type": "object",
                "description": _text(cls),
                "properties": self._properties(cls),
                "required": _required(fields_of(cls)),
            }
        return token

    def _enumeration(self, shape: ArgShape) -> str:
        texts = tuple(value for value in shape.allowed if isinstance(value, str))
        known = enum_of(texts) if len(texts) == len(shape.allowed) else None
        if known is None and shape.cls is not None and issubclass(shape.cls, Enum):
            values = [Value(_pascal(item.name), item.value) for item in shape.cls]
            name, text = shape.cls.__name__, _text(shape.cls)
        else:
            described = known or enum_named("_".join(texts), texts)
            values, name, text = list(described.values), described.name, described.description
        token = f"{self._package}{name}"
        self._types[token] = {
            "type": shape.kind,
            "description": text,
            "enum": [
                {"name": value.name, "value": value.value, "description": value.description}
                for value in values
            ],
        }
        return token


def _plain(entry: JsonObject, shape: ArgShape) -> JsonObject:
    """The entry as plain, and so are its items where they are no objects.

    An item may not be where it may be an output, and generators have no plain objects in lists and
    maps.
    """
    found: JsonObject = {**entry, "plain": True}
    inner = shape.items
    if inner is not None and not inner.is_input and inner.kind != "object":
        key = "items" if shape.kind == "array" else "additionalProperties"
        found[key] = _plain(found[key], inner)
    return found


def _required(fields: Mapping[str, ArgField]) -> list[str]:
    return sorted(key for key, field in fields.items() if field.is_required)


def _pascal(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _text(documented: Any) -> str:  # Any: a class or a function
    return " ".join((documented.__doc__ or "").split())


def _docstrings(cls: type) -> dict[str, str]:
    """Field → the text under it, of the class and those of our own that it derives from."""
    found: dict[str, str] = {}
    # A TypedDict forgets its bases for all but this.
    bases = [*getattr(cls, "__orig_bases__", ()), *reversed(cls.__mro__)]
    for base in bases:
        is_ours = isinstance(base, type) and base.__module__ not in ("builtins", "typing")
        if is_ours and not base.__module__.startswith("pulumi"):
            found |= _own_docstrings(base)
    return found


def _own_docstrings(cls: type) -> dict[str, str]:
    (node,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    assert isinstance(node, ast.ClassDef), "the source of a class is a class"
    found: dict[str, str] = {}
    for before, after in zip(node.body, node.body[1:], strict=False):
        if isinstance(before, ast.AnnAssign) and isinstance(before.target, ast.Name):
            if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
                found[before.target.id] = " ".join(str(after.value.value).split())
    return found
