"""What only the clouds know, from the data files in `tables/`; see tables/README.md."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

_FOLDER: Final = Path(__file__).with_name("tables")


@dataclass(frozen=True)
class Hold:
    """An object that keeps another one from being deleted."""

    holder: str
    """Type of the object that holds."""
    input: str
    """Its input, dotted, with the id of the held one, or a list with it."""


@dataclass(frozen=True)
class Tables:
    """One cloud's data file; keys without a type of the SDK are errors in its own test."""

    settings: Mapping[str, str]
    """Provider input → its value when the program sets none; empty: it must set it."""
    names: Mapping[str, str]
    """Type → input that gets a name when there is none; else the first of `name_inputs`."""
    name_inputs: tuple[str, ...]
    """Inputs that get a name when a type has them as optional ones; `{kind}` is its name."""
    ids: Mapping[str, str]
    """Type → template of the id; `*` for every other one that has a name."""
    unnamed_id: str
    """Template of the id of what has no name."""
    outputs: Mapping[str, Mapping[str, Any]]  # Any: templates in JSON
    """Type or `*` → output, dotted → template."""
    replaces: Mapping[str, tuple[str, ...]]
    """Type → inputs, dotted, whose change makes another object."""
    updates: Mapping[str, tuple[str, ...]]
    """Type → inputs that can be changed although the SDK's text sounds otherwise."""
    replacing_steps: Mapping[str, Mapping[str, tuple[str, str]]]
    """Type → input, dotted → (from, to): the only step that makes another object."""
    recomputed: Mapping[str, Mapping[str, tuple[str, ...]]]
    """Type → input → outputs that a preview of its change does not know."""
    holds: Mapping[str, tuple[Hold, ...]]
    """Type → what keeps its objects from being deleted."""
    protections: Mapping[str, tuple[str, bool]]
    """Type → (input that forbids deleting, its default)."""
    functions: Mapping[str, Any]  # Any: templates in JSON
    """Token of a function → its result; arguments may be used as in ids."""


@cache
def tables_of(package: str) -> Tables:
    """The data file of a package, as it is in the repository."""
    raw = json.loads((_FOLDER / f"{package}.json").read_text())
    return Tables(
        settings=raw["settings"],
        names=raw["names"],
        name_inputs=tuple(raw["name_inputs"]),
        ids=raw["ids"],
        unnamed_id=raw["unnamed_id"],
        outputs=raw["outputs"],
        replaces={token: tuple(paths) for token, paths in raw["replaces"].items()},
        updates={token: tuple(paths) for token, paths in raw["updates"].items()},
        replacing_steps={
            token: {path: (before, after) for path, (before, after) in steps.items()}
            for token, steps in raw["replacing_steps"].items()
        },
        recomputed={
            token: {name: tuple(outputs) for name, outputs in found.items()}
            for token, found in raw.get("recomputed", {}).items()
        },
        holds={
            token: tuple(Hold(*item) for item in holders) for token, holders in raw["holds"].items()
        },
        protections={
            token: (name, default) for token, (name, default) in raw["protections"].items()
        },
        functions=raw["functions"],
    )


def digest(*parts: object) -> str:
    """64 hexadecimal digits that are the same for the same parts."""
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()


def fill(template: Any, values: Mapping[str, Any]) -> Any:  # Any: JSON and property values
    """The template with every `{key}` replaced; a text that is only `{key}` keeps the type.

    Raises:
        KeyError: a key is not among the values.
    """
    if isinstance(template, dict):
        return {key: fill(item, values) for key, item in template.items()}
    if isinstance(template, list):
        return [fill(item, values) for item in template]
    if not isinstance(template, str):
        return template
    key = template[1:-1]
    if template == f"{{{key}}}" and key in values:
        return values[key]
    return template.format_map(values)
