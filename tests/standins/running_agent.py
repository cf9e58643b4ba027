"""An agent inside the test's own process, connected to a fake hub and a real API server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fake_hub import FakeHub, until

from splitplane.agent.runtime import Agent
from splitplane.agent.settings import Settings


class AgentStarter:
    """Starts agents of one test: same hub, cluster and namespace, so that a second one resumes."""

    def __init__(self, hub: FakeHub, kubeconfig: Path, namespace: str) -> None:
        """Nothing is started."""
        self.namespace = namespace
        self._hub = hub
        self._kubeconfig = kubeconfig

    @asynccontextmanager
    async def __call__(self, **changes: Any) -> AsyncIterator[Agent]:
        """An agent that has opened a session; it drains at the end."""
        values: dict[str, Any] = {
            "hub_url": self._hub.url,
            "join_token": "spl_join_test",
            "kubeconfig": self._kubeconfig,
            "namespace": self.namespace,
        }
        agent = Agent(Settings.model_validate(values | changes))
        sessions = len(self._hub.hellos)
        running = asyncio.create_task(agent.run())
        try:
            await until(
                lambda: running.done() or len(self._hub.hellos) > sessions,
                what="the agent's session",
            )
            if running.done():
                running.result()
            yield agent
        finally:
            agent.stop()
            async with asyncio.timeout(30):
                await running
