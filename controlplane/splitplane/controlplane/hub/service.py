"""One agent's socket: the protocol's actions carried out on the WebSocket and the database.

Frames of a session are handled one after the other, so that a slow database slows the agent down
instead of filling memory; heartbeats and commands have their own tasks.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from splitplane.contract import frames
from splitplane.contract.commands import CommandResult
from splitplane.contract.ids import is_id
from splitplane.contract.live import LIVE_KINDS
from splitplane.controlplane.db import Sessions, is_outage
from splitplane.controlplane.hub import commands, leases, live, metrics
from splitplane.controlplane.hub.protocol import (
    Action,
    Authenticate,
    Close,
    CommandFinished,
    CommandsAccepted,
    HubProtocol,
    KindsDirty,
    OpenSession,
    Phase,
    Send,
    StateReceived,
    spread_seconds,
)
from splitplane.controlplane.hub.registry import SessionRegistry

NONCE_BYTES: Final = 32

CLOSE_SECONDS: Final = 2.0
"""Time for the close frame to leave; the connection ends after that in any case."""

_log = structlog.get_logger(__name__)


class Wakes(Protocol):
    """The part of the process's wake-ups that sessions use."""

    def notify(self, name: str) -> None:
        """Wakes whoever waits for `name`."""
        ...


class AgentConnection:
    """One accepted WebSocket until its end."""

    def __init__(
        self,
        websocket: WebSocket,
        *,
        sessions: Sessions,
        registry: SessionRegistry,
        wakeups: Wakes,
        replica: str,
        address: str,
    ) -> None:
        """Nothing is sent yet."""
        self._websocket = websocket
        self._sessions = sessions
        self._registry = registry
        self._wakeups = wakeups
        self._replica = replica
        self._address = address
        nonce = base64.b64encode(secrets.token_bytes(NONCE_BYTES)).decode()
        self._protocol = HubProtocol(nonce=nonce, now=time.monotonic())
        self._agent: leases.AgentIdentity | None = None
        self._generation = 0
        self._capabilities: frozenset[str] = frozenset()
        self._resync_started: dict[str, datetime] = {}
        self._has_commands = asyncio.Event()
        self._wanted_end: asyncio.Future[list[Action]] = asyncio.get_running_loop().create_future()
        self._close_code = 0

    @property
    def generation(self) -> int:
        """Generation of the session; 0 before it is open."""
        return self._generation

    @property
    def last_seen_at(self) -> datetime:
        """Time of the newest frame."""
        silent = time.monotonic() - self._protocol.last_received
        return datetime.now(UTC) - timedelta(seconds=silent)

    def wake(self) -> None:
        """There may be new commands to send."""
        self._has_commands.set()

    def end(self, close_code: int, reason: str) -> None:
        """Closes the socket soon."""
        if not self._wanted_end.done():
            self._wanted_end.set_result(self._protocol.close(close_code, reason))

    def drain(self, delay_seconds: float) -> None:
        """Tells the agent to come back after the delay, and closes the socket soon."""
        if not self._wanted_end.done():
            self._wanted_end.set_result(self._protocol.drain(delay_seconds=delay_seconds))

    async def run(self) -> None:
        """Serves the agent until either side closes; the session's end is then on record."""
        tasks = [
            asyncio.create_task(step())
            for step in (self._read, self._beat, self._send_commands, self._await_end)
        ]
        try:
            await self._perform(self._protocol.begin(wall_time=time.time()))
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                await self._settle(task)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.shield(self._forget())

    async def _settle(self, task: asyncio.Task[None]) -> None:
        """Closes with a fitting code when a task ended by an error."""
        error = task.exception()
        if error is None or isinstance(error, WebSocketDisconnect):
            return
        if is_outage(error):
            _log.warning("agent session ended, database unavailable", error=str(error)[:256])
        else:
            _log.error("agent session ended by a bug", exc_info=error)
        await self._perform(self._protocol.close(frames.CLOSE_GOING_AWAY, "try again"))

    async def _read(self) -> None:
        while self._protocol.phase is not Phase.CLOSED:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                self._close_code = int(message.get("code") or 1005)
                return
            text = message.get("text") or message.get("bytes") or ""
            await self._perform(self._protocol.receive(text, now=time.monotonic()))

    async def _beat(self) -> None:
        while self._protocol.phase is not Phase.CLOSED:
            await asyncio.sleep(self._protocol.seconds_to_tick(now=time.monotonic()))
            await self._perform(self._protocol.tick(now=time.monotonic(), wall_time=time.time()))

    async def _send_commands(self) -> None:
        while self._protocol.phase is not Phase.CLOSED:
            await self._has_commands.wait()
            self._has_commands.clear()
            while await self._send_batch():
                pass

    async def _send_batch(self) -> bool:
        """Sends the next commands; whether there may be more."""
        agent = self._agent
        if agent is None or self._protocol.phase is not Phase.OPEN:
            return False
        async with self._sessions.begin() as session:
            held = await leases.hold_session(
                session, cluster_id=agent.cluster_id, generation=self._generation
            )
            if held is None:
                return self._replaced()
            taken = await commands.take_commands(
                session,
                cluster_id=agent.cluster_id,
                after_seq=self._protocol.sent_seq,
                capabilities=self._capabilities,
            )
        for command in taken:
            metrics.COMMANDS.labels(command.kind, "sent").inc()
        await self._perform(self._protocol.send_commands(taken))
        return bool(taken)

    async def _await_end(self) -> None:
        await self._perform(await self._wanted_end)

    async def _perform(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Send(text):
                    await self._send(text)
                case Close(code, reason):
                    await self._close(code, reason)
                case Authenticate(auth):
                    await self._authenticate(auth)
                case OpenSession(hello):
                    await self._open(hello)
                case CommandsAccepted(seq):
                    await self._accept(seq)
                case CommandFinished(result):
                    await self._finish(result)
                case StateReceived(state):
                    await self._store(state)
                case KindsDirty(kinds):
                    _log.info("agent lost changes and sends kinds whole", kinds=kinds)

    async def _send(self, text: str) -> None:
        """Sends, or gives the peer up: one that takes nothing for so long is gone."""
        if self._websocket.application_state is not WebSocketState.CONNECTED:
            return
        try:
            async with asyncio.timeout(frames.DEAD_AFTER_SECONDS):
                await self._websocket.send_text(text)
        except TimeoutError as error:
            raise WebSocketDisconnect(1006, "the peer takes nothing") from error

    async def _close(self, code: int, reason: str) -> None:
        self._close_code = code
        if self._websocket.application_state is not WebSocketState.CONNECTED:
            return
        # A close frame holds 125 bytes: two of them are the code.
        text = reason.encode()[:120].decode(errors="ignore")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._websocket.close(code, text)

    async def _authenticate(self, auth: frames.Auth) -> None:
        async with self._sessions() as session:
            found = (
                await leases.find_agent(session, auth.agent_id) if is_id(auth.agent_id) else None
            )
        actions = self._protocol.authenticate(
            auth,
            public_key=None if found is None else found.public_key,
            audience=self._websocket.headers.get("host", ""),
            wall_time=time.time(),
        )
        self._agent = found
        await self._perform(actions)

    async def _open(self, hello: frames.Hello) -> None:
        agent = self._agent
        assert agent is not None, "hello is read after auth only"
        protocol = self._protocol.common_protocol(hello)
        if protocol is None:
            message = f"no common protocol with {hello.protocol_minimum}-{hello.protocol_maximum}"
            await self._perform(
                self._protocol.fail(frames.CLOSE_PROTOCOL, "no_common_protocol", message)
            )
            return
        async with self._sessions.begin() as session:
            opened = await leases.open_session(
                session, agent, hello, replica=self._replica, address=self._address
            )
        if opened is None:
            await self._perform(
                self._protocol.fail(frames.CLOSE_BLOCKED, "unknown_agent", "enrol again")
            )
            return
        self._generation = opened.generation
        self._capabilities = frozenset(hello.capabilities)
        replaced = self._registry.add(agent.cluster_id, self)
        if replaced is not None:
            replaced.end(frames.CLOSE_REPLACED, "a newer session took over")
        metrics.SESSIONS.set(len(self._registry))
        welcome = frames.Welcome(
            generation=opened.generation,
            protocol=protocol,
            server_time=time.time(),
            spread_seconds=spread_seconds(len(self._registry)),
            resync=opened.resync,
            delivery=opened.delivery,
            allowed_namespaces=opened.allowed_namespaces,
            denied_namespaces=opened.denied_namespaces,
        )
        await self._perform(self._protocol.welcome(welcome))
        self.wake()
        self._wakeups.notify("applications")

    async def _accept(self, seq: int) -> None:
        agent = self._agent
        assert agent is not None, "the session is open"
        async with self._sessions.begin() as session:
            await commands.accept_commands(
                session, cluster_id=agent.cluster_id, seq=min(seq, self._protocol.sent_seq)
            )

    async def _finish(self, result: CommandResult) -> None:
        agent = self._agent
        assert agent is not None, "the session is open"
        if is_id(result.command_id):
            async with self._sessions.begin() as session:
                kind = await commands.finish_command(
                    session, cluster_id=agent.cluster_id, result=result
                )
            if kind is not None:
                metrics.COMMANDS.labels(kind, result.phase).inc()
                self._wakeups.notify("applications")
        await self._perform(self._protocol.acknowledge_results([result.command_id]))

    async def _store(self, state: frames.State) -> None:
        agent = self._agent
        assert agent is not None, "the session is open"
        async with self._sessions.begin() as session:
            held = await leases.hold_session(
                session, cluster_id=agent.cluster_id, generation=self._generation
            )
            if held is None:
                self._replaced()
                return
            is_known = held.epoch == state.epoch and state.seq <= held.seq
            if not is_known:
                stored = await live.store_state(
                    session,
                    state,
                    tenant_id=agent.tenant_id,
                    cluster_id=agent.cluster_id,
                    resync_started_at=self._resync_started.get(state.resync_kind or ""),
                )
                await leases.advance_state(
                    session, cluster_id=agent.cluster_id, epoch=state.epoch, seq=state.seq
                )
                self._note_resync(state, stored)
        metrics.STATE_FRAMES.labels("repeated" if is_known else "stored").inc()
        seq = held.seq if is_known else state.seq
        await self._perform(self._protocol.acknowledge_state(epoch=state.epoch, seq=seq))
        if is_known:
            return
        metrics.STATE_ITEMS.inc(len(state.items))
        self._wakeups.notify("applications")
        expected = held.seq + 1 if held.epoch == state.epoch else 1
        if state.seq > expected:
            await self._perform(self._protocol.ask_for(LIVE_KINDS))

    def _note_resync(self, state: frames.State, stored: live.StoredState) -> None:
        if state.resync_kind is None:
            return
        if stored.resync_started_at is not None:
            self._resync_started[state.resync_kind] = stored.resync_started_at
        if state.is_resync_end:
            self._resync_started.pop(state.resync_kind, None)

    def _replaced(self) -> bool:
        self.end(frames.CLOSE_REPLACED, "a newer session took over")
        return False

    async def _forget(self) -> None:
        agent = self._agent
        metrics.SESSIONS_CLOSED.labels(str(self._close_code)).inc()
        if agent is None or not self._generation:
            return
        self._registry.remove(agent.cluster_id, self)
        metrics.SESSIONS.set(len(self._registry))
        try:
            async with self._sessions.begin() as session:
                await leases.close_session(
                    session,
                    agent,
                    generation=self._generation,
                    reason=f"the socket closed with code {self._close_code}",
                )
        except Exception as error:
            # The lease lapses by itself; a bug must still be seen.
            if not is_outage(error):
                raise
            _log.warning("session's end is not on record yet", error=str(error)[:256])
