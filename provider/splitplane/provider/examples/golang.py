"""Examples in Go, for the package that is generated from the schema."""

from __future__ import annotations

import json
import re
from itertools import groupby
from typing import Any, Final

from splitplane.provider.examples.layout import Block, Code, render, row
from splitplane.provider.examples.model import Call, Example, Method, Ref, Resource, Setting, Step
from splitplane.provider.examples.names import pascal_case
from splitplane.provider.examples.typed import (
    PREFIX,
    Choice,
    Configured,
    Entries,
    Items,
    Object,
    Output,
    Properties,
    Scalar,
    Schema,
    Typed,
)

JsonObject = dict[str, Any]  # Any: JSON

_WIDTH: Final = 100
_PAIR: Final = re.compile(r'(\t+)("[^"]*":|\w+:) (.*,)')
_SDK: Final = "github.com/pulumi/pulumi/sdk/v3/go/pulumi"
_SCALARS: Final = {"string": "String", "integer": "Int", "number": "Float64", "boolean": "Bool"}
_PLAIN: Final = {"string": "string", "integer": "int", "number": "float64", "boolean": "bool"}


def print_go(example: Example, schema: Schema, package: str) -> str:
    """The program, for the Go package with that import path."""
    writer = _Writer(example, schema)
    body = [writer.step(step) for step in example.steps]
    body += [
        f"ctx.Export({json.dumps(name)}, {writer.ref(ref)})"
        for name, ref in example.outputs.items()
    ]
    if example.settings:
        body.insert(0, 'cfg := config.New(ctx, "")')
    imports = [json.dumps(package), *([f'"{_SDK}/config"'] if example.settings else [])]
    lines = [
        "package main",
        "",
        "import (",
        *(f"\t{path}" for path in sorted([*imports, f'"{_SDK}"'])),
        ")",
        "",
        "func main() {",
        "\tpulumi.Run(func(ctx *pulumi.Context) error {",
        *("\t\t" + line for part in body for line in part.split("\n")),
        "\t\treturn nil",
        "\t})",
        "}",
    ]
    return "\n".join(lines) + "\n"


class _Writer:
    """Writes the steps of one program; knows which variables are declared."""

    def __init__(self, example: Example, schema: Schema) -> None:
        self._example = example
        self._schema = schema
        self._is_error_declared = False

    def step(self, step: Step) -> str:
        inputs = self._schema.inputs(step)
        if isinstance(step, Call):
            function = self._function(step)
            arguments = Block(f"splitplane.{function}Args{{", _fields(self, inputs), "}", True)
            call = row(f"splitplane.{function}(ctx, ", arguments, ", nil)")
            return _tabs(render(row(f"{step.name} := ", call), width=_WIDTH))
        fields = _fields(self, inputs)
        if isinstance(step, Method):
            method = pascal_case(step.method)
            arguments = Block(f"&splitplane.{step.type}{method}Args{{", fields, "}", True)
            call = row(f"{step.of}.{method}(ctx, ", arguments, ")")
        else:
            arguments = Block(f"&splitplane.{step.type}Args{{", fields, "}", is_broken=True)
            call = row(f"splitplane.New{step.type}(ctx, {json.dumps(step.name)}, ", arguments, ")")
        is_used = self._example.is_used(step.name)
        name = step.name if is_used else "_"
        declares = is_used or not self._is_error_declared
        self._is_error_declared = True
        text = render(row(f"{name}, err {':=' if declares else '='} ", call), width=_WIDTH)
        return _tabs(text) + "\nif err != nil {\n\treturn err\n}"

    def ref(self, ref: Ref) -> str:
        name = f"{ref.step}.{pascal_case(ref.output)}"
        # What a function gives is one output, with a method for each part of it.
        return name if isinstance(self._example.step(ref.step), Resource) else f"{name}()"

    def value(self, value: Typed) -> Code:
        match value:
            case Scalar():
                return _scalar(value)
            case Choice(type=name, name=member):
                if value.is_plain and not value.is_required:
                    raise ValueError(f"Go has no literal for an optional plain {name}")
                return f"splitplane.{name}{member}"
            case Output(ref=ref):
                return self.ref(ref)
            case Configured(setting=setting, is_plain=is_plain):
                return _setting(setting, is_plain)
            case Items(items=items, of=of, is_plain=is_plain):
                opening = f"[]{self._plain(of)}" if is_plain else f"{self._input(of)}Array"
                return Block(f"{opening}{{", tuple(map(self.value, items)), "}")
            case Entries(entries=entries, of=of, is_plain=is_plain):
                plain, typed = f"map[string]{self._plain(of)}", f"{self._input(of)}Map"
                inner = tuple(row(f"{json.dumps(k)}: ", self.value(v)) for k, v in entries)
                return Block(f"{plain if is_plain else typed}{{", inner, "}", bool(inner))
            case Object(type=name, properties=properties):
                fields = _fields(self, properties)
                return Block(f"&splitplane.{name}Args{{", fields, "}", bool(fields))

    def _function(self, call: Call) -> str:
        # Where a resource has the name, the generator keeps `Get…` for reading that resource.
        name = pascal_case(call.function)
        if name.startswith("Get") and self._schema.has_resource(name.removeprefix("Get")):
            name = f"Lookup{name.removeprefix('Get')}"
        return f"{name}Output"

    def _input(self, of: JsonObject) -> str:
        """Start of the names of the input types for values of that schema."""
        if "$ref" in of:
            return f"splitplane.{of['$ref'].rpartition(PREFIX)[2]}"
        return f"pulumi.{_SCALARS[of['type']]}"

    def _plain(self, of: JsonObject) -> str:
        return self._input(of) if "$ref" in of else _PLAIN[of["type"]]


def _fields(writer: _Writer, properties: Properties) -> tuple[Code, ...]:
    return tuple(row(f"{pascal_case(name)}: ", writer.value(value)) for name, value in properties)


def _scalar(value: Scalar) -> str:
    text = json.dumps(value.value)
    if value.is_plain and value.is_required:
        return text
    name = {bool: "Bool", int: "Int", float: "Float64", str: "String"}[type(value.value)]
    return f"pulumi.{name}Ref({text})" if value.is_plain else f"pulumi.{name}({text})"


def _setting(setting: Setting, is_plain: bool) -> str:
    key = json.dumps(setting.name)
    if is_plain:
        return f"cfg.Require({key})"
    return (
        f"cfg.RequireSecret({key})" if setting.is_secret else f"pulumi.String(cfg.Require({key}))"
    )


def _tabs(text: str) -> str:
    """Four spaces at the start of a line as a tab, and values in a column, as gofmt has it."""
    lines = []
    for line in text.split("\n"):
        stripped = line.lstrip(" ")
        lines.append("\t" * ((len(line) - len(stripped)) // 4) + stripped)
    return "\n".join(_aligned(lines))


def _aligned(lines: list[str]) -> list[str]:
    """The lines with the values of neighbours in one column, as gofmt has it.

    Only pairs that are whole on their line are aligned, and only with such neighbours.
    """
    result: list[str] = []
    for tabs, run in groupby(map(_pair, lines), key=lambda pair: pair[0]):
        pairs = list(run)
        longest = max(len(key) for _, key, _ in pairs)
        result += [
            value if tabs is None else f"{tabs}{key.ljust(longest)} {value}"
            for _, key, value in pairs
        ]
    return result


def _pair(line: str) -> tuple[str | None, str, str]:
    """Tabs, key and value of a pair that is whole on its line; else None, nothing and the line."""
    found = _PAIR.fullmatch(line)
    return (None, "", line) if found is None else (found[1], found[2], found[3])
