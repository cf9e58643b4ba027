"""Loads the generated protocol stubs without the rest of the Pulumi SDK.

`import pulumi` costs as much time again as the whole provider and 27 MB more than the stubs alone
(mocks, Automation API, tracing), and a process that only manages resources needs none of it. The
engine starts one process for each provider configuration, so this is paid often. The loaded stubs
are the ones that the SDK finds when the first remote component imports it.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final

_PACKAGES: Final = ("pulumi", "pulumi.runtime", "pulumi.runtime.proto")
_NAMES: Final = (
    "engine_pb2",
    "engine_pb2_grpc",
    "errors_pb2",
    "plugin_pb2",
    "provider_pb2",
    "provider_pb2_grpc",
    "status_pb2",
)


def load_sdk() -> None:
    """The whole SDK is imported and uses the stubs of this module."""
    proto = importlib.import_module("pulumi.runtime.proto")
    for name, module in _STUBS.items():
        # An import of a module that is already loaded does not bind it to its package.
        setattr(proto, name, module)


def _load_stubs() -> dict[str, ModuleType]:
    """The stub modules; `sys.modules` afterwards holds them, but no half-loaded SDK."""
    if "pulumi" in sys.modules:
        return {name: importlib.import_module(f"{_PACKAGES[-1]}.{name}") for name in _NAMES}
    spec = importlib.util.find_spec("pulumi")
    if spec is None or spec.origin is None:
        raise ImportError('the Pulumi SDK is missing: pip install "splitplane[pulumi]"')
    root = Path(spec.origin).parent.parent
    for name in _PACKAGES:
        package = ModuleType(name)
        package.__path__ = [str(root.joinpath(*name.split(".")))]
        sys.modules[name] = package
    try:
        return {name: importlib.import_module(f"{_PACKAGES[-1]}.{name}") for name in _NAMES}
    finally:
        for name in _PACKAGES:
            del sys.modules[name]


if TYPE_CHECKING:
    from pulumi.runtime.proto import (
        engine_pb2,
        engine_pb2_grpc,
        errors_pb2,
        plugin_pb2,
        provider_pb2,
        provider_pb2_grpc,
        status_pb2,
    )

    _STUBS: dict[str, ModuleType] = {}
else:
    _STUBS = _load_stubs()
    engine_pb2 = _STUBS["engine_pb2"]
    engine_pb2_grpc = _STUBS["engine_pb2_grpc"]
    errors_pb2 = _STUBS["errors_pb2"]
    plugin_pb2 = _STUBS["plugin_pb2"]
    provider_pb2 = _STUBS["provider_pb2"]
    provider_pb2_grpc = _STUBS["provider_pb2_grpc"]
    status_pb2 = _STUBS["status_pb2"]

__all__ = [
    "engine_pb2",
    "engine_pb2_grpc",
    "errors_pb2",
    "load_sdk",
    "plugin_pb2",
    "provider_pb2",
    "provider_pb2_grpc",
    "status_pb2",
]
