"""The server itself: versions, health, metrics, the OpenAPI document, and names."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from splitplane.contract.base import PeerModel
from splitplane.contract.errors import ErrorCode
from splitplane.contract.fqn import FqnError, parse_fqn
from splitplane.contract.nouns import NOUNS
from splitplane.contract.permissions import BUILTIN_ROLES, VERBS, read_verb
from splitplane.contract.version import API_VERSION, VERSION
from splitplane.contract.views import ResolvedView, ServerInfo
from splitplane.controlplane.errors import not_found
from splitplane.controlplane.migrate import current_revision, newest_revision
from splitplane.controlplane.nouns.references import bad_field, find_readable
from splitplane.controlplane.permissions.declare import about_self, public, requires
from splitplane.controlplane.permissions.targets import target_of
from splitplane.controlplane.web.metrics import Metrics
from splitplane.controlplane.web.problems import make_problem, problem_response
from splitplane.controlplane.web.requests import SIGNED_IN, core, transaction

root_router = APIRouter(include_in_schema=False)
open_router = APIRouter(tags=["system"])
router = APIRouter(tags=["system"], dependencies=[SIGNED_IN])


class PermissionTable(PeerModel):
    """All verbs, and the built-in roles by scope."""

    verbs: list[str]
    roles: dict[str, dict[str, list[str]]]


@root_router.get("/healthz")
@public("tells only that the process runs")
async def healthz() -> Response:
    """The process runs."""
    return JSONResponse({"status": "ok"})


@root_router.get("/readyz")
@public("tells only whether the database answers")
async def readyz(request: Request) -> Response:
    """The database answers and its schema is the one that this version needs."""
    try:
        revision = await current_revision(core(request).engine)
    except (SQLAlchemyError, OSError) as error:
        problem = make_problem(
            ErrorCode.UNAVAILABLE,
            f"the database does not answer: {type(error).__name__}",
            delay_seconds=2,
        )
        return problem_response(problem)
    if revision != newest_revision():
        problem = make_problem(
            ErrorCode.UNAVAILABLE,
            f"the schema is at {revision!r}, needed is {newest_revision()!r}",
            delay_seconds=2,
        )
        return problem_response(problem)
    return JSONResponse({"status": "ready", "schema": revision})


@root_router.get("/metrics")
@public("counts only; the ingress keeps it inside")
async def metrics(request: Request) -> Response:
    """Metrics in the text format of Prometheus."""
    found = request.app.state.metrics
    assert isinstance(found, Metrics)
    body, media_type = found.render()
    return Response(body, media_type=media_type)


@open_router.get("/info", operation_id="get_info")
@public("versions of the server, for clients that have no token yet")
async def info() -> ServerInfo:
    """Versions that the server speaks."""
    return ServerInfo(version=VERSION, api_version=API_VERSION)


@open_router.get("/openapi.json", include_in_schema=False)
@public("the document is in the repository too")
async def openapi(request: Request) -> Response:
    """The OpenAPI document."""
    return JSONResponse(request.app.openapi())


@router.get("/permissions", operation_id="get_permissions")
@about_self("the table of roles is the same for everybody, and no object's")
async def permissions(request: Request) -> PermissionTable:
    """All verbs and what the built-in roles allow."""
    return PermissionTable(
        verbs=sorted(VERBS),
        roles={
            scope: {role: sorted(verbs) for role, verbs in roles.items()}
            for scope, roles in BUILTIN_ROLES.items()
        },
    )


@router.get("/resolve", operation_id="resolve")
@requires(*(read_verb(noun.kind) for noun in NOUNS), object_from="query")
async def resolve(
    request: Request,
    fqn: Annotated[str, Query(max_length=400, description="A fully qualified name.")],
) -> ResolvedView:
    """The object with that name."""
    try:
        parsed = parse_fqn(fqn)
    except FqnError as error:
        raise bad_field("fqn", fqn, str(error)) from error
    noun = next((noun for noun in NOUNS if noun.fqn_kind == parsed.kind), None)
    if noun is None:
        raise not_found(fqn)
    async with transaction(request) as ctx:
        row = await find_readable(ctx, noun.kind, str(parsed))
        await ctx.access.check(read_verb(noun.kind), target_of(noun.kind, row))
        return ResolvedView(id=row.id, kind=noun.kind, fqn=row.fqn)
