"""Sessions in the database: who holds a cluster's control socket, fenced by a generation.

Every write on behalf of a session names its generation, so that a session that was replaced can
change nothing, however late its frames arrive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from splitplane.contract.conditions import ConditionStatus
from splitplane.contract.frames import Hello
from splitplane.contract.manifests.cluster import ClusterManifest, Delivery
from splitplane.controlplane.history import record_event, set_condition
from splitplane.controlplane.hub.live import (
    kinds_to_resync,
    mark_applications_due,
    mark_workspaces_due,
)
from splitplane.controlplane.tables import Agent, AgentSession, Cluster

LEASE_SECONDS: Final = 45
"""A replica that does not renew so long is gone: three renewals lost."""

RENEW_SECONDS: Final = 15.0

_RENEW = text(
    f"""
    UPDATE agent_session AS held
    SET lease_until = now() + interval '{LEASE_SECONDS} seconds', last_seen_at = mine.seen_at
    FROM unnest(
        CAST(:clusters AS uuid[]), CAST(:generations AS integer[]), CAST(:seen AS timestamptz[])
    ) AS mine(cluster_id, generation, seen_at)
    WHERE held.cluster_id = mine.cluster_id AND held.generation = mine.generation
    RETURNING held.cluster_id
    """  # noqa: S608 - the only thing put in is a constant number
)


@dataclass(frozen=True)
class AgentIdentity:
    """An enrolled agent that is not blocked.

    Attributes:
        agent_id: its id.
        cluster_id: cluster that it belongs to.
        cluster_fqn: that cluster's name.
        tenant_id: tenant of both.
        public_key: raw Ed25519 key, base64.
    """

    agent_id: str
    cluster_id: str
    cluster_fqn: str
    tenant_id: str
    public_key: str


@dataclass(frozen=True)
class OpenedSession:
    """What the hub tells the agent in `welcome`, and where its state counter stands."""

    generation: int
    resync: list[str]
    delivery: Delivery
    allowed_namespaces: list[str]
    denied_namespaces: list[str]


@dataclass(frozen=True)
class StatePosition:
    """The newest state frame that is committed."""

    epoch: str | None
    seq: int


async def find_agent(session: AsyncSession, agent_id: str) -> AgentIdentity | None:
    """The agent; None when it is unknown or blocked."""
    found = (
        await session.execute(
            select(Agent, Cluster.fqn)
            .join(Cluster, Cluster.id == Agent.cluster_id)
            .where(Agent.id == agent_id, Agent.blocked_at.is_(None))
        )
    ).one_or_none()
    if found is None:
        return None
    agent, cluster_fqn = found
    return AgentIdentity(agent.id, agent.cluster_id, cluster_fqn, agent.tenant_id, agent.public_key)


async def open_session(
    session: AsyncSession, agent: AgentIdentity, hello: Hello, *, replica: str, address: str
) -> OpenedSession | None:
    """Takes the cluster over under a new generation; None when the agent is no longer enrolled."""
    row = await session.scalar(
        select(Agent)
        .where(Agent.id == agent.agent_id, Agent.blocked_at.is_(None))
        .with_for_update(key_share=True)
    )
    if row is None:
        return None
    row.agent_version = hello.agent_version
    row.kubernetes_version = hello.kubernetes_version
    values: dict[str, Any] = {  # Any: values of columns
        "replica": replica,
        "address": address,
        "boot_id": hello.boot_id,
        "epoch": hello.epoch,
        "agent_version": hello.agent_version,
        "kubernetes_version": hello.kubernetes_version,
        "capabilities": hello.capabilities,
        "connected_at": func.now(),
        "disconnected_at": None,
        "last_seen_at": func.now(),
        "lease_until": _lease_end(),
    }
    generation = await session.scalar(
        insert(AgentSession)
        .values(tenant_id=agent.tenant_id, cluster_id=agent.cluster_id, generation=1, **values)
        .on_conflict_do_update(
            index_elements=[AgentSession.cluster_id],
            set_={
                **values,
                "generation": AgentSession.generation + 1,
                # Frames of the same epoch are known up to here; a new epoch starts from nothing.
                "state_seq": text(
                    "CASE WHEN agent_session.epoch = excluded.epoch"
                    " THEN agent_session.state_seq ELSE 0 END"
                ),
            },
        )
        .returning(AgentSession.generation)
    )
    cluster = ClusterManifest.model_validate(
        await session.scalar(select(Cluster.manifest).where(Cluster.id == agent.cluster_id))
    )
    await _note_connection(
        session, agent, status="true", reason="Connected", message=f"agent {hello.agent_version}"
    )
    await mark_applications_due(session, cluster_id=agent.cluster_id, application_ids=None)
    await mark_workspaces_due(session, cluster_id=agent.cluster_id)
    return OpenedSession(
        generation=cast(int, generation),
        resync=await kinds_to_resync(session, cluster_id=agent.cluster_id, agent_kinds=hello.kinds),
        delivery=cluster.delivery,
        allowed_namespaces=cluster.allowed_namespaces,
        denied_namespaces=cluster.denied_namespaces,
    )


async def hold_session(
    session: AsyncSession, *, cluster_id: str, generation: int
) -> StatePosition | None:
    """Locks the session's row until the end of the transaction; None when it was replaced."""
    found = (
        await session.execute(
            select(AgentSession.epoch, AgentSession.state_seq)
            .where(AgentSession.cluster_id == cluster_id, AgentSession.generation == generation)
            .with_for_update()
        )
    ).one_or_none()
    return None if found is None else StatePosition(found[0], found[1])


async def advance_state(session: AsyncSession, *, cluster_id: str, epoch: str, seq: int) -> None:
    """State up to `seq` of the epoch is part of this transaction."""
    await session.execute(
        update(AgentSession)
        .where(AgentSession.cluster_id == cluster_id)
        .values(epoch=epoch, state_seq=seq, last_seen_at=func.now())
    )


async def renew_sessions(
    session: AsyncSession, held: Sequence[tuple[str, int, datetime]]
) -> set[str]:
    """Renews the leases of (cluster, generation, last seen); clusters that are still ours."""
    if not held:
        return set()
    rows = await session.scalars(
        _RENEW,
        {
            "clusters": [cluster for cluster, _, _ in held],
            "generations": [generation for _, generation, _ in held],
            "seen": [seen for _, _, seen in held],
        },
    )
    return {str(cluster) for cluster in rows}


async def close_session(
    session: AsyncSession, agent: AgentIdentity, *, generation: int, reason: str
) -> None:
    """The session has ended; nothing happens when a newer one has taken over."""
    ended = await session.scalar(
        update(AgentSession)
        .where(
            AgentSession.cluster_id == agent.cluster_id,
            AgentSession.generation == generation,
            AgentSession.disconnected_at.is_(None),
        )
        .values(replica=None, address=None, disconnected_at=func.now(), lease_until=func.now())
        .returning(AgentSession.cluster_id)
    )
    if ended is not None:
        await _note_connection(
            session, agent, status="false", reason="Disconnected", message=reason
        )


async def lapse_sessions(session: AsyncSession) -> list[str]:
    """Ends sessions whose replica has stopped renewing; their clusters."""
    lapsed = await session.scalars(
        select(AgentSession.cluster_id)
        .where(AgentSession.lease_until < func.now(), AgentSession.disconnected_at.is_(None))
        .with_for_update(skip_locked=True)
    )
    clusters = list(lapsed)
    for cluster_id in clusters:
        await session.execute(
            update(AgentSession)
            .where(AgentSession.cluster_id == cluster_id)
            .values(replica=None, address=None, disconnected_at=func.now())
        )
        cluster = (
            await session.execute(select(Cluster).where(Cluster.id == cluster_id))
        ).scalar_one()
        agent = AgentIdentity("", cluster_id, cluster.fqn, cluster.tenant_id, "")
        await _note_connection(
            session,
            agent,
            status="false",
            reason="LeaseLapsed",
            message=f"nothing was heard of the agent for {LEASE_SECONDS} s",
        )
    return clusters


def _lease_end() -> Any:  # Any: an SQL expression
    return func.now() + text(f"interval '{LEASE_SECONDS} seconds'")


async def _note_connection(
    session: AsyncSession,
    agent: AgentIdentity,
    *,
    status: ConditionStatus,
    reason: str,
    message: str,
) -> None:
    changed = await set_condition(
        session,
        tenant_id=agent.tenant_id,
        object_id=agent.cluster_id,
        type="Connected",
        status=status,
        reason=reason,
        message=message,
    )
    if changed:
        await record_event(
            session,
            tenant_id=agent.tenant_id,
            type="cluster.connected" if status == "true" else "cluster.disconnected",
            actor=f"agent:{agent.cluster_fqn}",
            object_kind="cluster",
            object_id=agent.cluster_id,
            fqn=agent.cluster_fqn,
            message=f"the agent of {agent.cluster_fqn} is {reason}: {message}",
        )
