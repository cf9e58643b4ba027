"""The engine's log service, which keeps what it is told."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import grpc
from google.protobuf import empty_pb2

from splitplane.provider.stubs import engine_pb2, engine_pb2_grpc


@dataclass(frozen=True)
class Logged:
    """One message."""

    severity: str
    text: str
    urn: str
    is_ephemeral: bool


class EngineLogRecorder(engine_pb2_grpc.EngineServicer):
    """A log on a free port; a context manager.

    Attributes:
        messages: what was logged so far.
        is_open: while it is not set, no call is answered.
    """

    def __init__(self) -> None:
        self.messages: list[Logged] = []
        self.is_open = threading.Event()
        self.is_open.set()
        self._server = grpc.server(ThreadPoolExecutor(4))
        engine_pb2_grpc.add_EngineServicer_to_server(self, self._server)
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def Log(self, request: Any, context: Any) -> empty_pb2.Empty:
        self.is_open.wait(20)
        name = engine_pb2.LogSeverity.Name(request.severity).lower()
        self.messages.append(Logged(name, request.message, request.urn, request.ephemeral))
        return empty_pb2.Empty()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.is_open.set()
        self._server.stop(None).wait()
