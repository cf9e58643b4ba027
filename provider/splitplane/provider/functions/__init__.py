"""The functions of the package, and the table of them all."""

from __future__ import annotations

from typing import Final

from splitplane.provider.functions import agent_manifests, capabilities, lookups, render
from splitplane.provider.functions.function import Function

FUNCTIONS: Final[dict[str, Function]] = {
    function.token: function
    for function in (
        agent_manifests.FUNCTION,
        capabilities.FUNCTION,
        *lookups.FUNCTIONS,
        render.FUNCTION,
    )
}
"""Token → function."""

__all__ = ["FUNCTIONS", "Function"]
