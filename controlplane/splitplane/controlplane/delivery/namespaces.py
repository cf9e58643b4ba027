"""Bringing the namespaces of workspaces to their clusters, in one transaction a step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from splitplane.contract.commands import NamespaceBundle
from splitplane.contract.conditions import ConditionStatus
from splitplane.contract.manifests.workspace import WorkspaceManifest
from splitplane.controlplane.delivery.claims import Claim, hold_claim, release
from splitplane.controlplane.delivery.conditions import write_condition
from splitplane.controlplane.delivery.namespace_plan import (
    NamespaceSnapshot,
    plan_namespace,
)
from splitplane.controlplane.delivery.observe import Fact
from splitplane.controlplane.delivery.orders import Target, give_command, supersede_namespace
from splitplane.controlplane.delivery.plan import CommandSeen
from splitplane.controlplane.delivery.removal import remove_workspace
from splitplane.controlplane.rendering import render_namespace
from splitplane.controlplane.signing import CommandSigner
from splitplane.controlplane.tables import (
    Agent,
    AgentSession,
    Cluster,
    Command,
    ObjectCondition,
    Workspace,
)

_log = structlog.get_logger(__name__)


async def reconcile_workspace(
    session: AsyncSession, claim: Claim, signer: CommandSigner, *, control_plane_url: str
) -> bool:
    """One step of a workspace, towards its namespace or its end; whether there is a new command.

    Nothing is written when the claim was lost.
    """
    if not await hold_claim(session, claim):
        return False
    workspace = await session.get(Workspace, claim.object_id)
    if workspace is None:
        return False
    if workspace.is_deleting:
        return await remove_workspace(session, claim, signer)
    found = await _load(session, workspace, control_plane_url)
    plan = plan_namespace(found.snapshot)
    if plan.bundle is not None and found.cluster_uid is not None:
        await _order(session, signer, workspace, plan.bundle, found.cluster_uid)
    await _write_fact(session, workspace, plan.fact)
    await release(session, claim, retry_after_seconds=plan.retry_after_seconds)
    return plan.bundle is not None


@dataclass(frozen=True)
class _Loaded:
    snapshot: NamespaceSnapshot
    cluster_uid: str | None


async def _load(session: AsyncSession, workspace: Workspace, control_plane_url: str) -> _Loaded:
    row = (
        await session.execute(
            select(Cluster.name, Agent.cluster_uid, AgentSession.capabilities)
            .outerjoin(Agent, Agent.cluster_id == Cluster.id)
            .outerjoin(AgentSession, AgentSession.cluster_id == Cluster.id)
            .where(Cluster.id == workspace.cluster_id)
        )
    ).one()
    # Both come from outer joins, which the types do not tell.
    cluster_uid, capabilities = cast(str | None, row[1]), cast(list[str] | None, row[2])
    wanted = render_namespace(
        WorkspaceManifest.model_validate(workspace.manifest),
        workspace_id=workspace.id,
        generation=workspace.version,
        control_plane_url=control_plane_url,
    )
    ordered, command = await _newest_order(session, workspace.id)
    snapshot = NamespaceSnapshot(
        cluster=row[0],
        wanted=wanted,
        capabilities=None if cluster_uid is None else capabilities,
        ordered=ordered,
        command=command,
    )
    return _Loaded(snapshot, cluster_uid)


async def _newest_order(
    session: AsyncSession, workspace_id: str
) -> tuple[NamespaceBundle | None, CommandSeen | None]:
    """The newest state that was ordered and its command, with the failures of that same state."""
    about = (Command.workspace_id == workspace_id, Command.kind == "apply-namespace")
    found = (
        await session.execute(
            select(
                Command.state,
                Command.result,
                Command.spec,
                Command.spec_sha256,
                func.extract("epoch", func.now() - Command.finished_at),
            )
            .where(*about)
            .order_by(Command.seq.desc())
            .limit(1)
        )
    ).one_or_none()
    if found is None:
        return None, None
    state, result, spec, digest, seconds_ago = found
    failed_count = await session.scalar(
        select(func.count())
        .select_from(Command)
        .where(*about, Command.spec_sha256 == digest, Command.state == "failed")
    )
    command = CommandSeen(
        state=state,
        reason=str((result or {}).get("reason") or ""),
        message=str((result or {}).get("message") or ""),
        failed_count=failed_count or 0,
        finished_seconds_ago=float(seconds_ago or 0.0),
    )
    return NamespaceBundle.model_validate_json(spec), command


async def _order(
    session: AsyncSession,
    signer: CommandSigner,
    workspace: Workspace,
    bundle: NamespaceBundle,
    cluster_uid: str,
) -> None:
    await supersede_namespace(session, workspace_id=workspace.id)
    target = Target(
        tenant_id=workspace.tenant_id,
        cluster_id=workspace.cluster_id,
        cluster_uid=cluster_uid,
        actor=workspace.created_by,
        workspace_id=workspace.id,
        version=bundle.generation,
    )
    await give_command(session, signer, bundle, target)
    _log.info("namespace ordered", fqn=workspace.fqn, generation=bundle.generation)


async def _write_fact(session: AsyncSession, workspace: Workspace, fact: Fact) -> None:
    """The condition Delivered holds the fact; an event when its status or reason changed.

    That nothing is known of a new workspace is no event.
    """
    row = await session.scalar(
        select(ObjectCondition).where(
            ObjectCondition.object_id == workspace.id, ObjectCondition.type == "Delivered"
        )
    )
    former = (
        None if row is None else Fact(cast(ConditionStatus, row.status), row.reason, row.message)
    )
    if former == fact:
        return
    is_told = former is not None or fact.status != "unknown"
    await write_condition(
        session, "workspace", workspace, "Delivered", fact, former=former, is_told=is_told
    )
