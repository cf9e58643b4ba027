"""Carries out commands: verified first, in order per application, independent ones in parallel.

The removal of a namespace waits for every command of its applications that came before; whatever
is about a namespace itself holds back those that come after. Failures that may pass are tried again
until the command expires.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
import weakref
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from pydantic import ValidationError

from splitplane.agent.delivery import Deliverer, Outcome
from splitplane.agent.errors import AgentError, Broken, Refused, RetryLater, UserError
from splitplane.agent.guards import GuardRails
from splitplane.agent.kube import KubeClient
from splitplane.agent.ledger import Ledger
from splitplane.agent.memory import CommandMemory
from splitplane.agent.namespaces import (
    apply_namespace,
    ensure_workspace_namespace,
    remove_workspace_namespace,
)
from splitplane.agent.verify import CommandVerifier
from splitplane.contract.commands import (
    MAX_BUNDLE_BYTES,
    SPEC_KINDS,
    Bundle,
    BundleRemoval,
    CommandResult,
    CommandSpec,
    NamespaceBundle,
    NamespaceRemoval,
    ResultPhase,
    SignedCommand,
)

log = logging.getLogger(__name__)

WORKERS: Final = 4
"""Commands at work at a time."""
LONGEST_RETRY_SECONDS: Final = 600.0
"""Tries end after ten minutes even if the command is valid for longer."""
SLOWEST_RETRY_SECONDS: Final = 30.0
PASSING_DENIAL_SECONDS: Final = 30.0
"""An API server that has just started denies everything until it has read accounts and roles, and
a namespace that is being deleted denies new objects: both pass within seconds. A denial that lasts
longer is meant."""
_DENIALS: Final = frozenset({"Forbidden", "Unauthorized"})
"""Reasons of the API server, not of our own guard rails."""
ENVELOPE_BYTES: Final = 16 * 1024
"""Room for what the spec says besides the objects."""
MESSAGE_CHARACTERS: Final = 4096

_SPECS: Final[dict[str, type[CommandSpec]]] = {kind: spec for spec, kind in SPEC_KINDS.items()}


@dataclass
class Executor:
    """Takes commands and reports a result for each exactly once.

    Attributes:
        client: Kubernetes client.
        verifier: decides whether a command is genuine.
        rails: what no command may do.
        deliverers: by name of the delivery.
        ledger: stored results.
        memory: commands of this process.
        report: called with each result, after it is stored.
        wall: seconds since the epoch.
        wait: sleeps so many seconds between tries.
        counts: results so far, by phase.
    """

    client: KubeClient
    verifier: CommandVerifier
    rails: GuardRails
    deliverers: Mapping[str, Deliverer]
    ledger: Ledger
    memory: CommandMemory
    report: Callable[[CommandResult], None]
    wall: Callable[[], float] = time.time
    wait: Callable[[float], Awaitable[None]] = asyncio.sleep
    counts: dict[str, int] = field(default_factory=dict[str, int])
    _last: dict[tuple[str, str], asyncio.Task[None]] = field(
        default_factory=dict[tuple[str, str], asyncio.Task[None]]
    )
    _tasks: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    _locks: weakref.WeakValueDictionary[str, asyncio.Lock] = field(
        default_factory=weakref.WeakValueDictionary[str, asyncio.Lock]
    )
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(WORKERS))

    def submit(self, command: SignedCommand) -> None:
        """The command will be carried out after those it depends on."""
        try:
            spec = self._check(command)
        except AgentError as error:
            self._start(command, self._refuse(command, error))
            return
        application = spec.application_id if isinstance(spec, Bundle | BundleRemoval) else ""
        key = (spec.namespace, application)
        waits_for_all = isinstance(spec, NamespaceRemoval)
        before = [
            task
            for (namespace, other), task in self._last.items()
            if namespace == spec.namespace and (waits_for_all or other in ("", application))
        ]
        task = self._start(command, self._carry_out(command, spec, before))
        self._last[key] = task
        task.add_done_callback(lambda done: self._forget(key, done))

    def namespace_lock(self, namespace: str) -> asyncio.Lock:
        """Hold it between reading a namespace and writing it, so that nobody else here writes."""
        return self._locks.setdefault(namespace, asyncio.Lock())

    async def drain(self, within_seconds: float) -> None:
        """Commands under way are finished, or cut off after `within_seconds`."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=within_seconds)
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _check(self, command: SignedCommand) -> CommandSpec:
        self.verifier.check(command, self.wall())
        self.rails.check_verb(command.kind)
        if command.seq <= self.ledger.floor_seq and self.ledger.find(command.id) is None:
            raise Refused(
                f"command {command.seq} is older than what this agent remembers",
                reason="Superseded",
            )
        size = len(command.spec.encode())
        if size > MAX_BUNDLE_BYTES + ENVELOPE_BYTES:
            raise UserError(
                f"spec has {size} bytes, a bundle may have {MAX_BUNDLE_BYTES}", reason="Invalid"
            )
        try:
            spec = _SPECS[command.kind].model_validate_json(command.spec)
        except ValidationError as error:
            raise UserError(f"spec does not fit: {str(error)[:512]}", reason="Invalid") from error
        if isinstance(spec, Bundle):
            self.rails.check_objects(spec.namespace, spec.objects)
        elif isinstance(spec, NamespaceBundle):
            self.rails.check_limits(spec.namespace, spec.objects)
        else:
            self.rails.check_namespace(spec.namespace)
        return spec

    def _start(self, command: SignedCommand, work: Awaitable[CommandResult]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(self._finish(command, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _forget(self, key: tuple[str, str], task: asyncio.Task[None]) -> None:
        if self._last.get(key) is task:
            del self._last[key]

    async def _refuse(self, command: SignedCommand, error: AgentError) -> CommandResult:
        return _failure(command, error, "refused")

    async def _carry_out(
        self, command: SignedCommand, spec: CommandSpec, before: list[asyncio.Task[None]]
    ) -> CommandResult:
        if before:
            await asyncio.wait(before)
        known = self.ledger.find(command.id)
        if known is not None:
            return known
        end = min(self.wall() + LONGEST_RETRY_SECONDS, command.expires_at.timestamp())
        tries, waited = 0, 0.0
        while True:
            try:
                async with self._slots:
                    outcome = await self._deliver(command, spec)
                return _success(command, outcome)
            except AgentError as error:
                tries += 1
                delay = _retry_delay(error, tries, waited)
                if delay is None or self.wall() + delay > end:
                    phase: ResultPhase = "refused" if isinstance(error, Refused) else "failed"
                    return _failure(command, error, phase)
                log.info(
                    "trying again",
                    extra={"command": command.id, "reason": str(error), "in_seconds": delay},
                )
                await self.wait(delay)
                waited += delay

    async def _deliver(self, command: SignedCommand, spec: CommandSpec) -> Outcome:
        if isinstance(spec, NamespaceRemoval):
            return await self._remove_namespace(spec)
        if isinstance(spec, NamespaceBundle):
            async with self.namespace_lock(spec.namespace):
                return await apply_namespace(self.client, self.rails, spec, order=command)
        deliverer = self.deliverers.get(spec.delivery)
        if deliverer is None:
            raise Refused(
                f"delivery {spec.delivery!r} is not switched on in this agent; it has "
                f"{', '.join(sorted(self.deliverers))}; set SPLITPLANE_AGENT_DELIVERY",
                reason="NotAllowed",
            )
        others = [each for each in self.deliverers.values() if each is not deliverer]
        if isinstance(spec, BundleRemoval):
            return _sum([await each.remove(spec) for each in (deliverer, *others)])
        async with self.namespace_lock(spec.namespace):
            await ensure_workspace_namespace(
                self.client,
                spec.namespace,
                workspace=spec.workspace,
                wanted_labels=spec.namespace_labels,
            )
        # The cluster's delivery may have changed since the last bundle.
        for each in others:
            if each.is_self_healing:
                await each.hand_over(spec)
        outcome = await deliverer.apply(spec, command_id=command.id)
        for each in others:
            if not each.is_self_healing:
                await each.hand_over(spec)
        return outcome

    async def _remove_namespace(self, spec: NamespaceRemoval) -> Outcome:
        for each in self.deliverers.values():
            await each.release(spec)
        return await remove_workspace_namespace(
            self.client, spec.namespace, workspace=spec.workspace
        )

    async def _finish(self, command: SignedCommand, work: Awaitable[CommandResult]) -> None:
        try:
            result = await work
        except Exception as error:  # a bug must not lose the command, nor come back with each start
            log.exception("command failed unexpectedly", extra={"command": command.id})
            bug = Broken(f"bug in the agent: {type(error).__name__}: {error}", reason="AgentBug")
            result = _failure(command, bug, "failed")
        self.counts[result.phase] = self.counts.get(result.phase, 0) + 1
        log.info(
            "command finished",
            extra={
                "command": command.id,
                "kind": command.kind,
                "seq": command.seq,
                "actor": command.actor,
                "phase": result.phase,
                "reason": result.reason,
                "detail": result.message,
            },
        )
        if result.reason != "BadSignature":
            await self.ledger.store(
                result,
                finished_seq=self.memory.finished_seq_after(result.command_id),
                unacknowledged=[waiting.command_id for waiting in self.memory.unacknowledged],
            )
        self.report(result)


def _sum(outcomes: list[Outcome]) -> Outcome:
    """What all ways of delivery did about one application, told by the one that had it."""
    told = max(outcomes, key=lambda outcome: outcome.pruned)
    return replace(told, pruned=sum(outcome.pruned for outcome in outcomes))


def _retry_delay(error: AgentError, tries: int, waited_seconds: float) -> float | None:
    """The wait before the next try; None when trying again is no use."""
    cap = min(SLOWEST_RETRY_SECONDS, 0.25 * 2.0 ** min(tries, 8))
    if isinstance(error, RetryLater):
        return error.delay_seconds + random.uniform(0.05, cap)  # noqa: S311 - jitter
    is_denial = isinstance(error, Refused) and error.reason in _DENIALS
    if is_denial and waited_seconds < PASSING_DENIAL_SECONDS:
        return random.uniform(0.05, min(cap, 4.0))  # noqa: S311 - jitter
    return None


def _success(command: SignedCommand, outcome: Outcome) -> CommandResult:
    return CommandResult(
        command_id=command.id,
        seq=command.seq,
        phase="succeeded",
        reason=outcome.reason,
        message=outcome.message[:MESSAGE_CHARACTERS],
        applied=outcome.applied,
        pruned=outcome.pruned,
    )


def _failure(command: SignedCommand, error: AgentError, phase: ResultPhase) -> CommandResult:
    return CommandResult(
        command_id=command.id,
        seq=command.seq,
        phase=phase,
        reason=error.reason,
        message=str(error)[:MESSAGE_CHARACTERS],
    )
