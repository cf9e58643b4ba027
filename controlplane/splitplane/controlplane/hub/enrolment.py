"""Enrolment: a one-time join token is exchanged for an agent's identity, which is its key.

The token names the cluster, never the request: an agent cannot choose what it becomes. Every
refusal is on record as an event.
"""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import Final

import structlog
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from splitplane.contract.errors import ErrorCode, FieldError
from splitplane.contract.frames import EnrolRequest, EnrolResponse
from splitplane.contract.manifests.cluster import ClusterManifest
from splitplane.controlplane.db import Sessions
from splitplane.controlplane.errors import Refused, RetryLater, UserError
from splitplane.controlplane.history import record_event
from splitplane.controlplane.hub import metrics
from splitplane.controlplane.hub.live import mark_applications_due
from splitplane.controlplane.identity.secrets import digest
from splitplane.controlplane.signing import CommandSigner
from splitplane.controlplane.tables import (
    Agent,
    AgentSession,
    Cluster,
    Command,
    JoinToken,
    LiveObject,
    SigningKey,
    Tenant,
)

ED25519_KEY_BYTES: Final = 32

_log = structlog.get_logger(__name__)


async def enrol(sessions: Sessions, request: EnrolRequest) -> EnrolResponse:
    """The agent's identity; the token is burnt and a former agent of the cluster is no more.

    The agent that burnt the token gets the same answer again, should it have lost the first: it is
    the living agent with the same key on the same cluster. Nobody else could use the answer.

    Raises:
        UserError: the public key is not an Ed25519 key.
        Refused: the token is unknown, used, replaced or expired.
        RetryLater: the signer has not made its key yet.
    """
    _check_public_key(request.public_key)
    async with sessions.begin() as session:
        token = await session.scalar(
            select(JoinToken)
            .where(JoinToken.token_sha256 == digest(request.join_token))
            .with_for_update()
        )
        problem = _problem(token)
        known = None if token is None else await _find_enrolled(session, token, request)
        if known is not None:
            return await _answer(session, known)
        if token is None or problem is not None:
            await _record_refusal(session, token, problem or "unknown", request)
        else:
            response = await _take_over(session, token, request)
            metrics.ENROLMENTS.labels("enrolled").inc()
            return response
    # Raised after the commit, so that the refusal stays on record.
    metrics.ENROLMENTS.labels("refused").inc()
    raise Refused(
        ErrorCode.JOIN_TOKEN_REFUSED,
        f"the join token is {problem or 'unknown'}",
        hint="make a new one with POST /api/v1/clusters/NAME/join-token; it works once",
    )


async def ensure_signing_key(sessions: Sessions, signer: CommandSigner) -> None:
    """The signer's public key is on record, so that agents learn it at enrolment."""
    async with sessions.begin() as session:
        known = await session.scalar(select(SigningKey).where(SigningKey.key_id == signer.key_id))
        if known is None:
            session.add(SigningKey(key_id=signer.key_id, public_key=signer.public_key))


def _check_public_key(text: str) -> None:
    try:
        is_key = len(base64.b64decode(text, validate=True)) == ED25519_KEY_BYTES
    except binascii.Error:
        is_key = False
    if not is_key:
        error = FieldError(
            field="public_key",
            value=text[:64],
            message="is not a raw Ed25519 public key",
            allowed="32 bytes in base64",
        )
        raise UserError(ErrorCode.INVALID_INPUT, "public_key is not a key", errors=[error])


def _problem(token: JoinToken | None) -> str | None:
    """Why the token is not taken; None when it is."""
    if token is None:
        return "unknown"
    if token.used_at is not None:
        return "used already"
    if token.revoked_at is not None:
        return "replaced by a newer one"
    if token.expires_at <= datetime.now(UTC):
        return "expired"
    return None


async def _record_refusal(
    session: AsyncSession, token: JoinToken | None, problem: str, request: EnrolRequest
) -> None:
    _log.warning("join token refused", problem=problem, cluster_uid=request.cluster_uid[:64])
    tenant_id = (
        token.tenant_id
        if token is not None
        # Nobody's token: the tenant that the installation began with hears of it.
        else await session.scalar(select(Tenant.id).order_by(Tenant.created_at).limit(1))
    )
    if tenant_id is None:
        return
    cluster = None
    if token is not None:
        cluster = await session.scalar(select(Cluster).where(Cluster.id == token.cluster_id))
    await record_event(
        session,
        tenant_id=tenant_id,
        type="join-token.refused",
        actor="anonymous",
        object_kind="cluster",
        object_id=None if cluster is None else cluster.id,
        fqn=None if cluster is None else cluster.fqn,
        decision="denied",
        message=f"an agent was refused: the join token is {problem}",
        data={"cluster_uid": request.cluster_uid[:64], "problem": problem},
    )


async def _find_enrolled(
    session: AsyncSession, token: JoinToken, request: EnrolRequest
) -> Agent | None:
    """The cluster's living agent, when it is the one that burnt this token."""
    if token.used_at is None:
        return None
    return await session.scalar(
        select(Agent).where(
            Agent.cluster_id == token.cluster_id,
            Agent.public_key == request.public_key,
            Agent.cluster_uid == request.cluster_uid,
        )
    )


async def _take_over(
    session: AsyncSession, token: JoinToken, request: EnrolRequest
) -> EnrolResponse:
    token.used_at = func.now()
    cluster = await _cluster_of(session, token.cluster_id)
    await _end_former_agent(session, cluster.id, cluster_uid=request.cluster_uid)
    agent = Agent(
        tenant_id=cluster.tenant_id,
        cluster_id=cluster.id,
        public_key=request.public_key,
        cluster_uid=request.cluster_uid,
        agent_version=request.agent_version,
        kubernetes_version=request.kubernetes_version,
    )
    session.add(agent)
    await session.flush()
    await mark_applications_due(session, cluster_id=cluster.id, application_ids=None)
    await record_event(
        session,
        tenant_id=cluster.tenant_id,
        type="agent.enrolled",
        actor=f"agent:{cluster.fqn}",
        object_kind="cluster",
        object_id=cluster.id,
        fqn=cluster.fqn,
        decision="allowed",
        message=f"an agent {request.agent_version} enrolled for {cluster.fqn}",
        data={"agent_id": agent.id, "cluster_uid": request.cluster_uid[:64]},
    )
    return await _answer(session, agent)


async def _answer(session: AsyncSession, agent: Agent) -> EnrolResponse:
    signing_keys = list(
        await session.scalars(
            select(SigningKey.public_key)
            .where(SigningKey.retired_at.is_(None))
            .order_by(SigningKey.created_at)
        )
    )
    if not signing_keys:
        # The transaction is rolled back: the token is not burnt.
        raise RetryLater("the control plane is still starting", delay_seconds=1)
    cluster = await _cluster_of(session, agent.cluster_id)
    manifest = ClusterManifest.model_validate(cluster.manifest)
    return EnrolResponse(
        agent_id=agent.id,
        cluster_id=cluster.id,
        cluster_fqn=cluster.fqn,
        signing_keys=signing_keys,
        delivery=manifest.delivery,
        allowed_namespaces=manifest.allowed_namespaces,
        denied_namespaces=manifest.denied_namespaces,
    )


async def _cluster_of(session: AsyncSession, cluster_id: str) -> Cluster:
    return (await session.execute(select(Cluster).where(Cluster.id == cluster_id))).scalar_one()


async def _end_former_agent(session: AsyncSession, cluster_id: str, *, cluster_uid: str) -> None:
    """The former agent is unknown from now on, and its session fenced off.

    On another Kubernetes cluster nothing is there yet: what was delivered to the former one is
    superseded, so that the worker delivers it anew, and what was seen there is forgotten.
    """
    former = await session.scalar(
        delete(Agent).where(Agent.cluster_id == cluster_id).returning(Agent.cluster_uid)
    )
    await session.execute(
        update(AgentSession)
        .where(AgentSession.cluster_id == cluster_id)
        .values(generation=AgentSession.generation + 1)
    )
    if former is None or former == cluster_uid:
        return
    await session.execute(
        update(Command)
        .where(
            Command.cluster_id == cluster_id,
            Command.state.in_(("queued", "sent", "accepted", "succeeded")),
        )
        .values(state="superseded")
    )
    await session.execute(delete(LiveObject).where(LiveObject.cluster_id == cluster_id))
