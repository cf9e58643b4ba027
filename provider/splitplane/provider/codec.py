"""Property values: between the engine's protobuf encoding and plain Python values.

A plain value is None, a bool, an int, a float, a str, a list or a dict with str keys. What JSON has
no word for is one of the classes below, so that no magic string or signature key gets past this
file. Signatures and sentinels: pulumi v3.259.0, sdk/go/common/resource/plugin/rpc.go and
sdk/go/common/resource/sig/sig.go, checked 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from google.protobuf import struct_pb2

Properties = dict[str, Any]  # Any: a property value, see the module's docstring

_SIGNATURE_KEY: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a signature, not a secret
_ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
_ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
_RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"

_UNKNOWNS: Final = {
    "bool": "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "number": "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "string": "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    "array": "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "asset": "030794c1-ac77-496b-92df-f27374a8bd58",
    "archive": "e48ece36-62e2-4504-bad9-02848725956a",
    "object": "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
}
_UNKNOWN_TYPES: Final = {sentinel: kind for kind, sentinel in _UNKNOWNS.items()}

# Above it a double no longer holds every integer, so an integral one stays what it is: a float.
_LARGEST_EXACT_INTEGER: Final = 2**53


@dataclass(frozen=True)
class Unknown:
    """A value that only exists after the update; equal to every other unknown of its type."""

    type: str = "string"
    """Type of the sentinel that stands for it on the wire: a key of the table above."""


@dataclass(frozen=True)
class Secret:
    """A value that the engine encrypts in its state and hides from people."""

    value: Any = field(repr=False)  # Any: a property value
    """What is secret; never itself a Secret."""


@dataclass(frozen=True)
class Asset:
    """A blob or an archive, by text, path or URI; never read here."""

    is_archive: bool
    fields: tuple[tuple[str, Any], ...]  # Any: text, or a dict of assets for `assets`
    """Its wire fields without the signature, in order."""


@dataclass(frozen=True)
class ResourceRef:
    """A reference to a resource; means its id wherever an id is wanted."""

    urn: str
    id: str | Unknown | None = None
    """The id; None for a component, unknown until the resource exists."""
    package_version: str = ""


@dataclass(frozen=True)
class OutputValue:
    """A value with the resources that it depends on, as Construct and Call carry them."""

    value: Any  # Any: a property value; Unknown while it is not known
    is_secret: bool = False
    dependencies: tuple[str, ...] = ()
    """URNs."""


UNKNOWN: Final = Unknown()


def decode(struct: struct_pb2.Struct) -> Properties:
    """The properties in `struct`; integral numbers become ints."""
    return {key: _decode_value(value) for key, value in struct.fields.items()}


def encode(properties: Mapping[str, Any]) -> struct_pb2.Struct:  # Any: property values
    """`properties` for the engine.

    Raises:
        TypeError: a value is of a type that no property has; the message says where.
    """
    struct = struct_pb2.Struct()
    for key, value in properties.items():
        _encode_value(value, struct.fields[key], key)
    return struct


def unwrap(value: Any) -> Any:  # Any: a property value
    """`value` without secrets and outputs, at any depth; unknowns and references stay."""
    if isinstance(value, Secret | OutputValue):
        return unwrap(value.value)
    return _map_children(value, unwrap)


def plain_ids(value: Any) -> Any:  # Any: a property value
    """`value` with every resource reference replaced by its id, or its URN when it has none."""
    if isinstance(value, ResourceRef):
        return value.urn if value.id is None else value.id
    if isinstance(value, Secret):
        return Secret(plain_ids(value.value))
    return _map_children(value, plain_ids)


def has_unknown(value: Any) -> bool:  # Any: a property value
    """Whether any part of `value` is unknown."""
    return _any(value, lambda item: isinstance(item, Unknown))


def has_secret(value: Any) -> bool:  # Any: a property value
    """Whether any part of `value` is secret."""
    return _any(value, lambda item: isinstance(item, Secret) or _is_secret_output(item))


def mark_secrets(value: Any, like: Any) -> Any:  # Any: property values
    """`value` with everything wrapped as secret that is secret at the same place in `like`."""
    if isinstance(like, OutputValue):
        marked = mark_secrets(value, like.value)
        return _as_secret(marked) if like.is_secret else marked
    if isinstance(like, Secret):
        return _as_secret(value)
    if isinstance(value, dict) and isinstance(like, dict):
        return {
            key: mark_secrets(item, like[key]) if key in like else item
            for key, item in value.items()
        }
    if isinstance(value, list) and isinstance(like, list) and has_secret(like):
        # Items may have moved, so a list with a secret item is secret as a whole.
        return _as_secret(value)
    return value


def _as_secret(value: Any) -> Secret:  # Any: a property value
    return Secret(unwrap(value))


def _is_secret_output(value: Any) -> bool:  # Any: a property value
    return isinstance(value, OutputValue) and value.is_secret


def _any(value: Any, matches: Callable[[Any], bool]) -> bool:  # Any: a property value
    if matches(value):
        return True
    if isinstance(value, Secret | OutputValue):
        return _any(value.value, matches)
    if isinstance(value, dict):
        return any(_any(item, matches) for item in value.values())
    return isinstance(value, list) and any(_any(item, matches) for item in value)


def _map_children(value: Any, function: Callable[[Any], Any]) -> Any:  # Any: property values
    if isinstance(value, dict):
        return {key: function(item) for key, item in value.items()}
    if isinstance(value, list):
        return [function(item) for item in value]
    return value


def _decode_value(value: struct_pb2.Value) -> Any:  # Any: a property value
    kind = value.WhichOneof("kind")
    if kind == "number_value":
        number = value.number_value
        is_exact = number.is_integer() and abs(number) <= _LARGEST_EXACT_INTEGER
        return int(number) if is_exact else number
    if kind == "string_value":
        text = value.string_value
        return Unknown(_UNKNOWN_TYPES[text]) if text in _UNKNOWN_TYPES else text
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [_decode_value(item) for item in value.list_value.values]
    if kind == "struct_value":
        return _decode_object(value.struct_value)
    return None


def _decode_object(struct: struct_pb2.Struct) -> Any:  # Any: a property value
    properties = {key: _decode_value(item) for key, item in struct.fields.items()}
    signature = properties.pop(_SIGNATURE_KEY, None)
    if signature is None:
        return properties
    if signature == _SECRET:
        return _as_secret(properties.get("value"))
    if signature == _OUTPUT:
        return OutputValue(
            # Left out means that it is not known yet; null is present.
            value=properties.get("value", UNKNOWN),
            is_secret=bool(properties.get("secret", False)),
            dependencies=tuple(properties.get("dependencies") or ()),
        )
    if signature == _RESOURCE:
        return _decode_reference(properties)
    if signature in (_ASSET, _ARCHIVE):
        return Asset(signature == _ARCHIVE, tuple(sorted(properties.items())))
    raise ValueError(f"a property value has the unknown signature {signature!r}")


def _decode_reference(properties: Properties) -> ResourceRef:
    reference_id = properties.get("id")
    if reference_id == "":  # how the engine writes an id that is not known yet
        reference_id = UNKNOWN
    return ResourceRef(
        urn=str(properties.get("urn", "")),
        id=reference_id,
        package_version=str(properties.get("packageVersion", "")),
    )


def _encode_value(value: Any, into: struct_pb2.Value, path: str) -> None:  # Any: a property value
    if value is None:
        into.null_value = struct_pb2.NULL_VALUE
    elif isinstance(value, bool):
        into.bool_value = value
    elif isinstance(value, int | float):
        into.number_value = value
    elif isinstance(value, str):
        into.string_value = value
    elif isinstance(value, Unknown):
        into.string_value = _UNKNOWNS[value.type]
    elif isinstance(value, Mapping):
        into.struct_value.SetInParent()
        for key, item in value.items():
            _encode_value(item, into.struct_value.fields[key], f"{path}.{key}")
    elif isinstance(value, list | tuple):
        into.list_value.SetInParent()
        for index, item in enumerate(value):
            _encode_value(item, into.list_value.values.add(), f"{path}[{index}]")
    else:
        _encode_value(_signed(value, path), into, path)


def _signed(value: object, path: str) -> Properties:
    match value:
        case Secret():
            return {_SIGNATURE_KEY: _SECRET, "value": value.value}
        case ResourceRef():
            return _signed_reference(value)
        case OutputValue():
            return _signed_output(value)
        case Asset():
            signature = _ARCHIVE if value.is_archive else _ASSET
            return {_SIGNATURE_KEY: signature, **dict(value.fields)}
        case _:
            raise TypeError(f"property {path!r} has a value of type {type(value).__name__}")


def _signed_reference(value: ResourceRef) -> Properties:
    result: Properties = {_SIGNATURE_KEY: _RESOURCE, "urn": value.urn}
    if value.id is not None:
        result["id"] = "" if isinstance(value.id, Unknown) else value.id
    if value.package_version:
        result["packageVersion"] = value.package_version
    return result


def _signed_output(value: OutputValue) -> Properties:
    result: Properties = {_SIGNATURE_KEY: _OUTPUT}
    if not isinstance(value.value, Unknown):
        result["value"] = value.value
    if value.is_secret:
        result["secret"] = True
    if value.dependencies:
        result["dependencies"] = list(value.dependencies)
    return result
