"""Small HTTP servers of tests, on a free port of this machine."""

from __future__ import annotations

import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from socketserver import BaseServer


class QuietHandler(BaseHTTPRequestHandler):
    """Answers without a line in the log of the test."""

    def read_body(self) -> bytes:
        """The body of the request, empty without one."""
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def answer(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
        """The whole answer; its length is added to the headers."""
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(server: BaseServer) -> Generator[None]:
    """The server answers while the body runs, and is closed after it."""
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
