"""Holds values against a chart's own: every key is one that the chart reads.

Helm takes keys that no template reads without a word, so that a slip of the pen would never show.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

CHARTS = Path(os.environ.get("SPLITPLANE_DATA", "../shared")) / "charts"
"""Folder of a chart → its values.yaml, and values.schema.json where it has one."""
_ISTIO = "_internal_defaults_do_not_set"
"""Where Istio's charts keep the values that users set at the top."""

Values = Mapping[str, Any]  # Any: values of a chart


def chart_problems(folder: str, values: Values, *, free: Collection[str] = ()) -> list[str]:
    """What the chart would not understand; empty when it reads every key.

    Args:
        folder: the chart's folder in `CHARTS`.
        values: plain values, without promises.
        free: paths (`serviceAccount.annotations`) below which the chart takes any keys, or that
            its values.yaml has in a comment; each has to be used, and needed.
    """
    path = CHARTS / folder
    upstream: dict[str, Any] = yaml.safe_load((path / "values.yaml").read_text(encoding="utf-8"))
    upstream |= upstream.get(_ISTIO) or {}
    used: set[str] = set()
    problems = list(_walk(values, upstream, "", frozenset(free), used))
    problems += [f"{name}: is listed as free for nothing" for name in sorted({*free} - used)]
    schema = path / "values.schema.json"
    if schema.is_file():
        root = json.loads(schema.read_text(encoding="utf-8"))
        problems += _schema_problems(root, root, values)
    return problems


def _walk(
    ours: Values, theirs: Values, prefix: str, free: frozenset[str], used: set[str]
) -> Iterator[str]:
    for key, value in ours.items():
        path = f"{prefix}{key}"
        default = theirs.get(key)
        below: Values = default if isinstance(default, Mapping) else {}
        if path in free and not below:
            used.add(path)
        elif key not in theirs:
            yield f"{path}: is no key of the chart"
        elif isinstance(value, Mapping):
            if below:
                yield from _walk(value, below, f"{path}.", free, used)
            elif value:
                yield f"{path}: the chart does not say which keys it takes; list it as free"
        elif default is not None and not _is_alike(value, default):
            yield f"{path}: {value!r} stands where the chart has {default!r}"


def _is_alike(value: object, default: object) -> bool:
    if isinstance(value, bool) or isinstance(default, bool):
        return isinstance(value, bool) and isinstance(default, bool)
    if isinstance(default, str):
        # An empty text often stands for a number or a share, such as minAvailable.
        return isinstance(value, str) or (default == "" and isinstance(value, int))
    return isinstance(value, type(default))


def _schema_problems(root: Values, schema: Values, value: object, path: str = "$") -> Iterator[str]:
    """The part of JSON Schema that the charts use: references, types, choices, known keys."""
    schema = _resolved(root, schema)
    wanted = schema.get("type", [])
    kinds = {wanted} if isinstance(wanted, str) else set(wanted)
    if kinds and not kinds & _kinds(value):
        yield f"{path}: {value!r} is no {' or '.join(sorted(kinds))}"
    if value not in schema.get("enum", [value]):
        yield f"{path}: {value!r} is none of {schema['enum']}"
    if isinstance(value, Mapping):
        known = schema.get("properties", {})
        for key, item in value.items():
            if key in known:
                yield from _schema_problems(root, known[key], item, f"{path}.{key}")
            elif schema.get("additionalProperties") is False:
                yield f"{path}.{key}: is no key of the schema"
    if isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        for index, item in enumerate(value):
            yield from _schema_problems(root, schema["items"], item, f"{path}[{index}]")


def _resolved(root: Values, schema: Values) -> Values:
    while reference := schema.get("$ref"):
        schema = root
        for part in reference.removeprefix("#/").split("/"):
            schema = schema[part]
    return schema


def _kinds(value: object) -> set[str]:
    if isinstance(value, bool):
        return {"boolean"}
    if isinstance(value, int):
        return {"integer", "number"}
    names = {str: "string", float: "number", list: "array", type(None): "null"}
    return {names.get(type(value), "object")}
