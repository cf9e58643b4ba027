"""Typed Python SDK over the control plane's REST API; names load on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from splitplane.client.client import Client
    from splitplane.client.errors import (
        AlreadyExists,
        ApiError,
        Broken,
        Conflict,
        InvalidInput,
        NotConfigured,
        NotFound,
        Refused,
        RetryLater,
        Unreachable,
    )
    from splitplane.client.settings import ClientSettings, load_settings

__all__ = [
    "AlreadyExists",
    "ApiError",
    "Broken",
    "Client",
    "ClientSettings",
    "Conflict",
    "InvalidInput",
    "NotConfigured",
    "NotFound",
    "Refused",
    "RetryLater",
    "Unreachable",
    "load_settings",
]

_MODULES = {"Client": "client", "ClientSettings": "settings", "load_settings": "settings"}


def __getattr__(name: str) -> Any:  # Any: PEP 562
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_MODULES.get(name, 'errors')}"), name)
