"""Values of a chart laid over others, as JSON Merge Patch does. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Values = Mapping[str, Any]  # Any: values of a chart, with promises of a Pulumi program among them


def merge_values(defaults: Values, overrides: Values) -> dict[str, Any]:
    """The defaults with the overrides over them; neither is changed.

    Maps are merged key by key, everything else, lists too, is replaced. A null removes the key, and
    what the chart itself says holds again. Source: RFC 7386.
    """
    merged = dict(defaults)
    for key, value in overrides.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            below = merged.get(key)
            merged[key] = merge_values(below if isinstance(below, Mapping) else {}, value)
        else:
            merged[key] = value
    return merged
