"""The manifests: one strict model for each `type`, and the union of them all."""

from splitplane.contract.manifests.access import (
    RoleBindingManifest,
    ServiceAccountTokenManifest,
    TeamManifest,
)
from splitplane.contract.manifests.application import JobManifest, ServiceManifest
from splitplane.contract.manifests.cluster import ClusterManifest, Delivery, ProviderKind
from splitplane.contract.manifests.container_registry import (
    AzureContainerRegistry,
    ContainerRegistryManifest,
    ElasticContainerRegistry,
    GoogleArtifactRegistry,
    OtherRegistry,
)
from splitplane.contract.manifests.environment import EnvironmentManifest
from splitplane.contract.manifests.identity import (
    RoleManifest,
    ServiceAccountManifest,
    UserManifest,
)
from splitplane.contract.manifests.ml_repo import MlRepoManifest
from splitplane.contract.manifests.parse import (
    MANIFEST_MODELS,
    Manifest,
    ManifestError,
    parse_manifest,
)
from splitplane.contract.manifests.secrets import (
    AwsParameterStore,
    AwsSecretsManager,
    AzureKeyVault,
    GcpSecretManager,
    HashiCorpVault,
    KubernetesSecrets,
    SecretGroupManifest,
    SecretReference,
    SecretStoreManifest,
)
from splitplane.contract.manifests.storage_integration import (
    AzureBlobStorage,
    GcsStorage,
    LocalStorage,
    S3Storage,
    StorageIntegrationManifest,
)
from splitplane.contract.manifests.workload import Port, Probe, Resources, parse_secret_reference
from splitplane.contract.manifests.workspace import MlRepoGrant, WorkspaceManifest

__all__ = [
    "MANIFEST_MODELS",
    "AwsParameterStore",
    "AwsSecretsManager",
    "AzureBlobStorage",
    "AzureContainerRegistry",
    "AzureKeyVault",
    "ClusterManifest",
    "ContainerRegistryManifest",
    "Delivery",
    "ElasticContainerRegistry",
    "EnvironmentManifest",
    "GcpSecretManager",
    "GcsStorage",
    "GoogleArtifactRegistry",
    "HashiCorpVault",
    "JobManifest",
    "KubernetesSecrets",
    "LocalStorage",
    "Manifest",
    "ManifestError",
    "MlRepoGrant",
    "MlRepoManifest",
    "OtherRegistry",
    "Port",
    "Probe",
    "ProviderKind",
    "Resources",
    "RoleBindingManifest",
    "RoleManifest",
    "S3Storage",
    "SecretGroupManifest",
    "SecretReference",
    "SecretStoreManifest",
    "ServiceAccountManifest",
    "ServiceAccountTokenManifest",
    "ServiceManifest",
    "StorageIntegrationManifest",
    "TeamManifest",
    "UserManifest",
    "WorkspaceManifest",
    "parse_manifest",
    "parse_secret_reference",
]
