"""Error codes and the problem document (RFC 9457) that every error of the API is.

code                        status  what the caller should do
invalid_input               422     fix the fields named in `errors`
immutable                   422     make a new object instead
unauthenticated             401     sign in or send a valid token
forbidden                   403     ask somebody who may grant `verb`
not_found                   404     check the name; also the answer where it may not be read
already_exists              409     choose another name, or adopt the existing object
idempotency_key_reused      409     use a new key, or the object that the key made
stale                       409     read again and repeat the change
in_use                      409     remove what uses it first
not_connected               409     connect the cluster's agent first
join_token_refused          403     make a new join token
too_large                   413     send less
method_not_allowed          405     see the OpenAPI document
rate_limited                429     retry after `retry_after_seconds`
unavailable                 503     retry after `retry_after_seconds`
internal                    500     report the bug with `request_id`
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field

from splitplane.contract.base import PeerModel


class ErrorCode(StrEnum):
    """Stable machine-readable codes; see the module's table."""

    INVALID_INPUT = "invalid_input"
    IMMUTABLE = "immutable"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    ALREADY_EXISTS = "already_exists"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"
    STALE = "stale"
    IN_USE = "in_use"
    NOT_CONNECTED = "not_connected"
    JOIN_TOKEN_REFUSED = "join_token_refused"  # noqa: S105 - a code, not a credential
    TOO_LARGE = "too_large"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


_STATUS: dict[ErrorCode, int] = {
    ErrorCode.INVALID_INPUT: 422,
    ErrorCode.IMMUTABLE: 422,
    ErrorCode.UNAUTHENTICATED: 401,
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.ALREADY_EXISTS: 409,
    ErrorCode.IDEMPOTENCY_KEY_REUSED: 409,
    ErrorCode.STALE: 409,
    ErrorCode.IN_USE: 409,
    ErrorCode.NOT_CONNECTED: 409,
    ErrorCode.JOIN_TOKEN_REFUSED: 403,
    ErrorCode.TOO_LARGE: 413,
    ErrorCode.METHOD_NOT_ALLOWED: 405,
    ErrorCode.RATE_LIMITED: 429,
    ErrorCode.UNAVAILABLE: 503,
    ErrorCode.INTERNAL: 500,
}


def problem_status(code: ErrorCode) -> int:
    """The HTTP status that goes with `code`."""
    return _STATUS[code]


class FieldError(PeerModel):
    """One wrong field of the input."""

    field: str
    """Path of the field, `resources.cpu_millicores` or `ports[0].port`."""
    value: Any = None
    """The value that was sent; null when it was missing, `[secret]` when it must not be
    repeated."""
    message: str
    """What is wrong, in the user's words."""
    allowed: str | None = None
    """What is allowed there."""
    hint: str | None = None
    """What to do."""


class Problem(PeerModel):
    """RFC 9457 problem document, content type `application/problem+json`."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: ErrorCode
    fqn: str | None = None
    """The object that the error is about."""
    verb: str | None = None
    """The missing permission, with `forbidden`."""
    hint: str | None = None
    """What to do next."""
    errors: list[FieldError] = Field(default_factory=list[FieldError])
    request_id: str | None = None
    retry_after_seconds: float | None = None
