"""The package's schema, made from the layouts; `python -m splitplane.provider.schema` writes it.

The schema is what other languages' SDKs and documentation are generated from. It is committed, so
that a change of what the package offers is a visible diff. Meta-schema:
https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/, checked 2026-11-21.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from splitplane.contract.version import VERSION
from splitplane.provider.component_schema import component_resources
from splitplane.provider.kinds import LAYOUTS
from splitplane.provider.kinds.layout import Layout
from splitplane.provider.shapes import Field, Shape
from splitplane.provider.splitplane_backend import CONFIG

JsonObject = dict[str, Any]  # Any: JSON

PATH: Final = Path(__file__).with_name("schema.json")
_SECRET_CONFIG: Final = frozenset({"token"})


def build_schema() -> str:
    """The schema as it has to be committed: sorted keys, two spaces, a newline at the end."""
    types: dict[str, JsonObject] = {}
    resources = {layout.resource_type: _resource(layout, types) for layout, _ in LAYOUTS}
    resources |= component_resources()
    config = {name: _config_property(name, text) for name, text in CONFIG.items()}
    schema: JsonObject = {
        "name": "splitplane",
        "version": VERSION,
        "displayName": "Splitplane",
        "description": "Clusters, environments, workspaces, ML repos and applications of an ML "
        "platform as typed, previewable resources.",
        "keywords": ["category/infrastructure", "kind/native", "kubernetes", "mlops"],
        "license": "Apache-2.0",
        "repository": "https://github.com/splitplane/splitplane",
        "publisher": "Splitplane",
        "config": {"variables": config},
        "provider": {
            "description": "One control plane. A change of its address replaces nothing.",
            "inputProperties": config,
            "properties": config,
        },
        "resources": resources,
        "types": types,
        "language": {
            "csharp": {"respectSchemaVersion": True},
            "go": {"respectSchemaVersion": True, "generateResourceContainerTypes": True},
            "nodejs": {"respectSchemaVersion": True},
            "python": {
                "respectSchemaVersion": True,
                "pyproject": {"enabled": True},
                # Kept apart from the classes that come with the distribution.
                "packageName": "pulumi_splitplane",
            },
        },
    }
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _resource(layout: Layout, types: dict[str, JsonObject]) -> JsonObject:
    fields = layout.inputs.fields().values()
    inputs = {f.wire_name: _property(f, types) for f in fields}
    for field in fields:
        if _must_replace(layout, field):
            inputs[field.wire_name]["willReplaceOnChanges"] = True
    computed: JsonObject = {
        name: {"type": "string", "description": text}
        | ({"secret": True} if name in layout.secrets else {})
        for name, text in layout.computed
    }
    always = [f.wire_name for f in fields if f.is_required or f.default is not None]
    return {
        "description": layout.description,
        "inputProperties": inputs,
        "requiredInputs": sorted(f.wire_name for f in fields if f.is_required),
        "properties": {**inputs, **computed},
        "required": sorted([*always, *(n for n, _ in layout.computed if n not in layout.secrets)]),
    }


def _must_replace(layout: Layout, field: Field) -> bool:
    return field.wire_name in layout.immutable


def _property(field: Field, types: dict[str, JsonObject]) -> JsonObject:
    text = field.description
    if field.shape.allowed:
        text += f" Allowed: {', '.join(f'`{value}`' for value in field.shape.allowed)}."
    if isinstance(field.default, bool | int | float | str) and field.default != "":
        shown = json.dumps(field.default)
        text += f" Default: `{shown}`."
    return {**_type(field.shape, types), "description": text.strip()}


def _type(shape: Shape, types: dict[str, JsonObject]) -> JsonObject:
    if shape.kind == "array" and shape.items is not None:
        return {"type": "array", "items": _type(shape.items, types)}
    if shape.kind == "map" and shape.items is not None:
        return {"type": "object", "additionalProperties": _type(shape.items, types)}
    if shape.kind == "object":
        return {"$ref": f"#/types/{_object_type(shape, types)}"}
    return {"type": shape.kind}


def _object_type(shape: Shape, types: dict[str, JsonObject]) -> str:
    assert shape.model is not None, "only models are named types"
    token = f"splitplane:index:{shape.model.__name__.removesuffix('Manifest')}"
    if token not in types:
        fields = shape.fields().values()
        types[token] = {
            "type": "object",
            "description": " ".join((shape.model.__doc__ or "").split()),
            "properties": {f.wire_name: _property(f, types) for f in fields},
            "required": sorted(f.wire_name for f in fields if f.is_required),
        }
    return token


def _config_property(name: str, text: str) -> JsonObject:
    secret = {"secret": True} if name in _SECRET_CONFIG else {}
    return {"type": "string", "description": text, **secret}


if __name__ == "__main__":
    PATH.write_text(build_schema(), encoding="utf-8")
