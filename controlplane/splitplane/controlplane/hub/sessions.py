"""The loops that serve all sessions of this replica: new commands, leases, housekeeping.

Commands are rows; a wake-up only makes them go out sooner. A lost notification costs one poll.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from splitplane.contract.frames import CLOSE_BLOCKED, CLOSE_REPLACED
from splitplane.controlplane.db import is_outage
from splitplane.controlplane.hub import commands, leases, metrics
from splitplane.controlplane.hub.live import TOMBSTONE_LIFETIME
from splitplane.controlplane.hub.protocol import spread_seconds
from splitplane.controlplane.state import AppState
from splitplane.controlplane.tables import Agent, Command, LiveObject

POLL_SECONDS: Final = 5.0
"""Longest delay of a command whose notification was lost."""

HOUSEKEEPING_SECONDS: Final = 5.0
"""Longest time for which a lapsed session still counts as connected."""

DRAIN_SECONDS: Final = 3.0
"""Longest wait for the sockets' end: their rows are written by then, or lapse by themselves."""

_RETRY_SECONDS: Final = 1.0

_log = structlog.get_logger(__name__)


async def run_hub(state: AppState) -> None:
    """Runs until cancelled; then every agent is told to come back, at different times."""
    state.hub.is_draining = False
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_forever(state, "dispatch", dispatch, pause_seconds=0.0))
            group.create_task(_forever(state, "renewal", renew, pause_seconds=leases.RENEW_SECONDS))
            group.create_task(
                _forever(state, "housekeeping", clean, pause_seconds=HOUSEKEEPING_SECONDS)
            )
    except asyncio.CancelledError:
        await drain(state)
        raise


async def drain(state: AppState) -> None:
    """Tells every agent when to come back, and takes none until then; waits for the sockets' end.

    Call it before the server closes its connections, so that each agent hears its own delay.
    """
    state.hub.is_draining = True
    held = state.hub.items()
    spread = spread_seconds(len(held))
    for _, connection in held:
        # Only spreads load, so a guessable number is good enough.
        connection.drain(random.uniform(0.2, spread))  # noqa: S311
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            await state.hub.wait_until_empty()


async def dispatch(state: AppState) -> None:
    """Waits for new commands, and wakes the sessions of the clusters that have some."""
    await state.wakeups.wait("commands", POLL_SECONDS)
    if not len(state.hub):
        return
    async with state.sessions() as session:
        waiting = await session.scalars(
            select(Command.cluster_id).where(Command.state == "queued").distinct()
        )
    state.hub.wake(waiting)


async def renew(state: AppState) -> None:
    """Renews the leases of all sessions here; those that were replaced elsewhere end."""
    held = [
        (cluster_id, connection.generation, connection.last_seen_at)
        for cluster_id, connection in state.hub.items()
    ]
    async with state.sessions.begin() as session:
        kept = await leases.renew_sessions(session, held)
        lost = [
            (cluster_id, generation) for cluster_id, generation, _ in held if cluster_id not in kept
        ]
        enrolled = await _enrolled(session, [cluster_id for cluster_id, _ in lost])
    for cluster_id, generation in lost:
        connection = state.hub.find(cluster_id)
        if connection is None or connection.generation != generation:
            continue
        if cluster_id in enrolled:
            connection.end(CLOSE_REPLACED, "a newer session took over")
        else:
            connection.end(CLOSE_BLOCKED, "the cluster was removed")


async def clean(state: AppState) -> None:
    """Ends lapsed sessions, expires commands, drops old tombstones, and counts open commands."""
    async with state.sessions.begin() as session:
        for cluster_id in await leases.lapse_sessions(session):
            _log.info("session lapsed", cluster_id=cluster_id)
        expired = await session.scalars(
            select(Command.cluster_id)
            .where(Command.state.in_(commands.OPEN_STATES), Command.expires_at <= func.now())
            .distinct()
        )
        clusters = list(expired)
        if clusters:
            await commands.expire_commands(session, cluster_ids=clusters)
        await session.execute(
            delete(LiveObject).where(LiveObject.deleted_at < func.now() - TOMBSTONE_LIFETIME)
        )
        await commands.clear_specs(session)
        counts = await session.execute(
            select(Command.state, func.count())
            .where(Command.state.in_(commands.OPEN_STATES))
            .group_by(Command.state)
        )
        by_state: dict[str, int] = dict(counts.all())
    for name in commands.OPEN_STATES:
        metrics.OPEN_COMMANDS.labels(name).set(by_state.get(name, 0))
    if clusters:
        state.wakeups.notify("applications")


async def _enrolled(session: AsyncSession, clusters: list[str]) -> set[str]:
    if not clusters:
        return set()
    return set(
        await session.scalars(select(Agent.cluster_id).where(Agent.cluster_id.in_(clusters)))
    )


async def _forever(
    state: AppState,
    name: str,
    step: Callable[[AppState], Awaitable[None]],
    *,
    pause_seconds: float,
) -> None:
    """Repeats the step; an outage of the database is waited out, a bug ends the process."""
    while True:
        try:
            await step(state)
        except Exception as error:
            if not is_outage(error):
                raise
            _log.warning("hub loop waits for the database", loop=name, error=str(error)[:256])
            await asyncio.sleep(_RETRY_SECONDS)
        await asyncio.sleep(pause_seconds)
