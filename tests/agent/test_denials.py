"""The API server denies what it allows a moment later: right after its start, for one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

from splitplane.agent.delivery.base import Outcome
from splitplane.agent.errors import Refused
from splitplane.agent.executor import Executor
from splitplane.agent.guards import GuardRails
from splitplane.agent.memory import CommandMemory
from splitplane.contract.commands import BundleRemoval, CommandResult, SignedCommand, encode_spec


class _Deliverer:
    """Answers removals with errors first, then with success."""

    def __init__(self, *errors: Refused) -> None:
        self.errors = list(errors)
        self.tries = 0

    async def remove(self, removal: BundleRemoval) -> Outcome:
        self.tries += 1
        if self.errors:
            raise self.errors.pop(0)
        return Outcome("Deleted", "gone")


class _Ledger:
    """Remembers nothing."""

    floor_seq = 0

    def find(self, command_id: str) -> None:
        return None

    async def store(self, result: CommandResult, **marks: Any) -> None:
        return None


class _Verifier:
    """Trusts everybody."""

    def check(self, command: SignedCommand, wall: float) -> None:
        return None


def _forbidden() -> Refused:
    return Refused('deployments.apps is forbidden: cannot list "deployments"', reason="Forbidden")


async def _carry_out(deliverer: _Deliverer) -> tuple[CommandResult, float]:
    """The result of a removal, and how long was waited between its tries."""
    waits: list[float] = []
    results: list[CommandResult] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)

    rails = GuardRails(
        own_namespaces=frozenset({"splitplane-agent"}),
        allowed=None,
        denied=frozenset(),
        verbs=frozenset({"delete-bundle"}),
        max_deletes=50,
    )
    executor = Executor(
        client=cast(Any, None),
        verifier=cast(Any, _Verifier()),
        rails=rails,
        deliverers=cast(Any, {"direct": deliverer}),
        ledger=cast(Any, _Ledger()),
        memory=CommandMemory(),
        report=results.append,
        wait=wait,
    )
    spec = BundleRemoval(
        application_id="a1",
        application_fqn="prod-eu:team1:ranker",
        workspace="team1",
        namespace="team1",
        delivery="direct",
    )
    now = datetime.now(UTC)
    executor.submit(
        SignedCommand(
            id="c1",
            cluster_uid="u1",
            seq=1,
            kind="delete-bundle",
            spec=encode_spec(spec),
            spec_sha256="",
            not_before=now,
            expires_at=now + timedelta(hours=1),
            actor="user:ann@example.com",
            key_id="",
            signature="",
        )
    )
    await executor.drain(5.0)
    (result,) = results
    return result, sum(waits)


async def test_denial_that_passes_is_waited_out() -> None:
    deliverer = _Deliverer(_forbidden(), Refused("unknown account", reason="Unauthorized"))

    result, _ = await _carry_out(deliverer)

    assert (result.phase, result.reason, deliverer.tries) == ("succeeded", "Deleted", 3)


async def test_denial_that_lasts_is_final_after_half_a_minute() -> None:
    result, waited_seconds = await _carry_out(_Deliverer(*(_forbidden() for _ in range(10_000))))

    assert (result.phase, result.reason) == ("refused", "Forbidden")
    assert 30.0 <= waited_seconds < 34.0


async def test_guard_rail_is_final_at_once() -> None:
    deliverer = _Deliverer(Refused("too many objects", reason="TooManyDeletes"))

    result, waited_seconds = await _carry_out(deliverer)

    assert (result.phase, result.reason) == ("refused", "TooManyDeletes")
    assert (deliverer.tries, waited_seconds) == (1, 0.0)
