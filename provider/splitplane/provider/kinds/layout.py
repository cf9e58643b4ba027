"""How a kind's manifest looks as resource properties, and back.

Two differences to the manifest: names are camelCase, and where a manifest has one field of several
shapes (`storage` by `kind`, an application by `type`) the resource has one optional property for
each shape, of which exactly one is given. Package schemas have no unions that every language
can use.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from splitplane.contract.errors import FieldError
from splitplane.contract.fqn import Fqn
from splitplane.contract.manifests import ManifestError, parse_manifest
from splitplane.contract.nouns import Kind, fqn_of, noun_for_kind
from splitplane.provider.backend import Failure
from splitplane.provider.codec import UNKNOWN, Properties, Unknown, has_unknown
from splitplane.provider.shapes import (
    Field,
    Shape,
    fill,
    stray_properties,
    to_model,
    to_wire,
    unknown_paths,
    wire_name,
    wire_path,
)

JsonObject = dict[str, Any]  # Any: JSON

Location = tuple[str | int, ...]

TYPE: Final = frozenset({"type"})
"""The manifest field that the resource's token stands for."""

FQN_OUTPUT: Final = ("fqn", "Fully qualified name; accepted wherever an id is.")


@dataclass(frozen=True)
class Variant:
    """One of several shapes of a manifest or of a field of it.

    Attributes:
        name: the resource's property.
        shape: what it holds.
        tag: manifest field and value that mean this shape, such as `("kind", "local")`.
        under: manifest field that holds the shape; None when it is the manifest itself.
        description: what it means, in Markdown.
    """

    name: str
    shape: Shape
    tag: tuple[str, str]
    under: str | None
    description: str


@dataclass(frozen=True)
class Layout:
    """The properties of one kind of resource.

    Attributes:
        resource_type: its type in the schema.
        kind: kind of noun that it manages.
        description: what it is, in Markdown; shown in every language.
        common: inputs that stand for manifest fields of the same name.
        variants: inputs of which exactly one is given; empty for most kinds.
        extra: inputs that are not in the manifest.
        computed: outputs beside the inputs, name → description; all text.
        secrets: names of the computed outputs that are secret; an imported object lacks them.
        optional: names of further computed outputs that an object may lack.
        immutable: paths whose change needs another object.
    """

    resource_type: str
    kind: Kind
    description: str
    common: tuple[Field, ...]
    variants: tuple[Variant, ...] = ()
    extra: tuple[Field, ...] = ()
    computed: tuple[tuple[str, str], ...] = ()
    secrets: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    immutable: frozenset[str] = frozenset()

    @cached_property
    def inputs(self) -> Shape:
        """Every input as one object."""
        variants = (
            Field(v.name, v.name, v.shape, is_required=False, description=v.description)
            for v in self.variants
        )
        return Shape("object", own=(*self.common, *variants, *self.extra))

    def to_manifest(self, properties: Mapping[str, Any]) -> JsonObject:  # Any: property values
        """The manifest for the inputs; unknowns stay where they are."""
        common = Shape("object", own=self.common)
        manifest: JsonObject = to_model(common, dict(properties))
        if not self.variants:
            return {"type": noun_for_kind(self.kind).types[0], **manifest}
        variant = self._given(properties)
        key, value = variant.tag
        inner = to_model(variant.shape, properties.get(variant.name))
        inner = {variant.name: inner} if isinstance(inner, Unknown) else inner or {}
        if variant.under is None:
            return {key: value, **manifest, **inner}
        manifest_type = noun_for_kind(self.kind).types[0]
        return {"type": manifest_type, **manifest, variant.under: {key: value, **inner}}

    def from_manifest(self, manifest: JsonObject) -> Properties:
        """The inputs that describe the manifest, defaults filled in."""
        properties: Properties = to_wire(Shape("object", own=self.common), manifest)
        for variant in self.variants:
            key, value = variant.tag
            inner = manifest if variant.under is None else manifest.get(variant.under) or {}
            if inner.get(key) == value:
                properties[variant.name] = to_wire(variant.shape, inner)
        return properties

    def normalize(self, properties: Properties) -> Properties:
        """The inputs with defaults filled in, in the form in which the control plane shows them.

        Inputs with an unknown part, or that some older version wrote, only get their defaults.
        """
        extra = {f.wire_name: properties.get(f.wire_name, f.default) for f in self.extra}
        known_extra = {name: value for name, value in extra.items() if value is not None}
        if not has_unknown(properties):
            try:
                manifest = parse_manifest(self.to_manifest(properties))
            except ManifestError:
                pass
            else:
                return self.from_manifest(manifest.model_dump(mode="json")) | known_extra
        filled: Properties = fill(self.inputs, properties)
        return filled

    def fqn(self, properties: Properties) -> str | Unknown:
        """The fully qualified name of the object; unknown while a part of it is."""
        if has_unknown(properties):
            parts = [properties.get(name) for name in self._place]
            if any(has_unknown(part) for part in parts):
                return UNKNOWN
            properties = {
                name: value for name, value in properties.items() if not has_unknown(value)
            }
            return self._fqn_by_name(properties)
        try:
            return str(fqn_of(parse_manifest(self.to_manifest(properties))))
        except ManifestError:
            return self._fqn_by_name(properties)

    def failures(self, properties: Properties) -> list[Failure]:
        """What is wrong with the inputs; what is unknown, and what depends on it, is not wrong."""
        strays = [
            Failure(path, _stray_reason(path, names))
            for path, names in stray_properties(self.inputs, properties)
        ]
        count = [v.name for v in self.variants if properties.get(v.name) is not None]
        if self.variants and len(count) != 1:
            names = _listed([repr(v.name) for v in self.variants])
            got = ", ".join(count) or "none"
            return [*strays, Failure("", f"exactly one of {names} is needed, got {got}")]
        unknowns = self._manifest_unknowns(properties)
        variant = self._given(properties) if self.variants else None
        try:
            parse_manifest(self.to_manifest(properties))
        except ManifestError as error:
            found = zip(error.errors, map(self._untagged, _locations(error)), strict=True)
            strays += [
                Failure(self._wire_path(location, variant), _reason(item))
                for item, location in found
                if not any(self._depends(location, unknown) for unknown in unknowns)
            ]
        return [*strays, *self._extra_failures(properties)]

    @property
    def _place(self) -> tuple[str, ...]:
        """The properties that the fully qualified name is made of."""
        parent = noun_for_kind(self.kind).parent_kind
        return ("name",) if parent is None else (wire_name(parent.replace("-", "_")), "name")

    def _fqn_by_name(self, properties: Properties) -> str:
        """The name as the place alone gives it, also where the rest is unknown or wrong."""
        parts = [str(properties.get(name, "?")) for name in self._place]
        # A workspace is named by its cluster too.
        return str(Fqn(noun_for_kind(self.kind).fqn_kind, tuple(":".join(parts).split(":"))))

    def _given(self, properties: Mapping[str, Any]) -> Variant:  # Any: property values
        given = (v for v in self.variants if properties.get(v.name) is not None)
        return next(given, self.variants[0])

    def _manifest_unknowns(self, properties: Properties) -> list[Location]:
        manifest_names = {f.wire_name: f.name for f in self.common}
        found: list[Location] = []
        for location in unknown_paths(self.inputs, properties):
            first = str(location[0])
            variant = next((v for v in self.variants if v.name == first), None)
            if variant is None:
                found.append((manifest_names.get(first, first), *location[1:]))
            else:
                under = (variant.under,) if variant.under else ()
                found.append((*under, *location[1:]))
        return found

    def _untagged(self, location: Location) -> Location:
        """The place in the manifest without the tag that errors of a union have in it."""
        tags = {(variant.under, variant.tag[1]) for variant in self.variants if variant.under}
        return (location[0], *location[2:]) if location[:2] in tags else location

    def _depends(self, location: Location, unknown: Location) -> bool:
        """Whether what is wrong at a place may only be so because another is unknown."""
        if not unknown:
            # The variant that is most of the manifest is unknown; what is beside it is not.
            return not any((field.name,) == location[:1] for field in self.common)
        length = min(len(location), len(unknown))
        return location[:length] == unknown[:length]

    def _wire_path(self, location: Location, variant: Variant | None) -> str:
        """The input that stands for a place in the manifest, which has this variant."""
        top = Shape("object", own=self.common)
        if location and any(f.name == location[0] for f in self.common):
            return wire_path(top, location)
        if variant is None:
            return wire_path(top, location)
        path = wire_path(variant.shape, location[1:] if variant.under else location)
        return f"{variant.name}.{path}" if path else variant.name

    def _extra_failures(self, properties: Properties) -> list[Failure]:
        failures: list[Failure] = []
        for field in self.extra:
            value = properties.get(field.wire_name)
            if value is None or isinstance(value, Unknown):
                continue
            reason = _extra_reason(field.shape, value)
            if reason is not None:
                failures.append(Failure(field.wire_name, reason))
        return failures


def fields_of(model: type[BaseModel], *, without: frozenset[str]) -> tuple[Field, ...]:
    """The model's fields as inputs, without the named ones."""
    return tuple(Shape("object", model=model, hidden=without).fields().values())


def variant_of(name: str, model: type[BaseModel], *, under: str) -> Variant:
    """The variant whose shape is the model; the model's `kind` tells it from the others."""
    return Variant(
        name=name,
        shape=Shape("object", model=model, hidden=frozenset({"kind"})),
        tag=("kind", str(model.model_fields["kind"].default)),
        under=under,
        description=" ".join((model.__doc__ or "").split()),
    )


def _extra_reason(shape: Shape, value: Any) -> str | None:  # Any: a property value
    """What is wrong with the value of an input that is not in the manifest; None when nothing."""
    if shape.kind == "string":
        is_right = isinstance(value, str) and (not shape.allowed or value in shape.allowed)
        expected = ", ".join(shape.allowed) or "text"
    elif shape.kind == "boolean":
        is_right, expected = isinstance(value, bool), "true or false"
    else:
        low, high = shape.limits
        # Every number of the engine is a float.
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        is_right = is_number and value == int(value) and low <= value <= high
        expected = f"a whole number from {low} to {high}"
    return None if is_right else f"{value!r} is not allowed; allowed: {expected}"


def _listed(names: list[str]) -> str:
    """`a, b and c`."""
    *first, last = names
    return f"{', '.join(first)} and {last}"


def _locations(error: ManifestError) -> list[Location]:
    cause = error.__cause__
    if isinstance(cause, ValidationError):
        return [detail["loc"] for detail in cause.errors()]
    return [() for _ in error.errors]


def _reason(error: FieldError) -> str:
    text = error.message
    # Lists and mappings come as text that is their representation already.
    shown = str(error.value) if str(error.value)[:1] in ("[", "{") else repr(error.value)
    if error.value is not None and shown not in text:
        text += f" (got {shown})"
    return "; ".join(part for part in (text, _allowed(error), _hint(error)) if part)


def _allowed(error: FieldError) -> str:
    return f"allowed: {error.allowed}" if error.allowed else ""


def _hint(error: FieldError) -> str:
    # `set FIELD` names the manifest's spelling; the engine already shows the property.
    return "" if error.hint is None or error.hint.startswith("set ") else error.hint


def _stray_reason(path: str, names: list[str]) -> str:
    name = path.rpartition(".")[2]
    close = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"allowed: {', '.join(names)}"
    return f"unknown property {name!r}; {hint}"
