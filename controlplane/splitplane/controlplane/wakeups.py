"""Wake-ups: tell a waiting loop, here or in another replica, that there is something to do.

A wake-up carries no data and may be lost: every loop also polls, so a lost one costs one poll.
Other replicas hear it through one PostgreSQL channel, sent outside of business transactions and at
most 20 times a second, because NOTIFY takes a lock of the whole database at commit.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Final

import asyncpg
import structlog
from sqlalchemy import text
from sqlalchemy.engine import make_url

from splitplane.controlplane.db import Sessions

_CHANNEL: Final = "splitplane"
_SEND_INTERVAL_SECONDS: Final = 0.05
_RECONNECT_SECONDS: Final = 2.0

log = structlog.get_logger(__name__)


class Wakeups:
    """Named wake-ups; waiting and notifying are cheap and never block on the database."""

    def __init__(self) -> None:
        """Without `relay` the wake-ups stay in this process."""
        self._events: dict[str, asyncio.Event] = {}
        self._unsent: set[str] = set()
        self._has_unsent = asyncio.Event()

    def notify(self, name: str) -> None:
        """Everybody who waits for `name` goes on, here at once and elsewhere soon.

        Call it after commit: a woken loop must find the rows.
        """
        self._wake(name)
        self._unsent.add(name)
        self._has_unsent.set()

    async def wait(self, name: str, timeout_seconds: float) -> bool:
        """Waits until somebody notifies `name`; False when the time ran out first.

        A notification since the last wait counts, so none falls between two waits.
        """
        event = self._events.setdefault(name, asyncio.Event())
        try:
            await asyncio.wait_for(event.wait(), timeout_seconds)
        except TimeoutError:
            return False
        event.clear()
        return True

    async def relay(self, sessions: Sessions, database_url: str) -> None:
        """Carries wake-ups between this process and the others until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._send(sessions))
            group.create_task(self._listen(database_url))

    async def _send(self, sessions: Sessions) -> None:
        while True:
            await self._has_unsent.wait()
            self._has_unsent.clear()
            names, self._unsent = self._unsent, set()
            try:
                async with sessions.begin() as session:
                    for name in sorted(names):
                        await session.execute(
                            text("SELECT pg_notify(:channel, :name)"),
                            {"channel": _CHANNEL, "name": name},
                        )
            except Exception as error:  # a lost wake-up costs one poll
                log.debug("wake-up not sent", error=str(error))
            await asyncio.sleep(_SEND_INTERVAL_SECONDS)

    async def _listen(self, database_url: str) -> None:
        address = make_url(database_url).set(drivername="postgresql")
        while True:
            connection = None
            try:
                connection = await asyncpg.connect(address.render_as_string(hide_password=False))
                ended = asyncio.Event()
                connection.add_termination_listener(lambda *_, ended=ended: ended.set())
                await connection.add_listener(_CHANNEL, self._on_notification)
                await ended.wait()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.debug("not listening for wake-ups", error=str(error))
                await asyncio.sleep(_RECONNECT_SECONDS)
            finally:
                if connection is not None and not connection.is_closed():
                    with contextlib.suppress(Exception):
                        await connection.close(timeout=1)

    def _on_notification(self, *arguments: Any) -> None:  # Any: asyncpg has no stubs
        self._wake(str(arguments[-1]))

    def _wake(self, name: str) -> None:
        self._events.setdefault(name, asyncio.Event()).set()
