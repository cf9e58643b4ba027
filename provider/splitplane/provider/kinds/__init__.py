"""The custom resources, one file each, and the table of them all."""

from __future__ import annotations

from typing import Final

from splitplane.provider.kinds import (
    application,
    cluster,
    environment,
    ml_repo,
    storage_integration,
    workspace,
)
from splitplane.provider.kinds.base import ManifestResource
from splitplane.provider.kinds.layout import Layout

LAYOUTS: Final[tuple[tuple[Layout, type[ManifestResource]], ...]] = (
    (application.LAYOUT, application.ApplicationResource),
    (cluster.LAYOUT, cluster.ClusterResource),
    (environment.LAYOUT, environment.EnvironmentResource),
    (ml_repo.LAYOUT, ml_repo.MlRepoResource),
    (storage_integration.LAYOUT, storage_integration.StorageIntegrationResource),
    (workspace.LAYOUT, workspace.WorkspaceResource),
)
"""Layout and behaviour of every resource, by name; a test compares it with the contract's nouns."""
