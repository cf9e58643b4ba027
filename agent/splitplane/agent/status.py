"""Local HTTP server: `/healthz` (alive), `/readyz` (caches filled), `/metrics` (Prometheus)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from aiohttp import web

log = logging.getLogger(__name__)

Metric = tuple[str, str, str, list[tuple[Mapping[str, str], float]]]
"""Name, type, help, samples."""


def render_metrics(metrics: list[Metric]) -> str:
    """Prometheus text format 0.0.4."""
    lines: list[str] = []
    for name, kind, text, samples in metrics:
        lines += [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]
        for labels, value in samples:
            inner = ",".join(f'{key}="{_escape(text)}"' for key, text in sorted(labels.items()))
            lines.append(f"{name}{{{inner}}} {value:g}" if inner else f"{name} {value:g}")
    return "\n".join(lines) + "\n"


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


@dataclass
class StatusServer:
    """Serves while its context is open.

    Attributes:
        host: address to listen on.
        port: port to listen on; a free one when 0, then it is set to the one that was taken.
        problems: why the process should be restarted.
        waiting_for: what is not ready yet.
        metrics: current metrics.
    """

    host: str
    port: int
    problems: Callable[[], list[str]]
    waiting_for: Callable[[], list[str]]
    metrics: Callable[[], list[Metric]]
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._metrics)
        self.port = await serve(self._stack, app, self.host, self.port)
        log.info("status server listens", extra={"address": f"http://{self.host}:{self.port}"})
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def _healthz(self, _: web.Request) -> web.Response:
        return _verdict(self.problems())

    async def _readyz(self, _: web.Request) -> web.Response:
        return _verdict(self.waiting_for())

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(
            text=render_metrics(self.metrics()), content_type="text/plain", charset="utf-8"
        )


async def serve(stack: AsyncExitStack, app: web.Application, host: str, port: int) -> int:
    """The port on which `app` is served until `stack` is closed."""
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    site = web.TCPSite(runner, host, port)
    await site.start()
    taken: int = runner.addresses[0][1]
    return taken


def _verdict(reasons: list[str]) -> web.Response:
    text = "".join(f"{reason}\n" for reason in reasons) or "ok\n"
    return web.Response(text=text, status=503 if reasons else 200)
