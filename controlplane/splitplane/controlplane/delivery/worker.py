"""The worker: brings every application and workspace that is due one step further.

Level-triggered: it looks at what is wanted and what is known, never at what changed. So a worker
that is killed at any point is replaced by the next one without a trace.
"""

from __future__ import annotations

import asyncio
import time
from typing import Final

import structlog
from sqlalchemy.exc import IntegrityError

from splitplane.controlplane.db import is_outage
from splitplane.controlplane.delivery.claims import LEASE, Claim, claim_next, drop_claims
from splitplane.controlplane.delivery.deploy import carry_out
from splitplane.controlplane.delivery.namespaces import reconcile_workspace
from splitplane.controlplane.delivery.plan import plan_deployment
from splitplane.controlplane.delivery.removal import remove_application
from splitplane.controlplane.delivery.snapshot import load
from splitplane.controlplane.hub import metrics
from splitplane.controlplane.hub.enrolment import ensure_signing_key
from splitplane.controlplane.signing import CommandSigner
from splitplane.controlplane.state import AppState
from splitplane.controlplane.tables import Application, Workspace

LOOPS: Final = 4
"""Rows worked on at once; each holds one connection of the pool at a time."""

POLL_SECONDS: Final = 5.0
"""Longest delay after a lost wake-up or of a retry that has become due."""

SIGNING_KEY_FILE: Final = "signing.pem"

_RETRY_SECONDS: Final = 1.0

_log = structlog.get_logger(__name__)


async def run_worker(state: AppState) -> None:
    """Runs until cancelled."""
    path = state.settings.state_dir / SIGNING_KEY_FILE
    signer = await asyncio.to_thread(CommandSigner.load_or_create, path)
    await _prepare(state, signer)
    async with asyncio.TaskGroup() as group:
        for _ in range(LOOPS):
            group.create_task(_loop(state, signer))


async def work_once(state: AppState, signer: CommandSigner) -> bool:
    """Brings the row that is due longest one step further; False when none is due."""
    async with state.sessions.begin() as session:
        claim = await claim_next(session, Application, owner=state.settings.replica)
        if claim is None:
            claim = await claim_next(session, Workspace, owner=state.settings.replica)
    if claim is None:
        return False
    started = time.perf_counter()
    kind = "application" if claim.table is Application else "workspace"
    try:
        is_given = await _reconcile_in_lease(state, signer, claim)
    except IntegrityError:
        # Another worker gave the command while this one's lease had run out: look again.
        _log.warning("command existed already", object_id=claim.object_id)
        return True
    if is_given:
        state.wakeups.notify("commands")
    metrics.RECONCILE_SECONDS.labels(kind).observe(time.perf_counter() - started)
    return True


async def _reconcile_in_lease(state: AppState, signer: CommandSigner, claim: Claim) -> bool:
    """One step; an outage of the database is waited out as long as the claim holds.

    Given up at once, the row would wait for the end of its lease, long after the outage.
    """
    deadline = time.monotonic() + LEASE.total_seconds()
    while True:
        try:
            return await _reconcile(state, signer, claim)
        except Exception as error:
            if not is_outage(error) or time.monotonic() > deadline:
                raise
            _log.warning("row waits for the database", error=str(error)[:256])
            await asyncio.sleep(_RETRY_SECONDS)


async def _reconcile(state: AppState, signer: CommandSigner, claim: Claim) -> bool:
    """One step; whether there is a new command."""
    if claim.table is Workspace:
        async with state.sessions.begin() as session:
            return await reconcile_workspace(
                session, claim, signer, control_plane_url=state.settings.url
            )
    async with state.sessions() as session:
        loaded = await load(session, claim.object_id, control_plane_url=state.settings.url)
    if loaded is None:
        return False
    if loaded.application.is_deleting or loaded.snapshot is None:
        async with state.sessions.begin() as session:
            return await remove_application(session, claim, signer)
    plan = plan_deployment(loaded.snapshot)
    async with state.sessions.begin() as session:
        return await carry_out(session, claim, loaded, plan, signer)


async def _loop(state: AppState, signer: CommandSigner) -> None:
    while True:
        try:
            if not await work_once(state, signer):
                await state.wakeups.wait("applications", POLL_SECONDS)
        except Exception as error:
            # One bad row must not stop the others: its lease runs out, then it is tried again.
            if is_outage(error):
                _log.warning("worker waits for the database", error=str(error)[:256])
            else:
                _log.error("row could not be worked on", exc_info=error)
            await asyncio.sleep(_RETRY_SECONDS)


async def _prepare(state: AppState, signer: CommandSigner) -> None:
    """The public key is on record before the first command is signed; dead claims are dropped."""
    while True:
        try:
            await ensure_signing_key(state.sessions, signer)
            if state.settings.database_url is None:
                # The embedded database has one owner, so whoever claimed a row is dead. Elsewhere
                # it may be another replica, and the claim has to run out.
                async with state.sessions.begin() as session:
                    await drop_claims(session)
        except Exception as error:
            if not is_outage(error):
                raise
            _log.warning("worker waits for the database", error=str(error)[:256])
            await asyncio.sleep(_RETRY_SECONDS)
        else:
            return
