"""Making what a cluster says fit into PostgreSQL, so that no odd message blocks a session."""

from __future__ import annotations

import math
from typing import Any


def storable(value: Any) -> Any:  # Any: JSON
    """The same JSON without what PostgreSQL refuses.

    NUL characters are left out, lone surrogates become `?`, and numbers that are not finite null.
    """
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {_text(str(key)): storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [storable(item) for item in value]
    return value


def _text(text: str) -> str:
    if text.isascii():
        return text.replace("\0", "")
    return text.replace("\0", "").encode("utf-8", "replace").decode()
