"""The schema of the functions, made from their table."""

from __future__ import annotations

from splitplane.provider.functions import FUNCTIONS, Function
from splitplane.provider.schema_types import JsonObject, TypeTable
from splitplane.provider.shapes import Field


def function_entries(table: TypeTable) -> dict[str, JsonObject]:
    """Token → its entry in the schema; named types that it needs are added to the table."""
    return {token: _entry(function, table) for token, function in FUNCTIONS.items()}


def _entry(function: Function, table: TypeTable) -> JsonObject:
    name = function.token.rpartition(":")[2]
    return {
        "description": function.description,
        "inputs": {
            "type": "object",
            "properties": table.properties(function.inputs, name),
            "required": sorted(f.wire_name for f in function.inputs if f.is_required),
        },
        "outputs": {
            "type": "object",
            "properties": {
                key: {word: value for word, value in entry.items() if word != "default"}
                for key, entry in table.properties(function.outputs, name).items()
            },
            "required": sorted(f.wire_name for f in function.outputs if _is_always_there(f)),
        },
    }


def _is_always_there(field: Field) -> bool:
    return field.is_required or field.default is not None
