"""Frames of the control socket and the bodies of enrolment.

    hub → agent   challenge, welcome, command, ack, resync, heartbeat, draining, error
    agent → hub   auth, hello, accepted, result, state, resync_needed, heartbeat, draining

Order of a session: the agent connects; hub `challenge`; agent `auth`; agent `hello`; hub `welcome`;
then commands, state and heartbeats until either closes. JSON text frames, at most 256 KiB each; a
command's spec that is longer comes in parts. The session's `generation` rises with each session of
a cluster; both ends ignore frames of an older one.
"""

from __future__ import annotations

import json
from typing import Any, Final, Literal

from pydantic import Field

from splitplane.contract.base import PeerModel
from splitplane.contract.commands import CommandResult, SignedCommand
from splitplane.contract.live import KindDigest, LiveObject
from splitplane.contract.manifests.cluster import Delivery

ENROL_PATH: Final = "/agent/v1/enrol"
CONNECT_PATH: Final = "/agent/v1/connect"

MAX_FRAME_BYTES: Final = 256 * 1024
"""Bound of one frame, so that a large body never holds heartbeats back for long."""
MAX_SPEC_PART_CHARACTERS: Final = 48 * 1024
"""Characters of a spec in one frame: at most 4 bytes each in UTF-8, escaped quotes included,
under 256 KiB."""
MAX_STATE_ITEMS: Final = 500
"""Objects in one state frame."""
HEARTBEAT_SECONDS: Final = 15.0
"""Heartbeat both ways: load balancers cut idle connections from 60 s on."""
DEAD_AFTER_SECONDS: Final = 45.0
"""A peer that is silent so long is gone: three heartbeats lost."""

CLOSE_GOING_AWAY: Final = 1001
CLOSE_DRAINING: Final = 1012
CLOSE_PROTOCOL: Final = 4400
CLOSE_REAUTHENTICATE: Final = 4401
CLOSE_BLOCKED: Final = 4403
CLOSE_REPLACED: Final = 4409

CLOSE_POLICY: Final[dict[int, str]] = {
    CLOSE_GOING_AWAY: "reconnect with backoff",
    CLOSE_DRAINING: "reconnect after the delay in the close reason, seconds",
    CLOSE_PROTOCOL: "reconnect with backoff; the peers disagree on the protocol",
    CLOSE_REAUTHENTICATE: "reconnect at once with a fresh challenge",
    CLOSE_BLOCKED: "the agent is blocked or its cluster deleted; retry once an hour",
    CLOSE_REPLACED: "a newer session of the same agent took over; reconnect with backoff",
}
"""Close code → what the agent does."""


class EnrolRequest(PeerModel):
    """Body of `POST /agent/v1/enrol`."""

    join_token: str
    public_key: str
    """Raw Ed25519 public key, base64."""
    cluster_uid: str
    """UID of the namespace kube-system."""
    agent_version: str
    kubernetes_version: str


class EnrolResponse(PeerModel):
    """What the agent keeps beside its key. The join token is burnt."""

    agent_id: str
    cluster_id: str
    cluster_fqn: str
    signing_keys: list[str]
    """Raw Ed25519 public keys of the command signer, base64; the agent accepts these and no
    other."""
    delivery: Delivery
    allowed_namespaces: list[str]
    denied_namespaces: list[str]


class Challenge(PeerModel):
    """First frame of the hub."""

    nonce: str
    """256 random bits, base64; used once."""
    server_time: float
    """Seconds since the epoch."""


class Auth(PeerModel):
    """Proof that the peer holds the agent's key: signature over `auth_bytes`."""

    agent_id: str
    time: float
    """The agent's clock, seconds since the epoch; the hub accepts ±120 s around its own."""
    audience: str
    """Host and port of the hub as the agent dialled it. The hub compares it with the request's
    Host and takes the ports 80 and 443 as absent on both sides."""
    signature: str
    """Ed25519, base64."""


class Hello(PeerModel):
    """Who the agent is and what it holds."""

    boot_id: str
    """New for each start of the process."""
    epoch: str
    """New whenever the agent's state counter starts again at 1."""
    protocol_minimum: int
    protocol_maximum: int
    agent_version: str
    kubernetes_version: str
    capabilities: list[str] = Field(default_factory=list[str])
    """Such as `delivery:direct` and `delivery:argocd`."""
    last_command_seq: int = 0
    """Up to this number every command that was sent is carried out, or held by this process. A
    process that starts names the number up to which all have results: what it had only accepted
    before is to be sent again."""
    kinds: dict[str, KindDigest] = Field(default_factory=dict[str, KindDigest])
    """What the agent holds of each kind."""


class Welcome(PeerModel):
    """The session is open."""

    generation: int
    protocol: int
    server_time: float
    heartbeat_seconds: float = HEARTBEAT_SECONDS
    spread_seconds: float = 30.0
    """First wait after a lost session is random between 0 and this, so that agents do not all
    return at once."""
    resync: list[str] = Field(default_factory=list[str])
    """Kinds of which the agent sends everything."""
    delivery: Delivery
    allowed_namespaces: list[str]
    denied_namespaces: list[str]


class CommandFrame(PeerModel):
    """A command, or one part of it: `command.spec` holds part `part` of `parts` (from 0)."""

    generation: int
    part: int = 0
    parts: int = 1
    command: SignedCommand


class Accepted(PeerModel):
    """Every command up to `seq` that was sent has been received and will be carried out."""

    seq: int


class Result(PeerModel):
    """What became of a command; sent until acknowledged by `ack.results`."""

    result: CommandResult


class StateItem(PeerModel):
    """One change of the live state. A deletion has no `object`."""

    op: Literal["upsert", "delete"]
    kind: str
    namespace: str
    name: str
    object: LiveObject | None = None


class State(PeerModel):
    """Changes of the live state, in order per object."""

    epoch: str
    seq: int
    """Counts frames of the epoch from 1."""
    items: list[StateItem]
    resync_kind: str | None = None
    """Set while a kind is sent whole."""
    is_resync_start: bool = False
    """First frame of a whole kind."""
    is_resync_end: bool = False
    """Last frame of a whole kind: what was not sent since the start is gone."""


class Ack(PeerModel):
    """The hub has committed: state frames up to `seq` of `epoch`, and the results listed."""

    epoch: str | None = None
    seq: int = 0
    results: list[str] = Field(default_factory=list[str])
    """Ids of commands whose result is stored."""


class ResyncNeeded(PeerModel):
    """The agent's outbox overflowed for these kinds; it will send them whole."""

    kinds: list[str]


class Resync(PeerModel):
    """The hub wants these kinds whole."""

    kinds: list[str]


class Heartbeat(PeerModel):
    """Still here."""

    time: float


class Draining(PeerModel):
    """The sender will close soon."""

    delay_seconds: float = 0.0


class ErrorFrame(PeerModel):
    """Why the sender is about to close."""

    code: str
    message: str


BODIES: Final[dict[str, type[PeerModel]]] = {
    "accepted": Accepted,
    "ack": Ack,
    "auth": Auth,
    "challenge": Challenge,
    "command": CommandFrame,
    "draining": Draining,
    "error": ErrorFrame,
    "heartbeat": Heartbeat,
    "hello": Hello,
    "result": Result,
    "resync": Resync,
    "resync_needed": ResyncNeeded,
    "state": State,
    "welcome": Welcome,
}
"""Type of frame → body. A type that is not here is refused with CLOSE_PROTOCOL."""

_TYPES: Final = {model: name for name, model in BODIES.items()}


class FrameError(ValueError):
    """The text is not a frame of this protocol."""


def encode_frame(body: PeerModel) -> str:
    """The JSON text of a frame `{"v": 1, "t": type, "body": …}`."""
    frame = {"v": 1, "t": _TYPES[type(body)], "body": body.model_dump(mode="json")}
    return json.dumps(frame, separators=(",", ":"), ensure_ascii=False)


def decode_frame(text: str | bytes) -> PeerModel:
    """The body of the frame, of the model that its type names.

    Raises:
        FrameError: no JSON, another version, an unknown type or a body that does not fit.
    """
    if len(text) > MAX_FRAME_BYTES:
        raise FrameError(f"frame of {len(text)} bytes is above the limit of {MAX_FRAME_BYTES}")
    try:
        frame: dict[str, Any] = json.loads(text)  # Any: JSON
        version, name, body = frame["v"], frame["t"], frame["body"]
    except (ValueError, KeyError, TypeError) as error:
        raise FrameError("not a frame: needs v, t and body") from error
    model = BODIES.get(name) if isinstance(name, str) else None
    if version != 1 or model is None:
        raise FrameError(f"frame of version {version!r} and type {name!r} is not known")
    try:
        return model.model_validate(body)
    except ValueError as error:
        raise FrameError(f"body of frame {name!r} does not fit: {str(error)[:256]}") from error


def auth_bytes(*, nonce: str, agent_id: str, audience: str, time: float) -> bytes:
    """The bytes that the agent signs in `auth`."""
    return f"splitplane-auth-v1\n{nonce}\n{agent_id}\n{audience}\n{time:.3f}".encode()


def split_spec(spec: str) -> list[str]:
    """The spec in parts that fit into a frame; one empty part for an empty spec."""
    size = MAX_SPEC_PART_CHARACTERS
    return [spec[start : start + size] for start in range(0, len(spec), size)] or [""]
