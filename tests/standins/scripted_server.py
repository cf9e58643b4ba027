"""An API on a real socket that follows a script: statuses, headers and lost connections."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

Step = tuple[int, dict[str, str]] | str
"""Status and headers of an answer; `hang up` or `cut` loses the connection before or in it."""


class ScriptedServer:
    """A server on a free port that answers with one step after the other, the last for ever.

    Attributes:
        body: what a success answers.
        steps: what is answered next.
        requests: methods of the requests so far.
        paths: their paths.
        keys: their idempotency keys.
        connections: connections so far.
    """

    def __init__(self, body: dict[str, Any]) -> None:
        self.body = body
        self.steps: list[Step] = [(200, {})]
        self.requests: list[str] = []
        self.keys: list[str | None] = []
        self.connections = 0
        self.paths: list[str] = []
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
                    script.paths.append(self.path)
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
                body = json.dumps(script.body if status < 300 else _problem(status)).encode()
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

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()


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
