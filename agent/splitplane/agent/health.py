"""Whether the process is alive: a loop that answers and a tunnel that makes progress.

Every step of the tunnel has a bound (connecting, a silent session, a wait), so it says by when it
will have moved on. A process that misses that, or whose event loop hangs, is to be restarted.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

MAX_LAG_SECONDS: Final = 10.0
"""A loop that runs so late does not serve its watches and heartbeats."""
GRACE_SECONDS: Final = 60.0
"""Added to the tunnel's own bounds before it counts as stuck."""
TICK_SECONDS: Final = 1.0


@dataclass
class Health:
    """Facts that the status server shows.

    Attributes:
        clock: monotonic seconds.
        lag_seconds: how late the last tick of the event loop was.
        ticked_at: when it last ticked.
        moves_by: time by which the tunnel makes its next step.
        is_connected: whether a session is open.
        connected_since: when it was opened.
    """

    clock: Callable[[], float] = time.monotonic
    lag_seconds: float = 0.0
    ticked_at: float = 0.0
    moves_by: float = 0.0
    is_connected: bool = False
    connected_since: float = 0.0

    def __post_init__(self) -> None:
        self.ticked_at = self.moves_by = self.clock()

    def expect_step(self, within_seconds: float) -> None:
        """The tunnel will make its next step within so many seconds."""
        self.moves_by = self.clock() + within_seconds

    def problems(self) -> list[str]:
        """Why the process should be restarted; empty when it is well."""
        now = self.clock()
        found: list[str] = []
        lag = max(self.lag_seconds, now - self.ticked_at - TICK_SECONDS)
        if lag > MAX_LAG_SECONDS:
            found.append(f"event loop is {lag:.1f} s late")
        if now > self.moves_by + GRACE_SECONDS:
            found.append(f"tunnel has not moved for {now - self.moves_by:.0f} s longer than it may")
        return found

    async def run(self) -> None:
        """Measures the event loop until it is cancelled."""
        while True:
            before = self.clock()
            await asyncio.sleep(TICK_SECONDS)
            self.ticked_at = self.clock()
            self.lag_seconds = max(0.0, self.ticked_at - before - TICK_SECONDS)
