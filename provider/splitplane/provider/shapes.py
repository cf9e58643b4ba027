"""Shapes of properties, read off the contract's models: the one source of wire names and types.

A model's `cpu_limit_millicores` is `cpuLimitMillicores` on the wire. Check, Diff, Read and the
schema all go by these shapes, so a field that is added to a model is there everywhere.
"""

from __future__ import annotations

import re
import types
import typing
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from splitplane.provider.codec import Unknown, has_unknown
from splitplane.provider.paths import join_key

ShapeType = Literal["string", "integer", "number", "boolean", "array", "map", "object"]

_SCALARS: Final[dict[Any, ShapeType]] = {  # Any: a type annotation
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    # RFC 3339.
    AwareDatetime: "string",
}
# A field of the contract that a description names.
_FIELD_NAME: Final = re.compile(r"`([a-z]+(?:_[a-z0-9]+)+)`")


@dataclass(frozen=True)
class Shape:
    """What a property holds.

    Attributes:
        kind: which of the kinds of values.
        items: shape of the items of an array or map.
        model: model of an object.
        allowed: the only allowed texts; empty when any text is.
        limits: smallest and largest whole number, of an input that no model checks.
        hidden: fields of `model` that are no properties.
        own: properties of an object that is no model.
    """

    kind: ShapeType
    items: Shape | None = None
    model: type[BaseModel] | None = None
    allowed: tuple[str, ...] = ()
    limits: tuple[int, int] = (0, 2**31 - 1)
    hidden: frozenset[str] = frozenset()
    own: tuple[Field, ...] = ()

    def fields(self) -> dict[str, Field]:
        """The properties of an object by wire name; empty for everything else."""
        if self.model is None:
            return {field.wire_name: field for field in self.own}
        return model_fields(self.model, self.hidden)


@dataclass(frozen=True)
class Field:
    """A property of an object.

    Attributes:
        name: name in the model.
        wire_name: name on the wire.
        shape: what it holds.
        is_required: whether it has to be given.
        default: wire value that holds when it is not given; None when it is then absent.
        description: what it means, in Markdown.
        info: the model's own description of it; None when no model has it.
    """

    name: str
    wire_name: str
    shape: Shape
    is_required: bool
    default: Any = None  # Any: a property value
    description: str = ""
    info: FieldInfo | None = None

    @cached_property
    def adapter(self) -> TypeAdapter[Any] | None:  # Any: the value of a model's field
        """What checks a value of the field alone and gives its normal form."""
        if self.info is None:
            return None
        kind: Any = self.info.annotation  # Any: a type annotation
        for item in self.info.metadata:
            kind = Annotated[kind, item]
        return TypeAdapter(kind)


def wire_name(name: str) -> str:
    """`cpu_limit_millicores` as `cpuLimitMillicores`."""
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


@cache
def model_fields(model: type[BaseModel], hidden: frozenset[str] = frozenset()) -> dict[str, Field]:
    """The model's fields as properties by wire name, without the hidden ones."""
    fields = (_field(name, info) for name, info in model.model_fields.items() if name not in hidden)
    return {field.wire_name: field for field in fields}


def _field(name: str, info: FieldInfo) -> Field:
    shape = _shape(info.annotation)
    default = None if info.is_required() else info.get_default(call_default_factory=True)
    return Field(
        name=name,
        wire_name=wire_name(name),
        shape=shape,
        is_required=info.is_required(),
        default=to_wire(shape, default.model_dump(mode="json"))
        if isinstance(default, BaseModel)
        else to_wire(shape, default),
        description=as_property(info.description or ""),
        info=info,
    )


def as_property(text: str) -> str:
    """A description of the contract in the words of resources: names, and what a change does."""
    line = " ".join(text.split())
    line = _FIELD_NAME.sub(lambda match: f"`{wire_name(match[1])}`", line)
    line = line.replace(", never changes", "; a change replaces the resource")
    line = line.replace("; never changes", "; a change replaces the resource")
    return line.replace("Never changes.", "A change replaces the resource.")


def _shape(annotation: Any) -> Shape:  # Any: a type annotation
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin is typing.Annotated:
        return _shape(arguments[0])
    if origin in (typing.Union, types.UnionType):
        given = [argument for argument in arguments if argument is not type(None)]
        if len(given) != 1:
            raise TypeError(f"a property cannot be one of several types: {annotation!r}")
        return _shape(given[0])
    if origin is Literal:
        return Shape("string", allowed=tuple(str(argument) for argument in arguments))
    if origin is list:
        return Shape("array", items=_shape(arguments[0]))
    if origin is dict:
        return Shape("map", items=_shape(arguments[1]))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return Shape("object", model=annotation)
    return Shape(_SCALARS[annotation])


def to_wire(shape: Shape, value: Any) -> Any:  # Any: JSON of a model → a property value
    """A model's JSON as a property value: camelCase names, and nothing where there was a null."""
    if value is None or isinstance(value, Unknown):
        return value
    if shape.kind == "object":
        fields = shape.fields().values()
        pairs = {f.wire_name: to_wire(f.shape, value.get(f.name)) for f in fields}
        return {name: item for name, item in pairs.items() if item is not None}
    if shape.kind == "array" and shape.items is not None:
        return [to_wire(shape.items, item) for item in value]
    if shape.kind == "map" and shape.items is not None:
        return {key: to_wire(shape.items, item) for key, item in value.items()}
    return value


def to_model(shape: Shape, value: Any) -> Any:  # Any: a property value → JSON of a model
    """A property value as JSON for the model; properties without a place in it are left out."""
    if shape.kind == "object" and isinstance(value, dict):
        fields = shape.fields()
        return {
            fields[name].name: to_model(fields[name].shape, item)
            for name, item in value.items()
            if name in fields and item is not None
        }
    if shape.kind == "array" and shape.items is not None and isinstance(value, list):
        return [to_model(shape.items, item) for item in value]
    if shape.kind == "map" and shape.items is not None and isinstance(value, dict):
        return {key: to_model(shape.items, item) for key, item in value.items()}
    return value


def fill(shape: Shape, value: Any) -> Any:  # Any: property values
    """The property value with every default filled in, at any depth; unknowns stay.

    What is known is in its normal form, such as a set of names in its order.
    """
    if shape.kind == "object" and isinstance(value, dict):
        result = {}
        for name, field in shape.fields().items():
            item = value.get(name)
            result[name] = field.default if item is None else _normal(field, item)
        return {name: item for name, item in result.items() if item is not None}
    if shape.kind == "array" and shape.items is not None and isinstance(value, list):
        return [fill(shape.items, item) for item in value]
    if shape.kind == "map" and shape.items is not None and isinstance(value, dict):
        return {key: fill(shape.items, item) for key, item in value.items()}
    return value


def _normal(field: Field, value: Any) -> Any:  # Any: property values
    if field.adapter is not None and not has_unknown(value):
        try:
            known = field.adapter.validate_python(to_model(field.shape, value))
        except ValidationError:
            return fill(field.shape, value)
        return to_wire(field.shape, field.adapter.dump_python(known, mode="json"))
    return fill(field.shape, value)


def project(shape: Shape, live: Any, written: Any) -> Any:  # Any: property values
    """What somebody would write to get `live`: what they wrote before, and what is no default.

    Args:
        shape: what both hold.
        live: the value as it is, with defaults filled in.
        written: what was written before; None when nothing was.
    """
    if shape.kind == "object" and isinstance(live, dict):
        before = written if isinstance(written, dict) else {}
        return {
            name: project(field.shape, live[name], before.get(name))
            for name, field in shape.fields().items()
            if name in live and (name in before or live[name] != field.default)
        }
    if shape.kind == "array" and shape.items is not None and isinstance(live, list):
        before_items = written if isinstance(written, list) else []
        return [
            project(shape.items, item, before_items[index] if index < len(before_items) else None)
            for index, item in enumerate(live)
        ]
    if shape.kind == "map" and shape.items is not None and isinstance(live, dict):
        before = written if isinstance(written, dict) else {}
        return {key: project(shape.items, item, before.get(key)) for key, item in live.items()}
    return live


def wire_path(shape: Shape, location: tuple[str | int, ...]) -> str:
    """The place `("ports", 0, "http_path")` of a model as `ports[0].httpPath`."""
    path, current = "", shape
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif current.kind == "map":
            path = join_key(path, part)
        else:
            field = next((f for f in current.fields().values() if f.name == part), None)
            name = field.wire_name if field is not None else part
            path += f".{name}" if path else name
            if field is not None:
                current = field.shape
                continue
        current = current.items or current
    return path


def unknown_paths(shape: Shape, value: Any) -> list[tuple[str | int, ...]]:  # Any: property value
    """Where in the model's terms `value` is unknown."""
    if isinstance(value, Unknown):
        return [()]
    if isinstance(value, dict):
        fields = shape.fields()
        found: list[tuple[str | int, ...]] = []
        for key, item in value.items():
            field = fields.get(key)
            inner = field.shape if field is not None else shape.items or shape
            name = field.name if field is not None else key
            found += [(name, *rest) for rest in unknown_paths(inner, item)]
        return found
    if isinstance(value, list):
        inner = shape.items or shape
        return [
            (index, *rest)
            for index, item in enumerate(value)
            for rest in unknown_paths(inner, item)
        ]
    return []


def stray_properties(shape: Shape, value: Any, path: str = "") -> list[tuple[str, list[str]]]:
    """Paths of properties that the shape does not have, each with the names that it has."""
    if shape.kind == "object" and isinstance(value, dict):
        fields = shape.fields()
        found: list[tuple[str, list[str]]] = []
        for key, item in value.items():
            inner = f"{path}.{key}" if path else key
            if key not in fields:
                found.append((inner, sorted(fields)))
            else:
                found += stray_properties(fields[key].shape, item, inner)
        return found
    if shape.kind == "array" and shape.items is not None and isinstance(value, list):
        items = shape.items
        return [
            stray
            for index, item in enumerate(value)
            for stray in stray_properties(items, item, f"{path}[{index}]")
        ]
    if shape.kind == "map" and shape.items is not None and isinstance(value, dict):
        items = shape.items
        return [
            stray
            for key, item in value.items()
            for stray in stray_properties(items, item, join_key(path, key))
        ]
    return []
