"""A way to a control plane on which the first attempt to make each object is refused."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer

import httpx
from loopback_http import QuietHandler, serving

_NOT_PASSED_ON = {"connection", "content-length", "host", "transfer-encoding"}


class RefusingProxy(ThreadingHTTPServer):
    """Passes everything on but the first POST of each body's name to each path.

    Attributes:
        refused: (path, name) in order.
    """

    def __init__(self, target: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = target
        self.refused: list[tuple[str, str]] = []
        self.client = httpx.Client(trust_env=False, timeout=30)
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def refuses(self, path: str, body: bytes) -> bool:
        """Whether it is the first attempt; noted if so."""
        key = (path, str(json.loads(body or b"{}").get("name", "")))
        with self.lock:
            is_first = key not in self.refused
            if is_first:
                self.refused.append(key)
        return is_first


class _Handler(QuietHandler):
    server: RefusingProxy

    def do_GET(self) -> None:
        self._pass_on()

    def do_POST(self) -> None:
        self._pass_on()

    def do_PUT(self) -> None:
        self._pass_on()

    def do_PATCH(self) -> None:
        self._pass_on()

    def do_DELETE(self) -> None:
        self._pass_on()

    def _pass_on(self) -> None:
        body = self.read_body()
        if self.command == "POST" and self.server.refuses(self.path, body):
            problem = {"status": 403, "code": "permission_denied", "detail": "refused once"}
            kind = {"content-type": "application/problem+json"}
            self.answer(403, kind, json.dumps(problem).encode())
            return
        headers = {
            key: value for key, value in self.headers.items() if key.lower() not in _NOT_PASSED_ON
        }
        found = self.server.client.request(
            self.command, self.server.target + self.path, content=body, headers=headers
        )
        kept = {
            key: value
            for key, value in found.headers.items()
            if key not in (*_NOT_PASSED_ON, "content-encoding")
        }
        self.answer(found.status_code, kept, found.text.encode())


@contextmanager
def refusing_proxy(target: str) -> Generator[RefusingProxy]:
    """A proxy on a free port of this machine while the body runs."""
    server = RefusingProxy(target)
    with server.client, serving(server):
        yield server
