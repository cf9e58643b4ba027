"""Numbers of the hub and the delivery worker for `/metrics`."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

SESSIONS: Final = Gauge(
    "splitplane_agent_sessions", "Control sockets that are open on this replica."
)
ENROLMENTS: Final = Counter(
    "splitplane_agent_enrolments_total", "Enrolments by outcome.", ["outcome"]
)
SESSIONS_CLOSED: Final = Counter(
    "splitplane_agent_sessions_closed_total", "Ended sessions by close code.", ["code"]
)
STATE_FRAMES: Final = Counter(
    "splitplane_state_frames_total", "State frames that were committed.", ["outcome"]
)
STATE_ITEMS: Final = Counter("splitplane_state_items_total", "Live objects that were written.")
COMMANDS: Final = Counter(
    "splitplane_commands_total", "Commands that reached a state.", ["kind", "state"]
)
OPEN_COMMANDS: Final = Gauge(
    "splitplane_open_commands", "Commands without a result, counted every 5 s.", ["state"]
)
RECONCILE_SECONDS: Final = Histogram(
    "splitplane_reconcile_seconds", "Time to reconcile one object.", ["kind"]
)
