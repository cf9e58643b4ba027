"""The agent's protocol machine and a small correct hub, joined by queues that a test may cut.

Nothing here does I/O or knows of time: the test decides which frame arrives when, and where the
connection breaks. Frames of a connection keep their order, as with TCP; what is in flight when it
breaks is lost.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from splitplane.agent.memory import CommandMemory
from splitplane.agent.outbox import Outbox
from splitplane.agent.session import Action, AgentFacts, Close, Execute, Send, Session
from splitplane.agent.state.store import Held, LiveStore
from splitplane.contract.base import PeerModel
from splitplane.contract.commands import CommandResult, SignedCommand
from splitplane.contract.frames import (
    Accepted,
    Ack,
    Auth,
    Challenge,
    CommandFrame,
    Draining,
    Heartbeat,
    Hello,
    Result,
    ResyncNeeded,
    State,
    Welcome,
    decode_frame,
    encode_frame,
    split_spec,
)
from splitplane.contract.live import KindDigest, object_hash

_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def build_command(seq: int, *, spec: str = "{}") -> SignedCommand:
    """A command whose signature nobody checks here."""
    return SignedCommand(
        id=f"command-{seq}",
        cluster_uid="uid",
        seq=seq,
        kind="apply-bundle",
        spec=spec,
        spec_sha256="",
        not_before=_MOMENT,
        expires_at=_MOMENT,
        actor="user:ann@example.com",
        key_id="",
        signature="",
    )


def build_result(command: SignedCommand) -> CommandResult:
    """A success."""
    return CommandResult(
        command_id=command.id, seq=command.seq, phase="succeeded", reason="Applied"
    )


@dataclass
class ModelHub:
    """What a hub keeps over all sessions, and how it answers each frame."""

    generation: int = 0
    commands: list[SignedCommand] = field(default_factory=list[SignedCommand])
    results: dict[str, CommandResult] = field(default_factory=dict[str, CommandResult])
    live: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    seen: dict[tuple[str, str], list[int]] = field(default_factory=dict[tuple[str, str], list[int]])
    outgoing: deque[str] = field(default_factory=deque[str])
    is_open: bool = False
    part_characters: int = 8
    _unmentioned: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])

    def connect(self) -> None:
        """A new connection begins with the challenge."""
        self.outgoing.clear()
        self.is_open = False
        self._send(Challenge(nonce="n", server_time=0.0))

    def order(self, command: SignedCommand) -> None:
        """Keeps the command and sends it in an open session."""
        self.commands.append(command)
        if self.is_open:
            self._send_command(command)

    def receive(self, text: str) -> None:
        """Takes one frame of the agent."""
        match decode_frame(text):
            case Auth() | Heartbeat() | Draining() | ResyncNeeded() | Accepted():
                pass
            case Hello() as hello:
                self._welcome(hello)
            case State() as state:
                self._store(state)
                self._send(Ack(epoch=state.epoch, seq=state.seq))
            case Result(result=result):
                self.results[result.command_id] = result
                self._send(Ack(results=[result.command_id]))
            case body:
                raise AssertionError(f"unexpected {body!r}")

    def digest(self) -> KindDigest:
        """What it holds."""
        value = 0
        for (namespace, name), version in self.live.items():
            value ^= object_hash(namespace, name, str(version))
        return KindDigest(count=len(self.live), digest=f"{value:016x}")

    def _welcome(self, hello: Hello) -> None:
        self.generation += 1
        self.is_open = True
        self._unmentioned.clear()
        is_same = hello.kinds["Pod"] == self.digest()
        self._send(
            Welcome(
                generation=self.generation,
                protocol=1,
                server_time=0.0,
                resync=[] if is_same else ["Pod"],
                delivery="direct",
                allowed_namespaces=[],
                denied_namespaces=[],
            )
        )
        for command in self.commands:
            if command.seq > hello.last_command_seq and command.id not in self.results:
                self._send_command(command)

    def _store(self, state: State) -> None:
        if state.is_resync_start:
            self._unmentioned = set(self.live)
        for item in state.items:
            key = (item.namespace, item.name)
            self._unmentioned.discard(key)
            if item.object is None:
                self.live.pop(key, None)
            else:
                version = int(item.object.resource_version)
                self.live[key] = version
                self.seen.setdefault(key, []).append(version)
        if state.is_resync_end:
            for key in self._unmentioned:
                del self.live[key]
            self._unmentioned = set()

    def _send_command(self, command: SignedCommand) -> None:
        parts = split_spec(command.spec)
        if len(command.spec) > self.part_characters:
            half = len(command.spec) // 2
            parts = [command.spec[:half], command.spec[half:]]
        for index, part in enumerate(parts):
            body = CommandFrame(
                generation=self.generation,
                part=index,
                parts=len(parts),
                command=command.model_copy(update={"spec": part}),
            )
            self._send(body)

    def _send(self, body: PeerModel) -> None:
        self.outgoing.append(encode_frame(body))


class ModelAgent:
    """The agent's machine with a store and a memory, its process restartable."""

    def __init__(self, *, max_keys: int = 4) -> None:
        """A fresh process; the key bound is small so that overflows happen."""
        self.now = 0.0
        self.store = LiveStore(changed=lambda *key: self.outbox.offer(*key))
        self.max_keys = max_keys
        self.ledger: dict[str, CommandResult] = {}
        self.finished_seq = 0
        self.executed: list[str] = []
        self.running: list[SignedCommand] = []
        self.outgoing: deque[str] = deque()
        self.session: Session | None = None
        self.closes: list[Close] = []
        self.restart()

    def restart(self) -> None:
        """A new process: the ledger and the cluster's objects stay, everything else is gone."""
        self.outbox = Outbox(self.store, max_keys=self.max_keys, window=2)
        self.memory = CommandMemory(accepted_seq=self.finished_seq)
        for result in self.ledger.values():
            self.memory.recall(result, is_acknowledged=False)
        self.running = []
        self.session = None

    def connect(self) -> None:
        """A new connection."""
        self.outgoing.clear()
        self.session = Session(
            AgentFacts("agent", _KEY, "boot", "v1.36.1", ()),
            self.memory,
            self.outbox,
            digests=self.store.digests,
            audience="hub:443",
            now=self.now,
        )

    def receive(self, text: str) -> None:
        """Takes one frame of the hub."""
        if self.session is not None:
            self._perform(self.session.receive(decode_frame(text), now=self.now, wall=self.now))

    def poll(self) -> None:
        """Sends what is due."""
        if self.session is not None:
            self._perform(self.session.poll(now=self.now, wall=self.now))

    def finish(self, command: SignedCommand) -> None:
        """Carries a running command out: the ledger first, then the report."""
        self.running.remove(command)
        result = self.ledger.get(command.id)
        if result is None:
            self.executed.append(command.id)
            result = self.ledger[command.id] = build_result(command)
        self.finished_seq = max(self.finished_seq, self.memory.finished_seq_after(command.id))
        self.memory.finish(result)
        if self.session is not None:
            self._perform(self.session.announce(result))

    def put(self, name: str, version: int) -> None:
        """An object changed in the cluster."""
        self.store.put("Pod", ("ns", name), Held("uid", str(version), "app", b"{}"))

    def _perform(self, actions: list[Action]) -> None:
        for action in actions:
            if isinstance(action, Send):
                self.outgoing.append(encode_frame(action.body))
            elif isinstance(action, Execute):
                assert action.command not in self.running, "one command is carried out twice"
                self.running.append(action.command)
            elif isinstance(action, Close):
                self.closes.append(action)


_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
