"""Pulumi components of Splitplane: compute planes; names load on first use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from splitplane.components.attached.args import AttachedComputePlaneArgs
    from splitplane.components.attached.component import AttachedComputePlane
    from splitplane.components.clouds.aws.args import EksComputePlaneArgs
    from splitplane.components.clouds.aws.component import EksComputePlane
    from splitplane.components.errors import (
        ClusterRefused,
        ClusterUnreachable,
        ComponentError,
        WrongArgument,
    )

__all__ = [
    "AttachedComputePlane",
    "AttachedComputePlaneArgs",
    "ClusterRefused",
    "ClusterUnreachable",
    "ComponentError",
    "EksComputePlane",
    "EksComputePlaneArgs",
    "WrongArgument",
]

_MODULES: Final = {
    "AttachedComputePlane": "attached.component",
    "AttachedComputePlaneArgs": "attached.args",
    "EksComputePlane": "clouds.aws.component",
    "EksComputePlaneArgs": "clouds.aws.args",
}


def __getattr__(name: str) -> Any:  # Any: PEP 562
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES.get(name, 'errors')}"), name)
