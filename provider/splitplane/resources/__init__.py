"""Pulumi resources of Splitplane: what programs import; names load on first use.

Written by `python -m splitplane.provider.sdk`; what is written by hand beside it is
exported by its own `__all__`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from splitplane.resources.application import Application
    from splitplane.resources.cluster import Cluster
    from splitplane.resources.environment import Environment
    from splitplane.resources.functions import (
        get_agent_manifests,
        get_agent_manifests_output,
        get_capabilities,
        get_capabilities_output,
        get_cluster,
        get_cluster_output,
        get_environment,
        get_environment_output,
        get_ml_repo,
        get_ml_repo_output,
        get_workspace,
        get_workspace_output,
        render_application,
        render_application_output,
    )
    from splitplane.resources.inputs import (
        AzureBlobStorageArgs,
        CollaboratorArgs,
        GcsStorageArgs,
        JobArgs,
        LocalStorageArgs,
        MlRepoGrantArgs,
        NetworkPolicyArgs,
        PortArgs,
        ProbeArgs,
        QuotaArgs,
        ResourcesArgs,
        S3StorageArgs,
        ServiceArgs,
    )
    from splitplane.resources.ml_repo import MlRepo
    from splitplane.resources.provider import Provider
    from splitplane.resources.results import (
        CollaboratorResult,
        GetAgentManifestsResult,
        GetCapabilitiesResult,
        GetClusterResult,
        GetEnvironmentResult,
        GetMlRepoResult,
        GetWorkspaceResult,
        MlRepoGrantResult,
        NetworkPolicyResult,
        NodeTaintResult,
        QuotaResult,
        RenderApplicationResult,
    )
    from splitplane.resources.storage_integration import StorageIntegration
    from splitplane.resources.workspace import Workspace
__all__ = [
    "Application",
    "AzureBlobStorageArgs",
    "Cluster",
    "CollaboratorArgs",
    "CollaboratorResult",
    "Environment",
    "GcsStorageArgs",
    "GetAgentManifestsResult",
    "GetCapabilitiesResult",
    "GetClusterResult",
    "GetEnvironmentResult",
    "GetMlRepoResult",
    "GetWorkspaceResult",
    "JobArgs",
    "LocalStorageArgs",
    "MlRepo",
    "MlRepoGrantArgs",
    "MlRepoGrantResult",
    "NetworkPolicyArgs",
    "NetworkPolicyResult",
    "NodeTaintResult",
    "PortArgs",
    "ProbeArgs",
    "Provider",
    "QuotaArgs",
    "QuotaResult",
    "RenderApplicationResult",
    "ResourcesArgs",
    "S3StorageArgs",
    "ServiceArgs",
    "StorageIntegration",
    "Workspace",
    "get_agent_manifests",
    "get_agent_manifests_output",
    "get_capabilities",
    "get_capabilities_output",
    "get_cluster",
    "get_cluster_output",
    "get_environment",
    "get_environment_output",
    "get_ml_repo",
    "get_ml_repo_output",
    "get_workspace",
    "get_workspace_output",
    "render_application",
    "render_application_output",
]
_MODULES: Final = {
    "Application": "application",
    "AzureBlobStorageArgs": "inputs",
    "Cluster": "cluster",
    "CollaboratorArgs": "inputs",
    "CollaboratorResult": "results",
    "Environment": "environment",
    "GcsStorageArgs": "inputs",
    "GetAgentManifestsResult": "results",
    "GetCapabilitiesResult": "results",
    "GetClusterResult": "results",
    "GetEnvironmentResult": "results",
    "GetMlRepoResult": "results",
    "GetWorkspaceResult": "results",
    "JobArgs": "inputs",
    "LocalStorageArgs": "inputs",
    "MlRepo": "ml_repo",
    "MlRepoGrantArgs": "inputs",
    "MlRepoGrantResult": "results",
    "NetworkPolicyArgs": "inputs",
    "NetworkPolicyResult": "results",
    "NodeTaintResult": "results",
    "PortArgs": "inputs",
    "ProbeArgs": "inputs",
    "Provider": "provider",
    "QuotaArgs": "inputs",
    "QuotaResult": "results",
    "RenderApplicationResult": "results",
    "ResourcesArgs": "inputs",
    "S3StorageArgs": "inputs",
    "ServiceArgs": "inputs",
    "StorageIntegration": "storage_integration",
    "Workspace": "workspace",
    "get_agent_manifests": "functions",
    "get_agent_manifests_output": "functions",
    "get_capabilities": "functions",
    "get_capabilities_output": "functions",
    "get_cluster": "functions",
    "get_cluster_output": "functions",
    "get_environment": "functions",
    "get_environment_output": "functions",
    "get_ml_repo": "functions",
    "get_ml_repo_output": "functions",
    "get_workspace": "functions",
    "get_workspace_output": "functions",
    "render_application": "functions",
    "render_application_output": "functions",
}


def __getattr__(name: str) -> Any:  # Any: PEP 562
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)
