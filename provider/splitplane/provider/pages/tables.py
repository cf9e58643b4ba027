"""Properties of the schema as tables, and the named types that they refer to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from splitplane.components.costs import Cost
from splitplane.provider.components import camel_case

JsonObject = dict[str, Any]  # Any: JSON

PREFIX: Final = "splitplane:index:"
_REFERENCE: Final = "#/types/"
_ANYTHING: Final = "pulumi.json#/Any"
_WORDS: Final = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
}


def input_table(properties: Mapping[str, JsonObject], required: Sequence[str]) -> list[str]:
    """Rows of inputs, the required ones first, each group by name."""
    if not properties:
        return ["None."]
    names = sorted(properties, key=lambda name: (name not in required, name))
    return [
        "| input | type | | default | what it is |",
        "|---|---|---|---|---|",
        *(_input_row(name, properties[name], name in required) for name in names),
    ]


def output_table(properties: Mapping[str, JsonObject], always: Sequence[str]) -> list[str]:
    """Rows of outputs by name."""
    return [
        "| output | type | | what it is |",
        "|---|---|---|---|",
        *(
            f"| `{name}` | {type_text(entry)} | {_output_marks(entry, name in always)} "
            f"| {_text(entry)} |"
            for name, entry in sorted(properties.items())
        ),
    ]


def cost_table(costs: Sequence[Cost]) -> list[str]:
    """Rows of what is billed, with the inputs that decide about it."""
    return [
        "| part | billed by | inputs that decide |",
        "|---|---|---|",
        *(
            f"| {cost.part} | {cost.driver} "
            f"| {', '.join(f'`{_input_path(field)}`' for field in cost.fields)} |"
            for cost in costs
        ),
    ]


def type_text(entry: JsonObject) -> str:
    """The type in words, with a link where it is described on the page."""
    reference: str | None = entry.get("$ref")
    if reference == _ANYTHING:
        return "anything"
    if reference is not None:
        name = reference.removeprefix(_REFERENCE).removeprefix(PREFIX)
        return f"[{name}](#{name.lower()})"
    if entry["type"] == "array":
        return f"list of {type_text(entry['items'])}"
    if entry["type"] == "object":
        return f"map of {type_text(entry['additionalProperties'])}"
    return _WORDS[entry["type"]]


def types_of(entries: Iterable[JsonObject], types: Mapping[str, JsonObject]) -> list[str]:
    """Tokens of the named types in the entries, and of those in these, in order of appearance."""
    found: list[str] = []
    waiting = [token for entry in entries for token in _tokens(entry)]
    while waiting:
        token = waiting.pop(0)
        if token in found:
            continue
        found.append(token)
        inner = types[token].get("properties", {})
        waiting += [name for entry in inner.values() for name in _tokens(entry)]
    return found


def _input_row(name: str, entry: JsonObject, is_required: bool) -> str:
    cells = (type_text(entry), _marks(entry, is_required), _default(entry), _text(entry))
    return f"| `{name}` | {' | '.join(cells)} |"


def _tokens(entry: JsonObject) -> list[str]:
    reference = str(entry.get("$ref", ""))
    if reference.startswith(_REFERENCE):
        return [reference.removeprefix(_REFERENCE)]
    inner = entry.get("items") or entry.get("additionalProperties")
    return _tokens(inner) if inner else []


def _input_path(field: str) -> str:
    return ".".join(map(camel_case, field.split(".")))


def _marks(entry: JsonObject, is_required: bool) -> str:
    marks = {
        "required": is_required,
        "replaces": entry.get("willReplaceOnChanges"),
        "secret": entry.get("secret"),
        "plain": entry.get("plain"),
    }
    return ", ".join(mark for mark, holds in marks.items() if holds)


def _output_marks(entry: JsonObject, is_always: bool) -> str:
    marks = {"may be absent": not is_always, "secret": entry.get("secret")}
    return ", ".join(mark for mark, holds in marks.items() if holds)


def _default(entry: JsonObject) -> str:
    if entry.get("default") in (None, ""):
        return ""
    default = entry["default"]
    return f"`{default if isinstance(default, str) else json.dumps(default)}`"


def _text(entry: JsonObject) -> str:
    # The schema's description repeats the default, which has a column here.
    text = str(entry.get("description", "")).partition(" Default: `")[0]
    return text.replace("|", "\\|")
