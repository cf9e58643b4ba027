"""Examples in Python, for the classes that come with the distribution."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Final

from splitplane.provider.examples.layout import Block, Code, render, row
from splitplane.provider.examples.model import Call, Example, Method, Ref, Step
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
    writer = _Writer(example, schema, imports)
    steps = [writer.step(step) for step in example.steps]
    exports = [
        f"pulumi.export({json.dumps(name)}, {writer.ref(ref)})"
        for name, ref in example.outputs.items()
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


class _Writer:
    """Writes the steps of one program, and collects what it imports."""

    def __init__(
        self, example: Example, schema: Schema, imports: defaultdict[str, set[str]]
    ) -> None:
        self._example = example
        self._schema = schema
        self._imports = imports

    def step(self, step: Step) -> str:
        inputs = self._schema.inputs(step)
        if isinstance(step, Call):
            callee = f"{snake_case(step.function)}_output"
            self._imports[RESOURCES].add(callee)
            call: Code = Block(f"{callee}(", self._keywords(inputs), ")")
        elif isinstance(step, Method):
            arguments = Block("{", self._items(inputs), "}")
            call = row(f"{step.of}.{snake_case(step.method)}(", arguments, ")")
        elif self._schema.is_component(step.type):
            self._imports[COMPONENTS].add(step.type)
            arguments = Block("{", self._items(inputs), "}", is_broken=True)
            call = Block(f"{step.type}(", (json.dumps(step.name), arguments), ")", is_broken=True)
        else:
            self._imports[RESOURCES].add(step.type)
            items = (json.dumps(step.name), *self._keywords(inputs))
            call = Block(f"{step.type}(", items, ")")
        return render(row(f"{step.name} = ", call), width=_WIDTH)

    def ref(self, ref: Ref) -> str:
        name = snake_case(ref.output)
        if isinstance(self._example.step(ref.step), Method):
            return f"{ref.step}[{json.dumps(name)}]"
        return f"{ref.step}.{name}"

    def _keywords(self, inputs: Properties) -> tuple[Code, ...]:
        return tuple(row(f"{snake_case(name)}=", self._value(value)) for name, value in inputs)

    def _items(self, inputs: Properties) -> tuple[Code, ...]:
        return tuple(
            row(f"{json.dumps(snake_case(name))}: ", self._value(value)) for name, value in inputs
        )

    def _value(self, value: Typed) -> Code:
        match value:
            case Scalar(value=scalar):
                return str(scalar) if isinstance(scalar, bool) else json.dumps(scalar)
            case Choice(value=text):
                return json.dumps(text)
            case Output(ref=ref):
                return self.ref(ref)
            case Configured(setting=setting, is_plain=is_plain):
                method = "require_secret" if setting.is_secret and not is_plain else "require"
                return f"config.{method}({json.dumps(setting.name)})"
            case Items(items=items):
                return Block("[", tuple(map(self._value, items)), "]")
            case Entries(entries=entries):
                inner = (row(f"{json.dumps(key)}: ", self._value(v)) for key, v in entries)
                return Block("{", tuple(inner), "}")
            case Object(type=name, properties=properties):
                self._imports[RESOURCES].add(f"{name}Args")
                return Block(f"{name}Args(", self._keywords(properties), ")")
