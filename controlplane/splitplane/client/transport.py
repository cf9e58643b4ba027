"""One request to the control plane: connection pool, retries, and errors in place of statuses.

Knows HTTP and nothing of the nouns. Safe to use from many threads.
"""

from __future__ import annotations

import random
import re
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from pydantic import ValidationError

from splitplane.client.errors import (
    ApiError,
    NotConfigured,
    Unreachable,
    error_from_problem,
    error_from_status,
)
from splitplane.client.lean import httpx
from splitplane.client.settings import is_loopback
from splitplane.contract.errors import Problem
from splitplane.contract.version import VERSION

RETRIED_STATUSES: Final = frozenset({429, 502, 503, 504})
_FIRST_DELAY_SECONDS: Final = 0.2
_LONGEST_DELAY_SECONDS: Final = 5.0
LONGEST_RETRY_AFTER_SECONDS: Final = 60.0
"""A server that asks for a longer pause gets an error instead: a person should decide to wait."""
MAX_CONNECTIONS: Final = 32
"""Parallel requests of one client; `pulumi up` has 16 resources in flight by default."""

# The form that Kubernetes uses too: 299, whoever warns, and a quoted text (RFC 7234, section 5.5).
_WARNING: Final = re.compile(r'^299 \S+ "([^"]+)"')
_LONGEST_WARNING: Final = 512

# The request never reached the server, so even a change may be sent again.
_NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True)
class Request:
    """A request and whether sending it twice is the same as sending it once."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    body: Any = None  # Any: JSON
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    is_idempotent: bool = False


@dataclass(frozen=True)
class Answer:
    """A successful answer; `was_repeated` when an earlier try may have reached the server."""

    status: int
    headers: Mapping[str, str]
    body: Any  # Any: JSON
    was_repeated: bool


class Transport:
    """Sends requests; raises an `ApiError` for everything but a 2xx."""

    def __init__(
        self,
        endpoint: str,
        token: str | None,
        *,
        ca_bundle: str | None = None,
        timeout_seconds: float,
        retries: int,
        wire: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        tell: Callable[[str, str], None] | None = None,
    ) -> None:
        """Opens nothing yet: connections are made by the first request."""
        self._tell = tell or _tell_nobody
        self.endpoint = endpoint
        self._retries = retries
        self._sleep = sleep
        self._random = random.Random()  # noqa: S311 - jitter, not a secret
        headers = {"user-agent": f"splitplane-client/{VERSION}", "accept": "application/json"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        self._http = httpx.Client(
            base_url=endpoint,
            headers=headers,
            timeout=httpx.Timeout(timeout_seconds, connect=min(10.0, timeout_seconds)),
            limits=httpx.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=16),
            verify=_tls(endpoint, ca_bundle),
            trust_env=not is_loopback(endpoint),
            transport=wire,
        )

    def close(self) -> None:
        """Closes the connections; the transport cannot be used afterwards."""
        self._http.close()

    def send(self, request: Request) -> Answer:
        """The answer; waits and repeats as far as that is safe.

        Raises:
            ApiError: of the kind that says what to do.
        """
        was_repeated = False
        for attempt in range(self._retries + 1):
            is_last = attempt == self._retries
            try:
                response = self._once(request)
            except httpx.TransportError as exc:
                is_safe = request.is_idempotent or isinstance(exc, _NEVER_SENT)
                if is_last or not is_safe:
                    raise self._unreachable(exc) from exc
                was_repeated = was_repeated or not isinstance(exc, _NEVER_SENT)
                self._wait(attempt, None, f"did not answer ({str(exc) or type(exc).__name__})")
                continue
            self._tell_warnings(response)
            if response.is_success:
                return Answer(response.status_code, response.headers, _json(response), was_repeated)
            asked = _retry_after(response)
            error = _error(self.endpoint, response, asked)
            if is_last or not _may_retry(request, response, asked):
                error.was_repeated = was_repeated
                raise error
            was_repeated = was_repeated or response.status_code != 429
            self._wait(attempt, asked, f"answered {response.status_code}")
        raise AssertionError("the last attempt returns or raises")

    def _wait(self, attempt: int, asked: float | None, reason: str) -> None:
        delay = self._delay(attempt, asked)
        number = f"{attempt + 1} of {self._retries}"
        self._tell("retry", f"control plane {reason}; trying again in {delay:.1f} s ({number})")
        self._sleep(delay)

    def _tell_warnings(self, response: httpx.Response) -> None:
        for value in response.headers.get_list("warning"):
            found = _WARNING.match(value)
            if found is not None:
                self._tell("warning", found[1][:_LONGEST_WARNING])

    def _once(self, request: Request) -> httpx.Response:
        return self._http.request(
            request.method,
            request.path,
            params=dict(request.query) or None,
            json=request.body,
            headers=dict(request.headers),
        )

    def _delay(self, attempt: int, asked: float | None) -> float:
        """Full jitter: many clients that fail together do not come back together."""
        ceiling = min(_LONGEST_DELAY_SECONDS, _FIRST_DELAY_SECONDS * 2**attempt)
        jitter = self._random.uniform(0, ceiling)
        return jitter if asked is None else asked + jitter

    def _unreachable(self, exc: httpx.TransportError) -> Unreachable:
        reason = str(exc) or type(exc).__name__
        if isinstance(exc, httpx.ConnectError) and "CERTIFICATE" in reason.upper():
            advice = "set SPLITPLANE_CA_BUNDLE to the certificate of your authority"
        elif is_loopback(self.endpoint):
            advice = "is it running? start it with `splitplane demo` or `splitplane server`"
        else:
            advice = "check the address, your network and proxy; `splitplane doctor` helps"
        return Unreachable(f"control plane {self.endpoint} did not answer ({reason}); {advice}")


def _tell_nobody(_kind: str, _text: str) -> None:
    """Nobody listens."""


def _may_retry(request: Request, response: httpx.Response, asked: float | None) -> bool:
    if response.status_code not in RETRIED_STATUSES:
        return False
    if asked is not None and asked > LONGEST_RETRY_AFTER_SECONDS:
        return False
    # 429 is answered before anything is done.
    return request.is_idempotent or response.status_code == 429


def _retry_after(response: httpx.Response) -> float | None:
    text = response.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    # Proxies may send the other form, a date (RFC 9110, section 10.2.3).
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _error(endpoint: str, response: httpx.Response, asked: float | None) -> ApiError:
    content_type = response.headers.get("content-type", "")
    if content_type.startswith("application/problem+json"):
        try:
            problem = Problem.model_validate_json(response.content)
        except ValidationError:
            pass
        else:
            return error_from_problem(problem, delay_seconds=asked)
    return error_from_status(
        response.status_code, endpoint=endpoint, text=response.text, delay_seconds=asked
    )


def _json(response: httpx.Response) -> Any:  # Any: JSON
    if not response.content:
        return None
    try:
        return response.json()
    except ValueError:
        return response.text


def _tls(endpoint: str, ca_bundle: str | None) -> ssl.SSLContext | bool:
    if ca_bundle is None:
        return endpoint.startswith("https://")
    try:
        return ssl.create_default_context(cafile=ca_bundle)
    except (OSError, ssl.SSLError) as exc:
        raise NotConfigured(f"CA bundle {ca_bundle!r} cannot be used: {exc}") from exc
