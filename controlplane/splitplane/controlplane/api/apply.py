"""`POST /apply`: the one way in for command line, client, provider and user interface."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request

from splitplane.contract.nouns import NOUNS
from splitplane.contract.permissions import Action, verbs_for
from splitplane.contract.views import ApplyRequest, ApplyResponse
from splitplane.controlplane.api.nouns import extra_verbs
from splitplane.controlplane.nouns.applying import apply_all, without_objects
from splitplane.controlplane.permissions.declare import requires
from splitplane.controlplane.web.requests import SIGNED_IN, transaction

router = APIRouter(tags=["apply"], dependencies=[SIGNED_IN])

_WRITES: Final[tuple[Action, ...]] = ("create", "update")
_VERBS = sorted(
    {verb for noun in NOUNS for what in _WRITES for verb in verbs_for(noun.kind, what)}
    | {verb for noun in NOUNS for verb in extra_verbs(noun.kind)}
)


@router.post("/apply", operation_id="apply")
@requires(*_VERBS, object_from="body")
async def apply(request: Request, body: ApplyRequest) -> ApplyResponse:
    """Creates or updates all manifests, or none; with `dry_run` only says what would happen.

    Answers 200 also when manifests were refused: `applied` is false then, and each result says
    what is wrong with its manifest.
    """
    async with transaction(request, is_dry=True) as ctx:
        # Refused before any right was asked, an invalid manifest tells nothing about objects.
        ctx.access.decisions.made = True
        is_good, results = await apply_all(ctx, body.manifests)
        applied = is_good and not body.dry_run
        if applied:
            await ctx.session.commit()
    if applied:
        for name in sorted(ctx.wakeups):
            request.app.state.core.wakeups.notify(name)
    else:
        results = without_objects(results)
    return ApplyResponse(dry_run=body.dry_run, applied=applied, results=results)
