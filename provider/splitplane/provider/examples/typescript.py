"""Examples in TypeScript, for the package that is generated from the schema."""

from __future__ import annotations

import json
import re
from typing import Final

from splitplane.provider.examples.layout import Block, Code, render, row
from splitplane.provider.examples.model import Call, Example, Method, Ref, Step
from splitplane.provider.examples.typed import (
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

_WIDTH: Final = 100
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def print_typescript(example: Example, schema: Schema, package: str) -> str:
    """The program, for the npm package of that name."""
    head = ['import * as pulumi from "@pulumi/pulumi";'] if example.settings else []
    head.append(f"import * as splitplane from {json.dumps(package)};")
    config = ["const config = new pulumi.Config();"] if example.settings else []
    steps = [_step(example, step, schema) for step in example.steps]
    exports = [f"export const {name} = {_ref(ref)};" for name, ref in example.outputs.items()]
    sections = ["\n".join(head), *config, "\n".join(steps), "\n".join(exports)]
    return "\n\n".join(section for section in sections if section) + "\n"


def _step(example: Example, step: Step, schema: Schema) -> str:
    is_broken = not isinstance(step, Method)
    arguments = Block("{", _properties(schema.inputs(step)), "}", is_broken, pad=" ")
    if isinstance(step, Method):
        call = row(f"{step.of}.{step.method}(", arguments, ")")
    elif isinstance(step, Call):
        call = row(f"splitplane.{step.function}Output(", arguments, ")")
    else:
        call = row(f"new splitplane.{step.type}({json.dumps(step.name)}, ", arguments, ")")
    name = f"const {step.name} = " if example.is_used(step.name) else ""
    return render(row(name, call, ";"), width=_WIDTH)


def _properties(properties: Properties) -> tuple[Code, ...]:
    return tuple(row(f"{name}: ", _value(value)) for name, value in properties)


def _value(value: Typed) -> Code:
    match value:
        case Scalar(value=scalar):
            return json.dumps(scalar)
        case Choice(type=name, name=member):
            return f"splitplane.{name}.{member}"
        case Output(ref=ref):
            return _ref(ref)
        case Configured(setting=setting, is_plain=is_plain):
            method = "requireSecret" if setting.is_secret and not is_plain else "require"
            return f"config.{method}({json.dumps(setting.name)})"
        case Items(items=items):
            return Block("[", tuple(map(_value, items)), "]")
        case Entries(entries=entries):
            inner = tuple(row(f"{_key(key)}: ", _value(item)) for key, item in entries)
            return Block("{", inner, "}", pad=" ")
        case Object(properties=properties):
            return Block("{", _properties(properties), "}", pad=" ")


def _key(key: str) -> str:
    return key if _WORD.fullmatch(key) else json.dumps(key)


def _ref(ref: Ref) -> str:
    return f"{ref.step}.{ref.output}"
