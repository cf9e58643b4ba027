"""Clusters: the environments they carry, the namespaces they allow, and their join tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from splitplane.contract.errors import ErrorCode
from splitplane.contract.fqn import subject_fqn
from splitplane.contract.manifests import ClusterManifest
from splitplane.contract.views import JsonObject
from splitplane.controlplane.errors import UserError
from splitplane.controlplane.history import record_event, set_condition
from splitplane.controlplane.identity.secrets import JOIN, digest, new_secret
from splitplane.controlplane.nouns.context import Context
from splitplane.controlplane.nouns.hooks import NounHooks
from splitplane.controlplane.nouns.references import find_reference, ids_named
from splitplane.controlplane.nouns.simple import USERS_SHOWN
from splitplane.controlplane.tables import (
    Agent,
    AgentSession,
    Application,
    Cluster,
    ClusterEnvironment,
    Command,
    Environment,
    JoinToken,
    Workspace,
)

JOIN_TOKEN_LIFE: Final = timedelta(hours=24)
"""Life of a join token: a provisioning run may take hours; it works once anyway."""


class ClusterHooks(NounHooks[ClusterManifest, Cluster]):
    """Environments in use stay; the creator gets the role admin and a join token."""

    kind = "cluster"
    filters = ("environment",)
    creator_role = "admin"

    async def columns(
        self, ctx: Context, manifest: ClusterManifest, row: Cluster | None
    ) -> dict[str, Any]:
        """No columns; checks that what workspaces rely on stays."""
        if row is not None:
            await _check_environments_stay(ctx, row, manifest)
            await _check_namespaces_stay(ctx, row, manifest)
        return {}

    async def after_write(
        self,
        ctx: Context,
        row: Cluster,
        manifest: ClusterManifest,
        before: ClusterManifest | None,
    ) -> None:
        """The rows of its environments; for a new one the condition Connected and a join token."""
        await _sync_environments(ctx, row, manifest)
        if before is not None and before.delivery != manifest.delivery:
            await _deliver_anew(ctx, row)
        if before is None:
            await set_condition(
                ctx.session,
                tenant_id=ctx.tenant_id,
                object_id=row.id,
                type="Connected",
                status="false",
                reason="NeverConnected",
                message="no agent has connected yet; install one with the join token",
            )
            ctx.shown_once[row.id] = {"join_token": (await rotate_join_token(ctx, row))[0]}

    async def after_replay(self, ctx: Context, row: Cluster) -> None:
        """A new join token, as the first answer may be lost; none once an agent has enrolled."""
        if not await has_agent(ctx.session, row.id):
            ctx.shown_once[row.id] = {"join_token": (await rotate_join_token(ctx, row))[0]}

    async def users_of(self, ctx: Context, row: Cluster) -> Sequence[str]:
        """Its workspaces."""
        rows = await ctx.session.scalars(
            select(Workspace.fqn)
            .where(Workspace.cluster_id == row.id)
            .order_by(Workspace.fqn)
            .limit(USERS_SHOWN)
        )
        return list(rows)

    async def observe(
        self, session: AsyncSession, rows: Sequence[Cluster]
    ) -> dict[str, JsonObject]:
        """Versions and times of the agent's sessions, and the end of a join token not yet used."""
        ids = [row.id for row in rows]
        found = await session.scalars(select(AgentSession).where(AgentSession.cluster_id.in_(ids)))
        facts: dict[str, JsonObject] = {
            s.cluster_id: {
                "agent_version": s.agent_version,
                "kubernetes_version": s.kubernetes_version,
                "connected_at": _text(s.connected_at),
                "last_seen_at": _text(s.last_seen_at),
            }
            for s in found
        }
        unused = await session.execute(
            select(JoinToken.cluster_id, JoinToken.expires_at).where(
                JoinToken.cluster_id.in_(ids),
                JoinToken.used_at.is_(None),
                JoinToken.revoked_at.is_(None),
            )
        )
        for cluster_id, expires_at in unused.all():
            facts.setdefault(cluster_id, {})["join_token_expires_at"] = expires_at.isoformat()
        return facts

    async def filter(self, ctx: Context, name: str, value: str) -> ColumnElement[bool]:
        """By an environment that it carries."""
        carrying = select(ClusterEnvironment.cluster_id).where(
            ClusterEnvironment.environment_id.in_(ids_named(ctx, "environment", value))
        )
        return Cluster.id.in_(carrying)


async def rotate_join_token(ctx: Context, row: Cluster) -> tuple[str, datetime]:
    """A new one-time join token and its end; older unused ones stop working."""
    await ctx.session.execute(
        update(JoinToken)
        .where(
            JoinToken.cluster_id == row.id,
            JoinToken.used_at.is_(None),
            JoinToken.revoked_at.is_(None),
        )
        .values(revoked_at=func.now())
    )
    token = new_secret(JOIN)
    expires_at = datetime.now(UTC) + JOIN_TOKEN_LIFE
    ctx.session.add(
        JoinToken(
            tenant_id=ctx.tenant_id,
            cluster_id=row.id,
            token_sha256=digest(token),
            created_by=ctx.actor.subject,
            expires_at=expires_at,
        )
    )
    await record_event(
        ctx.session,
        tenant_id=ctx.tenant_id,
        type="join-token.issued",
        actor=ctx.actor.subject,
        message=f"a join token for cluster {row.fqn} was issued; older ones stop working",
        object_kind="cluster",
        object_id=row.id,
        fqn=row.fqn,
    )
    return token, expires_at


async def has_agent(session: AsyncSession, cluster_id: str) -> bool:
    """Whether an agent has ever enrolled for the cluster, so that objects may lie in it."""
    found = await session.scalar(select(Agent.id).where(Agent.cluster_id == cluster_id))
    return found is not None


def namespace_problem(manifest: ClusterManifest, namespace: str) -> str | None:
    """Why the cluster refuses workspaces in the namespace; None when it does not."""
    if namespace in manifest.denied_namespaces:
        return f"cluster {manifest.name!r} denies the namespace {namespace!r}"
    if manifest.allowed_namespaces and namespace not in manifest.allowed_namespaces:
        return f"cluster {manifest.name!r} does not allow the namespace {namespace!r}"
    return None


async def _deliver_anew(ctx: Context, row: Cluster) -> None:
    """What runs is ordered once more, so that the new way of delivery takes it over.

    Jobs stay: their version runs once, and the next one comes the new way.
    """
    running = select(Application.desired_deployment_id).where(
        Application.cluster_id == row.id, Application.type == "service"
    )
    await ctx.session.execute(
        update(Command)
        .where(
            Command.deployment_id.in_(running),
            Command.kind == "apply-bundle",
            Command.state.in_(("queued", "sent", "accepted", "succeeded")),
        )
        .values(state="superseded")
        .execution_options(synchronize_session=False)
    )
    await ctx.session.execute(
        update(Application)
        .where(Application.cluster_id == row.id)
        .values(next_check_at=func.now())
        .execution_options(synchronize_session=False)
    )
    ctx.wakeups.add("applications")


async def _sync_environments(ctx: Context, row: Cluster, manifest: ClusterManifest) -> None:
    wanted = {
        (
            await find_reference(
                ctx,
                "environment",
                subject_fqn("environment", name),
                f"environments[{index}]",
                is_secret=False,
            )
        ).id
        for index, name in enumerate(manifest.environments)
    }
    present = set(
        await ctx.session.scalars(
            select(ClusterEnvironment.environment_id).where(ClusterEnvironment.cluster_id == row.id)
        )
    )
    if present - wanted:
        await ctx.session.execute(
            delete(ClusterEnvironment).where(
                ClusterEnvironment.cluster_id == row.id,
                ClusterEnvironment.environment_id.in_(present - wanted),
            )
        )
    for environment_id in sorted(wanted - present):
        ctx.session.add(
            ClusterEnvironment(
                tenant_id=ctx.tenant_id, cluster_id=row.id, environment_id=environment_id
            )
        )
    await ctx.session.flush()


async def _check_environments_stay(ctx: Context, row: Cluster, manifest: ClusterManifest) -> None:
    used = await ctx.session.execute(
        select(Workspace.fqn, Environment.name)
        .join(Environment, Environment.id == Workspace.environment_id)
        .where(Workspace.cluster_id == row.id, Environment.name.not_in(manifest.environments))
        .order_by(Workspace.fqn)
        .limit(USERS_SHOWN)
    )
    lost = [f"{fqn} ({environment})" for fqn, environment in used]
    if lost:
        raise UserError(
            ErrorCode.IN_USE,
            f"environments of cluster {row.fqn!r} are in use by workspaces {', '.join(lost)}",
            fqn=row.fqn,
            hint="keep the environments, or move or delete the workspaces first",
        )


async def _check_namespaces_stay(ctx: Context, row: Cluster, manifest: ClusterManifest) -> None:
    names = await ctx.session.scalars(
        select(Workspace.name).where(Workspace.cluster_id == row.id).order_by(Workspace.name)
    )
    problems = [problem for name in names if (problem := namespace_problem(manifest, name))]
    if problems:
        raise UserError(
            ErrorCode.IN_USE,
            f"{problems[0]}, where a workspace is",
            fqn=row.fqn,
            hint="delete the workspace first, or keep its namespace allowed",
        )


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
