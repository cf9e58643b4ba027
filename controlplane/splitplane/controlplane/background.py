"""Loops beside the requests: started with the server, restarted when they fail, ended with it.

The hub and the worker are looked up by name, so that each part of the server can run without the
others.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import structlog

from splitplane.controlplane.settings import ServerRole
from splitplane.controlplane.state import AppState

Loop = Callable[[AppState], Awaitable[None]]

LOOPS: Final[tuple[tuple[ServerRole, str, str], ...]] = (
    ("hub", "splitplane.controlplane.hub.sessions", "run_hub"),
    ("worker", "splitplane.controlplane.delivery.worker", "run_worker"),
)
"""Role → module and function of its loop."""

# A loop that fails at once must not burn a core; one that fails rarely must not be away for long.
_RESTART_SECONDS: Final = 2.0

log = structlog.get_logger(__name__)


@asynccontextmanager
async def start_background(state: AppState, *more: Loop) -> AsyncGenerator[None]:
    """The loops of the process's roles run until the end of the block."""
    loops = [*_role_loops(state), *more]
    tasks = [asyncio.create_task(_keep(loop, state), name=_name(loop)) for loop in loops]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def find_attribute(module: str, name: str) -> Any:  # Any: whatever the module exports
    """The module's attribute; None when there is no such module or attribute."""
    parent = module.rpartition(".")[0]
    if importlib.util.find_spec(parent) is None or importlib.util.find_spec(module) is None:
        return None
    return getattr(importlib.import_module(module), name, None)


def _role_loops(state: AppState) -> list[Loop]:
    loops: list[Loop] = []
    for role, module, name in LOOPS:
        loop = find_attribute(module, name) if role in state.settings.roles else None
        if loop is not None:
            loops.append(loop)
    return loops


async def _keep(loop: Loop, state: AppState) -> None:
    while True:
        try:
            await loop(state)
            log.warning("loop ended", loop=_name(loop))
        except Exception as error:
            log.exception("loop failed", loop=_name(loop), error=repr(error)[:500])
        await asyncio.sleep(_RESTART_SECONDS)


def _name(loop: Loop) -> str:
    return str(getattr(loop, "__qualname__", repr(loop)))
