"""Examples in Python, for the classes that come with the distribution."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Final

from splitplane.provider.examples.layout import Block, Code, render, row
from splitplane.provider.examples.model import Call, Example, Ref, Step
from splitplane.provider.examples.names import snake_case
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

_WIDTH: Final = 88
RESOURCES: Final = "splitplane.resources"
COMPONENTS: Final = "splitplane.components"


def print_python(example: Example, schema: Schema) -> str:
    """The program, ready to run."""
    imports: defaultdict[str, set[str]] = defaultdict(set)
    steps = [_step(step, schema, imports) for step in example.steps]
    exports = [
        f"pulumi.export({json.dumps(name)}, {_ref(ref)})" for name, ref in example.outputs.items()
    ]
    head = ["import pulumi"] if exports or example.settings else []
    head += [_import(module, sorted(names)) for module, names in sorted(imports.items())]
    config = ["config = pulumi.Config()"] if example.settings else []
    sections = ["\n".join(head), *config, "\n".join(steps), "\n".join(exports)]
    return "\n\n".join(section for section in sections if section) + "\n"


def _import(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= _WIDTH:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"


def _step(step: Step, schema: Schema, imports: defaultdict[str, set[str]]) -> str:
    inputs = schema.inputs(step)
    if isinstance(step, Call):
        callee = f"{snake_case(step.function)}_output"
        imports[RESOURCES].add(callee)
        call: Code = Block(f"{callee}(", _keywords(inputs, imports), ")")
    elif schema.is_component(step.type):
        imports[COMPONENTS].add(step.type)
        arguments = Block("{", _items(inputs, imports), "}", is_broken=True)
        call = Block(f"{step.type}(", (json.dumps(step.name), arguments), ")", is_broken=True)
    else:
        imports[RESOURCES].add(step.type)
        items = (json.dumps(step.name), *_keywords(inputs, imports))
        call = Block(f"{step.type}(", items, ")")
    return render(row(f"{step.name} = ", call), width=_WIDTH)


def _keywords(inputs: Properties, imports: defaultdict[str, set[str]]) -> tuple[Code, ...]:
    return tuple(row(f"{snake_case(name)}=", _value(value, imports)) for name, value in inputs)


def _items(inputs: Properties, imports: defaultdict[str, set[str]]) -> tuple[Code, ...]:
    return tuple(
        row(f"{json.dumps(snake_case(name))}: ", _value(value, imports)) for name, value in inputs
    )


def _value(value: Typed, imports: defaultdict[str, set[str]]) -> Code:
    match value:
        case Scalar(value=scalar):
            return str(scalar) if isinstance(scalar, bool) else json.dumps(scalar)
        case Choice(value=text):
            return json.dumps(text)
        case Output(ref=ref):
            return _ref(ref)
        case Configured(setting=setting, is_plain=is_plain):
            method = "require_secret" if setting.is_secret and not is_plain else "require"
            return f"config.{method}({json.dumps(setting.name)})"
        case Items(items=items):
            return Block("[", tuple(_value(item, imports) for item in items), "]")
        case Entries(entries=entries):
            return Block("{", tuple(_entry(k, v, imports) for k, v in entries), "}")
        case Object(type=name, properties=properties):
            imports[RESOURCES].add(f"{name}Args")
            return Block(f"{name}Args(", _keywords(properties, imports), ")")


def _entry(key: str, value: Typed, imports: defaultdict[str, set[str]]) -> Code:
    return row(f"{json.dumps(key)}: ", _value(value, imports))


def _ref(ref: Ref) -> str:
    return f"{ref.step}.{snake_case(ref.output)}"
