"""The control socket: connects, feeds the session machine, sends what it says, and comes back.

Proxies come from the environment (`https_proxy`, `no_proxy`). Nothing here decides anything about
the protocol; that is `session.py`.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from splitplane.agent.backoff import Backoff
from splitplane.agent.health import Health
from splitplane.agent.session import Action, Close, Execute, Opened, Send, Session, Warn
from splitplane.agent.transport import socket_url
from splitplane.contract.base import PeerModel
from splitplane.contract.commands import CommandResult, SignedCommand
from splitplane.contract.frames import (
    CLOSE_BLOCKED,
    CLOSE_DRAINING,
    CLOSE_GOING_AWAY,
    CLOSE_PROTOCOL,
    CLOSE_REAUTHENTICATE,
    DEAD_AFTER_SECONDS,
    MAX_FRAME_BYTES,
    FrameError,
    Welcome,
    decode_frame,
    encode_frame,
)

log = logging.getLogger(__name__)

OPEN_TIMEOUT_SECONDS: Final = 10.0
CLOSE_TIMEOUT_SECONDS: Final = 5.0
TCP_USER_TIMEOUT_MILLISECONDS: Final = 30_000
"""Unacknowledged bytes after which the kernel gives a half-open connection up."""
POLL_SECONDS: Final = 1.0
"""Longest time between two looks at what is due; new state and results wake it earlier."""
BATCH_SECONDS: Final = 0.05
"""Changes are gathered for so long before they are sent: one frame for a burst."""
BLOCKED_RETRY_SECONDS: Final = 3600.0


@dataclass
class Tunnel:
    """Keeps a session with the hub for as long as `run` runs.

    Attributes:
        hub_url: base URL of the hub.
        tls: TLS context; None for plain http.
        open_session: makes the protocol machine for a new connection.
        execute: is given each command to carry out.
        opened: is told of each session that opens.
        health: is told of each step.
        backoff: decides on waits.
        attempts: connections tried.
        sessions: sessions opened.
    """

    hub_url: str
    tls: ssl.SSLContext | None
    open_session: Callable[[float], Session]
    execute: Callable[[SignedCommand], None]
    opened: Callable[[Welcome], None]
    health: Health
    backoff: Backoff = field(default_factory=Backoff)
    attempts: int = 0
    sessions: int = 0
    _session: Session | None = None
    _queue: deque[PeerModel] = field(default_factory=deque[PeerModel])
    _close: Close | None = None
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Connects again and again until `stop` is called."""
        while not self._stopping.is_set():
            started = time.monotonic()
            self.attempts += 1
            self.health.expect_step(OPEN_TIMEOUT_SECONDS + CLOSE_TIMEOUT_SECONDS)
            before = self.sessions
            asked = await self._attempt()
            lasted = time.monotonic() - started
            session, self._session = self._session, None
            self.health.is_connected = False
            if self._stopping.is_set():
                return
            if asked is not None:
                delay = asked
            elif self.sessions > before and session is not None:
                delay = self.backoff.after_session(lasted, session.spread_seconds)
            else:
                delay = self.backoff.after_failure()
            log.info("reconnecting", extra={"in_seconds": round(delay, 1)})
            self.health.expect_step(delay)
            await self._pause(delay)

    def wake(self) -> None:
        """There may be something to send."""
        self._wake.set()

    def report(self, result: CommandResult) -> None:
        """The result is sent now, or in the next session."""
        session = self._session
        if session is not None:
            self._perform(session.announce(result))

    def announce_drain(self) -> None:
        """The hub learns that this process will stop; no more commands are accepted."""
        if self._session is not None:
            self._perform(self._session.drain())

    def stop(self) -> None:
        """`run` closes the connection with 1001 after what is queued, and returns."""
        self._stopping.set()
        self._close = self._close or Close(CLOSE_GOING_AWAY, "agent stops")
        self._wake.set()

    async def _attempt(self) -> float | None:
        """The wait that the hub asked for, or None."""
        self._queue.clear()
        self._close = None
        try:
            async with connect(
                socket_url(self.hub_url),
                ssl=self.tls,
                proxy=True,
                compression=None,
                max_size=MAX_FRAME_BYTES + 1024,
                ping_interval=None,
                open_timeout=OPEN_TIMEOUT_SECONDS,
                close_timeout=CLOSE_TIMEOUT_SECONDS,
            ) as connection:
                _detect_half_open(connection)
                session = self._session = self.open_session(time.monotonic())
                return await self._hold(connection, session)
        except InvalidStatus as error:
            code = error.response.status_code
            log.warning("the hub refused the connection", extra={"status": code})
            return _retry_after(error)
        except (OSError, TimeoutError, InvalidHandshake, InvalidURI, EOFError) as error:
            log.warning(
                "the hub cannot be reached",
                extra={"hub_url": self.hub_url, "reason": f"{type(error).__name__}: {error}"},
            )
            return None

    async def _hold(self, connection: ClientConnection, session: Session) -> float | None:
        reader = asyncio.create_task(self._read(connection, session))
        writer = asyncio.create_task(self._write(connection, session))
        try:
            await asyncio.wait({reader, writer}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (reader, writer):
                task.cancel()
            results = await asyncio.gather(reader, writer, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception) and not isinstance(
                result, ConnectionClosed | TimeoutError | OSError
            ):
                raise result
        close = self._close
        if close is not None:
            log.info("closing", extra={"code": close.code, "reason": close.reason})
            await connection.close(close.code, close.reason)
        else:
            await connection.close()
        return self._delay_after(connection, session)

    async def _read(self, connection: ClientConnection, session: Session) -> None:
        async for text in connection:
            self.health.expect_step(DEAD_AFTER_SECONDS + POLL_SECONDS)
            try:
                body = decode_frame(text)
            except FrameError as error:
                self._perform([Close(CLOSE_PROTOCOL, str(error)[:120])])
                return
            self._perform(session.receive(body, now=time.monotonic(), wall=time.time()))

    async def _write(self, connection: ClientConnection, session: Session) -> None:
        while True:
            self._perform(session.poll(now=time.monotonic(), wall=time.time()))
            while self._queue:
                # A peer that does not read for so long is dead, whatever the kernel says.
                async with asyncio.timeout(DEAD_AFTER_SECONDS):
                    await connection.send(encode_frame(self._queue.popleft()))
            if self._close is not None:
                return
            self._wake.clear()
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self._wake.wait()
                await asyncio.sleep(BATCH_SECONDS)
            except TimeoutError:
                continue

    def _perform(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Send(body=body):
                    self._queue.append(body)
                    self._wake.set()
                case Execute(command=command):
                    self.execute(command)
                case Opened(welcome=welcome):
                    self._mark_open(welcome)
                case Warn(message=message):
                    log.warning(message)
                case Close():
                    self._close = action
                    self._wake.set()

    def _mark_open(self, welcome: Welcome) -> None:
        self.sessions += 1
        self.health.is_connected = True
        self.health.connected_since = time.monotonic()
        log.info("connected", extra={"generation": welcome.generation})
        self.opened(welcome)

    def _delay_after(self, connection: ClientConnection, session: Session) -> float | None:
        code, reason = connection.close_code, connection.close_reason or ""
        log.warning("connection ended", extra={"code": code, "reason": reason[:256]})
        if code == CLOSE_DRAINING:
            return _seconds(reason, session.drain_delay_seconds or 0.0)
        if code == CLOSE_BLOCKED:
            return BLOCKED_RETRY_SECONDS
        if code == CLOSE_REAUTHENTICATE:
            # At once, yet no storm when the hub says so again and again.
            return 0.0 if session.phase == "open" else None
        return None

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return


def _retry_after(error: InvalidStatus) -> float | None:
    code = error.response.status_code
    text = error.response.headers.get("Retry-After", "")
    if code in (429, 503) and text.isdigit():
        return float(text)
    return None


def _seconds(text: str, default: float) -> float:
    try:
        return min(max(float(text), 0.0), BLOCKED_RETRY_SECONDS)
    except ValueError:
        return default


def _detect_half_open(connection: ClientConnection) -> None:
    raw: socket.socket | None = connection.transport.get_extra_info("socket")
    if raw is None:
        return
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, TCP_USER_TIMEOUT_MILLISECONDS)
