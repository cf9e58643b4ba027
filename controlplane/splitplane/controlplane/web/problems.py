"""Errors as problem documents (RFC 9457), whatever raised them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import asyncpg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from starlette.exceptions import HTTPException
from structlog.contextvars import get_contextvars

from splitplane.contract.errors import ErrorCode, FieldError, Problem, problem_status
from splitplane.contract.manifests import ManifestError
from splitplane.contract.manifests.parse import field_path
from splitplane.controlplane.db import is_outage, sqlstate, violated_constraint
from splitplane.controlplane.errors import ControlPlaneError, Refused, RetryLater, UserError

MEDIA_TYPE: Final = "application/problem+json"

_OUTAGE_DELAY_SECONDS: Final = 2.0
"""What a client waits when the database is away: a restart takes about a second."""

_TITLES: Final[dict[ErrorCode, str]] = {
    ErrorCode.INVALID_INPUT: "the input is not valid",
    ErrorCode.IMMUTABLE: "the field cannot change",
    ErrorCode.UNAUTHENTICATED: "not signed in",
    ErrorCode.FORBIDDEN: "not allowed",
    ErrorCode.NOT_FOUND: "not found",
    ErrorCode.ALREADY_EXISTS: "exists already",
    ErrorCode.IDEMPOTENCY_KEY_REUSED: "the Idempotency-Key was used before",
    ErrorCode.STALE: "changed in the meantime",
    ErrorCode.IN_USE: "in use",
    ErrorCode.NOT_CONNECTED: "the cluster is not connected",
    ErrorCode.JOIN_TOKEN_REFUSED: "the join token is refused",
    ErrorCode.TOO_LARGE: "too large",
    ErrorCode.METHOD_NOT_ALLOWED: "method not allowed",
    ErrorCode.RATE_LIMITED: "too many requests",
    ErrorCode.UNAVAILABLE: "not available at the moment",
    ErrorCode.INTERNAL: "internal error",
}
_CODES: Final = {
    401: ErrorCode.UNAUTHENTICATED,
    403: ErrorCode.FORBIDDEN,
    404: ErrorCode.NOT_FOUND,
    405: ErrorCode.METHOD_NOT_ALLOWED,
    413: ErrorCode.TOO_LARGE,
    429: ErrorCode.RATE_LIMITED,
    503: ErrorCode.UNAVAILABLE,
}

log = structlog.get_logger(__name__)


def to_problem(error: BaseException) -> Problem:
    """The problem document of any error; unknown ones tell nothing but their request id."""
    if isinstance(error, UserError):
        return make_problem(
            error.code, error.detail, fqn=error.fqn, hint=error.hint, errors=error.errors
        )
    if isinstance(error, Refused):
        return make_problem(
            error.code, error.detail, fqn=error.fqn, hint=error.hint, verb=error.verb
        )
    if isinstance(error, RetryLater):
        return make_problem(error.code, error.detail, delay_seconds=error.delay_seconds)
    if isinstance(error, ManifestError):
        return make_problem(ErrorCode.INVALID_INPUT, str(error), errors=error.errors)
    if is_outage(error):
        return make_problem(
            ErrorCode.UNAVAILABLE,
            "the database cannot be reached or is busy; nothing was lost",
            hint="send the same request again, with the same Idempotency-Key where it makes "
            "something",
            delay_seconds=_OUTAGE_DELAY_SECONDS,
        )
    if isinstance(error, IntegrityError):
        return _integrity_problem(error)
    if isinstance(error, DBAPIError) and (sqlstate(error) or "").startswith("22"):
        # Class 22 is a data exception: U+0000 in a name, a number out of range.
        return make_problem(
            ErrorCode.INVALID_INPUT,
            "the request holds a value that cannot be stored",
            hint="remove control characters and very large numbers",
        )
    return make_problem(
        ErrorCode.INTERNAL,
        "the server failed to carry out the request",
        hint="report this with the request id",
    )


def make_problem(
    code: ErrorCode,
    detail: str,
    *,
    fqn: str | None = None,
    hint: str | None = None,
    verb: str | None = None,
    errors: Sequence[FieldError] = (),
    delay_seconds: float | None = None,
) -> Problem:
    """A problem with the title and status of its code and this request's id."""
    return Problem(
        title=_TITLES[code],
        status=problem_status(code),
        detail=detail,
        code=code,
        fqn=fqn,
        verb=verb,
        hint=hint,
        errors=list(errors),
        request_id=get_contextvars().get("request_id"),
        retry_after_seconds=delay_seconds,
    )


def problem_response(problem: Problem) -> Response:
    """The HTTP answer, with Retry-After and WWW-Authenticate where they belong."""
    headers: dict[str, str] = {}
    if problem.retry_after_seconds is not None:
        headers["Retry-After"] = str(math.ceil(problem.retry_after_seconds))
    if problem.code is ErrorCode.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = 'Bearer realm="splitplane"'
    return Response(
        problem.model_dump_json(exclude_none=True),
        problem.status,
        headers,
        MEDIA_TYPE,
    )


def install_handlers(app: FastAPI) -> None:
    """Every error of the application becomes a problem document."""

    async def on_error(_request: Request, error: Exception) -> Response:
        problem = to_problem(error)
        if problem.code is ErrorCode.UNAVAILABLE:
            log.warning("unavailable", error=repr(error)[:500])
        return problem_response(problem)

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        response = problem_response(_http_problem(request, error))
        response.headers.update(error.headers or {})
        return response

    async def on_validation(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return problem_response(_validation_problem(error))

    for kind in (ControlPlaneError, ManifestError, SQLAlchemyError, asyncpg.PostgresError, OSError):
        app.add_exception_handler(kind, on_error)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_validation)


def _http_problem(request: Request, error: HTTPException) -> Problem:
    code = _CODES.get(error.status_code, ErrorCode.INVALID_INPUT)
    if error.status_code >= 500 and code is ErrorCode.INVALID_INPUT:
        code = ErrorCode.INTERNAL
    details = {
        ErrorCode.NOT_FOUND: f"there is nothing at {request.url.path!r}",
        ErrorCode.METHOD_NOT_ALLOWED: f"{request.method} is not allowed at {request.url.path!r}",
    }
    hint = "see /api/v1/openapi.json for what there is" if code in details else None
    return make_problem(code, details.get(code, str(error.detail)), hint=hint)


def _validation_problem(error: RequestValidationError) -> Problem:
    fields: list[FieldError] = []
    for detail in error.errors():
        where, *path = detail["loc"]
        is_broken = detail["type"] == "json_invalid"
        name = "(body)" if is_broken else field_path(path) if path else f"({where})"
        context = detail.get("ctx", {})
        limits = [
            f"{words} {context[key]}"
            for key, words in (("ge", "at least"), ("le", "at most"), ("expected", "one of"))
            if key in context
        ]
        message = str(detail["msg"]).removeprefix("Value error, ")
        is_unknown = detail["type"] == "extra_forbidden"
        fields.append(
            FieldError(
                field=name,
                value=_shown(detail.get("input")),
                message=f"unknown field {name!r}"
                if is_unknown
                else message[:1].lower() + message[1:],
                allowed=" and ".join(limits) or None,
                hint="remove it" if is_unknown else None,
            )
        )
    text = "; ".join(f"{field.field}: {field.message}" for field in fields)
    return make_problem(ErrorCode.INVALID_INPUT, text, errors=fields)


def _integrity_problem(error: DBAPIError) -> Problem:
    """Two requests met: the database's rule held where our check had been too early."""
    log.info("integrity", constraint=violated_constraint(error))
    return make_problem(
        ErrorCode.STALE,
        "another request changed what this one refers to",
        hint="read again and repeat the request",
    )


def _shown(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)[:256]
