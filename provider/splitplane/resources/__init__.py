"""Pulumi resources of Splitplane: what programs import; names load on first use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from splitplane.resources.application import Application
    from splitplane.resources.cluster import Cluster
    from splitplane.resources.environment import Environment
    from splitplane.resources.inputs import (
        CollaboratorArgs,
        JobArgs,
        LocalStorageArgs,
        MlRepoGrantArgs,
        PortArgs,
        ProbeArgs,
        ResourcesArgs,
        S3StorageArgs,
        ServiceArgs,
    )
    from splitplane.resources.ml_repo import MlRepo
    from splitplane.resources.provider import Provider
    from splitplane.resources.storage_integration import StorageIntegration
    from splitplane.resources.workspace import Workspace

__all__ = [
    "Application",
    "Cluster",
    "CollaboratorArgs",
    "Environment",
    "JobArgs",
    "LocalStorageArgs",
    "MlRepo",
    "MlRepoGrantArgs",
    "PortArgs",
    "ProbeArgs",
    "Provider",
    "ResourcesArgs",
    "S3StorageArgs",
    "ServiceArgs",
    "StorageIntegration",
    "Workspace",
]

_MODULES: Final = {
    "Application": "application",
    "Cluster": "cluster",
    "Environment": "environment",
    "MlRepo": "ml_repo",
    "Provider": "provider",
    "StorageIntegration": "storage_integration",
    "Workspace": "workspace",
}


def __getattr__(name: str) -> Any:  # Any: PEP 562
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES.get(name, 'inputs')}"), name)
