"""Rate limits in memory: for guesses at one-time codes, each replica counts its own."""

from __future__ import annotations

import time
from collections import deque
from typing import Final

from splitplane.contract.errors import ErrorCode
from splitplane.controlplane.errors import RetryLater

SIGN_IN_LIMIT: Final = 5
"""Attempts a minute and address (ASVS 5.0 section 6.3); a code has 100 random bits anyway."""

_WINDOW_SECONDS: Final = 60.0
# Addresses remembered at most; the oldest are forgotten first.
_MAX_KEYS: Final = 10_000


class RateLimit:
    """At most `limit` calls a minute for each key."""

    def __init__(self, limit: int) -> None:
        """Starts empty."""
        self._limit = limit
        self._calls: dict[str, deque[float]] = {}

    def check(self, key: str) -> None:
        """Counts one call; raises RetryLater with the code `rate_limited` above the limit."""
        now = time.monotonic()
        calls = self._calls.pop(key, deque())
        while calls and calls[0] <= now - _WINDOW_SECONDS:
            calls.popleft()
        self._calls[key] = calls
        while len(self._calls) > _MAX_KEYS:
            del self._calls[next(iter(self._calls))]
        if len(calls) >= self._limit:
            raise RetryLater(
                f"more than {self._limit} attempts in a minute",
                delay_seconds=max(calls[0] + _WINDOW_SECONDS - now, 1.0),
                code=ErrorCode.RATE_LIMITED,
            )
        calls.append(now)
