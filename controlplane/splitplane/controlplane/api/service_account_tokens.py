"""Rotating a service account's named token."""

from __future__ import annotations

from fastapi import APIRouter, Request

from splitplane.contract.views import RotatedTokenView, TokenRotate
from splitplane.controlplane.api.nouns import Key, Ref
from splitplane.controlplane.nouns.references import find_readable
from splitplane.controlplane.nouns.service_account_tokens import rotate_token
from splitplane.controlplane.permissions.declare import requires
from splitplane.controlplane.permissions.targets import target_of
from splitplane.controlplane.tables import ServiceAccountToken
from splitplane.controlplane.web.replays import find_replay, keep_answer
from splitplane.controlplane.web.requests import SIGNED_IN, transaction

router = APIRouter(
    prefix="/service-account-tokens/{ref}",
    tags=["service-account-tokens"],
    dependencies=[SIGNED_IN],
)


@router.post("/rotate", status_code=201, operation_id="rotate_service_account_token")
@requires("service-account:create-token", object_from="path")
async def rotate(
    request: Request, ref: Ref, body: TokenRotate, key: Key = None
) -> RotatedTokenView:
    """A new secret, in this answer only; the one before works for the overlap at most."""
    async with transaction(request) as ctx:
        row = await find_readable(ctx, "service-account-token", ref, lock=True)
        target = target_of("service-account-token", row)
        await ctx.access.check("service-account:create-token", target)
        assert isinstance(row, ServiceAccountToken)
        route = f"POST rotate of {row.id}"
        await find_replay(ctx, key, route, body, RotatedTokenView)
        token, expires_at = await rotate_token(ctx, row, overlap_seconds=body.overlap_seconds)
        await keep_answer(ctx, key, route, body, 201, None)
        return RotatedTokenView(token=token, expires_at=expires_at)
