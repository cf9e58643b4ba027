"""The package's schema, made from the layouts; `python -m splitplane.provider.schema` writes it.

The schema is what other languages' SDKs and documentation are generated from. It is committed, so
that a change of what the package offers is a visible diff. Meta-schema:
https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/, checked 2026-11-21.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from splitplane.contract.version import VERSION
from splitplane.provider.component_schema import component_methods, component_resources
from splitplane.provider.config import config_properties
from splitplane.provider.examples import with_examples
from splitplane.provider.function_schema import function_entries
from splitplane.provider.kinds import LAYOUTS
from splitplane.provider.kinds.layout import Layout
from splitplane.provider.schema_types import JsonObject, TypeTable, with_csharp_names

PATH: Final = Path(__file__).with_name("schema.json")
LANGUAGES: Final[JsonObject] = {
    # A root of our own: the registry keeps `Pulumi.` for its owner.
    "csharp": {
        "respectSchemaVersion": True,
        "rootNamespace": "Splitplane",
        "namespaces": {"splitplane": "Sdk"},
    },
    "go": {
        "respectSchemaVersion": True,
        "generateResourceContainerTypes": True,
        "importBasePath": "github.com/splitplane/splitplane/sdk/go/splitplane",
    },
    "nodejs": {"respectSchemaVersion": True, "packageName": "@splitplane/splitplane"},
    "python": {
        "respectSchemaVersion": True,
        "pyproject": {"enabled": True},
        # Kept apart from the classes that come with the distribution.
        "packageName": "pulumi_splitplane",
    },
}
"""What generated SDKs are called in each language."""


def build_schema() -> str:
    """The schema as it has to be committed: sorted keys, two spaces, a newline at the end."""
    table = TypeTable()
    resources = {layout.resource_type: _resource(layout, table) for layout, _ in LAYOUTS}
    resources |= component_resources(table.types)
    functions = function_entries(table) | component_methods(table.types)
    config = config_properties()
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
        "functions": functions,
        "types": table.types,
        "language": LANGUAGES,
    }
    return json.dumps(with_examples(schema), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _resource(layout: Layout, table: TypeTable) -> JsonObject:
    name = layout.resource_type.rpartition(":")[2]
    fields = layout.inputs.fields().values()
    inputs = table.properties(fields, name)
    for path in sorted(layout.immutable):
        table.replaced_on_changes(inputs, path)
    computed: JsonObject = {
        name: {"type": "string", "description": text}
        | ({"secret": True} if name in layout.secrets else {})
        for name, text in layout.computed
    }
    always = [f.wire_name for f in fields if f.is_required or f.default is not None]
    sometimes = layout.secrets | layout.optional
    return {
        "description": layout.description,
        "inputProperties": with_csharp_names(name, inputs),
        "requiredInputs": sorted(f.wire_name for f in fields if f.is_required),
        "properties": with_csharp_names(name, {**_as_outputs(inputs), **computed}),
        "required": sorted([*always, *(n for n, _ in layout.computed if n not in sometimes)]),
    }


def _as_outputs(inputs: dict[str, JsonObject]) -> dict[str, JsonObject]:
    """The inputs as outputs: what they are given, without what holds when they are not."""
    return {
        name: {key: value for key, value in entry.items() if key != "default"}
        for name, entry in inputs.items()
    }


if __name__ == "__main__":
    PATH.write_text(build_schema(), encoding="utf-8")
