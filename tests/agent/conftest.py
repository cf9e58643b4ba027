"""Fixtures of the agent's tests: a client of the real API server, a fake hub, a running agent."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator

import pytest
from fake_hub import FakeHub
from running_agent import AgentStarter

from splitplane.agent.kube import KubeClient, load_access
from splitplane.stacks.local_cluster import LocalCluster

_numbers = itertools.count(1)


@pytest.fixture
def unique() -> str:
    """A name that no other test of this process uses."""
    return f"t{next(_numbers)}"


@pytest.fixture
async def kube(local_cluster: LocalCluster) -> AsyncIterator[KubeClient]:
    """The agent's client with an administrator's rights."""
    async with KubeClient(load_access(local_cluster.kubeconfig, None)) as client:
        yield client


@pytest.fixture
async def hub() -> AsyncIterator[FakeHub]:
    """A fake hub; the test fails when the agent broke the protocol."""
    async with FakeHub() as hub:
        yield hub
    assert hub.errors == []


@pytest.fixture
def start_agent(local_cluster: LocalCluster, hub: FakeHub, unique: str) -> AgentStarter:
    """Starts an agent in this process that is connected to the fake hub."""
    return AgentStarter(hub, local_cluster.kubeconfig, f"splitplane-{unique}")
