"""The custom resources, one file each, and the table of them all."""

from __future__ import annotations

from typing import Final

from splitplane.provider.kinds import (
    application,
    cluster,
    container_registry,
    environment,
    ml_repo,
    role,
    role_binding,
    secret_group,
    secret_store,
    service_account,
    storage_integration,
    team,
    token,
    workspace,
)
from splitplane.provider.kinds.base import ManifestResource
from splitplane.provider.kinds.layout import Layout

LAYOUTS: Final[tuple[tuple[Layout, type[ManifestResource]], ...]] = (
    (application.LAYOUT, application.ApplicationResource),
    (cluster.LAYOUT, cluster.ClusterResource),
    (container_registry.LAYOUT, container_registry.ContainerRegistryResource),
    (environment.LAYOUT, environment.EnvironmentResource),
    (ml_repo.LAYOUT, ml_repo.MlRepoResource),
    (role.LAYOUT, role.RoleResource),
    (role_binding.LAYOUT, role_binding.RoleBindingResource),
    (secret_group.LAYOUT, secret_group.SecretGroupResource),
    (secret_store.LAYOUT, secret_store.SecretStoreResource),
    (service_account.LAYOUT, service_account.ServiceAccountResource),
    (storage_integration.LAYOUT, storage_integration.StorageIntegrationResource),
    (team.LAYOUT, team.TeamResource),
    (token.LAYOUT, token.TokenResource),
    (workspace.LAYOUT, workspace.WorkspaceResource),
)
"""Layout and behaviour of every resource, by name; a test compares it with the contract's nouns."""
