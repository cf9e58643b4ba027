"""Applications: each change makes an immutable deployment and wakes the worker."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from splitplane.contract.conditions import ConditionStatus, ConditionType
from splitplane.contract.manifests import JobManifest, ServiceManifest
from splitplane.contract.views import FieldChange, JsonObject
from splitplane.controlplane.history import record_event, set_condition
from splitplane.controlplane.nouns.clusters import has_agent
from splitplane.controlplane.nouns.context import Context
from splitplane.controlplane.nouns.hooks import NounHooks
from splitplane.controlplane.nouns.references import find_reference, ids_named
from splitplane.controlplane.nouns.removal import remove_object
from splitplane.controlplane.nouns.secret_references import sync_application_secrets
from splitplane.controlplane.permissions.targets import Target, target_of
from splitplane.controlplane.tables import Application, Deployment, Workspace

ApplicationManifest = ServiceManifest | JobManifest

_DEPLOY_FIELDS: Final = re.compile(r"^(image|replicas|env)(\..*|\[.*)?$")
"""What `application:deploy` may change; everything else needs `application:update`."""

_FIRST_CONDITIONS: Final[tuple[tuple[ConditionType, ConditionStatus, str, str], ...]] = (
    ("Built", "true", "ImageGiven", "the image was built elsewhere"),
    ("Rendered", "unknown", "Pending", ""),
    ("Delivered", "unknown", "Pending", ""),
    ("Available", "unknown", "Pending", ""),
)


class ApplicationHooks(NounHooks[ApplicationManifest, Application]):
    """Creation is asked of the workspace; deletion waits until the cluster is clean."""

    kind = "application"
    filters = ("workspace", "cluster", "type")

    async def container(self, ctx: Context, manifest: ApplicationManifest) -> Target:
        """Its workspace."""
        workspace = await find_reference(ctx, "workspace", manifest.workspace, "workspace")
        return target_of("workspace", workspace)

    async def columns(
        self, ctx: Context, manifest: ApplicationManifest, row: Application | None
    ) -> dict[str, Any]:
        """Workspace, its cluster, and the type."""
        if row is not None:
            return {}
        workspace = await find_reference(ctx, "workspace", manifest.workspace, "workspace")
        assert isinstance(workspace, Workspace)
        return {
            "workspace_id": workspace.id,
            "cluster_id": workspace.cluster_id,
            "type": manifest.type,
        }

    def update_verbs(self, changes: Sequence[FieldChange], row: Application) -> tuple[str, ...]:
        """`application:deploy` suffices for image, variables and replicas."""
        if all(_DEPLOY_FIELDS.match(change.path) for change in changes):
            return ("application:update", "application:deploy")
        return ("application:update",)

    async def after_write(
        self,
        ctx: Context,
        row: Application,
        manifest: ApplicationManifest,
        before: ApplicationManifest | None,
    ) -> None:
        """A new deployment that is wanted from now on; the worker is woken after commit."""
        await sync_application_secrets(ctx, row, manifest.env)
        row.last_deployment_version += 1
        deployment = Deployment(
            tenant_id=ctx.tenant_id,
            application_id=row.id,
            version=row.last_deployment_version,
            manifest=row.manifest,
            created_by=ctx.actor.subject,
        )
        ctx.session.add(deployment)
        await ctx.session.flush()
        row.desired_deployment_id = deployment.id
        row.next_check_at = func.now()
        for kind, status, reason, message in _FIRST_CONDITIONS:
            await set_condition(
                ctx.session,
                tenant_id=ctx.tenant_id,
                object_id=row.id,
                type=kind,
                status=status,
                reason=reason,
                message=message,
            )
        await record_event(
            ctx.session,
            tenant_id=ctx.tenant_id,
            type="deployment.created",
            actor=ctx.actor.subject,
            message=f"version {deployment.version} of {row.fqn} is to be deployed",
            object_kind="application",
            object_id=row.id,
            fqn=f"{row.fqn}:v{deployment.version}",
            data={"deployment_id": deployment.id, "version": deployment.version},
            scope_ids=self.target(row).ids,
        )
        ctx.wakeups.add("applications")

    async def delete(self, ctx: Context, row: Application) -> None:
        """Gone at once where no agent could have received it, else by the worker."""
        if not await has_agent(ctx.session, row.cluster_id):
            await remove_object(ctx.session, kind=self.kind, row=row, actor=ctx.actor.subject)
            return
        row.is_deleting = True
        row.next_check_at = func.now()
        ctx.wakeups.add("applications")

    async def observe(
        self, session: AsyncSession, rows: Sequence[Application]
    ) -> dict[str, JsonObject]:
        """Number of the wanted version and of the one that the agent applied last."""
        delivered = [row.delivered_deployment_id for row in rows if row.delivered_deployment_id]
        versions: dict[str, int] = {}
        if delivered:
            found = await session.execute(
                select(Deployment.id, Deployment.version).where(Deployment.id.in_(delivered))
            )
            versions = dict(found.all())
        return {
            row.id: {
                "workspace_id": row.workspace_id,
                "cluster_id": row.cluster_id,
                "version": row.last_deployment_version,
                "delivered_version": versions.get(row.delivered_deployment_id or ""),
            }
            for row in rows
        }

    async def filter(self, ctx: Context, name: str, value: str) -> ColumnElement[bool]:
        """By workspace, cluster or type."""
        if name == "type":
            return Application.type == value
        if name == "workspace":
            return Application.workspace_id.in_(ids_named(ctx, "workspace", value))
        return Application.cluster_id.in_(ids_named(ctx, "cluster", value))
