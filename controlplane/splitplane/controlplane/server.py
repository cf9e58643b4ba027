"""The HTTP server around the application: announces itself, keeps its database, ends cleanly.

Imported only when a server starts (see main.py), since half of a start is this import.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from typing import Final

import structlog
import uvicorn

from splitplane.controlplane.app import create_app
from splitplane.controlplane.db import make_engine, make_sessions
from splitplane.controlplane.errors import StartError
from splitplane.controlplane.hub.sessions import drain
from splitplane.controlplane.identity.bootstrap import (
    find_admin,
    has_signed_in,
    issue_signin_code,
)
from splitplane.controlplane.migrate import current_revision
from splitplane.controlplane.postgres import EmbeddedPostgres
from splitplane.controlplane.settings import Settings
from splitplane.controlplane.state import AppState

# Requests that run on longer are cut: deliveries and agents go on by themselves after a restart.
_GRACE_SECONDS: Final = 10
_CHECK_SECONDS: Final = 1.0

log = structlog.get_logger(__name__)

Say = Callable[[str], None]


async def run(settings: Settings, postgres: EmbeddedPostgres | None, say: Say) -> None:
    """Serves until a signal comes.

    Args:
        settings: the server's settings.
        postgres: the embedded database; None when the settings name one.
        say: receives the lines for people.

    Raises:
        StartError: it cannot start as it is configured; the log says why.
    """
    url = settings.database_url or (postgres.url if postgres else "")
    app = create_app(settings, url)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http="httptools",
        ws="websockets-sansio",
        log_config=None,
        access_log=False,
        lifespan="on",
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        # Agents send heartbeats of their own; a frame is at most 256 KiB.
        ws_ping_interval=None,
        ws_max_size=1024 * 1024,
        ws_per_message_deflate=False,
    )
    server = _Server(config, app.state.core, say)
    keeper = asyncio.create_task(_keep_postgres(postgres)) if postgres else None
    try:
        await server.serve()
    finally:
        if keeper is not None:
            keeper.cancel()
    if not server.started:
        raise StartError("the server did not start; the log above says why")


async def make_sign_in_code(settings: Settings) -> str:
    """A new one-time code for the first administrator; older ones stop working.

    Raises:
        StartError: the database is not running, or no server has ever started on it.
    """
    url = settings.database_url or EmbeddedPostgres.find_running(settings.state_dir)
    engine = make_engine(
        url, pool_size=1, statement_timeout_seconds=settings.statement_timeout_seconds
    )
    try:
        if await current_revision(engine) is None:
            raise StartError("the database is empty: start the server once")
        async with make_sessions(engine).begin() as session:
            admin = await find_admin(session, settings.tenant)
            if admin is None:
                raise StartError(f"tenant {settings.tenant!r} has no administrator")
            return await issue_signin_code(session, admin)
    finally:
        await engine.dispose()


class _Server(uvicorn.Server):
    """Says where it listens once it does."""

    def __init__(self, config: uvicorn.Config, state: AppState, say: Say) -> None:
        super().__init__(config)
        self._state = state
        self._settings = state.settings
        self._say = say

    async def startup(self, sockets: Sequence[socket.socket] | None = None) -> None:
        """Binds, then announces; nothing is announced when binding failed."""
        await super().startup(list(sockets) if sockets is not None else None)
        if self.started:
            await self._announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Agents are told when to come back before their sockets are closed."""
        await drain(self._state)
        await super().shutdown(sockets)

    async def _announce(self) -> None:
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        url = self._settings.public_url or f"http://{host}:{port}"
        self._say(f"control plane: {url}")
        if "api" not in self._settings.roles:
            return
        async with self._state.sessions.begin() as session:
            admin = await find_admin(session, self._settings.tenant)
            if admin is None or await has_signed_in(session, admin):
                return
            code = await issue_signin_code(session, admin)
        self._say(f"sign in as {admin.name} with the one-time code {code} (valid for one hour)")


async def _keep_postgres(postgres: EmbeddedPostgres) -> None:
    """The embedded server is started again when it dies; requests meanwhile get 503."""
    while True:
        await asyncio.sleep(_CHECK_SECONDS)
        if not postgres.is_running():
            log.error("embedded database died; starting it again")
            try:
                await asyncio.to_thread(postgres.launch)
            except StartError as error:
                log.error("embedded database did not start", error=str(error))
