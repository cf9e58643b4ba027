"""All pages and their index, from the schema that the code gives and the permission matrix."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from splitplane.provider.pages.page import (
    Sources,
    file_name,
    function_page,
    resource_page,
    summary,
)
from splitplane.provider.pages.tables import PREFIX
from splitplane.provider.schema import build_schema

JsonObject = dict[str, Any]  # Any: JSON

_ROOT: Final = Path(__file__).parents[4]
DIRECTORY: Final = _ROOT / "docs" / "resources"
"""Where the pages are in a checkout."""
_MATRIX: Final = _ROOT / "docs" / "permissions.md"
_ROUTE: Final = re.compile(r"^\| `([A-Z]+ /api/v1/[^`]+)` \| (.+?) \| [a-z]* *\|$", re.MULTILINE)
_SENTENCE: Final = re.compile(r"(?<=[a-z`)])\. |\.$")

_INDEX: Final = """\
<!-- Written by `python -m splitplane.provider.pages` from the schema. -->

# Resources, functions and components

A page each, with an example in five languages. How to install the package, configure it and import
what exists: [the provider](../provider.md).
"""


def render_pages() -> dict[str, str]:
    """File name → text; the same code gives the same text."""
    schema: JsonObject = json.loads(build_schema())
    routes = dict(_ROUTE.findall(_MATRIX.read_text(encoding="utf-8")))
    sources = Sources(schema, routes)
    pages = {"README.md": _index(schema)}
    for token in schema["resources"]:
        name = token.removeprefix(PREFIX)
        pages[file_name(name)] = resource_page(name, sources)
    for token in _functions(schema):
        name = token.removeprefix(PREFIX)
        pages[file_name(name)] = function_page(name, sources)
    return pages


def _functions(schema: JsonObject) -> Mapping[str, JsonObject]:
    """The functions that are no methods; methods are on the page of their component."""
    functions: Mapping[str, JsonObject] = schema.get("functions", {})
    return {token: entry for token, entry in functions.items() if "/" not in token}


def _index(schema: JsonObject) -> str:
    resources: Mapping[str, JsonObject] = schema["resources"]
    groups = {
        "Resources": {t: e for t, e in resources.items() if not e.get("isComponent")},
        "Functions": _functions(schema),
        "Components": {t: e for t, e in resources.items() if e.get("isComponent")},
    }
    lines = [_INDEX]
    for title, entries in groups.items():
        if not entries:
            continue
        lines += [f"## {title}", "", "| page | what it is |", "|---|---|"]
        for token, entry in sorted(entries.items()):
            name = token.removeprefix(PREFIX)
            first = _SENTENCE.split(summary(entry))[0]
            lines.append(f"| [{name}]({file_name(name)}) | {first} |")
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"
