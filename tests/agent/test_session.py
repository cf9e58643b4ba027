"""The protocol machine: handshake, fences, heartbeats, parts, and what ends a session."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from link_model import build_command, build_result

from splitplane.agent.memory import CommandMemory
from splitplane.agent.outbox import Outbox
from splitplane.agent.session import AgentFacts, Close, Execute, Opened, Send, Session, Warn
from splitplane.agent.state.store import Held, LiveStore
from splitplane.contract.base import PeerModel
from splitplane.contract.frames import (
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
    State,
    Welcome,
    auth_bytes,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


class Ends:
    """One session with everything around it, and the time."""

    def __init__(self) -> None:
        self.store = LiveStore(changed=lambda *key: self.outbox.offer(*key))
        self.outbox = Outbox(self.store)
        self.memory = CommandMemory(accepted_seq=4)
        self.session = self.connect()

    def connect(self) -> Session:
        facts = AgentFacts("agent-1", KEY, "boot-1", "v1.36.1", ("delivery:direct",))
        self.session = Session(
            facts,
            self.memory,
            self.outbox,
            digests=self.store.digests,
            audience="hub.example.com:443",
            now=100.0,
        )
        return self.session

    def receive(self, body: PeerModel, *, now: float = 100.0) -> list[object]:
        return list(self.session.receive(body, now=now, wall=1000.0))

    def open(self, *, generation: int = 7, resync: tuple[str, ...] = ()) -> list[object]:
        self.receive(Challenge(nonce="nonce", server_time=1000.0))
        return self.receive(welcome(generation=generation, resync=resync))

    def put(self, name: str, version: int = 1) -> None:
        self.store.put("Pod", ("team1", name), Held(f"uid-{name}", str(version), None, b"{}"))


def welcome(*, generation: int = 7, resync: tuple[str, ...] = (), protocol: int = 1) -> Welcome:
    return Welcome(
        generation=generation,
        protocol=protocol,
        server_time=1000.0,
        heartbeat_seconds=15.0,
        spread_seconds=30.0,
        resync=list(resync),
        delivery="direct",
        allowed_namespaces=[],
        denied_namespaces=[],
    )


@pytest.fixture
def ends() -> Ends:
    return Ends()


def test_challenge_is_answered_with_a_proof_of_the_key_and_hello(ends: Ends) -> None:
    actions = ends.receive(Challenge(nonce="nonce", server_time=1000.0))

    auth, hello = (action.body for action in actions if isinstance(action, Send))
    assert isinstance(auth, Auth)
    assert isinstance(hello, Hello)
    signed = auth_bytes(
        nonce="nonce", agent_id="agent-1", audience="hub.example.com:443", time=1000.0
    )
    KEY.public_key().verify(base64.b64decode(auth.signature), signed)
    assert hello.last_command_seq == 4
    assert hello.kinds["Pod"].count == 0
    assert hello.capabilities == ["delivery:direct"]


def test_each_session_has_its_own_epoch(ends: Ends) -> None:
    epochs: set[str] = set()
    for _ in range(2):
        ends.connect()
        actions = ends.receive(Challenge(nonce="n", server_time=1000.0))
        hello = actions[1]
        assert isinstance(hello, Send)
        assert isinstance(hello.body, Hello)
        epochs.add(hello.body.epoch)

    assert len(epochs) == 2


def test_clock_that_is_off_is_warned_of(ends: Ends) -> None:
    actions = ends.receive(Challenge(nonce="nonce", server_time=1600.0))

    assert Warn("this clock is +600 s off the hub's") in actions


def test_welcome_opens_and_sends_results_that_were_not_acknowledged(ends: Ends) -> None:
    result = build_result(build_command(5))
    ends.memory.begin(build_command(5))
    ends.memory.finish(result)

    actions = ends.open()

    assert isinstance(actions[0], Opened)
    assert actions[1:] == [Send(Result(result=result))]


def test_acknowledged_results_are_not_sent_again(ends: Ends) -> None:
    ends.open()
    ends.memory.finish(build_result(build_command(5)))
    ends.receive(Ack(results=["command-5"]))
    ends.connect()

    actions = ends.open(generation=8)

    assert [type(action) for action in actions] == [Opened]


def test_command_is_accepted_then_carried_out_once(ends: Ends) -> None:
    ends.open()
    frame = CommandFrame(generation=7, command=build_command(5))

    first = ends.receive(frame)
    second = ends.receive(frame)

    assert first == [Send(Accepted(seq=5)), Execute(frame.command)]
    assert second == [Send(Accepted(seq=5))]


def test_repeated_finished_command_gives_its_result_again(ends: Ends) -> None:
    ends.open()
    frame = CommandFrame(generation=7, command=build_command(5))
    ends.receive(frame)
    result = build_result(frame.command)
    ends.memory.finish(result)

    assert ends.receive(frame) == [Send(Accepted(seq=5)), Send(Result(result=result))]


def test_command_in_parts_is_put_together(ends: Ends) -> None:
    ends.open()
    command = build_command(5)
    frames = [
        CommandFrame(
            generation=7,
            part=index,
            parts=3,
            command=command.model_copy(update={"spec": text}),
        )
        for index, text in enumerate(['{"a"', ":", "1}"])
    ]

    actions = [action for frame in frames for action in ends.receive(frame)]

    assert actions == [
        Send(Accepted(seq=5)),
        Execute(command.model_copy(update={"spec": '{"a":1}'})),
    ]


def test_command_of_an_older_generation_is_ignored(ends: Ends) -> None:
    ends.open(generation=7)

    actions = ends.receive(CommandFrame(generation=6, command=build_command(5)))

    assert actions == [Warn("a command of generation 6 was ignored")]
    assert ends.memory.accepted_seq == 4


def test_draining_agent_accepts_no_command(ends: Ends) -> None:
    ends.open()

    assert ends.session.drain() == [Send(Draining())]
    assert ends.receive(CommandFrame(generation=7, command=build_command(5))) == []


@pytest.mark.parametrize(
    "body",
    [
        welcome(),
        Accepted(seq=1),
        CommandFrame(generation=1, command=build_command(1)),
        Resync(kinds=["Pod"]),
    ],
    ids=lambda body: type(body).__name__,
)
def test_frame_before_the_challenge_ends_the_session(ends: Ends, body: PeerModel) -> None:
    (action,) = ends.receive(body)

    assert isinstance(action, Close)
    assert action.code == 4400


def test_protocol_that_is_not_spoken_ends_the_session(ends: Ends) -> None:
    ends.receive(Challenge(nonce="nonce", server_time=1000.0))

    (action,) = ends.receive(welcome(protocol=2))

    assert action == Close(4400, "protocol 2 is not spoken here")


def test_too_much_of_an_incomplete_command_ends_the_session(ends: Ends) -> None:
    ends.open()
    actions: list[object] = []
    for part in range(100):
        command = build_command(5, spec="x" * 49_152)
        frame = CommandFrame(generation=7, part=part, parts=1000, command=command)
        actions += ends.receive(frame)

    assert actions == [Close(4400, "too much of incomplete commands")]


def test_error_of_the_hub_is_reported(ends: Ends) -> None:
    ends.open()

    assert ends.receive(ErrorFrame(code="bad_frame", message="why")) == [
        Warn("the hub reports bad_frame: why")
    ]


def test_heartbeat_is_due_every_15_seconds(ends: Ends) -> None:
    ends.open()

    def beats(now: float) -> int:
        ends.receive(Heartbeat(time=0.0), now=now)
        sent = ends.session.poll(now=now, wall=1000.0)
        return sum(isinstance(a, Send) and isinstance(a.body, Heartbeat) for a in sent)

    assert [beats(now) for now in (110.0, 114.9, 115.0, 116.0, 130.0)] == [0, 0, 1, 0, 1]


def test_silent_hub_is_dead_after_45_seconds(ends: Ends) -> None:
    ends.open()

    alive = ends.session.poll(now=145.0, wall=1000.0)
    dead = ends.session.poll(now=145.1, wall=1000.0)

    assert not any(isinstance(action, Close) for action in alive)
    assert dead == [Close(1001, "nothing heard for 45 s")]


def test_kind_that_welcome_asks_for_is_sent_whole(ends: Ends) -> None:
    ends.put("a")
    ends.put("b")
    ends.open(resync=("Pod",))

    (action,) = ends.session.poll(now=100.0, wall=1000.0)

    assert isinstance(action, Send)
    assert isinstance(action.body, State)
    state = action.body
    assert (state.seq, state.resync_kind) == (1, "Pod")
    assert (state.is_resync_start, state.is_resync_end) == (True, True)
    assert [item.name for item in state.items] == ["a", "b"]
