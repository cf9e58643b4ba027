"""Loads httpx without its command-line program.

`import httpx` also tries to import that program's parts, click, rich and pygments, wherever they
are installed: a third of what our client costs to import, and 6 MB (httpx 0.28.1, `import_client`
in docs/benchmarks.md). The plugin process pays it in every operation and never uses them.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any, Final

_PROGRAM: Final = "httpx._main"


def _load() -> None:
    if "httpx" in sys.modules:
        return
    modules: dict[str, Any] = sys.modules  # Any: None stands for a module that is not to be found
    modules[_PROGRAM] = None
    try:
        importlib.import_module("httpx")  # catches the ImportError: the program is optional
    finally:
        del modules[_PROGRAM]


_load()

import httpx  # noqa: E402 - it is loaded by now

__all__ = ["httpx"]
