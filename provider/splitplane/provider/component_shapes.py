"""What a component takes and gives, read off its annotations.

The schema and the mapping of a request's inputs both come from here, so that they cannot differ.
Imports the SDK.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Final, ForwardRef, Literal, NotRequired, Required, get_args, get_origin

import pulumi

from splitplane.provider.components import camel_case

Kind = Literal[
    "any", "array", "asset", "boolean", "integer", "map", "number", "object", "resource", "string"
]

_SCALARS: Final[dict[object, Kind]] = {
    bool: "boolean",
    float: "number",
    int: "integer",
    str: "string",
}


@dataclass(frozen=True)
class ArgShape:
    """What one value may be.

    Attributes:
        kind: its kind.
        is_input: whether it may be an output of something else, so that it may be unknown, secret
            or depend on resources; otherwise it is plain.
        is_optional: whether None is allowed.
        items: shape of the items of an array or a map.
        allowed: the only values, of an enumeration or a Literal; any when empty.
        cls: the class of an enumeration, an object (a TypedDict) or a resource.
    """

    kind: Kind
    is_input: bool = False
    is_optional: bool = False
    items: ArgShape | None = None
    allowed: tuple[bool | int | float | str, ...] = ()
    cls: type[Any] | None = None


@dataclass(frozen=True)
class ArgField:
    """One field of an object.

    Attributes:
        name: Python name.
        wire_name: the name in other languages.
        shape: what it may be.
        is_required: whether it has to be given.
    """

    name: str
    wire_name: str
    shape: ArgShape
    is_required: bool


_FIELDS: Final[dict[type[Any], Mapping[str, ArgField]]] = {}


def fields_of(cls: type[Any]) -> Mapping[str, ArgField]:
    """Wire name → field of a TypedDict, or of the annotated outputs of a component.

    Raises:
        TypeError: an annotation says something that a property cannot be.
    """
    if cls not in _FIELDS:
        _FIELDS[cls] = _read_fields(cls)
    return _FIELDS[cls]


def annotations_of(cls: type[Any]) -> dict[str, Any]:  # Any: type annotations
    """The public annotations of the class and those of our own that it derives from, in order."""
    found: dict[str, Any] = {}  # Any: type annotations
    for base in reversed(cls.__mro__):
        if not base.__module__.startswith("pulumi"):
            found |= inspect.get_annotations(base, eval_str=True)
    return {name: hint for name, hint in found.items() if not name.startswith("_")}


def arguments_class(function: Any) -> type[Any] | None:  # Any: a constructor or a method
    """The TypedDict that the function takes as `args`; None when it takes none."""
    parameter = inspect.signature(function, eval_str=True).parameters.get("args")
    return None if parameter is None else parameter.annotation


def wire_value(value: Any, shape: ArgShape) -> Any:  # Any: an output or what it would hold
    """An output's value with the names of other languages in its objects; keys of maps stay."""
    if not _has_object(shape):
        return value
    if isinstance(value, pulumi.Output):
        return value.apply(lambda found: _renamed(found, shape))
    return _renamed(value, shape)


def shape_of(hint: Any, where: str) -> ArgShape:  # Any: a type annotation
    """The shape that the annotation says; `where` names it in errors."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (NotRequired, Required):
        return shape_of(arguments[0], where)
    if origin is pulumi.Output:
        return replace(shape_of(arguments[0], where), is_input=True)
    if origin in (typing.Union, types.UnionType):
        return _union(arguments, where)
    if origin is list:
        return ArgShape("array", items=shape_of(arguments[0], f"{where}[]"))
    if origin is dict:
        return ArgShape("map", items=shape_of(arguments[1], f"{where}{{}}"))
    if origin is Literal:
        return ArgShape(_SCALARS[type(arguments[0])], allowed=arguments)
    return _class(hint, where)


def _read_fields(cls: type[Any]) -> dict[str, ArgField]:
    required: frozenset[str] | None = getattr(cls, "__required_keys__", None)
    fields: dict[str, ArgField] = {}
    for name, hint in annotations_of(cls).items():
        shape = shape_of(hint, f"{cls.__name__}.{name}")
        is_required = name in required if required is not None else not shape.is_optional
        # What may be left out may be null as well: other languages do not tell one from the other.
        shape = replace(shape, is_optional=shape.is_optional or not is_required)
        fields[camel_case(name)] = ArgField(name, camel_case(name), shape, is_required)
    return fields


def _has_object(shape: ArgShape) -> bool:
    return shape.kind == "object" or (shape.items is not None and _has_object(shape.items))


def _renamed(value: Any, shape: ArgShape) -> Any:  # Any: what an output holds
    if value is None:
        return None
    if shape.kind == "array" and shape.items is not None:
        return [wire_value(item, shape.items) for item in value]
    if shape.kind == "map" and shape.items is not None:
        return {key: wire_value(item, shape.items) for key, item in value.items()}
    if shape.kind == "object" and shape.cls is not None:
        return {
            wire_name: wire_value(value[field.name], field.shape)
            for wire_name, field in fields_of(shape.cls).items()
            if field.name in value
        }
    return value


def _union(members: tuple[Any, ...], where: str) -> ArgShape:  # Any: type annotations
    """`Input[T]`, `T | None` or `T | Output[T]`: one shape, and what it may be wrapped in."""
    is_input = any(_is_wrapper(item) for item in members)
    left = [item for item in members if item is not type(None) and not _is_wrapper(item)]
    if len(left) != 1:
        # `bool | int` and the like have no type in a schema that every language knows.
        raise TypeError(f"{where} is a union of {len(left)} shapes: use one")
    shape = shape_of(left[0], where)
    return replace(
        shape,
        is_input=is_input or shape.is_input,
        is_optional=shape.is_optional or type(None) in members,
    )


def _is_wrapper(hint: Any) -> bool:  # Any: a type annotation
    # The SDK names `Output[T]` as a string in `Input[T]`.
    return isinstance(hint, ForwardRef) or get_origin(hint) in (pulumi.Output, Awaitable)


def _class(hint: Any, where: str) -> ArgShape:  # Any: a type annotation
    if hint is Any:
        return ArgShape("any", is_input=True)
    if hint in _SCALARS:
        return ArgShape(_SCALARS[hint])
    if typing.is_typeddict(hint):
        return ArgShape("object", cls=hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        values = tuple(member.value for member in hint)
        return ArgShape(_SCALARS[type(values[0])], allowed=values, cls=hint)
    if isinstance(hint, type) and issubclass(hint, pulumi.Resource):
        return ArgShape("resource", cls=hint)
    if isinstance(hint, type) and issubclass(hint, pulumi.Asset | pulumi.Archive):
        return ArgShape("asset", cls=hint)
    raise TypeError(f"{where} is of {hint!r}, which no property can be")
