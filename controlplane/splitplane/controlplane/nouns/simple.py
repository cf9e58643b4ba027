"""Nouns with few rules of their own: environments and storage integrations."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from splitplane.contract.manifests import EnvironmentManifest, StorageIntegrationManifest
from splitplane.controlplane.nouns.context import Context
from splitplane.controlplane.nouns.hooks import NounHooks
from splitplane.controlplane.tables import (
    Cluster,
    ClusterEnvironment,
    Environment,
    MlRepo,
    StorageIntegration,
    Workspace,
)

USERS_SHOWN = 20
"""Names of users of an object that an error shows."""


class EnvironmentHooks(NounHooks[EnvironmentManifest, Environment]):
    """An environment goes only when no cluster and no workspace has it."""

    kind = "environment"

    async def users_of(self, ctx: Context, row: Environment) -> Sequence[str]:
        """Clusters that carry it, and workspaces that have it."""
        workspaces = await ctx.session.scalars(
            select(Workspace.fqn)
            .where(Workspace.environment_id == row.id)
            .order_by(Workspace.fqn)
            .limit(USERS_SHOWN)
        )
        clusters = await ctx.session.scalars(
            select(Cluster.fqn)
            .join(ClusterEnvironment, ClusterEnvironment.cluster_id == Cluster.id)
            .where(ClusterEnvironment.environment_id == row.id)
            .order_by(Cluster.fqn)
            .limit(USERS_SHOWN)
        )
        return [*clusters, *workspaces]


class StorageIntegrationHooks(NounHooks[StorageIntegrationManifest, StorageIntegration]):
    """A storage integration goes only when no ML repo lies in it."""

    kind = "storage-integration"
    creator_role = "manager"

    async def users_of(self, ctx: Context, row: StorageIntegration) -> Sequence[str]:
        """ML repos that lie in it."""
        rows = await ctx.session.scalars(
            select(MlRepo.fqn)
            .where(MlRepo.storage_integration_id == row.id)
            .order_by(MlRepo.fqn)
            .limit(USERS_SHOWN)
        )
        return list(rows)
