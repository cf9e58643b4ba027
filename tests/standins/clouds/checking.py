"""Holds values against the SDK's types: names, types, what is required, with their paths."""

from __future__ import annotations

import enum
import typing
from collections.abc import Iterator, Mapping
from typing import Any

import pulumi

from clouds.sdk_types import Field, fields_of, is_object, required_of
from splitplane.provider.backend import Failure
from splitplane.provider.codec import Asset, Unknown
from splitplane.provider.paths import join_key

_SCALARS: Mapping[type, tuple[type, ...]] = {
    bool: (bool,),
    float: (int, float),
    int: (int,),
    str: (str,),
}


def check_object(
    value: Mapping[str, Any],  # Any: property values, without secrets
    fields: Mapping[str, Field],
    required: frozenset[str],
    path: str = "",
) -> list[Failure]:
    """What is wrong with an object of a class; an unknown value is right everywhere."""
    failures = [
        Failure(join_key(path, name), "is required and missing")
        for name in sorted(required)
        if value.get(name) is None
    ]
    for name, item in value.items():
        here = join_key(path, name)
        if name not in fields:
            failures.append(Failure(here, f"is no input; there are {', '.join(sorted(fields))}"))
        elif item is not None:
            failures += check_value(item, fields[name].alternatives, here)
    return failures


def check_value(
    value: Any,  # Any: a property value, without secrets
    alternatives: tuple[Any, ...],  # Any: types and generic aliases
    path: str,
) -> list[Failure]:
    """What is wrong with a value that must be of one of some types."""
    if isinstance(value, Unknown):
        return []
    tried = [list(_failures(value, item, path)) for item in alternatives]
    if not tried or not all(tried):
        return []
    inner = [found for found in tried if any(item.path != path for item in found)]
    if len(inner) == 1:
        return inner[0]
    if len(tried) == 1:
        return tried[0]
    wanted = " or ".join(_name(item) for item in alternatives)
    return [Failure(path, f"must be {wanted}, got {value!r}")]


def parts_of(alternative: Any) -> tuple[str, tuple[Any, ...]]:  # Any: a type or generic alias
    """("list" or "map", types of its values), or ("", ()) of what is neither."""
    origin = typing.get_origin(alternative)
    name = getattr(origin or alternative, "__name__", "")
    arguments = typing.get_args(alternative)
    if name in ("Sequence", "list", "List"):
        return "list", _members(arguments[0]) if arguments else ()
    if name in ("Mapping", "dict", "Dict"):
        return "map", _members(arguments[1]) if len(arguments) > 1 else ()
    return "", ()


def _members(hint: Any) -> tuple[Any, ...]:  # Any: types and generic aliases
    if hint is Any:
        return ()
    arguments = typing.get_args(hint) if typing.get_origin(hint) is typing.Union else (hint,)
    return tuple(
        item
        for item in arguments
        if item is not type(None)
        and typing.get_origin(item) is not pulumi.Output
        and getattr(typing.get_origin(item), "__name__", "") != "Awaitable"
    )


def _failures(value: Any, wanted: Any, path: str) -> Iterator[Failure]:  # Any: see check_value
    collection, members = parts_of(wanted)
    if wanted is Any:
        return
    if collection:
        yield from _in_collection(value, collection, members, path)
    elif is_object(wanted):
        if isinstance(value, dict):
            yield from check_object(value, fields_of(wanted), required_of(wanted), path)
        else:
            yield _wrong(value, wanted, path)
    elif isinstance(wanted, type) and issubclass(wanted, enum.Enum):
        if value not in [item.value for item in wanted]:
            allowed = ", ".join(repr(item.value) for item in wanted)
            yield Failure(path, f"must be one of {allowed}, got {value!r}")
    elif not _is_scalar(value, wanted):
        yield _wrong(value, wanted, path)


def _in_collection(
    value: Any,  # Any: a property value
    collection: str,
    members: tuple[Any, ...],  # Any: types and generic aliases
    path: str,
) -> Iterator[Failure]:
    if collection == "list" and isinstance(value, list):
        for index, item in enumerate(value):
            yield from check_value(item, members, f"{path}[{index}]")
    elif collection == "map" and isinstance(value, dict):
        for key, item in value.items():
            yield from check_value(item, members, join_key(path, key))
    else:
        yield Failure(path, f"must be a {collection}, got {value!r}")


def _is_scalar(value: Any, wanted: Any) -> bool:  # Any: see check_value
    if wanted in (pulumi.Asset, pulumi.Archive):
        return isinstance(value, Asset) and value.is_archive == (wanted is pulumi.Archive)
    if isinstance(wanted, type) and issubclass(wanted, pulumi.Resource):
        return isinstance(value, str)  # a reference, which stands for its id
    kinds = _SCALARS.get(wanted, ())
    return isinstance(value, kinds) and (wanted is bool or not isinstance(value, bool))


def _wrong(value: Any, wanted: Any, path: str) -> Failure:  # Any: see check_value
    return Failure(path, f"must be {_name(wanted)}, got {value!r}")


def _name(wanted: Any) -> str:  # Any: a type or generic alias
    collection, _ = parts_of(wanted)
    return collection or str(getattr(wanted, "__name__", wanted))
