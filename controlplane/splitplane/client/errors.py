"""Errors of the client, split by what the caller should do.

ApiError                 base; `problem` is the server's problem document, None when it sent none
├── InvalidInput         fix the input; `problem.errors` names each field (422, 413, 400)
├── Refused              sign in or ask for a right (401, 403)
├── NotFound             check the name (404)
├── Conflict             look at the state first (409)
│   └── AlreadyExists    choose another name or adopt the object
├── RetryLater           try again after `delay_seconds` (429, 503)
│   └── Unreachable      the server did not answer: check endpoint and network
├── NotConfigured        no endpoint or a broken login file: `splitplane login`
└── Broken               a bug or a foreign peer: report it with the request id
"""

from __future__ import annotations

from typing import Any

from splitplane.contract.errors import ErrorCode, FieldError, Problem


class ApiError(Exception):
    """A request that did not succeed."""

    def __init__(self, message: str, *, problem: Problem | None = None) -> None:
        """Keeps the message for people and the problem document for machines."""
        super().__init__(message)
        self.problem = problem
        self.was_repeated = False
        """Whether an earlier try of the request may have reached the server."""


class InvalidInput(ApiError):
    """The input has wrong fields; sending it again cannot help."""


class Refused(ApiError):
    """The credential is missing, not valid, or lacks a permission."""


class NotFound(ApiError):
    """No such object, or one that the caller may not see."""


class Conflict(ApiError):
    """The object's state does not allow it: stale, in use or not connected."""


class AlreadyExists(Conflict):
    """The name is taken."""


class RetryLater(ApiError):
    """The server cannot answer now."""

    def __init__(
        self, message: str, *, problem: Problem | None = None, delay_seconds: float = 5.0
    ) -> None:
        """Keeps after how many seconds it is worth another try."""
        super().__init__(message, problem=problem)
        self.delay_seconds = delay_seconds


class Unreachable(RetryLater):
    """No answer: name, port, TLS or network."""


class NotConfigured(ApiError):
    """There is no endpoint or the login file cannot be used."""


class Broken(ApiError):
    """The server failed, or what answered is not a Splitplane control plane."""


_BY_CODE: dict[ErrorCode, type[ApiError]] = {
    ErrorCode.INVALID_INPUT: InvalidInput,
    ErrorCode.IMMUTABLE: InvalidInput,
    ErrorCode.TOO_LARGE: InvalidInput,
    ErrorCode.UNAUTHENTICATED: Refused,
    ErrorCode.FORBIDDEN: Refused,
    ErrorCode.JOIN_TOKEN_REFUSED: Refused,
    ErrorCode.NOT_FOUND: NotFound,
    ErrorCode.ALREADY_EXISTS: AlreadyExists,
    ErrorCode.RATE_LIMITED: RetryLater,
    ErrorCode.UNAVAILABLE: RetryLater,
    ErrorCode.INTERNAL: Broken,
    ErrorCode.METHOD_NOT_ALLOWED: Broken,
}
_BY_STATUS: dict[int, type[ApiError]] = {
    400: InvalidInput,
    401: Refused,
    403: Refused,
    404: NotFound,
    409: Conflict,
    413: InvalidInput,
    422: InvalidInput,
    429: RetryLater,
    502: RetryLater,
    503: RetryLater,
    504: RetryLater,
}


def error_from_problem(problem: Problem, *, delay_seconds: float | None = None) -> ApiError:
    """The error that stands for the problem document."""
    kind = _BY_CODE.get(problem.code, _BY_STATUS.get(problem.status, Broken))
    message = describe_problem(problem)
    if issubclass(kind, RetryLater):
        delay = delay_seconds or problem.retry_after_seconds or 5.0
        return kind(message, problem=problem, delay_seconds=delay)
    return kind(message, problem=problem)


def error_from_status(
    status: int, *, endpoint: str, text: str, delay_seconds: float | None = None
) -> ApiError:
    """The error for an answer that carries no problem document."""
    kind = _BY_STATUS.get(status, Broken)
    message = f"{endpoint} answered {status} without a problem document: {text[:256]!r}"
    if issubclass(kind, RetryLater):
        return kind(message, delay_seconds=delay_seconds or 5.0)
    if kind is NotFound:
        return Broken(f"{message}; is this the address of a Splitplane control plane?")
    return kind(message)


def describe_problem(problem: Problem) -> str:
    """The problem in one line for people: what, where, and what to do."""
    parts = [problem.detail.rstrip(".")]
    parts += [describe_field(error) for error in problem.errors]
    if problem.hint:
        parts.append(problem.hint)
    if problem.code is ErrorCode.INTERNAL and problem.request_id:
        parts.append(f"report it with request id {problem.request_id}")
    return "; ".join(parts)


def describe_field(error: FieldError) -> str:
    """One wrong field in one line."""
    value: Any = error.value  # Any: JSON
    text = f"{error.field}: {error.message}"
    if value is not None and repr(value) not in error.message:
        text += f" (got {value!r})"
    if error.allowed:
        text += f"; allowed: {error.allowed}"
    if error.hint:
        text += f"; {error.hint}"
    return text
