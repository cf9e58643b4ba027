"""`POST /render`: the objects that a service or a job would be in its cluster; stores nothing."""

from __future__ import annotations

from fastapi import APIRouter, Request
from sqlalchemy import select

from splitplane.contract.commands import encode_spec
from splitplane.contract.errors import ErrorCode
from splitplane.contract.manifests import JobManifest, ServiceManifest, parse_manifest
from splitplane.contract.manifests.cluster import ClusterManifest
from splitplane.contract.manifests.workspace import WorkspaceManifest
from splitplane.contract.nouns import fqn_of
from splitplane.contract.rendered import UNBORN_ID, RenderedView, RenderRequest
from splitplane.controlplane.errors import UserError
from splitplane.controlplane.nouns.context import Context
from splitplane.controlplane.nouns.references import bad_field, find_readable
from splitplane.controlplane.permissions.declare import requires
from splitplane.controlplane.permissions.targets import target_of
from splitplane.controlplane.rendering import (
    RenderContext,
    RenderError,
    build_bundle,
    manifests_digest,
    render,
)
from splitplane.controlplane.tables import Application, Cluster, Workspace
from splitplane.controlplane.web.requests import SIGNED_IN, core, transaction
from splitplane.platforms import capabilities_of

router = APIRouter(tags=["applications"], dependencies=[SIGNED_IN])

_TYPES = ("service", "job")


@router.post("/render", operation_id="render_application")
@requires("application:read", object_from="body")
async def render_application(request: Request, body: RenderRequest) -> RenderedView:
    """The objects of the application's next version, whether it exists or not.

    Whoever may read the applications of a workspace may see what one would become: the right to
    change them is not asked.
    """
    manifest = parse_manifest(body.manifest)
    if not isinstance(manifest, ServiceManifest | JobManifest):
        raise bad_field(
            "type",
            manifest.type,
            f"a {manifest.type} is not rendered",
            allowed=", ".join(_TYPES),
            hint="send the manifest of an application",
        )
    url = core(request).settings.url
    async with transaction(request, is_dry=True) as ctx:
        return await _rendered(ctx, manifest, url)


async def _rendered(
    ctx: Context, manifest: ServiceManifest | JobManifest, control_plane_url: str
) -> RenderedView:
    workspace = await find_readable(ctx, "workspace", manifest.workspace)
    assert isinstance(workspace, Workspace)
    await ctx.access.check("application:read", target_of("workspace", workspace))
    cluster = await ctx.session.get_one(Cluster, workspace.cluster_id)
    fqn = str(fqn_of(manifest))
    row = await ctx.session.scalar(
        select(Application).where(Application.tenant_id == ctx.tenant_id, Application.fqn == fqn)
    )
    is_current = row is not None and row.manifest == manifest.model_dump(mode="json")
    before = 0 if row is None else row.last_deployment_version
    delivery = ClusterManifest.model_validate(cluster.manifest)
    context = RenderContext(
        application_id=UNBORN_ID if row is None else row.id,
        version=before if is_current else before + 1,
        cluster=cluster.name,
        workspace=workspace.name,
        control_plane_url=control_plane_url,
        delivery=delivery.delivery,
        capabilities=capabilities_of(delivery.provider_kind, delivery.labels),
    )
    try:
        objects = render(manifest, context)
        bundle = build_bundle(
            objects,
            context,
            application_fqn=fqn,
            workspace_labels=WorkspaceManifest.model_validate(workspace.manifest).labels,
        )
    except RenderError as error:
        raise UserError(ErrorCode.INVALID_INPUT, str(error), fqn=fqn) from error
    return RenderedView(
        fqn=fqn,
        application_id=context.application_id,
        version=context.version,
        is_current=is_current,
        namespace=bundle.namespace,
        namespace_labels=bundle.namespace_labels,
        delivery=context.delivery,
        objects=objects,
        manifests_sha256=manifests_digest(objects),
        size_bytes=len(encode_spec(bundle).encode()),
    )
