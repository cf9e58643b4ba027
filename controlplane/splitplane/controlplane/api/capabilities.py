"""`GET /clusters/{ref}/capabilities`: what a cluster can do, for programs that decide by it."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request

from splitplane.contract.capabilities import CapabilitiesView
from splitplane.contract.manifests.cluster import ClusterManifest
from splitplane.controlplane.api.clusters import is_live
from splitplane.controlplane.api.nouns import Ref
from splitplane.controlplane.nouns.references import find_readable
from splitplane.controlplane.permissions.declare import requires
from splitplane.controlplane.permissions.targets import target_of
from splitplane.controlplane.tables import AgentSession
from splitplane.controlplane.web.requests import SIGNED_IN, transaction
from splitplane.platforms import capabilities_of

router = APIRouter(prefix="/clusters/{ref}", tags=["clusters"], dependencies=[SIGNED_IN])


@router.get("/capabilities", operation_id="get_capabilities")
@requires("cluster:read", object_from="path")
async def capabilities(request: Request, ref: Ref) -> CapabilitiesView:
    """Facts about the cluster's kind, and what its agent reported last."""
    async with transaction(request) as ctx:
        row = await find_readable(ctx, "cluster", ref)
        await ctx.access.check("cluster:read", target_of("cluster", row))
        session = await ctx.session.get(AgentSession, row.id)
        manifest = ClusterManifest.model_validate(row.manifest)
        facts = asdict(capabilities_of(manifest.provider_kind, manifest.labels))
        return CapabilitiesView.model_validate(
            {
                **facts,
                "cluster_id": row.id,
                "fqn": row.fqn,
                "delivery": manifest.delivery,
                "is_connected": session is not None and is_live(session),
                "agent_version": session and session.agent_version,
                "kubernetes_version": session and session.kubernetes_version,
                "agent_capabilities": sorted(session.capabilities) if session else [],
            }
        )
