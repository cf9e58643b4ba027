"""Names of the schema in the casings of the languages."""

from __future__ import annotations

import re
from typing import Final

_HUMP: Final = re.compile(r"(?<=[a-z0-9])([A-Z])")


def snake_case(name: str) -> str:
    """`cpuLimitMillicores` as `cpu_limit_millicores`."""
    return _HUMP.sub(lambda found: f"_{found[1]}", name).lower()


def pascal_case(name: str) -> str:
    """`cpuLimitMillicores` as `CpuLimitMillicores`."""
    return name[:1].upper() + name[1:]
