"""Removing applications and workspaces: first from the cluster, then the row.

What never reached a cluster is removed at once. Everything else waits for the agent's word, however
long it is away, because a forgotten workload would run on unseen.
"""

from __future__ import annotations

from typing import Final, cast

import structlog
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from splitplane.contract.commands import BundleRemoval, CommandKind, NamespaceRemoval
from splitplane.contract.manifests.cluster import ClusterManifest, Delivery
from splitplane.controlplane.delivery.claims import Claim, hold_claim, release
from splitplane.controlplane.delivery.orders import (
    Target,
    give_command,
    newest_command,
    supersede_namespace,
    supersede_queued,
)
from splitplane.controlplane.delivery.plan import CommandSeen
from splitplane.controlplane.history import SYSTEM, set_condition
from splitplane.controlplane.nouns.removal import remove_object
from splitplane.controlplane.signing import CommandSigner
from splitplane.controlplane.tables import Agent, Application, Cluster, Command, Workspace

RETRY_SECONDS: Final = 10.0
"""First wait after a failed removal; doubled with each further failure."""
MAX_RETRY_SECONDS: Final = 300.0

_REACHED_STATES: Final = ("sent", "accepted", "succeeded", "failed", "expired")
"""States of an order that may have left something in the cluster."""

_log = structlog.get_logger(__name__)


async def remove_application(session: AsyncSession, claim: Claim, signer: CommandSigner) -> bool:
    """One step of the removal; whether there is a new command."""
    if not await hold_claim(session, claim):
        return False
    application = await session.get(Application, claim.object_id)
    if application is None or not application.is_deleting:
        await release(session, claim, retry_after_seconds=None)
        return False
    await supersede_queued(session, application_id=application.id, below_version=None)
    workspace = (
        await session.execute(select(Workspace).where(Workspace.id == application.workspace_id))
    ).scalar_one()
    target, delivery = await _target(session, application, workspace.id, application.id)
    about = Command.application_id == application.id
    if target is None or not await _reached(session, about):
        return await _forget(session, application)
    spec = BundleRemoval(
        application_id=application.id,
        application_fqn=application.fqn,
        workspace=workspace.name,
        namespace=workspace.name,
        delivery=delivery,
    )
    return await _step(session, claim, signer, application, spec, target, about)


async def remove_workspace(session: AsyncSession, claim: Claim, signer: CommandSigner) -> bool:
    """One step of the removal; whether there is a new command.

    The namespace is the agent's to delete: only when it made it and nothing of ours is left there.
    """
    if not await hold_claim(session, claim):
        return False
    workspace = await session.get(Workspace, claim.object_id)
    if workspace is None or not workspace.is_deleting:
        await release(session, claim, retry_after_seconds=None)
        return False
    left = await session.scalar(
        select(Application.id).where(Application.workspace_id == workspace.id).limit(1)
    )
    if left is not None:
        await release(session, claim, retry_after_seconds=1.0)
        return False
    await supersede_namespace(session, workspace_id=workspace.id)
    target, delivery = await _target(session, workspace, workspace.id, None)
    about = Command.workspace_id == workspace.id
    if target is None or not await _reached(session, about):
        return await _forget(session, workspace)
    spec = NamespaceRemoval(workspace=workspace.name, namespace=workspace.name, delivery=delivery)
    return await _step(session, claim, signer, workspace, spec, target, about)


async def _step(
    session: AsyncSession,
    claim: Claim,
    signer: CommandSigner,
    row: Application | Workspace,
    spec: BundleRemoval | NamespaceRemoval,
    target: Target,
    about: ColumnElement[bool],
) -> bool:
    kind: CommandKind = "delete-bundle" if isinstance(spec, BundleRemoval) else "delete-namespace"
    command = await newest_command(session, kind, about)
    if command is not None and command.state == "succeeded":
        return await _forget(session, row)
    if command is not None and command.state in ("queued", "sent", "accepted"):
        await release(session, claim, retry_after_seconds=None)
        return False
    wait = _seconds_to_retry(command)
    if wait > 0:
        await _note_trouble(session, row, command)
        await release(session, claim, retry_after_seconds=wait)
        return False
    await give_command(session, signer, spec, target)
    await release(session, claim, retry_after_seconds=None)
    return True


def _seconds_to_retry(command: CommandSeen | None) -> float:
    """Time until the removal is ordered anew; 0 when that is now."""
    if command is None or command.state in ("expired", "superseded"):
        return 0.0
    if command.state == "refused":
        wait = MAX_RETRY_SECONDS
    else:
        wait = min(RETRY_SECONDS * 2 ** (max(command.failed_count, 1) - 1), MAX_RETRY_SECONDS)
    return max(wait - command.finished_seconds_ago, 0.0)


async def _note_trouble(
    session: AsyncSession, row: Application | Workspace, command: CommandSeen | None
) -> None:
    if command is None:
        return
    await set_condition(
        session,
        tenant_id=row.tenant_id,
        object_id=row.id,
        type="Delivered" if isinstance(row, Application) else "Ready",
        status="false",
        reason="RemovalRefused" if command.state == "refused" else "RemovalFailed",
        message=command.message or command.reason,
    )


async def _forget(session: AsyncSession, row: Application | Workspace) -> bool:
    _log.info("object removed", fqn=row.fqn)
    await remove_object(
        session,
        kind="application" if isinstance(row, Application) else "workspace",
        row=row,
        actor=SYSTEM,
    )
    return False


async def _reached(session: AsyncSession, about: ColumnElement[bool]) -> bool:
    """Whether any order about this may have left something in the cluster."""
    found = await session.scalar(
        select(Command.id)
        .where(
            about,
            Command.kind.in_(("apply-bundle", "apply-namespace")),
            Command.state.in_(_REACHED_STATES),
        )
        .limit(1)
    )
    return found is not None


async def _target(
    session: AsyncSession,
    row: Application | Workspace,
    workspace_id: str,
    application_id: str | None,
) -> tuple[Target | None, Delivery]:
    """Where the order goes, None before an agent has enrolled; and the cluster's delivery."""
    found = (
        await session.execute(
            select(Cluster.manifest, Agent.cluster_uid)
            .outerjoin(Agent, Agent.cluster_id == Cluster.id)
            .where(Cluster.id == row.cluster_id)
        )
    ).one()
    delivery = ClusterManifest.model_validate(found[0]).delivery
    # From an outer join, which the types do not tell.
    cluster_uid = cast(str | None, found[1])
    if cluster_uid is None:
        return None, delivery
    target = Target(
        tenant_id=row.tenant_id,
        cluster_id=row.cluster_id,
        cluster_uid=cluster_uid,
        actor=row.created_by,
        workspace_id=workspace_id,
        application_id=application_id,
    )
    return target, delivery
