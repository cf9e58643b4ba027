"""A TCP proxy on loopback that stands between an agent and the hub and breaks the link on demand.

Knows just enough of WebSocket framing to swallow single frames by their type; everything else
passes through untouched. Runs in threads, so that it works under synchronous tests.
"""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterator
from types import TracebackType
from typing import Final, Literal, Self

Direction = Literal["up", "down"]
"""`up` is from the agent to the hub."""

_CHUNK_BYTES: Final = 65536
_TEXT_FRAME: Final = 1


class FaultProxy:
    """Passes connections on to `target_port` of 127.0.0.1 until told otherwise.

    Attributes:
        port: where it listens.
        swallowed: how many frames of each type were swallowed so far.
        passed: how many frames of each type went through so far.
        connections: how many connections were passed on so far.
    """

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self.swallowed: Counter[str] = Counter()
        self.passed: Counter[str] = Counter()
        self.connections = 0
        self._swallow: frozenset[str] = frozenset()
        self._is_refusing = False
        self._is_silent = False
        self._is_lingering = False
        self._pairs: set[_Pair] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, name="fault-proxy", daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening and cut every connection."""
        self._listener.close()
        self.cut()

    def swallow(self, *types: str) -> None:
        """From now on frames of these types disappear, in either direction; none to end it."""
        self._swallow = frozenset(types)

    def refuse(self, is_refusing: bool) -> None:
        """Whether new connections are reset; open ones stay."""
        self._is_refusing = is_refusing

    def silence(self, is_silent: bool) -> None:
        """Whether every byte disappears while the connections stay open: a half-open link."""
        self._is_silent = is_silent

    def linger(self, is_lingering: bool) -> None:
        """Whether the hub is kept from learning that an agent hung up; it learns at the end."""
        self._is_lingering = is_lingering
        if not is_lingering:
            with self._lock:
                ended = [pair for pair in self._pairs if pair.is_ended]
            for pair in ended:
                self._drop(pair)

    def cut(self) -> int:
        """Reset every open connection; returns how many there were."""
        with self._lock:
            pairs = list(self._pairs)
            self._pairs.clear()
        for pair in pairs:
            pair.reset()
        return len(pairs)

    def heal(self) -> None:
        """Pass everything on again."""
        self.swallow()
        self.refuse(False)
        self.silence(False)
        self.linger(False)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return  # closed
            if self._is_refusing:
                _reset(client)
                continue
            try:
                hub = socket.create_connection(("127.0.0.1", self.target_port), timeout=5)
            except OSError:
                _reset(client)
                continue
            hub.settimeout(None)
            pair = _Pair(client, hub)
            with self._lock:
                self._pairs.add(pair)
                self.connections += 1
            for source, sink in ((client, hub), (hub, client)):
                arguments = (pair, source, sink)
                threading.Thread(target=self._pump, args=arguments, daemon=True).start()

    def _pump(self, pair: _Pair, source: socket.socket, sink: socket.socket) -> None:
        stream = _Stream()
        with contextlib.suppress(OSError):
            while data := source.recv(_CHUNK_BYTES):
                if self._is_silent:
                    continue
                for piece, frame_type in stream.feed(data):
                    if frame_type in self._swallow:
                        self.swallowed[frame_type] += 1
                        continue
                    if frame_type:
                        self.passed[frame_type] += 1
                    sink.sendall(piece)
        # One direction's end is taken for both: neither HTTP nor WebSocket needs a half-open one.
        pair.is_ended = True
        if not self._is_lingering:
            self._drop(pair)

    def _drop(self, pair: _Pair) -> None:
        with self._lock:
            self._pairs.discard(pair)
        pair.close()


class _Pair:
    """The two ends of one connection.

    Attributes:
        is_ended: whether either end has closed.
    """

    def __init__(self, client: socket.socket, hub: socket.socket) -> None:
        self.is_ended = False
        self._sockets = (client, hub)

    def reset(self) -> None:
        """Close both ends as a broken network does."""
        for end in self._sockets:
            _reset(end)

    def close(self) -> None:
        """Close both ends properly."""
        for end in self._sockets:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


class _Stream:
    """One direction of a connection: an HTTP head, then WebSocket frames or anything else."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._state: Literal["head", "frames", "raw"] = "head"

    def feed(self, data: bytes) -> Iterator[tuple[bytes, str]]:
        """The complete pieces with the type of the frame, "" for what is no text frame."""
        self._buffer += data
        if self._state == "head":
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._buffer[: end + 4])
            del self._buffer[: end + 4]
            self._state = "frames" if b"upgrade: websocket" in head.lower() else "raw"
            yield head, ""
        if self._state == "raw":
            if self._buffer:
                yield bytes(self._buffer), ""
                self._buffer.clear()
            return
        while (size := _frame_size(self._buffer)) is not None and len(self._buffer) >= size:
            frame = bytes(self._buffer[:size])
            del self._buffer[:size]
            yield frame, _frame_type(frame)


def _frame_size(data: bytearray) -> int | None:
    """Bytes of the first frame (RFC 6455 section 5.2); None while its head is incomplete."""
    if len(data) < 2:
        return None
    length, head = data[1] & 0x7F, 2
    if length == 126:
        head = 4
    elif length == 127:
        head = 10
    if len(data) < head:
        return None
    if head > 2:
        length = int.from_bytes(data[2:head], "big")
    return head + (4 if data[1] & 0x80 else 0) + length


def _frame_type(frame: bytes) -> str:
    if frame[0] & 0x0F != _TEXT_FRAME:
        return ""
    head = {126: 4, 127: 10}.get(frame[1] & 0x7F, 2)
    payload = frame[head:]
    if frame[1] & 0x80:
        mask, masked = payload[:4], payload[4:]
        repeated = (mask * (len(masked) // 4 + 1))[: len(masked)]
        payload = (int.from_bytes(masked, "big") ^ int.from_bytes(repeated, "big")).to_bytes(
            len(masked), "big"
        )
    try:
        return str(json.loads(payload)["t"])
    except (ValueError, KeyError, TypeError):
        return ""


def _reset(end: socket.socket) -> None:
    """Close with RST, as a broken network does, not with FIN."""
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.shutdown(socket.SHUT_RDWR)
    end.close()
