"""A hub for tests of the agent: enrolment and control socket on loopback, strict about frames.

It checks what the contract asks of an agent (order of frames, signature, sizes, counting) and fails
the session, and with it the test, when the agent breaks it. Commands are signed with its own key.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self, cast

from aiohttp import WSMsgType, web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from splitplane.contract.base import PeerModel
from splitplane.contract.commands import (
    SPEC_KINDS,
    CommandResult,
    CommandSpec,
    SignedCommand,
    encode_spec,
    key_id,
    signed_bytes,
    spec_digest,
)
from splitplane.contract.frames import (
    CONNECT_PATH,
    ENROL_PATH,
    MAX_FRAME_BYTES,
    MAX_STATE_ITEMS,
    Accepted,
    Ack,
    Auth,
    Challenge,
    CommandFrame,
    Draining,
    EnrolRequest,
    EnrolResponse,
    Heartbeat,
    Hello,
    Result,
    Resync,
    ResyncNeeded,
    State,
    Welcome,
    auth_bytes,
    decode_frame,
    encode_frame,
    split_spec,
)
from splitplane.contract.ids import uuid7
from splitplane.contract.live import LiveObject


async def until(
    is_true: Callable[[], bool] | Callable[[], Awaitable[bool]], *, what: str, seconds: float = 20.0
) -> None:
    """Returns once `is_true`; fails naming `what` when it is not within `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        answer = is_true()
        if await answer if isinstance(answer, Awaitable) else answer:
            return
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:g} s in vain for {what}")
        await asyncio.sleep(0.02)


@dataclass
class FakeHub:
    """Serves one agent at a time.

    Attributes:
        join_token: the token that enrols, once.
        cluster_uid: uid that the agent told when it enrolled.
        generation: number of the newest session.
        results: results by command id.
        result_count: how many result frames came, by command id.
        live: live objects by (kind, namespace, name).
        resynced: kinds that came whole, in order.
        errors: what the agent did wrong; tests assert that it is empty.
        acknowledges: whether state and results are acknowledged.
    """

    join_token: str = "spl_join_test"
    delivery: str = "direct"
    allowed_namespaces: list[str] = field(default_factory=list[str])
    denied_namespaces: list[str] = field(default_factory=list[str])
    signer: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    cluster_uid: str = ""
    cluster_id: str = field(default_factory=uuid7)
    agent_id: str = ""
    public_key: str = ""
    enrolments: list[EnrolRequest] = field(default_factory=list[EnrolRequest])
    generation: int = 0
    hellos: list[Hello] = field(default_factory=list[Hello])
    accepted_seq: int = 0
    results: dict[str, CommandResult] = field(default_factory=dict[str, CommandResult])
    result_count: dict[str, int] = field(default_factory=dict[str, int])
    live: dict[tuple[str, str, str], LiveObject] = field(
        default_factory=dict[tuple[str, str, str], LiveObject]
    )
    resynced: list[str] = field(default_factory=list[str])
    overflowed: list[str] = field(default_factory=list[str])
    heartbeats: int = 0
    drained: int = 0
    errors: list[str] = field(default_factory=list[str])
    acknowledges: bool = True
    close_codes: list[int | None] = field(default_factory=list[int | None])
    refuse_with: web.Response | None = None
    port: int = 0
    _commands: dict[int, SignedCommand] = field(default_factory=dict[int, SignedCommand])
    _socket: web.WebSocketResponse | None = None
    _runner: web.AppRunner | None = None
    _resync: set[tuple[str, str, str]] = field(default_factory=set[tuple[str, str, str]])

    @property
    def url(self) -> str:
        """Base URL."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def is_connected(self) -> bool:
        """Whether a session is open."""
        return self._socket is not None and not self._socket.closed

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Serves, on the port of the last time."""
        app = web.Application()
        app.router.add_post(ENROL_PATH, self._enrol)
        app.router.add_get(CONNECT_PATH, self._connect)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Serves no more; an open session is cut."""
        await self.cut()
        if self._runner is not None:
            await self._runner.cleanup()

    async def cut(self, code: int = 1011, reason: str = "") -> None:
        """Ends the session, if there is one."""
        if self._socket is not None:
            await self._socket.close(code=code, message=reason.encode())

    def sign(self, spec: CommandSpec, **changes: Any) -> SignedCommand:
        """A valid command of the next number; `changes` are made before it is signed."""
        text = encode_spec(spec)
        public = self.signer.public_key().public_bytes_raw()
        now = datetime.now(UTC)
        fields: dict[str, Any] = {
            "id": uuid7(),
            "cluster_uid": self.cluster_uid,
            "seq": max(self._commands, default=0) + 1,
            "kind": SPEC_KINDS[type(spec)],
            "spec": text,
            "spec_sha256": spec_digest(text),
            "not_before": now,
            "expires_at": now + timedelta(minutes=5),
            "actor": "user:ann@example.com",
            "key_id": key_id(public),
            "signature": "",
        }
        command = SignedCommand(**(fields | changes))
        signature = base64.b64encode(self.signer.sign(signed_bytes(command))).decode()
        return command.model_copy(update={"signature": signature})

    async def order(self, spec: CommandSpec) -> SignedCommand:
        """Signs a command, keeps it until it has a result, and sends it when connected."""
        command = self.sign(spec)
        await self.send_command(command)
        return command

    async def send_command(self, command: SignedCommand) -> None:
        """Keeps the command and sends it when connected."""
        self._commands[command.seq] = command
        if self.is_connected and self.hellos:
            await self._send_command(command)

    async def result(self, command: SignedCommand, *, seconds: float = 20.0) -> CommandResult:
        """The command's result, once it is there."""
        await until(
            lambda: command.id in self.results, what=f"a result of {command.kind}", seconds=seconds
        )
        return self.results[command.id]

    async def carry_out(self, spec: CommandSpec, *, seconds: float = 20.0) -> CommandResult:
        """Orders and waits for the result."""
        return await self.result(await self.order(spec), seconds=seconds)

    async def ask_for(self, *kinds: str) -> None:
        """Asks for whole kinds."""
        await self._send(Resync(kinds=list(kinds)))

    def of_kind(self, kind: str, namespace: str) -> list[LiveObject]:
        """Live objects of a kind in a namespace, by name."""
        found = [o for (k, ns, _), o in self.live.items() if (k, ns) == (kind, namespace)]
        return sorted(found, key=lambda item: item.name)

    async def _enrol(self, request: web.Request) -> web.Response:
        body = EnrolRequest.model_validate(await request.json())
        self.enrolments.append(body)
        if body.join_token != self.join_token:
            problem = {"detail": "the join token is used already", "code": "join_token_refused"}
            return web.json_response(problem, status=403)
        self.join_token = ""
        self.public_key, self.cluster_uid = body.public_key, body.cluster_uid
        self.agent_id = uuid7()
        public = self.signer.public_key().public_bytes_raw()
        answer = EnrolResponse.model_validate(
            {
                "agent_id": self.agent_id,
                "cluster_id": self.cluster_id,
                "cluster_fqn": "prod-eu",
                "signing_keys": [base64.b64encode(public).decode()],
                "delivery": self.delivery,
                "allowed_namespaces": self.allowed_namespaces,
                "denied_namespaces": self.denied_namespaces,
            }
        )
        return web.json_response(answer.model_dump(mode="json"))

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        if self.refuse_with is not None:
            response, self.refuse_with = self.refuse_with, None
            return response
        socket = web.WebSocketResponse(max_msg_size=MAX_FRAME_BYTES, compress=False)
        await socket.prepare(request)
        try:
            await self._handshake(socket, request.host)
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._take(decode_frame(message.data))
        except AssertionError as error:
            self.errors.append(str(error))
            await socket.close(code=4400)
        except ConnectionError:
            pass
        self.close_codes.append(socket.close_code)
        if self._socket is socket:
            self._socket = None
        return socket

    async def _handshake(self, socket: web.WebSocketResponse, host: str) -> None:
        nonce = base64.b64encode(secrets.token_bytes(32)).decode()
        await socket.send_str(encode_frame(Challenge(nonce=nonce, server_time=time.time())))
        auth = decode_frame(await socket.receive_str())
        assert isinstance(auth, Auth), f"expected auth, not {auth!r}"
        assert auth.agent_id == self.agent_id, auth
        assert auth.audience == host, (auth.audience, host)
        signed = auth_bytes(
            nonce=nonce, agent_id=auth.agent_id, audience=auth.audience, time=auth.time
        )
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(self.public_key))
        key.verify(base64.b64decode(auth.signature), signed)
        hello = decode_frame(await socket.receive_str())
        assert isinstance(hello, Hello), f"expected hello, not {hello!r}"
        self.generation += 1
        self._state_seq, self._epoch = 0, hello.epoch
        self._resync.clear()
        self._socket = socket
        await self._send(
            Welcome(
                generation=self.generation,
                protocol=1,
                server_time=time.time(),
                spread_seconds=0.2,
                resync=sorted(hello.kinds),
                delivery=cast(Any, self.delivery),
                allowed_namespaces=self.allowed_namespaces,
                denied_namespaces=self.denied_namespaces,
            )
        )
        self.hellos.append(hello)
        for seq in sorted(self._commands):
            command = self._commands[seq]
            if seq > hello.last_command_seq and command.id not in self.results:
                await self._send_command(command)

    async def _take(self, body: PeerModel) -> None:
        match body:
            case Accepted(seq=seq):
                assert seq >= self.accepted_seq or len(self.hellos) > 1, "accepted went back"
                self.accepted_seq = seq
            case Result(result=result):
                self.results[result.command_id] = result
                self.result_count[result.command_id] = (
                    self.result_count.get(result.command_id, 0) + 1
                )
                if self.acknowledges:
                    await self._send(Ack(results=[result.command_id]))
            case State():
                self._take_state(body)
                if self.acknowledges:
                    await self._send(Ack(epoch=body.epoch, seq=body.seq))
            case ResyncNeeded(kinds=kinds):
                self.overflowed += kinds
            case Heartbeat():
                self.heartbeats += 1
            case Draining():
                self.drained += 1
            case _:
                raise AssertionError(f"frame {type(body).__name__} is not for the hub")

    def _take_state(self, state: State) -> None:
        assert state.epoch == self._epoch, "state of an epoch that hello did not name"
        assert state.seq == self._state_seq + 1, f"state {state.seq} after {self._state_seq}"
        assert len(state.items) <= MAX_STATE_ITEMS, len(state.items)
        self._state_seq = state.seq
        if state.is_resync_start:
            self._resync = {key for key in self.live if key[0] == state.resync_kind}
        for item in state.items:
            key = (item.kind, item.namespace, item.name)
            self._resync.discard(key)
            if item.op == "delete":
                self.live.pop(key, None)
            else:
                assert item.object is not None, f"upsert of {key} without an object"
                self.live[key] = item.object
        if state.is_resync_end:
            for key in self._resync:
                del self.live[key]
            self._resync = set()
            assert state.resync_kind is not None
            self.resynced.append(state.resync_kind)

    async def _send_command(self, command: SignedCommand) -> None:
        parts = split_spec(command.spec)
        for index, part in enumerate(parts):
            await self._send(
                CommandFrame(
                    generation=self.generation,
                    part=index,
                    parts=len(parts),
                    command=command.model_copy(update={"spec": part}),
                )
            )

    async def _send(self, body: PeerModel) -> None:
        if self._socket is not None and not self._socket.closed:
            await self._socket.send_str(encode_frame(body))
