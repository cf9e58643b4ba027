"""Messages to whoever runs the engine, by its log service; never in the way of an operation.

Messages wait in a bounded queue for a thread of their own. When the engine is slow or gone they are
dropped: what matters for the result of an operation is in its answer, not here.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Literal

import grpc

from splitplane.provider.stubs import engine_pb2, engine_pb2_grpc

Severity = Literal["debug", "info", "warning", "error"]

LONGEST_QUEUE: Final = 1000
"""Messages that wait at most; more than an engine shows in the seconds that it may be slow."""
_CALL_SECONDS: Final = 5.0
# A plugin has five seconds from Cancel to its end.
_FLUSH_SECONDS: Final = 1.0
_SEVERITIES: Final[dict[Severity, engine_pb2.LogSeverity.ValueType]] = {
    "debug": engine_pb2.DEBUG,
    "info": engine_pb2.INFO,
    "warning": engine_pb2.WARNING,
    "error": engine_pb2.ERROR,
}


@dataclass(frozen=True)
class Message:
    """One message.

    Attributes:
        severity: how severe it is; `debug` is shown with `-v` or `--debug` only.
        text: one line for people.
        urn: the resource that it is about; the stack when empty.
        is_ephemeral: whether it is a status that the next one replaces, and not kept.
    """

    severity: Severity
    text: str
    urn: str = ""
    is_ephemeral: bool = False


class EngineLog:
    """The engine's log; safe to use from any thread."""

    def __init__(self, address: str = "") -> None:
        """Nothing is connected and no thread runs before the first message."""
        self._address = address
        self._queue: queue.Queue[Message | None] = queue.Queue(LONGEST_QUEUE)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_closed = False
        self._warned: set[str] = set()
        self._place = threading.local()

    def connect(self, address: str) -> None:
        """Later messages go to the engine at this address."""
        self._address = address

    @contextmanager
    def about(self, urn: str) -> Generator[None]:
        """Messages of this thread that name no resource are about this one."""
        self._place.urn = urn
        try:
            yield
        finally:
            self._place.urn = ""

    def status(self, text: str, *, urn: str = "") -> None:
        """What is going on, shown beside the resource until the next status."""
        self.send(Message("info", text, urn, is_ephemeral=True))

    def warn_once(self, text: str) -> None:
        """A warning that is shown once in the life of the process, beside no resource."""
        with self._lock:
            is_new = text not in self._warned
            self._warned.add(text)
        if is_new:
            self.send(Message("warning", text), is_about_stack=True)

    def send(self, message: Message, *, is_about_stack: bool = False) -> None:
        """The message waits to be sent; dropped when too many do, or nobody listens."""
        if not self._address or self._is_closed:
            return
        if not message.urn and not is_about_stack:
            urn = getattr(self._place, "urn", "")
            message = Message(message.severity, message.text, urn, message.is_ephemeral)
        self._start()
        try:
            self._queue.put_nowait(message)
        except queue.Full:
            return

    def close(self) -> None:
        """What waits was sent or, after a second, dropped; later messages are dropped."""
        self._is_closed = True
        thread = self._thread
        if thread is None:
            return
        try:
            self._queue.put_nowait(None)
        except queue.Full:
            return
        thread.join(_FLUSH_SECONDS)

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="engine-log", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        address, channel = "", None
        while (message := self._queue.get()) is not None:
            if channel is None or address != self._address:
                if channel is not None:
                    channel.close()
                address = self._address
                channel = grpc.insecure_channel(address)
            try:
                engine_pb2_grpc.EngineStub(channel).Log(_request(message), timeout=_CALL_SECONDS)
            except grpc.RpcError:
                continue  # Nobody listens; there is no other place to say it.
        if channel is not None:
            channel.close()


def _request(message: Message) -> engine_pb2.LogRequest:
    return engine_pb2.LogRequest(
        severity=_SEVERITIES[message.severity],
        message=message.text,
        urn=message.urn,
        ephemeral=message.is_ephemeral,
    )
