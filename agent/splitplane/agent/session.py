"""The agent's half of the control-socket protocol, without any I/O.

One `Session` lives as long as one connection. It is fed with frames and the time and answers with
actions; the transport sends, closes and starts commands. Order: hub `challenge`; agent `auth` and
`hello`; hub `welcome`; then commands, state and heartbeats.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from splitplane.agent.memory import CommandMemory
from splitplane.agent.outbox import Outbox
from splitplane.contract.base import PeerModel
from splitplane.contract.commands import CommandResult, SignedCommand
from splitplane.contract.frames import (
    CLOSE_GOING_AWAY,
    CLOSE_PROTOCOL,
    DEAD_AFTER_SECONDS,
    HEARTBEAT_SECONDS,
    Accepted,
    Ack,
    Auth,
    Challenge,
    CommandFrame,
    Draining,
    ErrorFrame,
    Heartbeat,
    Hello,
    Result,
    Resync,
    ResyncNeeded,
    Welcome,
    auth_bytes,
)
from splitplane.contract.live import KindDigest
from splitplane.contract.version import AGENT_PROTOCOL_MAXIMUM, AGENT_PROTOCOL_MINIMUM, VERSION

MAX_SPEC_CHARACTERS: Final = 4 * 1024 * 1024
"""Longest spec that is put together; bundles end at 900 KiB."""
MAX_ASSEMBLIES: Final = 16
"""Commands that may be incomplete at a time."""
CLOCK_WARNING_SECONDS: Final = 30.0
"""Difference to the hub's clock from which a warning is logged."""


@dataclass(frozen=True)
class Send:
    """Send this frame."""

    body: PeerModel


@dataclass(frozen=True)
class Execute:
    """Carry out this command."""

    command: SignedCommand


@dataclass(frozen=True)
class Opened:
    """The session is open."""

    welcome: Welcome


@dataclass(frozen=True)
class Warn:
    """Log this."""

    message: str


@dataclass(frozen=True)
class Close:
    """Close the connection."""

    code: int
    reason: str


Action = Send | Execute | Opened | Warn | Close
Phase = Literal["challenge", "welcome", "open", "closed"]


@dataclass(frozen=True)
class AgentFacts:
    """Who the agent is.

    Attributes:
        agent_id: id that enrolment gave.
        key: the agent's private key.
        boot_id: new for each process.
        kubernetes_version: version of the API server.
        capabilities: such as `delivery:direct`.
    """

    agent_id: str
    key: Ed25519PrivateKey = field(repr=False)
    boot_id: str
    kubernetes_version: str
    capabilities: tuple[str, ...]


@dataclass
class _Assembly:
    parts: dict[int, str] = field(default_factory=dict[int, str])
    total: int = 1


class Session:
    """The protocol over one connection.

    Args:
        facts: who the agent is.
        memory: commands over all sessions.
        outbox: live state that is to be sent.
        digests: what the agent holds of each kind, now.
        audience: host and port of the hub as dialled.
        now: monotonic seconds at which the connection was opened.
    """

    def __init__(
        self,
        facts: AgentFacts,
        memory: CommandMemory,
        outbox: Outbox,
        *,
        digests: Callable[[], dict[str, KindDigest]],
        audience: str,
        now: float,
    ) -> None:
        self.phase: Phase = "challenge"
        self.generation = 0
        self.spread_seconds = 0.0
        self.drain_delay_seconds: float | None = None
        self._facts = facts
        self._memory = memory
        self._outbox = outbox
        self._digests = digests
        self._audience = audience
        self._heartbeat_seconds = HEARTBEAT_SECONDS
        self._heard_at = now
        self._spoke_at = now
        self._is_draining = False
        self._assemblies: dict[str, _Assembly] = {}

    def receive(self, body: PeerModel, *, now: float, wall: float) -> list[Action]:
        """What follows from a frame of the hub.

        Args:
            body: the decoded frame.
            now: monotonic seconds.
            wall: seconds since the epoch by this machine's clock.
        """
        self._heard_at = now
        match self.phase, body:
            case "closed", _:
                return []
            case _, ErrorFrame(code=code, message=message):
                return [Warn(f"the hub reports {code}: {message[:256]}")]
            case _, Draining(delay_seconds=delay):
                self.drain_delay_seconds = delay
                return []
            case _, Heartbeat():
                return []
            case "challenge", Challenge():
                return self._answer(body, now, wall)
            case "welcome", Welcome():
                return self._open(body)
            case "open", _:
                return self._receive_open(body)
            case _:
                return self._protocol_error(f"{type(body).__name__} in phase {self.phase}")

    def announce(self, result: CommandResult) -> list[Action]:
        """What follows from a new result, which the memory has; sent again in each new session."""
        return [Send(Result(result=result))] if self.phase == "open" else []

    def poll(self, *, now: float, wall: float) -> list[Action]:
        """What is due at this time: heartbeats, waiting state, or the end of a dead connection."""
        if self.phase == "closed":
            return []
        if now - self._heard_at > DEAD_AFTER_SECONDS:
            self.phase = "closed"
            return [Close(CLOSE_GOING_AWAY, f"nothing heard for {DEAD_AFTER_SECONDS:.0f} s")]
        if self.phase != "open":
            return []
        actions: list[Action] = []
        overflowed = self._outbox.take_announcements()
        if overflowed:
            actions.append(Send(ResyncNeeded(kinds=overflowed)))
        while (frame := self._outbox.next_frame()) is not None:
            actions.append(Send(frame))
        if now - self._spoke_at >= self._heartbeat_seconds:
            actions.append(Send(Heartbeat(time=wall)))
            self._spoke_at = now
        return actions

    def drain(self) -> list[Action]:
        """From now on no command is accepted; results and state still go out."""
        self._is_draining = True
        return [Send(Draining())] if self.phase == "open" else []

    def _answer(self, challenge: Challenge, now: float, wall: float) -> list[Action]:
        self.phase = "welcome"
        self._spoke_at = now
        signed = auth_bytes(
            nonce=challenge.nonce,
            agent_id=self._facts.agent_id,
            audience=self._audience,
            time=wall,
        )
        auth = Auth(
            agent_id=self._facts.agent_id,
            time=wall,
            audience=self._audience,
            signature=base64.b64encode(self._facts.key.sign(signed)).decode(),
        )
        self._outbox.restart(str(uuid.uuid4()))
        actions: list[Action] = [Send(auth), Send(self._hello())]
        offset = challenge.server_time - wall
        if abs(offset) > CLOCK_WARNING_SECONDS:
            actions.append(Warn(f"this clock is {offset:+.0f} s off the hub's"))
        return actions

    def _receive_open(self, body: PeerModel) -> list[Action]:
        match body:
            case CommandFrame():
                return self._command(body)
            case Ack():
                self._outbox.acknowledge(body)
                self._memory.acknowledge(body.results)
                return []
            case Resync(kinds=kinds):
                for kind in kinds:
                    self._outbox.mark_dirty(kind)
                return []
            case _:
                return self._protocol_error(f"{type(body).__name__} in an open session")

    def _hello(self) -> Hello:
        return Hello(
            boot_id=self._facts.boot_id,
            epoch=self._outbox.epoch,
            protocol_minimum=AGENT_PROTOCOL_MINIMUM,
            protocol_maximum=AGENT_PROTOCOL_MAXIMUM,
            agent_version=VERSION,
            kubernetes_version=self._facts.kubernetes_version,
            capabilities=list(self._facts.capabilities),
            last_command_seq=self._memory.accepted_seq,
            kinds=self._digests(),
        )

    def _open(self, welcome: Welcome) -> list[Action]:
        if not AGENT_PROTOCOL_MINIMUM <= welcome.protocol <= AGENT_PROTOCOL_MAXIMUM:
            return self._protocol_error(f"protocol {welcome.protocol} is not spoken here")
        self.phase = "open"
        self.generation = welcome.generation
        self.spread_seconds = welcome.spread_seconds
        self._heartbeat_seconds = max(1.0, min(welcome.heartbeat_seconds, HEARTBEAT_SECONDS))
        for kind in welcome.resync:
            self._outbox.mark_dirty(kind)
        results = [Send(Result(result=result)) for result in self._memory.unacknowledged]
        return [Opened(welcome), *results]

    def _command(self, frame: CommandFrame) -> list[Action]:
        if frame.generation != self.generation:
            return [Warn(f"a command of generation {frame.generation} was ignored")]
        if self._is_draining:
            return []
        if not 0 <= frame.part < frame.parts:
            return self._protocol_error(f"part {frame.part} of {frame.parts}")
        assembly = self._assemblies.setdefault(frame.command.id, _Assembly(total=frame.parts))
        assembly.parts[frame.part] = frame.command.spec
        size = sum(len(part) for part in assembly.parts.values())
        if size > MAX_SPEC_CHARACTERS or len(self._assemblies) > MAX_ASSEMBLIES:
            return self._protocol_error("too much of incomplete commands")
        if len(assembly.parts) < assembly.total:
            return []
        del self._assemblies[frame.command.id]
        spec = "".join(assembly.parts[index] for index in sorted(assembly.parts))
        return self._accept(frame.command.model_copy(update={"spec": spec}))

    def _accept(self, command: SignedCommand) -> list[Action]:
        is_new = self._memory.begin(command)
        accepted = Send(Accepted(seq=self._memory.accepted_seq))
        if is_new:
            return [accepted, Execute(command)]
        known = self._memory.result_of(command.id)
        return [accepted] if known is None else [accepted, Send(Result(result=known))]

    def _protocol_error(self, message: str) -> list[Action]:
        self.phase = "closed"
        return [Close(CLOSE_PROTOCOL, message[:120])]
