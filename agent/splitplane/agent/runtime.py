"""Puts the parts of the agent together and runs them until the process is told to stop."""

from __future__ import annotations

import asyncio
import gc
import logging
import random
import signal
import time
import uuid
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Final

from splitplane.agent.backoff import Backoff
from splitplane.agent.delivery import Deliverer
from splitplane.agent.delivery.argocd import ArgoDeliverer, ArgoTarget
from splitplane.agent.delivery.chart import serve_chart
from splitplane.agent.delivery.direct import DirectDeliverer
from splitplane.agent.errors import RetryLater
from splitplane.agent.executor import Executor
from splitplane.agent.guards import GuardRails
from splitplane.agent.health import Health
from splitplane.agent.identity import Identity, ensure_namespace_exists, load_identity
from splitplane.agent.keeper import Keeper
from splitplane.agent.kube import KubeClient, load_access
from splitplane.agent.ledger import Ledger
from splitplane.agent.memory import CommandMemory
from splitplane.agent.outbox import Outbox
from splitplane.agent.session import AgentFacts, Session
from splitplane.agent.settings import Settings
from splitplane.agent.state.follow import ARGOCD, WORKLOADS, Follower
from splitplane.agent.state.store import LiveStore
from splitplane.agent.status import Metric, StatusServer
from splitplane.agent.transport import audience_of, client_tls
from splitplane.agent.tunnel import Tunnel
from splitplane.agent.verify import CommandVerifier
from splitplane.contract.commands import APPLY_NAMESPACE, CommandResult
from splitplane.contract.frames import EnrolResponse, Welcome

log = logging.getLogger(__name__)

DRAIN_SECONDS: Final = 20.0
"""Commands under way get so long to finish after SIGTERM; Kubernetes kills after 30 s."""
FLUSH_SECONDS: Final = 3.0
"""The last state and results get so long to be acknowledged."""
SLOWEST_START_SECONDS: Final = 30.0


@dataclass
class Agent:
    """One agent process.

    Attributes:
        settings: what it was started with.
        health: facts for the status server.
    """

    settings: Settings
    health: Health = field(default_factory=Health)
    status_port: int = 0
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    def stop(self) -> None:
        """`run` drains and returns; calling it again changes nothing."""
        self._stop.set()

    async def run(self) -> None:
        """Runs until `stop`: enrols if needed, watches, and keeps the control socket.

        Raises:
            UserError: the settings do not lead to an enrolled agent.
            Refused: the control plane or the API server refuses this agent.
        """
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(
                KubeClient(load_access(self.settings.kubeconfig, self.settings.context))
            )
            identity = await self._enrolled(client)
            if identity is None:
                return
            target = await self._argo_target(stack, identity)
            parts = await build_parts(client, identity, self.settings, self.health, target)
            await self._serve(stack, parts)

    async def _enrolled(self, client: KubeClient) -> Identity | None:
        """The identity; None when the process is told to stop before there is one."""
        tries = 0
        while not self._stop.is_set():
            try:
                await ensure_namespace_exists(client, self.settings.namespace)
                return await load_identity(client, self.settings)
            except RetryLater as error:
                tries += 1
                delay = error.delay_seconds + random.uniform(  # noqa: S311 - jitter
                    0.2, min(SLOWEST_START_SECONDS, 2.0 ** min(tries, 5))
                )
                log.warning("cannot start yet", extra={"reason": str(error)})
                self.health.expect_step(delay + 60.0)
                await self._pause(delay)
        return None

    async def _argo_target(self, stack: AsyncExitStack, identity: Identity) -> ArgoTarget | None:
        """Where Argo CD finds things, the chart being served from now on; None with `direct`."""
        settings = self.settings
        if (settings.delivery or identity.enrolment.delivery) != "argocd":
            return None
        port = await serve_chart(stack, settings.chart_host, settings.chart_port)
        return ArgoTarget(
            namespace=settings.argocd_namespace,
            destination=settings.argocd_destination,
            chart_url=settings.chart_url or f"http://{settings.chart_host}:{port}",
        )

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stop.wait()
        except TimeoutError:
            return

    async def _serve(self, stack: AsyncExitStack, parts: Parts) -> None:
        status = await stack.enter_async_context(
            StatusServer(
                host=self.settings.status_host,
                port=self.settings.status_port,
                problems=self.health.problems,
                waiting_for=parts.waiting_for,
                metrics=parts.metrics,
            )
        )
        self.status_port = status.port
        background = [
            asyncio.create_task(self.health.run(), name="health"),
            asyncio.create_task(parts.follower.run(), name="watches"),
            asyncio.create_task(parts.settle(), name="settle"),
            asyncio.create_task(parts.keeper.run(), name="keeper"),
        ]
        tunnel = asyncio.create_task(parts.tunnel.run(), name="tunnel")
        stopped = asyncio.create_task(self._stop.wait(), name="stop")
        try:
            watched = {tunnel, stopped, *background[:2]}
            done, _ = await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
            for task in done - {stopped}:
                task.result()
            await parts.drain()
            await asyncio.wait({tunnel}, timeout=FLUSH_SECONDS + 5.0)
        finally:
            for task in (tunnel, stopped, *background):
                task.cancel()
            await asyncio.gather(tunnel, stopped, *background, return_exceptions=True)


@dataclass
class Parts:
    """What runs after enrolment, wired together."""

    store: LiveStore
    outbox: Outbox
    memory: CommandMemory
    ledger: Ledger
    executor: Executor
    keeper: Keeper
    follower: Follower
    tunnel: Tunnel
    health: Health

    async def drain(self) -> None:
        """No command is accepted any more; what runs is finished and told if time allows."""
        self.tunnel.announce_drain()
        await self.executor.drain(DRAIN_SECONDS)
        deadline = time.monotonic() + FLUSH_SECONDS
        while self.health.is_connected and time.monotonic() < deadline:
            if self.outbox.is_idle and not self.memory.unacknowledged:
                break
            await asyncio.sleep(0.05)
        self.tunnel.stop()

    async def settle(self) -> None:
        """After the first sync, what exists is kept out of the garbage collector's rounds."""
        await self.follower.synced.wait()
        gc.collect()
        gc.freeze()

    def waiting_for(self) -> list[str]:
        """What is missing until the agent is ready; the hub is not part of it."""
        return [] if self.follower.synced.is_set() else ["first state of the watches"]

    def metrics(self) -> list[Metric]:
        """Everything that /metrics shows."""
        prefix = "splitplane_agent"
        return [
            (
                f"{prefix}_connected",
                "gauge",
                "1 while a session with the hub is open.",
                [({}, float(self.health.is_connected))],
            ),
            (
                f"{prefix}_connection_attempts_total",
                "counter",
                "Connections to the hub that were tried.",
                [({}, self.tunnel.attempts)],
            ),
            (
                f"{prefix}_sessions_total",
                "counter",
                "Sessions with the hub that were opened.",
                [({}, self.tunnel.sessions)],
            ),
            (
                f"{prefix}_commands_total",
                "counter",
                "Commands that have a result, by phase.",
                [({"phase": phase}, n) for phase, n in sorted(self.executor.counts.items())],
            ),
            (
                f"{prefix}_commands_running",
                "gauge",
                "Commands that are being carried out.",
                [({}, self.memory.running_count)],
            ),
            (
                f"{prefix}_drift_healed_total",
                "counter",
                "Namespaces and limits in them that somebody had changed, and that were put back.",
                [({}, self.keeper.healed)],
            ),
            (
                f"{prefix}_live_objects",
                "gauge",
                "Objects held, by kind.",
                [({"kind": kind}, n) for kind, n in sorted(self.store.counts().items())],
            ),
            (
                f"{prefix}_outbox_keys",
                "gauge",
                "Changes that wait to be sent.",
                [({}, self.outbox.waiting_count)],
            ),
            (
                f"{prefix}_outbox_overflows_total",
                "counter",
                "How often a kind had to be sent whole for lack of room.",
                [({"kind": kind}, n) for kind, n in sorted(self.outbox.overflows.items())],
            ),
            (
                f"{prefix}_lists_total",
                "counter",
                "How often the whole state was asked of the API server, by kind.",
                [({"kind": kind}, n) for kind, n in sorted(self.follower.lists.items())],
            ),
            (
                f"{prefix}_event_loop_lag_seconds",
                "gauge",
                "How late the last tick of the event loop was.",
                [({}, self.health.lag_seconds)],
            ),
        ]


async def build_parts(
    client: KubeClient,
    identity: Identity,
    settings: Settings,
    health: Health,
    target: ArgoTarget | None,
) -> Parts:
    """The parts for this identity, with the ledger read; without target there is no Argo CD."""
    enrolment = identity.enrolment
    rails = build_rails(settings, enrolment)
    ledger = Ledger(client, namespace=settings.namespace, cluster_id=enrolment.cluster_id)
    await ledger.load()
    memory = CommandMemory(accepted_seq=ledger.finished_seq)
    for entry in ledger.entries():
        memory.recall(entry.result, is_acknowledged=entry.is_acknowledged)

    store = LiveStore(changed=lambda kind, namespace, name: changed(kind, namespace, name))
    outbox = Outbox(store)
    deliverers: dict[str, Deliverer] = {"direct": DirectDeliverer(client, rails)}
    if target is not None:
        deliverers["argocd"] = ArgoDeliverer(client, rails, target)
    verifier = CommandVerifier(enrolment.signing_keys, identity.cluster_uid)
    executor = Executor(
        client=client,
        verifier=verifier,
        rails=rails,
        deliverers=deliverers,
        ledger=ledger,
        memory=memory,
        report=lambda result: report(result),
    )
    keeper = Keeper(
        client=client,
        verifier=verifier,
        rails=lambda: executor.rails,
        lock=executor.namespace_lock,
    )
    followed = (*WORKLOADS, ARGOCD) if target is not None else WORKLOADS
    follower = Follower(client, store, settings.allowed_namespaces, followed)
    facts = AgentFacts(
        agent_id=enrolment.agent_id,
        key=identity.key,
        boot_id=str(uuid.uuid4()),
        kubernetes_version=await client.version(),
        capabilities=capabilities_of(settings, deliverers),
    )

    def open_session(now: float) -> Session:
        return Session(
            facts,
            memory,
            outbox,
            digests=store.digests,
            audience=audience_of(settings.hub_url),
            now=now,
        )

    def opened(welcome: Welcome) -> None:
        executor.rails = build_rails(settings, welcome)

    tunnel = Tunnel(
        hub_url=settings.hub_url,
        tls=client_tls(settings.hub_url, settings.ca_bundle),
        open_session=open_session,
        execute=executor.submit,
        opened=opened,
        health=health,
        backoff=Backoff(longest_seconds=settings.reconnect_wait_seconds),
    )

    def changed(kind: str, namespace: str, name: str) -> None:
        outbox.offer(kind, namespace, name)
        tunnel.wake()

    def report(result: CommandResult) -> None:
        memory.finish(result)
        tunnel.report(result)

    return Parts(store, outbox, memory, ledger, executor, keeper, follower, tunnel, health)


def capabilities_of(settings: Settings, deliverers: Iterable[str]) -> tuple[str, ...]:
    """What the hub may send: the ways of delivery, and newer commands that the verb list has."""
    found = [f"delivery:{name}" for name in deliverers]
    if "apply-namespace" in settings.verbs:
        found.append(APPLY_NAMESPACE)
    return tuple(sorted(found))


def build_rails(settings: Settings, cluster: EnrolResponse | Welcome) -> GuardRails:
    """The guard rails: those of this process, narrowed by what the control plane says."""
    local, remote = frozenset(settings.allowed_namespaces), frozenset(cluster.allowed_namespaces)
    either = local & remote if local and remote else local | remote
    return GuardRails(
        own_namespaces=frozenset({settings.namespace, settings.argocd_namespace}),
        allowed=either if local or remote else None,
        denied=frozenset(settings.denied_namespaces) | frozenset(cluster.denied_namespaces),
        verbs=frozenset(settings.verbs),
        max_deletes=settings.max_deletes,
    )


async def run_until_signalled(settings: Settings) -> None:
    """Runs an agent until SIGTERM or SIGINT, which it answers by draining."""
    agent = Agent(settings)
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, agent.stop)
    try:
        await agent.run()
    finally:
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(name)
