"""Examples in C#, for the package that is generated from the schema."""

from __future__ import annotations

import json
from typing import Final

from splitplane.provider.examples.layout import Block, Code, render, row
from splitplane.provider.examples.model import Call, Example, Method, Ref, Resource, Step
from splitplane.provider.examples.names import pascal_case
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


def print_csharp(example: Example, schema: Schema, namespace: str) -> str:
    """The program, for the assembly with that namespace."""
    statements = ["var config = new Config();"] if example.settings else []
    writer = _Writer(example, schema)
    statements += [writer.step(step) for step in example.steps]
    body = "\n\n".join(statements)
    if example.outputs:
        lines = ",\n".join(
            f"    [{json.dumps(name)}] = {writer.ref(ref)}" for name, ref in example.outputs.items()
        )
        body += f"\n\nreturn new Dictionary<string, object?>\n{{\n{lines},\n}};"
    indented = "\n".join(f"    {line}" if line else "" for line in body.split("\n"))
    head = ["using System.Collections.Generic;"] if example.outputs else []
    head += ["using Pulumi;", f"using Sp = {namespace};"]
    run = "return await Deployment.RunAsync(() =>\n{\n"
    return "\n".join(head) + "\n\n" + run + indented + "\n});\n"


class _Writer:
    """Writes the steps of one program."""

    def __init__(self, example: Example, schema: Schema) -> None:
        self._example = example
        self._schema = schema

    def step(self, step: Step) -> str:
        properties = self._properties(self._schema.inputs(step))
        arguments = Block("new()\n{", properties, "}", is_broken=True)
        if isinstance(step, Method):
            call = row(f"{step.of}.{pascal_case(step.method)}(", arguments, ")")
        elif isinstance(step, Call):
            call = row(f"Sp.{pascal_case(step.function)}.Invoke(", arguments, ")")
        else:
            call = row(f"new Sp.{step.type}({json.dumps(step.name)}, ", arguments, ")")
        name = f"var {step.name} = " if self._example.is_used(step.name) else ""
        return render(row(name, call, ";"), width=_WIDTH)

    def ref(self, ref: Ref) -> str:
        step = self._example.step(ref.step)
        if not isinstance(step, Resource):
            # The result is one output; a member of it is taken out of it.
            return f"{ref.step}.Apply(result => result.{pascal_case(ref.output)})"
        own = self._schema.csharp_name(step.type, ref.output)
        return f"{ref.step}.{own or pascal_case(ref.output)}"

    def value(self, value: Typed) -> Code:
        match value:
            case Scalar(value=scalar):
                return json.dumps(scalar)
            case Choice(type=name, name=member):
                return f"Sp.{name}.{member}"
            case Output(ref=ref):
                return self.ref(ref)
            case Configured(setting=setting, is_plain=is_plain):
                method = "RequireSecret" if setting.is_secret and not is_plain else "Require"
                return f"config.{method}({json.dumps(setting.name)})"
            case Items(items=items):
                return Block("new()\n{", tuple(map(self.value, items)), "}", pad=" ")
            case Entries(entries=entries):
                inner = (row(f"[{json.dumps(key)}] = ", self.value(v)) for key, v in entries)
                return Block("new()\n{", tuple(inner), "}", pad=" ")
            case Object(type=name, properties=properties):
                opening = f"new Sp.Inputs.{name}Args"
                if not properties:
                    return f"{opening}()"
                return Block(f"{opening}\n{{", self._properties(properties), "}", pad=" ")

    def _properties(self, properties: Properties) -> tuple[Code, ...]:
        return tuple(row(f"{pascal_case(n)} = ", self.value(value)) for n, value in properties)
