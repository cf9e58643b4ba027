from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from splitplane.cli import connect
from splitplane.cli.main import main
from splitplane.client import Client


@dataclass
class Outcome:
    code: int
    out: str
    err: str


class ControlPlane:
    """What the command line is answered, by method and path, and what it asked."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self._answers: dict[str, list[httpx.Response | BaseException]] = {}

    def answers(self, call: str, *responses: httpx.Response | BaseException) -> None:
        self._answers[call] = list(responses)

    def body(self, index: int = -1) -> Any:
        return json.loads(self.requests[index].content)

    def client(self, endpoint: str | None) -> Client:
        return Client(
            endpoint or "https://cp.example.com",
            "spl_pat_x",
            retries=0,
            wire=httpx.MockTransport(self._handle),
        )

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        path = request.url.raw_path.decode().partition("?")[0]
        queue = self._answers[f"{request.method} {path}"]
        answer = queue.pop(0) if len(queue) > 1 else queue[0]
        if isinstance(answer, BaseException):
            raise answer
        return answer


@pytest.fixture
def control_plane(monkeypatch: pytest.MonkeyPatch) -> ControlPlane:
    server = ControlPlane()
    monkeypatch.setattr(connect, "open_client", server.client)
    return server


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    def call(*arguments: str) -> Outcome:
        code = main(list(arguments))
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call


@pytest.fixture
def problem() -> Callable[..., httpx.Response]:
    def build(status: int, code: str, **extra: object) -> httpx.Response:
        body = {"title": code, "status": status, "detail": f"{code} happened", "code": code}
        return httpx.Response(
            status, json=body | extra, headers={"content-type": "application/problem+json"}
        )

    return build


@pytest.fixture
def view() -> Callable[..., dict[str, Any]]:
    def build(kind: str, fqn: str, manifest: dict[str, Any], **extra: Any) -> dict[str, Any]:
        return {
            "id": "01999999-0000-7000-8000-000000000001",
            "fqn": fqn,
            "kind": kind,
            "name": fqn.rpartition(":")[2],
            "manifest": manifest,
            "status": "ready",
            "etag": "1",
            "created_at": "2025-01-01T00:00:00Z",
            "updated_at": "2025-01-01T00:00:00Z",
            "created_by": "user:ann@example.com",
        } | extra

    return build
