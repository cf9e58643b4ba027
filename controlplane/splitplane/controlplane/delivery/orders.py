"""Making commands: numbered, signed, and at most one living one for each purpose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, cast

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from splitplane.contract.commands import SPEC_KINDS, CommandKind, CommandSpec, encode_spec
from splitplane.contract.ids import uuid7
from splitplane.controlplane.delivery.plan import CommandSeen
from splitplane.controlplane.hub import metrics
from splitplane.controlplane.signing import CommandSigner
from splitplane.controlplane.tables import Cluster, Command

COMMAND_LIFETIME: Final = timedelta(hours=24)
"""An order older than a day may no longer be what anybody wants; a fresh one is made instead."""


@dataclass(frozen=True)
class Target:
    """Whom a command goes to and what it is about.

    Attributes:
        tenant_id: tenant of all.
        cluster_id: the cluster.
        cluster_uid: UID of its namespace kube-system, as its agent enrolled.
        actor: subject on whose behalf it is given.
        workspace_id: workspace that it is about.
        application_id: application that it is about, if any.
        deployment_id: deployment that it delivers, if any.
        version: number of that deployment, or of the namespace's state.
    """

    tenant_id: str
    cluster_id: str
    cluster_uid: str
    actor: str
    workspace_id: str
    application_id: str | None = None
    deployment_id: str | None = None
    version: int | None = None


async def give_command(
    session: AsyncSession,
    signer: CommandSigner,
    spec: CommandSpec,
    target: Target,
) -> str:
    """Inserts the command with the cluster's next number; its id.

    Raises:
        IntegrityError: a living command for the same purpose exists.
    """
    seq = await session.scalar(
        update(Cluster)
        .where(Cluster.id == target.cluster_id)
        .values(last_command_seq=Cluster.last_command_seq + 1)
        .returning(Cluster.last_command_seq)
        .execution_options(synchronize_session=False)
    )
    now = datetime.now(UTC).replace(microsecond=0)
    signed = signer.sign(
        command_id=uuid7(),
        cluster_uid=target.cluster_uid,
        seq=cast(int, seq),
        kind=SPEC_KINDS[type(spec)],
        spec=encode_spec(spec),
        not_before=now,
        expires_at=now + COMMAND_LIFETIME,
        actor=target.actor,
    )
    session.add(
        Command(
            id=signed.id,
            tenant_id=target.tenant_id,
            cluster_id=target.cluster_id,
            seq=signed.seq,
            kind=signed.kind,
            cluster_uid=signed.cluster_uid,
            spec=signed.spec,
            spec_sha256=signed.spec_sha256,
            signature=signed.signature,
            key_id=signed.key_id,
            not_before=signed.not_before,
            expires_at=signed.expires_at,
            actor=signed.actor,
            application_id=target.application_id,
            deployment_id=target.deployment_id,
            workspace_id=target.workspace_id,
            generation=target.version,
        )
    )
    await session.flush()
    metrics.COMMANDS.labels(signed.kind, "queued").inc()
    return signed.id


async def newest_command(
    session: AsyncSession, kind: CommandKind, *where: ColumnElement[bool]
) -> CommandSeen | None:
    """The newest command of that kind and purpose, and how many of them have failed."""
    found = (
        await session.execute(
            select(
                Command.state,
                Command.result,
                func.extract("epoch", func.now() - Command.finished_at),
                func.count().filter(Command.state == "failed").over(),
            )
            .where(Command.kind == kind, *where)
            .order_by(Command.seq.desc())
            .limit(1)
        )
    ).one_or_none()
    if found is None:
        return None
    state, result, seconds_ago, failed_count = found
    return CommandSeen(
        state=state,
        reason=str((result or {}).get("reason") or ""),
        message=str((result or {}).get("message") or ""),
        failed_count=failed_count,
        finished_seconds_ago=float(seconds_ago or 0.0),
    )


async def supersede_queued(
    session: AsyncSession, *, application_id: str, below_version: int | None
) -> None:
    """Commands that were not sent yet and that a newer version (or the removal) makes pointless."""
    statement = update(Command).where(
        Command.application_id == application_id,
        Command.kind == "apply-bundle",
        Command.state == "queued",
    )
    if below_version is not None:
        statement = statement.where(Command.generation < below_version)
    await session.execute(
        statement.values(state="superseded", finished_at=func.now()).execution_options(
            synchronize_session=False
        )
    )


async def supersede_namespace(session: AsyncSession, *, workspace_id: str) -> None:
    """States of the namespace that were not sent yet and that a newer one makes pointless."""
    await session.execute(
        update(Command)
        .where(
            Command.workspace_id == workspace_id,
            Command.kind == "apply-namespace",
            Command.state == "queued",
        )
        .values(state="superseded", finished_at=func.now())
        .execution_options(synchronize_session=False)
    )
