"""From an HTTP request to a transaction with a caller, and back to a committed answer.

The commit happens before the answer is sent: a client that got a success can rely on it, and one
that got an error or nothing repeats the request.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import structlog
from fastapi import Depends, Header, Request, Response
from structlog.contextvars import bind_contextvars

from splitplane.contract.errors import ErrorCode, FieldError
from splitplane.contract.views import JsonObject
from splitplane.controlplane.errors import UserError
from splitplane.controlplane.history import record_event
from splitplane.controlplane.identity.tokens import LastUsed, find_actor, unauthenticated
from splitplane.controlplane.nouns.context import Context
from splitplane.controlplane.permissions.access import Access, Decisions, Denial
from splitplane.controlplane.permissions.declare import declared_of
from splitplane.controlplane.state import AppState
from splitplane.controlplane.web.warnings import token_warning

MAX_KEY_LENGTH: Final = 200
"""Longest Idempotency-Key; a UUID has 36 characters."""

_SCHEME: Final = "bearer "

log = structlog.get_logger(__name__)


def core(request: Request) -> AppState:
    """The server's parts."""
    state = request.app.state.core
    assert isinstance(state, AppState)
    return state


async def signed_in(request: Request, response: Response) -> AsyncGenerator[None]:
    """The request has a caller; runs before anything else of the route.

    Raises:
        Refused: there is no valid token.
    """
    declared = declared_of(request.scope.get("endpoint"))
    assert declared is not None
    header = request.headers.get("authorization", "")
    if not header.lower().startswith(_SCHEME):
        raise unauthenticated()
    async with core(request).sessions() as session:
        actor = await find_actor(session, header[len(_SCHEME) :].strip())
        last_used = request.app.state.last_used
        assert isinstance(last_used, LastUsed)
        last_used.note(actor.token_id)
        bind_contextvars(actor=actor.subject, tenant=actor.tenant)
        warning = token_warning(actor, datetime.now(UTC))
        if warning is not None:
            response.headers["Warning"] = warning
        decisions = Decisions(declared)
        request.state.decisions = decisions
        request.state.context = Context(session, Access(session, actor, decisions))
        yield


SIGNED_IN: Final = Depends(signed_in)
"""Dependency of every router but the public ones."""


@asynccontextmanager
async def transaction(request: Request, *, is_dry: bool = False) -> AsyncGenerator[Context]:
    """The caller's transaction: committed at the end, rolled back after an error or a dry run.

    Refusals are audited in a transaction of their own; waiting loops are woken after the commit.
    """
    ctx = request.state.context
    assert isinstance(ctx, Context)
    try:
        yield ctx
        await (ctx.session.rollback() if is_dry else ctx.session.commit())
    except BaseException:
        await ctx.session.rollback()
        raise
    finally:
        await _audit(request, ctx.access.decisions.denials)
    if not is_dry:
        for name in sorted(ctx.wakeups):
            core(request).wakeups.notify(name)


async def read_object(request: Request) -> JsonObject:
    """The body as a JSON object.

    Raises:
        UserError: it is no JSON, no object, or holds characters that cannot be stored.
    """
    try:
        value: Any = json.loads(await request.body(), parse_constant=_refuse_constant)
        text = json.dumps(value, ensure_ascii=False).encode().decode()
    except (ValueError, RecursionError) as error:
        raise _bad_body(f"is not valid JSON: {str(error)[:200]}") from error
    if "\\u0000" in text:
        raise _bad_body("holds the character U+0000, which cannot be stored")
    if not isinstance(value, dict):
        raise _bad_body("is not a JSON object")
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _bad_body(message: str) -> UserError:
    return UserError(
        ErrorCode.INVALID_INPUT,
        f"the body {message}",
        errors=[FieldError(field="(body)", message=message, hint="send one JSON object")],
    )


async def idempotency_key(
    value: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
) -> str | None:
    """The Idempotency-Key; raises UserError when it is empty, too long or not printable ASCII."""
    if value is None:
        return None
    if not 1 <= len(value) <= MAX_KEY_LENGTH or not (value.isascii() and value.isprintable()):
        raise UserError(
            ErrorCode.INVALID_INPUT,
            f"Idempotency-Key must have 1 to {MAX_KEY_LENGTH} printable ASCII characters",
            errors=[
                FieldError(
                    field="Idempotency-Key",
                    value=value[:MAX_KEY_LENGTH],
                    message="is not allowed",
                    allowed=f"1 to {MAX_KEY_LENGTH} printable ASCII characters",
                    hint="send a UUID",
                )
            ],
        )
    return value


async def _audit(request: Request, denials: list[Denial]) -> None:
    if not denials:
        return
    try:
        async with core(request).sessions.begin() as session:
            for denial in denials:
                await record_event(
                    session,
                    tenant_id=denial.actor.tenant_id,
                    type="permission.denied",
                    actor=denial.actor.subject,
                    message=f"{denial.actor.subject} was refused {denial.verb} "
                    f"on {denial.target.fqn}",
                    object_kind=denial.target.kind,
                    object_id=denial.target.ids[0],
                    fqn=denial.target.fqn,
                    verb=denial.verb,
                    decision="denied",
                    scope_ids=denial.target.ids,
                )
    except Exception as error:
        # The refusal itself stands; that it could not be audited must be seen by somebody.
        log.error("refusal not audited", error=repr(error)[:500])
