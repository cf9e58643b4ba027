"""Retries and the connection pool over real sockets, against a server that follows a script."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from splitplane.client import Client, Conflict, RetryLater, Unreachable

Step = tuple[int, dict[str, str]] | str
"""Status and headers of an answer; `hang up` or `cut` loses the connection before or in it."""

MANIFEST = {"type": "environment", "name": "dev"}


class Script:
    """A server that answers with one step after the other, the last for ever."""

    def __init__(self, view: dict[str, Any]) -> None:
        self.steps: list[Step] = [(200, {})]
        self.requests: list[str] = []
        self.keys: list[str | None] = []
        self.connections = 0
        self.pauses: list[float] = []
        self.told: list[tuple[str, str]] = []
        self._lock = threading.Lock()
        script = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                with script._lock:
                    script.connections += 1

            def answer(self) -> None:
                length = int(self.headers.get("content-length", 0))
                self.rfile.read(length)
                with script._lock:
                    script.requests.append(self.command)
                    script.keys.append(self.headers.get("idempotency-key"))
                    steps = script.steps
                    step = steps.pop(0) if len(steps) > 1 else steps[0]
                if isinstance(step, str):
                    if step == "cut":
                        self.send_response(200)
                        self.send_header("content-length", "1000")
                        self.end_headers()
                        self.wfile.write(b"{")
                    self.close_connection = True
                    return
                status, headers = step
                body = json.dumps(view if status < 300 else _problem(status)).encode()
                self.send_response(status)
                kind = "application/json" if status < 300 else "application/problem+json"
                for name, value in {"content-type": kind, **headers}.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_DELETE = answer

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def client(self, retries: int = 4) -> Client:
        return Client(
            self.endpoint,
            "spl_pat_x",
            retries=retries,
            sleep=self.pauses.append,
            tell=lambda kind, text: self.told.append((kind, text)),
        )

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()


@pytest.fixture
def script(view: dict[str, Any]) -> Iterator[Script]:
    made = Script(view)
    yield made
    made.stop()


@pytest.mark.parametrize("step", [(429, {}), (502, {}), (503, {}), (504, {}), "hang up", "cut"])
def test_a_creation_survives(script: Script, step: Step) -> None:
    script.steps = [step, step, (200, {})]

    with script.client() as client:
        made = client.create(MANIFEST)

    assert made.name == "dev"
    assert script.requests == ["POST"] * 3
    assert len(set(script.keys)) == 1
    assert len(script.pauses) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 500])
def test_a_refused_change_is_sent_once(script: Script, status: int) -> None:
    script.steps = [(status, {})]

    with script.client() as client, pytest.raises(Exception, match="happened"):
        client.update("environment", "environment:dev", MANIFEST)

    assert script.requests == ["PUT"]
    assert script.pauses == []


def test_what_is_not_safe_to_repeat_is_sent_once_when_its_answer_is_lost(script: Script) -> None:
    script.steps = ["hang up"]

    with script.client() as client, pytest.raises(Unreachable):
        client.apply([MANIFEST])

    assert script.requests == ["POST"]


def test_a_date_in_retry_after_is_waited_for(script: Script) -> None:
    from datetime import UTC, datetime, timedelta
    from email.utils import format_datetime

    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    script.steps = [(503, {"retry-after": moment}), (200, {})]

    with script.client() as client:
        client.get("environment", "environment:dev")

    assert 15 < script.pauses[0] <= 20.2


def test_no_retries_means_one_try(script: Script) -> None:
    script.steps = [(503, {})]

    with script.client(retries=0) as client, pytest.raises(RetryLater):
        client.get("environment", "environment:dev")

    assert script.requests == ["GET"]


def test_requests_share_connections(script: Script) -> None:
    with script.client() as client, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: client.get("environment", "environment:dev"), range(200)))

    assert len(script.requests) == 200
    assert script.connections <= 8


def test_each_retry_is_told(script: Script) -> None:
    script.steps = [(503, {"retry-after": "3"}), "hang up", (200, {})]

    with script.client() as client:
        client.get("environment", "environment:dev")

    kinds, texts = zip(*script.told, strict=True)
    assert kinds == ("retry", "retry")
    assert texts[0].startswith("control plane answered 503; trying again in 3.")
    assert texts[0].endswith(" s (1 of 4)")
    assert texts[1].startswith("control plane did not answer (")


def test_a_warning_of_the_server_is_told(script: Script) -> None:
    script.steps = [(200, {"warning": '299 splitplane "the token ends in 3 days"'})]

    with script.client() as client:
        client.get("environment", "environment:dev")

    assert script.told == [("warning", "the token ends in 3 days")]


def test_a_stale_answer_of_a_cache_is_no_warning(script: Script) -> None:
    script.steps = [(200, {"warning": '110 cache "Response is stale"'})]

    with script.client() as client:
        client.get("environment", "environment:dev")

    assert script.told == []


def test_a_conflict_keeps_its_problem(script: Script) -> None:
    script.steps = [(409, {})]

    with script.client() as client, pytest.raises(Conflict) as caught:
        client.update("environment", "environment:dev", MANIFEST, '"7"')

    assert caught.value.problem is not None
    assert caught.value.problem.status == 409


def _problem(status: int) -> dict[str, Any]:
    codes = {
        400: "invalid_input",
        401: "unauthenticated",
        403: "forbidden",
        404: "not_found",
        409: "stale",
        422: "invalid_input",
        429: "rate_limited",
        500: "internal",
    }
    code = codes.get(status, "unavailable")
    return {"title": code, "status": status, "detail": f"{code} happened", "code": code}
