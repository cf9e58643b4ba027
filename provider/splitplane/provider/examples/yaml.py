"""Examples in Pulumi YAML, as a whole project file."""

from __future__ import annotations

from typing import Any, Final

import yaml

from splitplane.provider.examples.model import Call, Example, Method, Ref, Resource
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

_PACKAGE: Final = "splitplane"
_INDENT: Final = 2

Node = dict[str, Any]  # Any: YAML


def print_yaml(example: Example, schema: Schema) -> str:
    """The project file."""
    project: Node = {"name": "example", "runtime": "yaml"}
    if example.settings:
        project["config"] = {
            setting.name: {"type": "string", **({"secret": True} if setting.is_secret else {})}
            for setting in example.settings
        }
    calls = {s.name: _call(s, schema) for s in example.steps if isinstance(s, Call)}
    if calls:
        project["variables"] = calls
    project["resources"] = {
        s.name: _resource(s, schema) for s in example.steps if isinstance(s, Resource)
    }
    # YAML programs cannot call methods (pulumi/pulumi-yaml#354, open on 2026-11-21).
    project["outputs"] = {
        name: _ref(ref)
        for name, ref in example.outputs.items()
        if not isinstance(example.step(ref.step), Method)
    }
    filled = {key: value for key, value in project.items() if value}
    return yaml.dump(
        filled, Dumper=_Dumper, sort_keys=False, indent=_INDENT, width=100, allow_unicode=True
    )


class _Dumper(yaml.SafeDumper):
    """Lists below their key are indented, as people write them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _resource(step: Resource, schema: Schema) -> Node:
    node: Node = {"type": f"{_PACKAGE}:{step.type}"}
    properties = _properties(schema.inputs(step))
    return {**node, "properties": properties} if properties else node


def _call(call: Call, schema: Schema) -> Node:
    arguments = _properties(schema.inputs(call))
    return {"fn::invoke": {"function": f"{_PACKAGE}:{call.function}", "arguments": arguments}}


def _properties(properties: Properties) -> Node:
    return {name: _value(value) for name, value in properties}


def _value(value: Typed) -> Any:  # Any: YAML
    match value:
        case Scalar(value=scalar):
            return scalar
        case Choice(value=text):
            return text
        case Output(ref=ref):
            return _ref(ref)
        case Configured(setting=setting):
            return f"${{{setting.name}}}"
        case Items(items=items):
            return [_value(item) for item in items]
        case Entries(entries=entries):
            return {key: _value(item) for key, item in entries}
        case Object(properties=properties):
            return _properties(properties)


def _ref(ref: Ref) -> str:
    return f"${{{ref.step}.{ref.output}}}"
