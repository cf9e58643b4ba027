from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from splitplane.client import Client

Handler = Callable[[httpx.Request], httpx.Response]


class Wire:
    """A server made of a list of answers, and what it was asked."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.pauses: list[float] = []
        self._answers: list[httpx.Response | Exception] = []

    def answers(self, *answers: httpx.Response | Exception) -> None:
        self._answers = list(answers)

    def client(self, retries: int = 4) -> Client:
        return Client(
            "https://cp.example.com",
            "spl_pat_x",
            retries=retries,
            wire=httpx.MockTransport(self._handle),
            sleep=self.pauses.append,
        )

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def wire() -> Wire:
    return Wire()


def problem(status: int, code: str, **extra: object) -> httpx.Response:
    body = {"title": code, "status": status, "detail": f"{code} happened", "code": code, **extra}
    return httpx.Response(status, json=body, headers={"content-type": "application/problem+json"})


VIEW = {
    "id": "01999999-0000-7000-8000-000000000001",
    "fqn": "environment:dev",
    "kind": "environment",
    "name": "dev",
    "manifest": {"type": "environment", "name": "dev"},
    "status": "ready",
    "etag": "1",
    "created_at": "2025-01-01T00:00:00Z",
    "updated_at": "2025-01-01T00:00:00Z",
    "created_by": "user:ann@example.com",
}


@pytest.fixture
def view() -> dict[str, object]:
    return dict(VIEW)


@pytest.fixture(name="problem")
def problem_fixture() -> Callable[..., httpx.Response]:
    return problem
