"""What every part of the running server shares; handed down, never global."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncEngine

from splitplane.controlplane.db import Sessions
from splitplane.controlplane.hub.registry import SessionRegistry
from splitplane.controlplane.settings import Settings
from splitplane.controlplane.wakeups import Wakeups


@dataclass(frozen=True)
class AppState:
    """The server's parts; on the application as `app.state.core`.

    Attributes:
        settings: read once at start.
        engine: connections to the database.
        sessions: `async with sessions.begin() as session` is one transaction.
        wakeups: how to wake the loops of workers and hub.
        hub: the agents' control sockets that this process holds.
    """

    settings: Settings
    engine: AsyncEngine
    sessions: Sessions
    wakeups: Wakeups = field(default_factory=Wakeups)
    hub: SessionRegistry = field(default_factory=SessionRegistry)
