"""Reading what is known about an application and its wanted deployment, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from splitplane.contract.conditions import ConditionStatus, ConditionType
from splitplane.contract.manifests import parse_manifest
from splitplane.contract.manifests.application import JobManifest, ServiceManifest
from splitplane.contract.manifests.cluster import ClusterManifest
from splitplane.contract.manifests.workspace import WorkspaceManifest
from splitplane.controlplane.delivery.observe import Fact, Seen
from splitplane.controlplane.delivery.orders import Target, newest_command
from splitplane.controlplane.delivery.plan import Snapshot
from splitplane.controlplane.rendering import RenderContext
from splitplane.controlplane.tables import (
    Agent,
    AgentSession,
    Application,
    Cluster,
    Command,
    Deployment,
    LiveObject,
    ObjectCondition,
    Workspace,
)
from splitplane.platforms import capabilities_of


@dataclass(frozen=True)
class Loaded:
    """A snapshot with the rows that the plan is carried out on.

    Attributes:
        application: the application.
        target: where commands about it go; None before an agent has enrolled.
        snapshot: what the plan follows from; None when nothing is to run.
    """

    application: Application
    workspace: Workspace
    cluster: ClusterManifest
    target: Target | None
    snapshot: Snapshot | None


async def load(
    session: AsyncSession, application_id: str, *, control_plane_url: str
) -> Loaded | None:
    """Everything about the application; None when it is gone."""
    found = (
        await session.execute(
            select(
                Application,
                Workspace,
                Cluster,
                Agent.cluster_uid,
                Deployment,
                AgentSession.capabilities,
            )
            .join(Workspace, Workspace.id == Application.workspace_id)
            .join(Cluster, Cluster.id == Application.cluster_id)
            .outerjoin(Agent, Agent.cluster_id == Cluster.id)
            .outerjoin(AgentSession, AgentSession.cluster_id == Cluster.id)
            .outerjoin(Deployment, Deployment.id == Application.desired_deployment_id)
            .where(Application.id == application_id)
        )
    ).one_or_none()
    if found is None:
        return None
    application, workspace, cluster = found[0], found[1], found[2]
    # These come from outer joins, which the types do not tell.
    cluster_uid = cast(str | None, found[3])
    deployment = cast(Deployment | None, found[4])
    agent_capabilities = cast(list[str] | None, found[5])
    cluster_manifest = ClusterManifest.model_validate(cluster.manifest)
    target = _target(application, workspace, cluster_uid, deployment)
    snapshot = None
    if deployment is not None and not application.is_deleting:
        context = RenderContext(
            application_id=application.id,
            version=deployment.version,
            cluster=cluster.name,
            workspace=workspace.name,
            control_plane_url=control_plane_url,
            delivery=cluster_manifest.delivery,
            capabilities=capabilities_of(cluster_manifest.provider_kind, cluster_manifest.labels),
        )
        snapshot = Snapshot(
            fqn=application.fqn,
            deployment_id=deployment.id,
            manifest=cast(ServiceManifest | JobManifest, parse_manifest(deployment.manifest)),
            context=context,
            rendered_sha256=deployment.manifests_sha256,
            workspace_labels=WorkspaceManifest.model_validate(workspace.manifest).labels,
            has_agent=target is not None,
            command=await newest_command(
                session, "apply-bundle", Command.deployment_id == deployment.id
            ),
            seen=await _seen(session, application),
            conditions=await _conditions(session, application.id),
            delivered_deployment_id=application.delivered_deployment_id,
            agent_capabilities=frozenset(agent_capabilities or ()),
        )
    return Loaded(application, workspace, cluster_manifest, target, snapshot)


def _target(
    application: Application,
    workspace: Workspace,
    cluster_uid: str | None,
    deployment: Deployment | None,
) -> Target | None:
    if cluster_uid is None:
        return None
    return Target(
        tenant_id=application.tenant_id,
        cluster_id=application.cluster_id,
        cluster_uid=cluster_uid,
        actor=application.created_by if deployment is None else deployment.created_by,
        workspace_id=workspace.id,
        application_id=application.id,
        deployment_id=None if deployment is None else deployment.id,
        version=None if deployment is None else deployment.version,
    )


async def _seen(session: AsyncSession, application: Application) -> tuple[Seen, ...]:
    rows = await session.execute(
        select(LiveObject.kind, LiveObject.name, LiveObject.doc).where(
            LiveObject.cluster_id == application.cluster_id,
            LiveObject.application_id == application.id,
            LiveObject.deleted_at.is_(None),
        )
    )
    return tuple(Seen(kind, name, doc) for kind, name, doc in rows)


async def _conditions(session: AsyncSession, object_id: str) -> dict[ConditionType, Fact]:
    rows = await session.scalars(
        select(ObjectCondition).where(ObjectCondition.object_id == object_id)
    )
    return {
        cast(ConditionType, row.type): Fact(
            cast(ConditionStatus, row.status), row.reason, row.message
        )
        for row in rows
    }
