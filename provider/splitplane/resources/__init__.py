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
    from splitplane.resources.container_registry import ContainerRegistry
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
        AwsParameterStoreArgs,
        AwsSecretsManagerArgs,
        AzureBlobStorageArgs,
        AzureContainerRegistryArgs,
        AzureKeyVaultArgs,
        CollaboratorArgs,
        ElasticContainerRegistryArgs,
        GcpSecretManagerArgs,
        GcsStorageArgs,
        GoogleArtifactRegistryArgs,
        HashiCorpVaultArgs,
        JobArgs,
        KubernetesSecretsArgs,
        LocalStorageArgs,
        MlRepoGrantArgs,
        NetworkPolicyArgs,
        OtherRegistryArgs,
        PortArgs,
        ProbeArgs,
        QuotaArgs,
        ResourcesArgs,
        S3StorageArgs,
        SecretReferenceArgs,
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
    from splitplane.resources.role import Role
    from splitplane.resources.role_binding import RoleBinding
    from splitplane.resources.secret_group import SecretGroup
    from splitplane.resources.secret_store import SecretStore
    from splitplane.resources.service_account import ServiceAccount
    from splitplane.resources.storage_integration import StorageIntegration
    from splitplane.resources.team import Team
    from splitplane.resources.token import Token
    from splitplane.resources.workspace import Workspace
__all__ = [
    "Application",
    "AwsParameterStoreArgs",
    "AwsSecretsManagerArgs",
    "AzureBlobStorageArgs",
    "AzureContainerRegistryArgs",
    "AzureKeyVaultArgs",
    "Cluster",
    "CollaboratorArgs",
    "CollaboratorResult",
    "ContainerRegistry",
    "ElasticContainerRegistryArgs",
    "Environment",
    "GcpSecretManagerArgs",
    "GcsStorageArgs",
    "GetAgentManifestsResult",
    "GetCapabilitiesResult",
    "GetClusterResult",
    "GetEnvironmentResult",
    "GetMlRepoResult",
    "GetWorkspaceResult",
    "GoogleArtifactRegistryArgs",
    "HashiCorpVaultArgs",
    "JobArgs",
    "KubernetesSecretsArgs",
    "LocalStorageArgs",
    "MlRepo",
    "MlRepoGrantArgs",
    "MlRepoGrantResult",
    "NetworkPolicyArgs",
    "NetworkPolicyResult",
    "NodeTaintResult",
    "OtherRegistryArgs",
    "PortArgs",
    "ProbeArgs",
    "Provider",
    "QuotaArgs",
    "QuotaResult",
    "RenderApplicationResult",
    "ResourcesArgs",
    "Role",
    "RoleBinding",
    "S3StorageArgs",
    "SecretGroup",
    "SecretReferenceArgs",
    "SecretStore",
    "ServiceAccount",
    "ServiceArgs",
    "StorageIntegration",
    "Team",
    "Token",
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
    "AwsParameterStoreArgs": "inputs",
    "AwsSecretsManagerArgs": "inputs",
    "AzureBlobStorageArgs": "inputs",
    "AzureContainerRegistryArgs": "inputs",
    "AzureKeyVaultArgs": "inputs",
    "Cluster": "cluster",
    "CollaboratorArgs": "inputs",
    "CollaboratorResult": "results",
    "ContainerRegistry": "container_registry",
    "ElasticContainerRegistryArgs": "inputs",
    "Environment": "environment",
    "GcpSecretManagerArgs": "inputs",
    "GcsStorageArgs": "inputs",
    "GetAgentManifestsResult": "results",
    "GetCapabilitiesResult": "results",
    "GetClusterResult": "results",
    "GetEnvironmentResult": "results",
    "GetMlRepoResult": "results",
    "GetWorkspaceResult": "results",
    "GoogleArtifactRegistryArgs": "inputs",
    "HashiCorpVaultArgs": "inputs",
    "JobArgs": "inputs",
    "KubernetesSecretsArgs": "inputs",
    "LocalStorageArgs": "inputs",
    "MlRepo": "ml_repo",
    "MlRepoGrantArgs": "inputs",
    "MlRepoGrantResult": "results",
    "NetworkPolicyArgs": "inputs",
    "NetworkPolicyResult": "results",
    "NodeTaintResult": "results",
    "OtherRegistryArgs": "inputs",
    "PortArgs": "inputs",
    "ProbeArgs": "inputs",
    "Provider": "provider",
    "QuotaArgs": "inputs",
    "QuotaResult": "results",
    "RenderApplicationResult": "results",
    "ResourcesArgs": "inputs",
    "Role": "role",
    "RoleBinding": "role_binding",
    "S3StorageArgs": "inputs",
    "SecretGroup": "secret_group",
    "SecretReferenceArgs": "inputs",
    "SecretStore": "secret_store",
    "ServiceAccount": "service_account",
    "ServiceArgs": "inputs",
    "StorageIntegration": "storage_integration",
    "Team": "team",
    "Token": "token",
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
