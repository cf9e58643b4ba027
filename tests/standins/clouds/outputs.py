"""What a cloud would answer: names, ids, and a value of the right type for every output."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clouds.checking import parts_of
from clouds.sdk_types import Field, Kind, fields_of, is_object
from clouds.tables import Tables, digest, fill
from splitplane.provider.codec import UNKNOWN, Properties
from splitplane.provider.errors import BadInput

CREATED_AT = "2026-01-01T00:00:00Z"
# One of them is a part of a route's id.
_DESTINATIONS = ("destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId")
# Some classes hold themselves.
_DEEPEST = 4


@dataclass(frozen=True)
class Answers:
    """Makes the answers for one kind of resource."""

    kind: Kind
    tables: Tables
    settings: Mapping[str, str]

    @property
    def name_input(self) -> str:
        """The input that is made up when the program leaves it out; empty when there is none."""
        listed = self.tables.names.get(self.kind.token)
        if listed is not None:
            return listed
        candidates = [item.format(kind=self.kind.short_name) for item in self.tables.name_inputs]
        return next((item for item in candidates if self._takes_text(item)), "")

    def made_up_name(self, resource_name: str, seed: str, prefix: Any) -> str:  # Any: an input
        """A name as the plugins make it: the resource's own or a prefix, and seven digits."""
        start = prefix if isinstance(prefix, str) else f"{resource_name}-"
        return f"{start}{digest(seed, 'name')[:7]}"

    def values(self, inputs: Properties, resource_name: str, seed: str) -> dict[str, Any]:
        """What templates may use beside the id."""
        digits = digest(seed)
        name = inputs.get(self.name_input) if self.name_input else None
        given = {key: item for key, item in inputs.items() if item is not None}
        return {
            "name": resource_name,
            **self.settings,
            **given,
            **({"name": name} if isinstance(name, str) else {}),
            "destination": next((given[key] for key in _DESTINATIONS if key in given), ""),
            "kind": self.kind.short_name,
            "service": self.kind.service,
            "hex8": digits[:8],
            "hex17": digits[:17],
            "hex32": digits[:32].upper(),
            "uuid": "-".join(
                (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32])
            ),
        }

    def id(self, values: Mapping[str, Any], inputs: Properties) -> str:
        """The id of the object; the same for the same name where the cloud knows names."""
        listed = self.tables.ids.get(self.kind.token)
        if listed is None:
            named = self.name_input and inputs.get(self.name_input) is not None
            listed = self.tables.ids["*"] if named else self.tables.unnamed_id
        try:
            return str(fill(listed, values))
        except KeyError as exc:
            raise BadInput(f"{self.kind.token} needs {exc} or the stand-in has no id") from exc

    def outputs(self, values: Mapping[str, Any], inputs: Properties) -> Properties:
        """Every output that the SDK knows, from inputs, the table or made up; needs `{id}`."""
        found: Properties = {}
        listed = self._listed()
        for name, field in self.kind.outputs.items():
            given = inputs.get(name)
            if given is not None:
                found[name] = given
            elif name in listed:
                found[name] = fill(listed[name], values)
            elif not (name in self.kind.inputs and field.is_optional):
                found[name] = _made_up(field.alternatives, name, values, 0)
        for path, template in listed.items():
            if "." in path:
                _put(found, path.split("."), fill(template, values))
        return found

    def with_inner(self, outputs: Properties, old: Properties) -> Properties:
        """The outputs of a changed object: what the cloud made inside of its inputs stays."""
        found = dict(outputs)
        for path in self._listed():
            if "." in path and (value := _inner(old, path.split("."))) is not None:
                _put(found, path.split("."), value, is_forced=True)
        return found

    def planned(self, inputs: Properties) -> Properties:
        """The outputs as far as a preview can know them."""
        found: Properties = {}
        for name, field in self.kind.outputs.items():
            given = inputs.get(name)
            if given is not None:
                found[name] = given
            elif not (name in self.kind.inputs and field.is_optional):
                found[name] = UNKNOWN
        for path in self._listed():
            if "." in path:
                _put(found, path.split("."), UNKNOWN)
        return found

    def _listed(self) -> dict[str, Any]:  # Any: templates
        return {
            **self.tables.outputs.get("*", {}),
            **self.tables.outputs.get(self.kind.token, {}),
        }

    def _takes_text(self, name: str) -> bool:
        field = self.kind.inputs.get(name)
        return field is not None and field.is_optional and str in field.alternatives


def _put(
    into: Properties,
    path: list[str],
    value: Any,  # Any: a property value
    *,
    is_forced: bool = False,
) -> None:
    """Sets a place inside an object if that is there and the place is not, or if told."""
    first, *rest = path
    inner = into.get(first)
    if not rest:
        if inner is None or is_forced:
            into[first] = value
    elif isinstance(inner, dict):
        copied = dict(inner)
        _put(copied, rest, value, is_forced=is_forced)
        into[first] = copied
    elif isinstance(inner, list) and inner and isinstance(inner[0], dict):
        copied = dict(inner[0])
        _put(copied, rest, value, is_forced=is_forced)
        into[first] = [copied, *inner[1:]]


def _inner(properties: Properties, path: list[str]) -> Any:  # Any: a property value
    """The value at a place, through the first of each list; None when there is none."""
    found: Any = properties
    for key in path:
        if isinstance(found, list):
            found = found[0] if found else None
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _made_up(
    alternatives: tuple[Any, ...],  # Any: types and generic aliases
    name: str,
    values: Mapping[str, Any],
    depth: int,
) -> Any:  # Any: a property value
    if not alternatives or depth > _DEEPEST:
        return None
    wanted = alternatives[0]
    collection, members = parts_of(wanted)
    if collection == "list":
        item = _made_up(members, name, values, depth + 1)
        return [] if item is None else [item]
    if collection == "map":
        return {}
    if is_object(wanted):
        return _object(fields_of(wanted), values, depth)
    if isinstance(wanted, type) and issubclass(wanted, enum.Enum):
        return next(iter(wanted)).value
    if wanted in (bool, int, float):
        return wanted(0)
    return _text(name, values) if wanted is str else None


def _object(fields: Mapping[str, Field], values: Mapping[str, Any], depth: int) -> Properties:
    return {
        key: _made_up(field.alternatives, key, values, depth + 1) for key, field in fields.items()
    }


def _text(name: str, values: Mapping[str, Any]) -> str:
    label = values["name"]
    if name.lower().endswith("id"):
        return f"{name}-{values['hex8']}"
    if name.lower().endswith(("uri", "url", "endpoint")):
        return f"https://{label}.example.com"
    if name.endswith(("At", "Date", "Time", "Timestamp")):
        return CREATED_AT
    return f"{label}-{name}"
