"""Commands as the hub sees them: what to send, what was accepted, what came of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Final, cast

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from splitplane.contract.commands import (
    APPLY_NAMESPACE,
    CommandKind,
    CommandResult,
    SignedCommand,
)
from splitplane.controlplane.history import record_event
from splitplane.controlplane.hub.storable import storable
from splitplane.controlplane.tables import Application, Cluster, Command, Workspace

OPEN_STATES: Final = ("queued", "sent", "accepted")
"""States of commands without a result."""

_BATCH: Final = 50
"""Commands read at once: 50 bundles of the largest size are 45 MB, the usual ones 0.2 MB."""

SPEC_LIFETIME: Final = timedelta(days=7)
"""Time for which a finished command keeps what it carried, for whoever looks into a failure."""

_CLEARED_AT_ONCE: Final = 1000
"""Rows of one round, so that the first round after an update holds no lock for long."""

_MESSAGE_LIMIT: Final = 4096
"""Characters of a result's message, as the contract says."""


_NEEDED_CAPABILITIES: Final[dict[str, str]] = {"apply-namespace": APPLY_NAMESPACE}
"""Kinds of commands that not every agent knows: one that does not would end its session over it."""


async def take_commands(
    session: AsyncSession, *, cluster_id: str, after_seq: int, capabilities: Collection[str]
) -> list[SignedCommand]:
    """Commands of the cluster without a result above `after_seq`, now counted as sent, by number.

    Those past their end are marked as expired instead, and those that an agent with these
    capabilities does not understand as superseded, with an event each.
    """
    await expire_commands(session, cluster_ids=[cluster_id])
    await _drop_unknown(session, cluster_id, capabilities)
    rows = list(
        await session.scalars(
            select(Command)
            .where(
                Command.cluster_id == cluster_id,
                Command.state.in_(OPEN_STATES),
                Command.seq > after_seq,
            )
            .order_by(Command.seq)
            .limit(_BATCH)
            .with_for_update()
        )
    )
    if not rows:
        return []
    commands = [_signed(row) for row in rows]
    for row in rows:
        row.attempts += 1
        row.sent_at = func.now()
        if row.state == "queued":
            row.state = "sent"
    await session.flush()
    return commands


async def clear_specs(session: AsyncSession) -> None:
    """Commands that were finished a week ago carry nothing any more; what became of them stays.

    What was ordered for namespaces is kept: the worker compares the newest one with what is wanted.
    """
    old = (
        select(Command.id)
        .where(
            Command.finished_at < func.now() - SPEC_LIFETIME,
            Command.spec != "",
            Command.kind != "apply-namespace",
        )
        .limit(_CLEARED_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    await session.execute(update(Command).where(Command.id.in_(old)).values(spec=""))


async def expire_commands(session: AsyncSession, *, cluster_ids: Iterable[str]) -> None:
    """Marks open commands past their end, and wakes what waits for them."""
    expired = await session.scalars(
        update(Command)
        .where(
            Command.cluster_id.in_(list(cluster_ids)),
            Command.state.in_(OPEN_STATES),
            Command.expires_at <= func.now(),
        )
        .values(state="expired", finished_at=func.now())
        .returning(Command)
        .execution_options(synchronize_session=False)
    )
    for command in list(expired):
        await _tell(session, command, "expired before the agent carried it out")


async def _drop_unknown(
    session: AsyncSession, cluster_id: str, capabilities: Collection[str]
) -> None:
    """Whoever gave the commands sees in the session what this agent can do."""
    unknown = [kind for kind, need in _NEEDED_CAPABILITIES.items() if need not in capabilities]
    if not unknown:
        return
    dropped = await session.scalars(
        update(Command)
        .where(
            Command.cluster_id == cluster_id,
            Command.state.in_(OPEN_STATES),
            Command.kind.in_(unknown),
        )
        .values(state="superseded", finished_at=func.now())
        .returning(Command)
        .execution_options(synchronize_session=False)
    )
    for command in list(dropped):
        await _tell(session, command, "the agent that is connected does not know such commands")


async def accept_commands(session: AsyncSession, *, cluster_id: str, seq: int) -> None:
    """The agent has received every command that was sent up to `seq`."""
    await session.execute(
        update(Command)
        .where(Command.cluster_id == cluster_id, Command.seq <= seq, Command.state == "sent")
        .values(state="accepted", accepted_at=func.now())
        .execution_options(synchronize_session=False)
    )


async def finish_command(
    session: AsyncSession, *, cluster_id: str, result: CommandResult
) -> str | None:
    """Stores the result once; the command's kind, or None when it was not waiting for a result.

    A result for a command of another cluster is ignored.
    """
    row = await session.scalar(
        select(Command)
        .where(
            Command.id == result.command_id,
            Command.cluster_id == cluster_id,
            Command.state.in_(OPEN_STATES),
        )
        .with_for_update()
    )
    if row is None:
        return None
    row.state = result.phase
    kept = storable({**result.model_dump(mode="json"), "message": result.message[:_MESSAGE_LIMIT]})
    row.result = kept
    row.finished_at = func.now()
    await session.flush()
    await _tell(session, row, kept["message"] or kept["reason"])
    return row.kind


async def _tell(session: AsyncSession, command: Command, message: str) -> None:
    """Event, and the application or workspace becomes due."""
    cluster_fqn = await session.scalar(select(Cluster.fqn).where(Cluster.id == command.cluster_id))
    await record_event(
        session,
        tenant_id=command.tenant_id,
        type=f"command.{command.state}",
        actor=f"agent:{cluster_fqn}",
        object_kind="application" if command.application_id else "workspace",
        object_id=command.application_id or command.workspace_id,
        fqn=cluster_fqn,
        message=f"{command.kind} number {command.seq}: {message}",
        data={"command_id": command.id, "kind": command.kind, "seq": command.seq},
    )
    if command.application_id is not None:
        await session.execute(
            update(Application)
            .where(Application.id == command.application_id)
            .values(next_check_at=func.now())
        )
    elif command.workspace_id is not None:
        await session.execute(
            update(Workspace)
            .where(Workspace.id == command.workspace_id)
            .values(next_check_at=func.now())
        )


def _signed(row: Command) -> SignedCommand:
    return SignedCommand(
        id=row.id,
        cluster_uid=row.cluster_uid,
        seq=row.seq,
        kind=cast(CommandKind, row.kind),
        spec=row.spec,
        spec_sha256=row.spec_sha256,
        not_before=row.not_before,
        expires_at=row.expires_at,
        actor=row.actor,
        key_id=row.key_id,
        signature=row.signature,
    )
