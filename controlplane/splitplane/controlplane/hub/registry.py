"""The control sockets that this replica holds, by cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import Protocol


class Connection(Protocol):
    """One open session, as the loops that serve all sessions see it."""

    @property
    def generation(self) -> int:
        """Generation of the session."""
        ...

    @property
    def last_seen_at(self) -> datetime:
        """Time of the newest frame."""
        ...

    def wake(self) -> None:
        """There may be new commands to send."""
        ...

    def end(self, close_code: int, reason: str) -> None:
        """Closes the socket soon."""
        ...

    def drain(self, delay_seconds: float) -> None:
        """Tells the agent to come back after the delay, and closes the socket soon."""
        ...


class SessionRegistry:
    """At most one session for each cluster; a newer one takes the place of an older one."""

    def __init__(self) -> None:
        """No session yet."""
        self._by_cluster: dict[str, Connection] = {}
        self._is_empty = asyncio.Event()
        self._is_empty.set()
        self.is_draining = False

    def __len__(self) -> int:
        return len(self._by_cluster)

    def add(self, cluster_id: str, connection: Connection) -> Connection | None:
        """Registers the session; the one that it replaces."""
        replaced = self._by_cluster.get(cluster_id)
        self._by_cluster[cluster_id] = connection
        self._is_empty.clear()
        return replaced

    def remove(self, cluster_id: str, connection: Connection) -> None:
        """Forgets the session, unless a newer one is registered."""
        if self._by_cluster.get(cluster_id) is connection:
            del self._by_cluster[cluster_id]
        if not self._by_cluster:
            self._is_empty.set()

    async def wait_until_empty(self) -> None:
        """Returns when no session is left."""
        await self._is_empty.wait()

    def find(self, cluster_id: str) -> Connection | None:
        """The cluster's session on this replica."""
        return self._by_cluster.get(cluster_id)

    def items(self) -> list[tuple[str, Connection]]:
        """All sessions, as a copy."""
        return list(self._by_cluster.items())

    def wake(self, cluster_ids: Iterable[str]) -> None:
        """Wakes the sessions of these clusters that are here."""
        for cluster_id in cluster_ids:
            connection = self._by_cluster.get(cluster_id)
            if connection is not None:
                connection.wake()
