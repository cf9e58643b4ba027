"""What hangs on an application: deployments, rendered manifests, live objects."""

from __future__ import annotations

from fastapi import APIRouter, Request
from sqlalchemy import select

from splitplane.contract.views import DeploymentView, JsonObject, LiveObjectView, Page
from splitplane.controlplane.api.live import live_page
from splitplane.controlplane.api.nouns import Cursor, Limit, Ref
from splitplane.controlplane.nouns.context import Context
from splitplane.controlplane.nouns.listing import DEFAULT_LIMIT, decode_cursor, encode_cursor
from splitplane.controlplane.nouns.references import bad_field, find_readable
from splitplane.controlplane.permissions.declare import requires
from splitplane.controlplane.permissions.targets import target_of
from splitplane.controlplane.tables import Application, Deployment, LiveObject
from splitplane.controlplane.web.requests import SIGNED_IN, transaction

router = APIRouter(prefix="/applications/{ref}", tags=["applications"], dependencies=[SIGNED_IN])


@router.get("/deployments", operation_id="list_deployments")
@requires("application:read", object_from="path")
async def deployments(
    request: Request, ref: Ref, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[DeploymentView]:
    """The application's versions, newest first."""
    async with transaction(request) as ctx:
        row = await _application(ctx, ref)
        statement = select(Deployment).where(Deployment.application_id == row.id)
        if cursor is not None:
            text = decode_cursor(cursor, "deployment")
            if not (text.isascii() and text.isdigit() and len(text) < 10):
                raise bad_field("cursor", cursor[:64], "is not a cursor of this list")
            statement = statement.where(Deployment.version < int(text))
        found = list(
            await ctx.session.scalars(
                statement.order_by(Deployment.version.desc()).limit(limit + 1)
            )
        )
        page = found[:limit]
        return Page[DeploymentView](
            items=[_view(row, deployment) for deployment in page],
            next_cursor=encode_cursor(str(page[-1].version), "deployment")
            if len(found) > limit
            else None,
        )


@router.get("/manifests", operation_id="list_rendered_manifests")
@requires("application:read", object_from="path")
async def manifests(request: Request, ref: Ref) -> Page[JsonObject]:
    """The Kubernetes objects of the wanted version; empty until it is rendered."""
    async with transaction(request) as ctx:
        row = await _application(ctx, ref)
        found = (
            None
            if row.desired_deployment_id is None
            else await ctx.session.get(Deployment, row.desired_deployment_id)
        )
        return Page[JsonObject](items=(found.rendered if found else None) or [])


@router.get("/live-objects", operation_id="list_application_live_objects")
@requires("application:read", object_from="path")
async def live_objects(
    request: Request, ref: Ref, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[LiveObjectView]:
    """What the agent saw last of the application's objects."""
    async with transaction(request) as ctx:
        row = await _application(ctx, ref)
        statement = select(LiveObject).where(
            # The label comes from the cluster, so only its own cluster may claim it.
            LiveObject.cluster_id == row.cluster_id,
            LiveObject.application_id == row.id,
        )
        return await live_page(ctx.session, statement, row.cluster_id, limit=limit, cursor=cursor)


async def _application(ctx: Context, ref: str) -> Application:
    row = await find_readable(ctx, "application", ref)
    await ctx.access.check("application:read", target_of("application", row))
    assert isinstance(row, Application)
    return row


def _view(row: Application, deployment: Deployment) -> DeploymentView:
    return DeploymentView(
        id=deployment.id,
        fqn=f"{row.fqn}:v{deployment.version}",
        application_id=row.id,
        version=deployment.version,
        manifest=deployment.manifest,
        manifests_sha256=deployment.manifests_sha256,
        created_at=deployment.created_at,
        created_by=deployment.created_by,
        is_current=deployment.id == row.desired_deployment_id,
    )
