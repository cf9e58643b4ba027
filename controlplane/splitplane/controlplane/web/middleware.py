"""Around every request, outside of all routers: ids, logs, limits, headers, and the last refusal.

Plain ASGI, because Starlette's base class runs the application in a second task per request.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any, Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, clear_contextvars

from splitplane.contract.errors import ErrorCode
from splitplane.contract.ids import uuid7
from splitplane.controlplane.permissions.access import Decisions
from splitplane.controlplane.permissions.declare import AGENT_PREFIX, declared_of
from splitplane.controlplane.web.problems import make_problem, problem_response, to_problem

_REQUEST_ID: Final = re.compile(rb"^[A-Za-z0-9._-]{1,64}$")
_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)

log = structlog.get_logger(__name__)

Observe = Callable[[str, str, int, float], None]
"""Called with method, route, status and seconds of each request."""


class Surround:
    """Request id, one log line, metrics, security headers, and errors that nobody handled."""

    def __init__(self, app: ASGIApp, observe: Observe) -> None:
        """Wraps the application."""
        self._app = app
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request; WebSockets pass through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        clear_contextvars()
        bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = list(message.get("headers", []))
                present = {name.lower() for name, _ in headers}
                headers += [pair for pair in _HEADERS if pair[0] not in present]
                headers.append((b"x-request-id", request_id.encode()))
                message = {**message, "headers": headers}
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:
            log.exception("request failed", path=scope["path"], error=repr(error)[:500])
            if status:
                raise
            await problem_response(to_problem(error))(scope, receive, send_with_headers)
        finally:
            self._finish(scope, status, time.perf_counter() - started)

    def _finish(self, scope: Scope, status: int, seconds: float) -> None:
        route = str(getattr(scope.get("route"), "path", "")) or "(none)"
        self._observe(scope["method"], route, status, seconds)
        write = log.debug if route in ("/healthz", "/readyz", "/metrics") else log.info
        write(
            "request",
            method=scope["method"],
            path=scope["path"],
            route=route,
            status=status,
            milliseconds=round(seconds * 1000, 1),
        )


class BodyLimit:
    """Refuses bodies above the limit, whether or not they say their length."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        """Wraps the application."""
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length) > self._max_bytes:
            await self._refuse(scope, receive, send)
            return
        seen = 0
        is_started = False

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._max_bytes:
                raise _TooLarge
            return message

        async def noted(message: Message) -> None:
            nonlocal is_started
            is_started = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except _TooLarge:
            if is_started:
                raise
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        problem = make_problem(
            ErrorCode.TOO_LARGE,
            f"the body is larger than {self._max_bytes} bytes",
            hint="send less at a time",
        )
        await problem_response(problem)(scope, receive, send)


class _TooLarge(Exception):
    pass


class DenyUndecided:
    """Turns a success into a refusal when the route's permission was never asked.

    A handler that forgets its check is a bug; this makes the bug harmless and loud.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wraps the application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        if scope["type"] != "http" or scope["path"].startswith(AGENT_PREFIX):
            await self._app(scope, receive, send)
            return
        is_refused = False

        async def guarded(message: Message) -> None:
            nonlocal is_refused
            if message["type"] == "http.response.start" and message["status"] < 400:
                is_refused = not _is_decided(scope)
                if is_refused:
                    log.error("no permission was asked", path=scope["path"])
                    problem = make_problem(
                        ErrorCode.INTERNAL,
                        "the server did not ask for a permission; nothing is shown",
                        hint="report this with the request id",
                    )
                    await problem_response(problem)(scope, receive, send)
            if not is_refused:
                await send(message)

        await self._app(scope, receive, guarded)


def _is_decided(scope: Scope) -> bool:
    endpoint = scope.get("endpoint")
    if endpoint is None:
        # Nothing matched: Starlette's own redirect for a slash too many.
        return True
    declared = declared_of(endpoint)
    if declared is None:
        return False
    if declared.mode == "public":
        return True
    state: dict[str, Any] = scope.get("state", {})  # Any: Starlette's
    decisions = state.get("decisions")
    if not isinstance(decisions, Decisions):
        return False
    return declared.mode == "self" or decisions.made


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.match(value):
            return str(value.decode())
    return uuid7()
