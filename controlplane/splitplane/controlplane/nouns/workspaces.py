"""Workspaces: one cluster, one of its environments, and the grants that their manifests name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from splitplane.contract.fqn import subject_fqn
from splitplane.contract.manifests import ClusterManifest, MlRepoGrant, WorkspaceManifest
from splitplane.contract.views import JsonObject
from splitplane.controlplane.history import set_condition
from splitplane.controlplane.nouns.clusters import has_agent, namespace_problem
from splitplane.controlplane.nouns.context import Context
from splitplane.controlplane.nouns.grants import WantedGrant, collaborator_grants, sync_grants
from splitplane.controlplane.nouns.hooks import NounHooks
from splitplane.controlplane.nouns.references import bad_field, find_reference, ids_named
from splitplane.controlplane.nouns.removal import remove_object
from splitplane.controlplane.nouns.simple import USERS_SHOWN
from splitplane.controlplane.permissions.targets import Target, target_of
from splitplane.controlplane.rendering.namespace import QUOTA_NAME
from splitplane.controlplane.tables import Application, LiveObject, Workspace

_IN_THE_CLUSTER: Final = ("labels", "quota", "network_policy")
"""Fields that the cluster holds."""


def check_environment(manifest: WorkspaceManifest, cluster: ClusterManifest) -> None:
    """Raises UserError unless the cluster carries the workspace's environment."""
    if manifest.environment not in cluster.environments:
        carried = ", ".join(cluster.environments)
        raise bad_field(
            "environment",
            manifest.environment,
            f"cluster {cluster.name!r} does not carry the environment {manifest.environment!r}",
            allowed=carried,
            hint=f"choose one of {carried}, or add it to the cluster's environments",
        )


def check_namespace(manifest: WorkspaceManifest, cluster: ClusterManifest) -> None:
    """Raises UserError unless the cluster lets workspaces into the namespace."""
    problem = namespace_problem(cluster, manifest.name)
    if problem is not None:
        raise bad_field(
            "name",
            manifest.name,
            problem,
            allowed=", ".join(cluster.allowed_namespaces) or None,
            hint="choose another name, or change the cluster's namespace lists",
        )


class WorkspaceHooks(NounHooks[WorkspaceManifest, Workspace]):
    """Creation is asked of the cluster; ML repos and collaborators become grants."""

    kind = "workspace"
    filters = ("cluster", "environment")
    creator_role = "admin"

    async def container(self, ctx: Context, manifest: WorkspaceManifest) -> Target:
        """Its cluster."""
        cluster = await find_reference(ctx, "cluster", manifest.cluster, "cluster")
        return target_of("cluster", cluster)

    async def columns(
        self, ctx: Context, manifest: WorkspaceManifest, row: Workspace | None
    ) -> dict[str, Any]:
        """Cluster and environment, which belong together."""
        cluster = await find_reference(
            ctx, "cluster", manifest.cluster, "cluster", is_secret=row is None
        )
        environment = await find_reference(
            ctx,
            "environment",
            subject_fqn("environment", manifest.environment),
            "environment",
            is_secret=False,
        )
        of_cluster = ClusterManifest.model_validate(cluster.manifest)
        check_environment(manifest, of_cluster)
        check_namespace(manifest, of_cluster)
        return {"cluster_id": cluster.id, "environment_id": environment.id}

    async def extra_verbs(
        self,
        ctx: Context,
        manifest: WorkspaceManifest,
        before: WorkspaceManifest | None,
        target: Target,
    ) -> None:
        """Changing collaborators of an existing workspace is granting."""
        if before is not None and before.collaborators != manifest.collaborators:
            await ctx.access.check("workspace:grant", target)

    async def after_write(
        self,
        ctx: Context,
        row: Workspace,
        manifest: WorkspaceManifest,
        before: WorkspaceManifest | None,
    ) -> None:
        """Grants of its workloads and collaborators; the worker is to look at its namespace."""
        await _deliver(ctx, row, manifest, before)
        known = [] if before is None else before.ml_repos
        grants = [
            await _ml_repo_grant(ctx, row, index, entry, is_new=entry not in known)
            for index, entry in enumerate(manifest.ml_repos)
        ]
        repos = [entry.ml_repo for entry in manifest.ml_repos]
        twice = next((name for name in repos if repos.count(name) > 1), None)
        if twice is not None:
            raise bad_field(
                "ml_repos", twice, f"names {twice!r} twice", hint="name each ML repo once"
            )
        grants += await collaborator_grants(
            ctx,
            self.target(row),
            manifest.collaborators,
            [] if before is None else before.collaborators,
        )
        await sync_grants(ctx, "workspace", row.id, grants)

    async def users_of(self, ctx: Context, row: Workspace) -> Sequence[str]:
        """Its applications."""
        rows = await ctx.session.scalars(
            select(Application.fqn)
            .where(Application.workspace_id == row.id)
            .order_by(Application.fqn)
            .limit(USERS_SHOWN)
        )
        return list(rows)

    async def delete(self, ctx: Context, row: Workspace) -> None:
        """Gone at once where no agent could have made its namespace, else by the worker."""
        if not await has_agent(ctx.session, row.cluster_id):
            await remove_object(ctx.session, kind=self.kind, row=row, actor=ctx.actor.subject)
            return
        row.is_deleting = True
        row.next_check_at = func.now()
        ctx.wakeups.add("applications")  # the worker takes both from one queue

    async def observe(
        self, session: AsyncSession, rows: Sequence[Workspace]
    ) -> dict[str, JsonObject]:
        """The namespace, the cluster's id, and the use of the quota; null before it is seen."""
        found = await session.execute(
            select(LiveObject.cluster_id, LiveObject.namespace, LiveObject.doc).where(
                tuple_(LiveObject.cluster_id, LiveObject.namespace).in_(
                    [(row.cluster_id, row.name) for row in rows]
                ),
                LiveObject.kind == "ResourceQuota",
                LiveObject.name == QUOTA_NAME,
                LiveObject.deleted_at.is_(None),
            )
        )
        quotas = {(cluster, namespace): doc for cluster, namespace, doc in found}
        return {
            row.id: {
                "namespace": row.name,
                "cluster_id": row.cluster_id,
                "quota": _use_of(quotas.get((row.cluster_id, row.name))),
            }
            for row in rows
        }

    async def filter(self, ctx: Context, name: str, value: str) -> ColumnElement[bool]:
        """By cluster or environment."""
        if name == "cluster":
            return Workspace.cluster_id.in_(ids_named(ctx, "cluster", value))
        return Workspace.environment_id.in_(ids_named(ctx, "environment", value))


def _use_of(doc: JsonObject | None) -> JsonObject | None:
    """Resource → what is used and allowed, as the cluster counts."""
    if doc is None:
        return None
    used: dict[str, str] = doc.get("used") or {}
    hard: dict[str, str] = doc.get("hard") or {}
    return {name: {"used": used.get(name), "hard": value} for name, value in hard.items()}


async def _deliver(
    ctx: Context, row: Workspace, manifest: WorkspaceManifest, before: WorkspaceManifest | None
) -> None:
    """The worker looks at the namespace; until then nobody takes it for what is wanted now."""
    row.next_check_at = func.now()
    ctx.wakeups.add("applications")
    if before is not None and all(
        getattr(before, name) == getattr(manifest, name) for name in _IN_THE_CLUSTER
    ):
        return
    if await has_agent(ctx.session, row.cluster_id):
        await set_condition(
            ctx.session,
            tenant_id=ctx.tenant_id,
            object_id=row.id,
            type="Delivered",
            status="false",
            reason="Queued",
            message="the namespace is about to be ordered",
        )


async def _ml_repo_grant(
    ctx: Context, row: Workspace, index: int, entry: MlRepoGrant, *, is_new: bool
) -> WantedGrant:
    """The grant; making it needs the right to grant on the ML repo, keeping it does not."""
    repo = await find_reference(
        ctx,
        "ml-repo",
        subject_fqn("ml-repo", entry.ml_repo),
        f"ml_repos[{index}].ml_repo",
        is_secret=is_new,
    )
    if is_new:
        target = target_of("ml-repo", repo)
        await ctx.access.check("ml-repo:grant", target)
        await ctx.access.check_hand_out(entry.role, target)
    return WantedGrant("workspace", row.id, entry.role, "ml-repo", repo.id)
