"""CRUD and lists, the same five routes for every noun of the contract."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from splitplane.contract.errors import ErrorCode, FieldError
from splitplane.contract.manifests import Manifest, parse_manifest
from splitplane.contract.nouns import NOUNS, Noun
from splitplane.contract.permissions import read_verb, verbs_for
from splitplane.contract.views import JsonObject, ObjectView, Page
from splitplane.controlplane.errors import UserError
from splitplane.controlplane.nouns.context import Context
from splitplane.controlplane.nouns.listing import DEFAULT_LIMIT, MAX_LIMIT, list_objects
from splitplane.controlplane.nouns.references import find_readable
from splitplane.controlplane.nouns.registry import HOOKS
from splitplane.controlplane.nouns.service import Written, create, delete, update
from splitplane.controlplane.nouns.views import to_views
from splitplane.controlplane.permissions.declare import requires
from splitplane.controlplane.permissions.targets import target_of
from splitplane.controlplane.web.requests import (
    SIGNED_IN,
    idempotency_key,
    read_object,
    transaction,
)

Ref = Annotated[str, Path(description="Id or fully qualified name.", max_length=400)]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Rows of the page.")]
Cursor = Annotated[
    str | None, Query(max_length=2000, description="`next_cursor` of the page before.")
]
Key = Annotated[str | None, Depends(idempotency_key)]
IfMatch = Annotated[
    str | None, Header(alias="If-Match", description="ETag that the object must still have.")
]
Force = Annotated[
    bool,
    Query(
        description="Removes it at once and leaves what lies in the cluster there; for a cluster "
        "whose agent will not come back. Needs `cluster:delete` on the cluster too."
    ),
]

FORCIBLE: Final = ("application", "workspace")
"""Kinds whose deletion waits for the cluster's agent."""

# Verbs beyond create and update that a manifest may need on other objects.
_EXTRA_VERBS: dict[str, tuple[str, ...]] = {
    "ml-repo": ("storage-integration:use", "ml-repo:grant"),
    "workspace": ("workspace:grant", "ml-repo:grant"),
    "user": ("tenant:grant",),
    "service-account": ("tenant:grant",),
    "role": ("tenant:grant",),
    "team": ("tenant:grant",),
    "secret-group": ("secret-store:use", "secret-group:grant"),
    "container-registry": ("secret-group:use",),
    "application": ("application:deploy", "secret-group:use"),
}


def extra_verbs(kind: str) -> tuple[str, ...]:
    """Verbs that writing this kind may check beside create, update and delete."""
    return _EXTRA_VERBS.get(kind, ())


def noun_routers() -> list[APIRouter]:
    """One router for each noun."""
    return [_router(noun) for noun in NOUNS]


def _router(noun: Noun) -> APIRouter:
    router = APIRouter(prefix=f"/{noun.plural}", tags=[noun.plural], dependencies=[SIGNED_IN])
    word = noun.kind.replace("-", "_")
    words = noun.plural.replace("-", "_")
    router.add_api_route(
        "",
        _list_endpoint(noun),
        methods=["GET"],
        name=f"List {noun.plural}",
        operation_id=f"list_{words}",
        openapi_extra={"parameters": _filter_parameters(noun)},
    )
    router.add_api_route(
        "",
        _create_endpoint(noun),
        methods=["POST"],
        status_code=201,
        name=f"Create {noun.kind}",
        operation_id=f"create_{word}",
        openapi_extra=_body(noun),
    )
    router.add_api_route(
        "/{ref}",
        _get_endpoint(noun),
        methods=["GET"],
        name=f"Get {noun.kind}",
        operation_id=f"get_{word}",
    )
    router.add_api_route(
        "/{ref}",
        _update_endpoint(noun),
        methods=["PUT"],
        name=f"Update {noun.kind}",
        operation_id=f"update_{word}",
        openapi_extra=_body(noun),
    )
    router.add_api_route(
        "/{ref}",
        _delete_endpoint(noun),
        methods=["DELETE"],
        status_code=204,
        name=f"Delete {noun.kind}",
        operation_id=f"delete_{word}",
    )
    return router


def _list_endpoint(noun: Noun) -> Any:  # Any: FastAPI endpoints
    @requires(read_verb(noun.kind), object_from="list")
    async def endpoint(
        request: Request, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
    ) -> Page[ObjectView]:
        filters = {
            name: value
            for name, value in request.query_params.items()
            if name not in ("limit", "cursor")
        }
        async with transaction(request) as ctx:
            return await list_objects(ctx, noun.kind, filters=filters, limit=limit, cursor=cursor)

    return endpoint


def _create_endpoint(noun: Noun) -> Any:  # Any: FastAPI endpoints
    @requires(*verbs_for(noun.kind, "create"), *extra_verbs(noun.kind), object_from="body")
    async def endpoint(request: Request, response: Response, key: Key = None) -> ObjectView:
        manifest = _parse(noun, await read_object(request))
        async with transaction(request) as ctx:
            done = await create(ctx, manifest, key=key)
            view = await _view(ctx, noun, done)
        if done.action == "replayed":
            response.status_code = 200
            response.headers["Idempotency-Replayed"] = "true"
        response.headers["ETag"] = f'"{view.etag}"'
        return view

    return endpoint


def _get_endpoint(noun: Noun) -> Any:  # Any: FastAPI endpoints
    @requires(read_verb(noun.kind), object_from="path")
    async def endpoint(request: Request, response: Response, ref: Ref) -> ObjectView:
        async with transaction(request) as ctx:
            row = await find_readable(ctx, noun.kind, ref)
            await ctx.access.check(read_verb(noun.kind), target_of(noun.kind, row))
            (view,) = await to_views(ctx.session, noun.kind, [row])
        response.headers["ETag"] = f'"{view.etag}"'
        return view

    return endpoint


def _update_endpoint(noun: Noun) -> Any:  # Any: FastAPI endpoints
    @requires(*verbs_for(noun.kind, "update"), *extra_verbs(noun.kind), object_from="path")
    async def endpoint(
        request: Request, response: Response, ref: Ref, if_match: IfMatch = None
    ) -> ObjectView:
        manifest = _parse(noun, await read_object(request))
        async with transaction(request) as ctx:
            row = await find_readable(ctx, noun.kind, ref, lock=True)
            done = await update(ctx, row, noun.kind, manifest, if_match=if_match)
            view = await _view(ctx, noun, done)
        response.headers["ETag"] = f'"{view.etag}"'
        return view

    return endpoint


def _delete_endpoint(noun: Noun) -> Any:  # Any: FastAPI endpoints
    if noun.kind not in FORCIBLE:

        @requires(*verbs_for(noun.kind, "delete"), object_from="path")
        async def endpoint(request: Request, ref: Ref, if_match: IfMatch = None) -> None:
            async with transaction(request) as ctx:
                await delete(ctx, noun.kind, ref, if_match=if_match)

        return endpoint

    @requires(*verbs_for(noun.kind, "delete"), "cluster:delete", object_from="path")
    async def forcible(
        request: Request, ref: Ref, if_match: IfMatch = None, force: Force = False
    ) -> None:
        async with transaction(request) as ctx:
            await delete(ctx, noun.kind, ref, if_match=if_match, is_forced=force)

    return forcible


async def _view(ctx: Context, noun: Noun, done: Written) -> ObjectView:
    (view,) = await to_views(ctx.session, noun.kind, [done.row], ctx.shown_once)
    return view


def _parse(noun: Noun, data: JsonObject) -> Manifest:
    """The manifest; `type` may be left out where the noun has only one."""
    if "type" not in data and len(noun.types) == 1:
        data = {**data, "type": noun.types[0]}
    if data.get("type") not in noun.types and "type" in data:
        allowed = ", ".join(noun.types)
        raise UserError(
            ErrorCode.INVALID_INPUT,
            f"type: {data['type']!r} does not describe a {noun.kind}",
            errors=[
                FieldError(
                    field="type",
                    value=str(data["type"])[:256],
                    message=f"does not describe a {noun.kind}",
                    allowed=allowed,
                    hint=f"set type to {allowed}",
                )
            ],
        )
    return parse_manifest(data)


def _body(noun: Noun) -> dict[str, Any]:  # Any: OpenAPI
    refs = [{"$ref": f"#/components/schemas/{model.__name__}"} for model in noun.manifest_models]
    schema = refs[0] if len(refs) == 1 else {"oneOf": refs}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _filter_parameters(noun: Noun) -> list[dict[str, Any]]:  # Any: OpenAPI
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": f"Only those with this {name.replace('_', ' ')}.",
            "schema": {"type": "string"},
        }
        for name in ("name", *HOOKS[noun.kind].filters)
    ]
