"""One page: what a resource, function or component is, in the order in which people ask."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from splitplane.components.costs import costs_of
from splitplane.contract.nouns import noun_for_word
from splitplane.provider.examples import EXAMPLES, LANGUAGES, programs
from splitplane.provider.examples.names import snake_case
from splitplane.provider.kinds import LAYOUTS
from splitplane.provider.pages.notes import COMMON, FUNCTION_NOTES, NOTES, Note
from splitplane.provider.pages.tables import (
    PREFIX,
    cost_table,
    input_table,
    output_table,
    types_of,
)

JsonObject = dict[str, Any]  # Any: JSON

_HEAD: Final = "<!-- Written by `python -m splitplane.provider.pages` from the schema. -->"
_FORM: Final = re.compile(r"by `([A-Za-z:-]+)`")
_EXAMPLES: Final = "{{% examples %}}"
_RECEIVER: Final = "__self__"
_VERBS: Final = {"create": "POST", "update": "PUT", "delete": "DELETE"}


@dataclass(frozen=True)
class Sources:
    """What pages are made from.

    Attributes:
        schema: the package's schema.
        routes: `METHOD /api/v1/PATH` → what it needs, in Markdown.
    """

    schema: JsonObject
    routes: Mapping[str, str]


def file_name(name: str) -> str:
    """`MlRepo` as `ml-repo.md`."""
    return snake_case(name).replace("_", "-") + ".md"


def summary(entry: JsonObject) -> str:
    """What it is, without the example."""
    return str(entry["description"]).partition(_EXAMPLES)[0].strip()


def resource_page(name: str, sources: Sources) -> str:
    """The page of a resource or component."""
    entry: JsonObject = sources.schema["resources"][f"{PREFIX}{name}"]
    is_component = bool(entry.get("isComponent"))
    inputs = entry["inputProperties"]
    outputs = {k: v for k, v in entry["properties"].items() if _is_new(v, inputs.get(k))}
    return _page(
        [
            *_start(name, "component" if is_component else "resource", entry),
            *_example(name, sources.schema),
            *_inputs(inputs, entry.get("requiredInputs", [])),
            "## Outputs\n",
            "Every input is an output too. Beside them:" if not is_component else "",
            "",
            *output_table(outputs, entry.get("required", [])),
            "",
            *_costs(name),
            *_methods(entry.get("methods", {}), sources.schema["functions"]),
            *_types([*inputs.values(), *outputs.values()], sources.schema["types"]),
            *([] if is_component else _import(name, entry)),
            *([] if is_component else _permissions(name, sources.routes)),
            *_errors((*NOTES.get(name, ()), *(() if is_component else COMMON))),
        ]
    )


def function_page(name: str, sources: Sources) -> str:
    """The page of a function."""
    entry: JsonObject = sources.schema["functions"][f"{PREFIX}{name}"]
    inputs = entry.get("inputs", {}).get("properties", {})
    outputs = entry["outputs"]["properties"]
    return _page(
        [
            *_start(name, "function", entry),
            *_example(name, sources.schema),
            *_inputs(inputs, entry.get("inputs", {}).get("required", [])),
            "## Result\n",
            *output_table(outputs, entry["outputs"].get("required", [])),
            "",
            *_types([*inputs.values(), *outputs.values()], sources.schema["types"]),
            *_errors((*NOTES.get(name, ()), *FUNCTION_NOTES)),
        ]
    )


def _page(lines: list[str]) -> str:
    text = "\n".join(lines).strip() + "\n"
    return re.sub(r"\n{3,}", "\n\n", text)


def _start(name: str, what: str, entry: JsonObject) -> list[str]:
    where = {
        "resource": f"`splitplane.resources.{name}`",
        "component": f"`splitplane.components.{name}`",
        "function": f"`splitplane.resources.{snake_case(name)}`",
    }
    token = f"`{PREFIX}{name}`"
    return [
        _HEAD,
        "",
        f"# {name}",
        "",
        summary(entry),
        "",
        f"A {what}: {token} in the schema, {where[what]} in Python. [All pages](README.md), "
        "[the provider](../provider.md).",
        "",
    ]


def _example(name: str, schema: JsonObject) -> list[str]:
    example = EXAMPLES[name]
    lines = ["## Example", "", f"{example.title}:", ""]
    for language, text in programs(example, schema).items():
        block = [f"```{language}", text.rstrip("\n"), "```", ""]
        if language == "python":
            lines += block
        else:
            title = f"<summary>{LANGUAGES[language]}</summary>"
            lines += ["<details>", title, "", *block, "</details>", ""]
    return lines


def _inputs(properties: Mapping[str, JsonObject], required: list[str]) -> list[str]:
    return [
        "## Inputs",
        "",
        *input_table(properties, required),
        "",
        *_legend(properties),
        "",
    ]


def _is_new(output: JsonObject, given: JsonObject | None) -> bool:
    """Whether it is more than what was given: components say of what is there in the end."""
    return given is None or output["description"] != given["description"]


def _legend(properties: Mapping[str, JsonObject]) -> list[str]:
    texts = []
    if any(entry.get("willReplaceOnChanges") for entry in properties.values()):
        texts.append("*replaces*: a change makes another object in place of this one.")
    if any(entry.get("plain") for entry in properties.values()):
        texts.append("*plain*: cannot be an output of another resource.")
    texts.append(
        "Names are those of YAML and TypeScript; Python has them in `snake_case`, Go and C# in "
        "`PascalCase`."
    )
    return [" ".join(texts)]


def _costs(name: str) -> list[str]:
    costs = costs_of(name)
    if not costs:
        return []
    return [
        "## What it costs",
        "",
        "What is billed, and by what; prices are those of the cloud.",
        "",
        *cost_table(costs),
        "",
    ]


def _methods(methods: Mapping[str, str], functions: Mapping[str, JsonObject]) -> list[str]:
    lines = ["## Methods", ""] if methods else []
    for name, token in sorted(methods.items()):
        entry = functions[token]
        inputs = entry.get("inputs", {})
        given = {k: v for k, v in inputs.get("properties", {}).items() if k != _RECEIVER}
        lines += [
            f"### {name}",
            "",
            str(entry["description"]),
            "",
            *input_table(given, inputs.get("required", [])),
            "",
            *output_table(entry["outputs"]["properties"], entry["outputs"].get("required", [])),
            "",
        ]
    return lines


def _types(entries: list[JsonObject], types: Mapping[str, JsonObject]) -> list[str]:
    tokens = types_of(entries, types)
    lines = ["## Types", ""] if tokens else []
    for token in tokens:
        entry = types[token]
        lines += [f"### {token.removeprefix(PREFIX)}", "", str(entry["description"]), ""]
        if "enum" in entry:
            lines += ["| value | what it is |", "|---|---|"]
            lines += [f"| `{item['value']}` | {item['description']} |" for item in entry["enum"]]
        else:
            lines += input_table(entry["properties"], entry.get("required", []))
        lines.append("")
    return lines


def _import(name: str, entry: JsonObject) -> list[str]:
    found = _FORM.search(summary(entry))
    assert found is not None, f"the description of {name} says by what it is imported"
    command = f"pulumi import {PREFIX}{name} RESOURCE {found[1]}"
    return [
        "## Import",
        "",
        "By the fully qualified name, or by the object's id in its place:",
        "",
        f"```sh\n{command}\n```",
        "",
        "It prints the program's text for the object as it is; the next `up` changes nothing.",
        "",
    ]


def _permissions(name: str, routes: Mapping[str, str]) -> list[str]:
    kind = next(lay.kind for lay, _ in LAYOUTS if lay.resource_type == f"{PREFIX}{name}")
    noun = noun_for_word(kind)
    path = f"/api/v1/{noun.plural}"
    places = {"create": path, "update": f"{path}/{{ref}}", "delete": f"{path}/{{ref}}"}
    rows = [f"| {what} | {routes[f'{_VERBS[what]} {at}']} |" for what, at in places.items()]
    parent = noun.parent_kind.replace("-", " ") if noun.parent_kind else "tenant"
    return [
        "## Permissions",
        "",
        "| to | needs |",
        "|---|---|",
        f"| preview and refresh | {routes[f'GET {path}/{{ref}}']} |",
        *rows,
        "",
        f"Creation is asked of the {parent}; where several are named, only those that the inputs "
        "call for are needed. [Which role has which](../permissions.md).",
        "",
    ]


def _errors(notes: tuple[Note, ...]) -> list[str]:
    if not notes:
        return []
    return ["## Errors worth knowing", "", *(f"- {n.error}: {n.meaning}" for n in notes), ""]
