"""An agent that does as it is told: a key, an identity, and at most one socket to the hub."""

from __future__ import annotations

import asyncio
import base64
import time
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from splitplane.contract import frames
from splitplane.contract.base import PeerModel
from splitplane.contract.commands import CommandResult, ResultPhase, SignedCommand
from splitplane.contract.live import KindDigest, LiveObject

BodyT = TypeVar("BodyT", bound=PeerModel)
Json = dict[str, Any]  # Any: JSON

CLUSTER_UID = "6d1f3f0e-0000-4000-8000-000000000001"


@dataclass
class ScriptedAgent:
    """An agent's key and identity, and at most one socket."""

    hub_url: str
    cluster_uid: str = CLUSTER_UID
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    enrolment: frames.EnrolResponse | None = None
    received: list[PeerModel] = field(default_factory=list[PeerModel])
    _socket: ClientConnection | None = None
    _seq: int = 0
    epoch: str = "epoch-1"

    @property
    def public_key(self) -> str:
        return base64.b64encode(self.key.public_key().public_bytes_raw()).decode()

    async def post_enrolment(self, token: str) -> httpx.Response:
        """Sends the join token, whatever comes of it."""
        body = frames.EnrolRequest(
            join_token=token,
            public_key=self.public_key,
            cluster_uid=self.cluster_uid,
            agent_version="0.1.0",
            kubernetes_version="v1.36.1",
        )
        async with httpx.AsyncClient(trust_env=False) as client:
            return await client.post(
                self.hub_url + frames.ENROL_PATH, json=body.model_dump(mode="json")
            )

    async def post_body(self, body: Json) -> httpx.Response:
        """Sends any body for an enrolment."""
        async with httpx.AsyncClient(trust_env=False) as client:
            return await client.post(self.hub_url + frames.ENROL_PATH, json=body)

    async def enrol(self, token: str) -> frames.EnrolResponse:
        """The agent is enrolled."""
        response = await self.post_enrolment(token)
        assert response.status_code == 200, response.text
        self.enrolment = frames.EnrolResponse.model_validate(response.json())
        return self.enrolment

    async def dial(self) -> frames.Challenge:
        """A socket that waits for the proof."""
        url = self.hub_url.replace("http", "ws", 1) + frames.CONNECT_PATH
        self._socket = await connect(url, proxy=None, max_size=frames.MAX_FRAME_BYTES * 4)
        return await self.next(frames.Challenge)

    async def open(
        self,
        *,
        kinds: dict[str, KindDigest] | None = None,
        last_command_seq: int = 0,
        capabilities: tuple[str, ...] = (),
    ) -> frames.Welcome:
        """A session that is open; without capabilities it is of a former version."""
        challenge = await self.dial()
        await self.prove(challenge)
        await self.greet(kinds=kinds, last_command_seq=last_command_seq, capabilities=capabilities)
        return await self.next(frames.Welcome)

    async def prove(self, challenge: frames.Challenge, **changes: Any) -> None:
        """Sends the proof; the changes are fields of it."""
        assert self.enrolment is not None
        fields: Json = {
            "agent_id": self.enrolment.agent_id,
            "time": time.time(),
            "audience": self.hub_url.removeprefix("http://"),
            **changes,
        }
        message = frames.auth_bytes(nonce=challenge.nonce, **fields)
        signature = base64.b64encode(self.key.sign(message)).decode()
        await self.send(frames.Auth(signature=signature, **fields))

    async def greet(
        self,
        *,
        kinds: dict[str, KindDigest] | None = None,
        last_command_seq: int = 0,
        capabilities: tuple[str, ...] = (),
    ) -> None:
        """Sends the hello."""
        await self.send(
            frames.Hello(
                boot_id="boot-1",
                epoch=self.epoch,
                protocol_minimum=1,
                protocol_maximum=1,
                agent_version="0.1.0",
                kubernetes_version="v1.36.1",
                kinds=kinds or {},
                last_command_seq=last_command_seq,
                capabilities=list(capabilities),
            )
        )

    async def send(self, body: PeerModel) -> None:
        """Sends a frame."""
        assert self._socket is not None
        await self._socket.send(frames.encode_frame(body))

    async def send_text(self, text: str) -> None:
        """Sends a text that need not be a frame."""
        assert self._socket is not None
        await self._socket.send(text)

    async def next(self, model: type[BodyT], *, seconds: float = 10.0) -> BodyT:
        """The next frame of that type; others are kept in `received`."""
        assert self._socket is not None
        async with asyncio.timeout(seconds):
            while True:
                body = frames.decode_frame(await self._socket.recv())
                self.received.append(body)
                if isinstance(body, model):
                    return body

    async def next_command(self) -> SignedCommand:
        """The next command, put together from its parts."""
        texts: list[str] = []
        while True:
            frame = await self.next(frames.CommandFrame)
            texts.append(frame.command.spec)
            if len(texts) == frame.parts:
                return frame.command.model_copy(update={"spec": "".join(texts)})

    async def answer(
        self, command: SignedCommand, phase: ResultPhase = "succeeded", reason: str = "Applied"
    ) -> None:
        """Accepts the command and sends its result; waits until the hub has it."""
        await self.send(frames.Accepted(seq=command.seq))
        await self.send(
            frames.Result(
                result=CommandResult(
                    command_id=command.id, seq=command.seq, phase=phase, reason=reason
                )
            )
        )
        while command.id not in (await self.next(frames.Ack)).results:
            pass

    async def report(
        self, *items: frames.StateItem, seq: int | None = None, **changes: Any
    ) -> frames.Ack:
        """Sends live state; the hub's acknowledgement."""
        self._seq = self._seq + 1 if seq is None else seq
        state = frames.State(epoch=self.epoch, seq=self._seq, items=list(items), **changes)
        await self.send(state)
        while True:
            ack = await self.next(frames.Ack)
            if ack.epoch is not None:
                return ack

    async def closed(self, *, seconds: float = 10.0) -> tuple[int | None, str | None]:
        """Code and reason with which the hub closed the socket."""
        assert self._socket is not None
        try:
            async with asyncio.timeout(seconds):
                while True:
                    self.received.append(frames.decode_frame(await self._socket.recv()))
        except ConnectionClosed:
            return self._socket.close_code, self._socket.close_reason

    async def hang_up(self) -> None:
        """Closes the socket."""
        if self._socket is not None:
            await self._socket.close()


def live(
    kind: str,
    name: str,
    application_id: str | None,
    *,
    resource_version: str = "1",
    **doc: Any,
) -> frames.StateItem:
    """An object that the agent saw."""
    seen = LiveObject(
        kind=kind,
        namespace="team1",
        name=name,
        uid=f"uid-{kind}-{name}",
        resource_version=resource_version,
        application_id=application_id,
        doc=doc,
    )
    return frames.StateItem(op="upsert", kind=kind, namespace="team1", name=name, object=seen)


def gone(kind: str, name: str) -> frames.StateItem:
    """An object that the agent saw vanish."""
    return frames.StateItem(op="delete", kind=kind, namespace="team1", name=name)
