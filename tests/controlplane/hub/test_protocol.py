import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from splitplane.contract import frames
from splitplane.contract.base import PeerModel
from splitplane.contract.commands import SignedCommand
from splitplane.controlplane.hub.protocol import (
    Action,
    Authenticate,
    Close,
    CommandsAccepted,
    HubProtocol,
    OpenSession,
    Send,
    StateReceived,
    normal_host,
    spread_seconds,
)

KEY = Ed25519PrivateKey.generate()
PUBLIC_KEY = base64.b64encode(KEY.public_key().public_bytes_raw()).decode()
NOON = 1_800_000_000.0
AGENT_ID = "0198d2f0-0000-7000-8000-000000000009"
WELCOME = frames.Welcome(
    generation=3,
    protocol=1,
    server_time=NOON,
    delivery="direct",
    allowed_namespaces=[],
    denied_namespaces=[],
)


def proof(**changes: Any) -> frames.Auth:
    fields: dict[str, Any] = {
        "agent_id": AGENT_ID,
        "time": NOON,
        "audience": "cp.example.com:443",
        **changes,
    }
    signed = frames.auth_bytes(nonce=fields.pop("nonce", "nonce-1"), **fields)
    return frames.Auth(signature=base64.b64encode(KEY.sign(signed)).decode(), **fields)


def hello(**changes: Any) -> frames.Hello:
    fields: dict[str, Any] = {
        "boot_id": "b",
        "epoch": "e",
        "protocol_minimum": 1,
        "protocol_maximum": 1,
        "agent_version": "0.1.0",
        "kubernetes_version": "v1.36.1",
    }
    return frames.Hello(**{**fields, **changes})


def fresh() -> HubProtocol:
    return HubProtocol(nonce="nonce-1", now=0.0)


def receive(protocol: HubProtocol, body: PeerModel, *, now: float = 1.0) -> list[Action]:
    return protocol.receive(frames.encode_frame(body), now=now)


def authenticate(protocol: HubProtocol, auth: frames.Auth, **changes: Any) -> list[Action]:
    fields: dict[str, Any] = {
        "public_key": PUBLIC_KEY,
        "audience": "cp.example.com",
        "wall_time": NOON,
    }
    return protocol.authenticate(auth, **{**fields, **changes})


def opened() -> HubProtocol:
    protocol = fresh()
    assert authenticate(protocol, proof()) == []
    receive(protocol, hello())
    protocol.welcome(WELCOME)
    return protocol


def sent(actions: list[Action]) -> list[PeerModel]:
    return [frames.decode_frame(action.text) for action in actions if isinstance(action, Send)]


def close_code(actions: list[Action]) -> int:
    [close] = [action for action in actions if isinstance(action, Close)]
    return close.code


def command(seq: int, spec: str = "{}") -> SignedCommand:
    return SignedCommand(
        id=f"0198d2f0-0000-7000-8000-{seq:012d}",
        cluster_uid="u",
        seq=seq,
        kind="apply-bundle",
        spec=spec,
        spec_sha256="0" * 64,
        not_before=datetime.now(UTC),
        expires_at=datetime.now(UTC) + timedelta(hours=1),
        actor="user:ann@example.com",
        key_id="k",
        signature="s",
    )


def test_a_session_begins_with_the_challenge() -> None:
    [challenge] = sent(fresh().begin(wall_time=NOON))

    assert challenge == frames.Challenge(nonce="nonce-1", server_time=NOON)


def test_auth_then_hello_open_the_session() -> None:
    protocol = fresh()
    auth = proof()

    assert receive(protocol, auth) == [Authenticate(auth)]
    assert authenticate(protocol, auth) == []
    assert receive(protocol, hello()) == [OpenSession(hello())]
    assert sent(protocol.welcome(WELCOME)) == [WELCOME]


@pytest.mark.parametrize(
    ("auth", "changes", "code", "said"),
    [
        (proof(), {"public_key": None}, 4403, "unknown_agent"),
        (proof(time=NOON - 121), {}, 4401, "clock_skew"),
        (proof(time=NOON + 121), {}, 4401, "clock_skew"),
        (proof(audience="evil.example.com"), {}, 4401, "wrong_audience"),
        (proof(nonce="nonce-0"), {}, 4403, "bad_signature"),
        (proof().model_copy(update={"signature": "AAAA"}), {}, 4403, "bad_signature"),
        (proof().model_copy(update={"agent_id": "other"}), {}, 4403, "bad_signature"),
    ],
    ids=["unknown", "slow-clock", "fast-clock", "audience", "replayed", "garbage", "foreign-id"],
)
def test_a_false_proof_ends_the_session(
    auth: frames.Auth, changes: dict[str, Any], code: int, said: str
) -> None:
    actions = authenticate(fresh(), auth, **changes)

    [error] = sent(actions)
    assert isinstance(error, frames.ErrorFrame)
    assert error.code == said
    assert close_code(actions) == code


@pytest.mark.parametrize("offset", [-120.0, 0.0, 120.0])
def test_clocks_may_differ_by_two_minutes(offset: float) -> None:
    assert authenticate(fresh(), proof(time=NOON + offset)) == []


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("CP.example.com:443", "cp.example.com"),
        ("cp.example.com:80", "cp.example.com"),
        ("127.0.0.1:8470", "127.0.0.1:8470"),
        ("[::1]:8470", "::1:8470"),
    ],
)
def test_hosts_are_compared_without_default_ports(text: str, normal: str) -> None:
    assert normal_host(text) == normal


@pytest.mark.parametrize(
    "body",
    [hello(), frames.Accepted(seq=1), frames.Heartbeat(time=NOON), WELCOME],
    ids=lambda body: type(body).__name__,
)
def test_before_auth_nothing_else_is_taken(body: PeerModel) -> None:
    assert close_code(receive(fresh(), body)) == 4400


@pytest.mark.parametrize("body", [proof(), hello(), WELCOME], ids=["auth", "hello", "welcome"])
def test_a_session_is_opened_once(body: PeerModel) -> None:
    assert close_code(receive(opened(), body)) == 4400


@pytest.mark.parametrize("text", ["", "[]", '{"v":2,"t":"auth","body":{}}', "x" * 300_000])
def test_what_is_no_frame_ends_the_session(text: str) -> None:
    assert close_code(opened().receive(text, now=1.0)) == 4400


def test_without_a_common_protocol_there_is_none() -> None:
    assert fresh().common_protocol(hello(protocol_minimum=2, protocol_maximum=3)) is None
    assert fresh().common_protocol(hello(protocol_minimum=1, protocol_maximum=3)) == 1


def test_a_long_spec_travels_in_parts() -> None:
    protocol = opened()

    bodies = sent(protocol.send_commands([command(1, "x" * 100_000)]))

    parts = [body for body in bodies if isinstance(body, frames.CommandFrame)]
    assert [(part.part, part.parts, part.generation) for part in parts] == [
        (0, 3, 3),
        (1, 3, 3),
        (2, 3, 3),
    ]
    assert "".join(part.command.spec for part in parts) == "x" * 100_000


def test_a_command_goes_out_once_in_a_session() -> None:
    protocol = opened()

    first = protocol.send_commands([command(4), command(7)])
    again = protocol.send_commands([command(4), command(7), command(9)])

    assert len(first) == 2
    assert [body.command.seq for body in sent(again) if isinstance(body, frames.CommandFrame)] == [
        9
    ]
    assert protocol.sent_seq == 9


def test_nothing_is_sent_before_the_session_is_open() -> None:
    assert fresh().send_commands([command(1)]) == []


def test_traffic_becomes_actions() -> None:
    protocol = opened()
    state = frames.State(epoch="e", seq=1, items=[])

    assert receive(protocol, frames.Accepted(seq=5)) == [CommandsAccepted(5)]
    assert receive(protocol, state) == [StateReceived(state)]
    assert receive(protocol, frames.Heartbeat(time=NOON)) == []


def test_too_many_items_in_a_frame_end_the_session() -> None:
    item = frames.StateItem(op="delete", kind="Pod", namespace="a", name="b")

    actions = receive(opened(), frames.State(epoch="e", seq=1, items=[item] * 501))

    assert close_code(actions) == 4400


def test_heartbeats_go_out_every_15_seconds() -> None:
    protocol = opened()

    assert protocol.tick(now=14.9, wall_time=NOON) == []
    assert sent(protocol.tick(now=15.0, wall_time=NOON)) == [frames.Heartbeat(time=NOON)]
    assert protocol.tick(now=16.0, wall_time=NOON) == []
    assert protocol.seconds_to_tick(now=16.0) == 14.0


def test_an_agent_that_is_silent_for_45_seconds_is_gone() -> None:
    protocol = opened()
    receive(protocol, frames.Heartbeat(time=NOON), now=10.0)
    protocol.tick(now=54.0, wall_time=NOON)

    assert protocol.seconds_to_tick(now=54.0) == 1.0
    assert close_code(protocol.tick(now=55.0, wall_time=NOON)) == 1001


def test_a_peer_that_does_not_prove_itself_within_10_seconds_is_gone() -> None:
    protocol = fresh()

    assert protocol.seconds_to_tick(now=4.0) == 6.0
    assert protocol.tick(now=9.9, wall_time=NOON) == []
    assert close_code(protocol.tick(now=10.0, wall_time=NOON)) == 4400


def test_draining_tells_each_agent_its_delay() -> None:
    actions = opened().drain(delay_seconds=2.5)

    assert sent(actions) == [frames.Draining(delay_seconds=2.5)]
    assert actions[-1] == Close(1012, "2.5")


def test_after_the_end_frames_are_ignored() -> None:
    protocol = opened()
    protocol.close(1001, "")

    assert receive(protocol, frames.Accepted(seq=1)) == []
    assert protocol.tick(now=100.0, wall_time=NOON) == []


@pytest.mark.parametrize(
    ("sessions", "seconds"), [(0, 5.0), (500, 5.0), (3_000, 30.0), (50_000, 120.0)]
)
def test_more_agents_come_back_over_a_longer_time(sessions: int, seconds: float) -> None:
    assert spread_seconds(sessions) == seconds
