"""ML repos: in one storage integration for life, granted to subjects and workspaces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, select

from splitplane.contract.fqn import subject_fqn
from splitplane.contract.manifests import MlRepoManifest
from splitplane.controlplane.nouns.context import Context
from splitplane.controlplane.nouns.grants import collaborator_grants, sync_grants
from splitplane.controlplane.nouns.hooks import NounHooks
from splitplane.controlplane.nouns.references import find_reference, ids_named
from splitplane.controlplane.nouns.simple import USERS_SHOWN
from splitplane.controlplane.permissions.targets import Target, target_of
from splitplane.controlplane.tables import Grant, MlRepo, Workspace


class MlRepoHooks(NounHooks[MlRepoManifest, MlRepo]):
    """Needs the right to use its storage; its collaborators become grants."""

    kind = "ml-repo"
    filters = ("storage_integration",)
    creator_role = "admin"

    async def columns(
        self, ctx: Context, manifest: MlRepoManifest, row: MlRepo | None
    ) -> dict[str, Any]:
        """The storage integration, which the creator must be allowed to use."""
        if row is not None:
            return {}
        storage = await find_reference(
            ctx,
            "storage-integration",
            subject_fqn("storage-integration", manifest.storage_integration),
            "storage_integration",
        )
        await ctx.access.check("storage-integration:use", target_of("storage-integration", storage))
        return {"storage_integration_id": storage.id}

    async def extra_verbs(
        self,
        ctx: Context,
        manifest: MlRepoManifest,
        before: MlRepoManifest | None,
        target: Target,
    ) -> None:
        """Changing collaborators of an existing repo is granting."""
        if before is not None and before.collaborators != manifest.collaborators:
            await ctx.access.check("ml-repo:grant", target)

    async def after_write(
        self, ctx: Context, row: MlRepo, manifest: MlRepoManifest, before: MlRepoManifest | None
    ) -> None:
        """The collaborators' grants."""
        known = [] if before is None else before.collaborators
        grants = await collaborator_grants(ctx, self.target(row), manifest.collaborators, known)
        await sync_grants(ctx, "ml-repo", row.id, grants)

    async def users_of(self, ctx: Context, row: MlRepo) -> Sequence[str]:
        """Workspaces whose manifests name it."""
        rows = await ctx.session.scalars(
            select(Workspace.fqn)
            .join(Grant, Grant.source_id == Workspace.id)
            .where(Grant.object_id == row.id, Grant.source == "workspace")
            .order_by(Workspace.fqn)
            .limit(USERS_SHOWN)
        )
        return list(rows)

    async def filter(self, ctx: Context, name: str, value: str) -> ColumnElement[bool]:
        """By storage integration."""
        ids = ids_named(ctx, "storage-integration", value)
        return MlRepo.storage_integration_id.in_(ids)
