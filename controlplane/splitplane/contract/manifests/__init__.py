"""The manifests: one strict model for each `type`, and the union of them all."""

from splitplane.contract.manifests.application import JobManifest, ServiceManifest
from splitplane.contract.manifests.cluster import ClusterManifest, Delivery, ProviderKind
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
from splitplane.contract.manifests.storage_integration import (
    LocalStorage,
    S3Storage,
    StorageIntegrationManifest,
)
from splitplane.contract.manifests.workload import Port, Probe, Resources, parse_secret_reference
from splitplane.contract.manifests.workspace import MlRepoGrant, WorkspaceManifest

__all__ = [
    "MANIFEST_MODELS",
    "ClusterManifest",
    "Delivery",
    "EnvironmentManifest",
    "JobManifest",
    "LocalStorage",
    "Manifest",
    "ManifestError",
    "MlRepoGrant",
    "MlRepoManifest",
    "Port",
    "Probe",
    "ProviderKind",
    "Resources",
    "RoleManifest",
    "S3Storage",
    "ServiceAccountManifest",
    "ServiceManifest",
    "StorageIntegrationManifest",
    "UserManifest",
    "WorkspaceManifest",
    "parse_manifest",
    "parse_secret_reference",
]
