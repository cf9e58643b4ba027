"""One control-socket session seen from the hub, without any I/O.

The protocol turns frames into things to do and things to do into frames. It keeps the order of a
session (challenge, auth, hello, welcome, traffic), proves the agent's identity, measures silence
and splits commands. Sockets, clocks and the database are the caller's.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from splitplane.contract import frames
from splitplane.contract.base import PeerModel
from splitplane.contract.commands import CommandResult, SignedCommand
from splitplane.contract.version import AGENT_PROTOCOL_MAXIMUM, AGENT_PROTOCOL_MINIMUM
from splitplane.controlplane.signing import verify_ed25519

CLOCK_TOLERANCE_SECONDS: Final = 120.0
"""Difference of clocks that is tolerated: hosts without time synchronisation drift by less."""

HANDSHAKE_SECONDS: Final = 10.0
"""Time for auth and hello; a peer that needs longer is no agent."""

WELCOME_SPREAD_SECONDS: Final = 5.0
"""Spread of reconnects after a lost session while few agents are connected."""

AGENTS_PER_SPREAD_SECOND: Final = 100
"""Reconnects per second that one replica takes without delay: a handshake costs it some 1 ms of CPU
and three short transactions."""

MAX_SPREAD_SECONDS: Final = 120.0
"""Largest spread, reached with 12,000 agents on a replica."""


@dataclass(frozen=True)
class Send:
    """Send the text of a frame."""

    text: str


@dataclass(frozen=True)
class Close:
    """Close the socket; see `frames.CLOSE_POLICY`."""

    code: int
    reason: str


@dataclass(frozen=True)
class Authenticate:
    """Look the agent up, then call `authenticate`."""

    auth: frames.Auth


@dataclass(frozen=True)
class OpenSession:
    """Register the session, then call `welcome`."""

    hello: frames.Hello


@dataclass(frozen=True)
class CommandsAccepted:
    """The agent has received every command up to `seq`."""

    seq: int


@dataclass(frozen=True)
class CommandFinished:
    """A command has a result; store it, then call `acknowledge_result`."""

    result: CommandResult


@dataclass(frozen=True)
class StateReceived:
    """Live state to store; then call `acknowledge_state`."""

    state: frames.State


@dataclass(frozen=True)
class KindsDirty:
    """The agent lost changes of these kinds and will send them whole."""

    kinds: tuple[str, ...]


Action = (
    Send
    | Close
    | Authenticate
    | OpenSession
    | CommandsAccepted
    | CommandFinished
    | StateReceived
    | KindsDirty
)


class Phase(Enum):
    """Where a session stands."""

    AUTH = "auth"
    HELLO = "hello"
    OPEN = "open"
    CLOSED = "closed"


def spread_seconds(session_count: int) -> float:
    """Time over which agents should spread their return when this replica holds that many."""
    wanted = session_count / AGENTS_PER_SPREAD_SECOND
    return min(max(wanted, WELCOME_SPREAD_SECONDS), MAX_SPREAD_SECONDS)


def normal_host(text: str) -> str:
    """The host in lower case, without brackets and without the default port of HTTP or HTTPS."""
    host = text.lower().replace("[", "").replace("]", "")
    return host.removesuffix(":443").removesuffix(":80")


class HubProtocol:
    """The hub's half of a session. Times are seconds of one monotonic clock unless named wall."""

    def __init__(self, *, nonce: str, now: float) -> None:
        """A session that was just accepted. The nonce must be fresh: it is what the agent signs."""
        self.phase = Phase.AUTH
        self._nonce = nonce
        self._started = now
        self._last_received = now
        self._last_heartbeat = now
        self._generation = 0
        self._sent_seq = 0

    @property
    def sent_seq(self) -> int:
        """Number of the newest command that went out in this session."""
        return self._sent_seq

    @property
    def last_received(self) -> float:
        """Time of the newest frame."""
        return self._last_received

    def begin(self, *, wall_time: float) -> list[Action]:
        """The challenge."""
        return [_send(frames.Challenge(nonce=self._nonce, server_time=wall_time))]

    def receive(self, text: str | bytes, *, now: float) -> list[Action]:
        """What a frame of the agent asks for. A frame out of order ends the session."""
        if self.phase is Phase.CLOSED:
            return []
        self._last_received = now
        try:
            body = frames.decode_frame(text)
        except frames.FrameError as error:
            return self.fail(frames.CLOSE_PROTOCOL, "bad_frame", str(error))
        if self.phase is Phase.AUTH and isinstance(body, frames.Auth):
            return [Authenticate(body)]
        if self.phase is Phase.HELLO and isinstance(body, frames.Hello):
            return [OpenSession(body)]
        if self.phase is Phase.OPEN:
            return self._receive_open(body)
        return self._out_of_order(body)

    def authenticate(
        self, auth: frames.Auth, *, public_key: str | None, audience: str, wall_time: float
    ) -> list[Action]:
        """Nothing when the agent has proven its key, else the refusal.

        Args:
            auth: what the agent sent.
            public_key: raw key of that agent, base64; None when it is unknown or blocked.
            audience: the host that the request was for.
            wall_time: the hub's clock, seconds since the epoch.
        """
        if public_key is None:
            return self.fail(
                frames.CLOSE_BLOCKED, "unknown_agent", f"agent {auth.agent_id!r} is not enrolled"
            )
        offset = auth.time - wall_time
        if abs(offset) > CLOCK_TOLERANCE_SECONDS:
            return self.fail(
                frames.CLOSE_REAUTHENTICATE,
                "clock_skew",
                f"the agent's clock is off by {offset:.0f} s; "
                f"at most {CLOCK_TOLERANCE_SECONDS:.0f} s are allowed",
            )
        if normal_host(auth.audience) != normal_host(audience):
            return self.fail(
                frames.CLOSE_REAUTHENTICATE,
                "wrong_audience",
                f"the proof is for {auth.audience!r}, this is {audience!r}",
            )
        message = frames.auth_bytes(
            nonce=self._nonce, agent_id=auth.agent_id, audience=auth.audience, time=auth.time
        )
        if not verify_ed25519(base64.b64decode(public_key), auth.signature, message):
            return self.fail(
                frames.CLOSE_BLOCKED, "bad_signature", "the signature is not by the agent's key"
            )
        self.phase = Phase.HELLO
        return []

    def common_protocol(self, hello: frames.Hello) -> int | None:
        """Newest protocol that both speak; None when there is none."""
        newest = min(hello.protocol_maximum, AGENT_PROTOCOL_MAXIMUM)
        oldest = max(hello.protocol_minimum, AGENT_PROTOCOL_MINIMUM)
        return newest if newest >= oldest else None

    def welcome(self, body: frames.Welcome) -> list[Action]:
        """Opens the session under the generation that it was registered with."""
        self.phase = Phase.OPEN
        self._generation = body.generation
        return [_send(body)]

    def send_commands(self, commands: Sequence[SignedCommand]) -> list[Action]:
        """The commands' frames, long specs in parts; each number once in a session."""
        actions: list[Action] = []
        for command in commands:
            if self.phase is not Phase.OPEN or command.seq <= self._sent_seq:
                continue
            parts = frames.split_spec(command.spec)
            for index, part in enumerate(parts):
                frame = frames.CommandFrame(
                    generation=self._generation,
                    part=index,
                    parts=len(parts),
                    command=command.model_copy(update={"spec": part}),
                )
                actions.append(_send(frame))
            self._sent_seq = command.seq
        return actions

    def acknowledge_state(self, *, epoch: str, seq: int) -> list[Action]:
        """Tells the agent that state up to `seq` is committed."""
        return [_send(frames.Ack(epoch=epoch, seq=seq))]

    def acknowledge_results(self, command_ids: Iterable[str]) -> list[Action]:
        """Tells the agent that these results are stored."""
        return [_send(frames.Ack(results=list(command_ids)))]

    def ask_for(self, kinds: Sequence[str]) -> list[Action]:
        """Asks for whole kinds."""
        return [_send(frames.Resync(kinds=list(kinds)))] if kinds else []

    def tick(self, *, now: float, wall_time: float) -> list[Action]:
        """A heartbeat when one is due, or the end of a session whose agent is silent."""
        if self.phase is Phase.CLOSED:
            return []
        if self.phase is not Phase.OPEN:
            if now - self._started < HANDSHAKE_SECONDS:
                return []
            return self.fail(
                frames.CLOSE_PROTOCOL,
                "handshake_timeout",
                f"no session within {HANDSHAKE_SECONDS:.0f} s",
            )
        if now - self._last_received >= frames.DEAD_AFTER_SECONDS:
            return self.close(
                frames.CLOSE_GOING_AWAY, f"silent for {frames.DEAD_AFTER_SECONDS:.0f} s"
            )
        if now - self._last_heartbeat >= frames.HEARTBEAT_SECONDS:
            self._last_heartbeat = now
            return [_send(frames.Heartbeat(time=wall_time))]
        return []

    def seconds_to_tick(self, *, now: float) -> float:
        """Time until `tick` has something to do, at least 0."""
        if self.phase is not Phase.OPEN:
            return max(self._started + HANDSHAKE_SECONDS - now, 0.0)
        return max(
            min(
                self._last_heartbeat + frames.HEARTBEAT_SECONDS,
                self._last_received + frames.DEAD_AFTER_SECONDS,
            )
            - now,
            0.0,
        )

    def drain(self, *, delay_seconds: float) -> list[Action]:
        """Tells the agent to come back after the delay, and ends the session."""
        draining = _send(frames.Draining(delay_seconds=delay_seconds))
        return [draining, *self.close(frames.CLOSE_DRAINING, f"{delay_seconds:.1f}")]

    def fail(self, close_code: int, code: str, message: str) -> list[Action]:
        """Says why, and ends the session."""
        error = _send(frames.ErrorFrame(code=code, message=message[:1024]))
        return [error, *self.close(close_code, code)]

    def close(self, code: int, reason: str) -> list[Action]:
        """Ends the session."""
        self.phase = Phase.CLOSED
        return [Close(code, reason)]

    def _receive_open(self, body: PeerModel) -> list[Action]:
        match body:
            case frames.Accepted():
                return [CommandsAccepted(body.seq)]
            case frames.Result():
                return [CommandFinished(body.result)]
            case frames.State():
                if len(body.items) > frames.MAX_STATE_ITEMS:
                    return self.fail(
                        frames.CLOSE_PROTOCOL,
                        "bad_frame",
                        f"state frame has {len(body.items)} items, "
                        f"at most {frames.MAX_STATE_ITEMS} are allowed",
                    )
                return [StateReceived(body)]
            case frames.ResyncNeeded():
                return [KindsDirty(tuple(body.kinds))]
            case frames.Heartbeat() | frames.Draining() | frames.ErrorFrame():
                return []
            case _:
                return self._out_of_order(body)

    def _out_of_order(self, body: PeerModel) -> list[Action]:
        return self.fail(
            frames.CLOSE_PROTOCOL,
            "out_of_order",
            f"frame {type(body).__name__} is not allowed in phase {self.phase.value!r}",
        )


def _send(body: PeerModel) -> Send:
    return Send(frames.encode_frame(body))
