"""How long to wait before the next attempt to reach the hub: full jitter, 1 s to 60 s."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

FIRST_SECONDS: Final = 1.0
LONGEST_SECONDS: Final = 60.0
STABLE_SECONDS: Final = 60.0
"""A session must have lasted so long for the next wait to start small again; otherwise a hub that
accepts and drops everybody would be stormed."""


class Backoff:
    """Waits that double up to the longest, each random between 0 and its cap."""

    def __init__(
        self,
        choose: Callable[[float, float], float] = random.uniform,
        *,
        longest_seconds: float = LONGEST_SECONDS,
    ) -> None:
        """No failure yet; no wait is longer than `longest_seconds`."""
        self._choose = choose
        self._longest_seconds = longest_seconds
        self._failures = 0

    def after_session(self, lasted_seconds: float, spread_seconds: float) -> float:
        """The wait after an open session was lost: random within the hub's spread."""
        if lasted_seconds >= STABLE_SECONDS:
            self._failures = 0
            return self._choose(0.0, min(self._longest_seconds, spread_seconds))
        return self.after_failure()

    def after_failure(self) -> float:
        """The wait after an attempt that did not lead to a session."""
        cap = min(self._longest_seconds, FIRST_SECONDS * 2.0 ** min(self._failures, 10))
        self._failures += 1
        return self._choose(0.0, cap)
