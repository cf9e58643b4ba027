"""Metrics of one server, in a registry of its own, so that tests may run several."""

from __future__ import annotations

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import QueuePool
from sqlalchemy.ext.asyncio import AsyncEngine

# GET should take under 20 ms, a list under 30 ms, so the buckets are fine around there.
_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """Counts and durations of requests, and the state of the connection pool.

    Attributes:
        registry: where other parts of the server register theirs.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        """Registers everything."""
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "splitplane_http_requests",
            "Requests by route and status.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "splitplane_http_request_seconds",
            "Time until the answer was complete.",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        pool = engine.pool
        checked_out = Gauge(
            "splitplane_database_connections_in_use",
            "Connections that requests and loops hold.",
            registry=self.registry,
        )
        checked_out.set_function(
            lambda: float(pool.checkedout()) if isinstance(pool, QueuePool) else 0.0
        )

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """One request is finished."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def render(self) -> tuple[bytes, str]:
        """The text for a scraper, and its content type.

        The numbers of process, hub and worker lie in the client library's own registry.
        """
        text = generate_latest(self.registry) + generate_latest(REGISTRY)
        return text, CONTENT_TYPE_LATEST
