"""Removing an object's row for good; what happened to it stays in the event log."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from splitplane.contract.nouns import Kind
from splitplane.controlplane.history import record_event
from splitplane.controlplane.permissions.targets import target_of
from splitplane.controlplane.tables import (
    Grant,
    ObjectCondition,
    ObjectRow,
    RoleBinding,
    ServiceAccountToken,
    Team,
    TeamMember,
    Token,
)


async def remove_object(session: AsyncSession, *, kind: Kind, row: ObjectRow, actor: str) -> None:
    """The row is gone with its conditions, tokens and grants; the event `<kind>.deleted` stays.

    Role bindings that name it go with it, as grants do; teams lose it as a member.
    """
    await record_event(
        session,
        tenant_id=row.tenant_id,
        type=f"{kind}.deleted",
        actor=actor,
        message=f"{kind} {row.fqn} was deleted",
        object_kind=kind,
        object_id=row.id,
        fqn=row.fqn,
        scope_ids=target_of(kind, row).ids,
    )
    await _remove_what_follows(session, row, actor)
    await session.execute(delete(ObjectCondition).where(ObjectCondition.object_id == row.id))
    await session.execute(delete(Token).where(Token.subject_id == row.id))
    await session.execute(
        delete(Grant).where(
            or_(Grant.object_id == row.id, Grant.subject_id == row.id, Grant.source_id == row.id)
        )
    )
    await session.delete(row)
    await session.flush()


async def _remove_what_follows(session: AsyncSession, row: ObjectRow, actor: str) -> None:
    bindings = await session.scalars(
        select(RoleBinding).where(
            or_(RoleBinding.object_id == row.id, RoleBinding.subject_id == row.id)
        )
    )
    for binding in list(bindings):
        await remove_object(session, kind="role-binding", row=binding, actor=actor)
    tokens = await session.scalars(
        select(ServiceAccountToken).where(ServiceAccountToken.service_account_id == row.id)
    )
    for token in list(tokens):
        await remove_object(session, kind="service-account-token", row=token, actor=actor)
    teams = await session.scalars(
        select(Team)
        .join(TeamMember, TeamMember.team_id == Team.id)
        .where(TeamMember.subject_id == row.id)
        .order_by(Team.id)
        .with_for_update(of=Team)
    )
    for team in list(teams):
        await _leave(session, team, row, actor)


async def _leave(session: AsyncSession, team: Team, member: ObjectRow, actor: str) -> None:
    """The team's list has the member no more, so that a later namesake is not in it."""
    await session.execute(
        delete(TeamMember).where(TeamMember.team_id == team.id, TeamMember.subject_id == member.id)
    )
    members = [name for name in team.manifest["members"] if name != member.fqn]
    team.manifest = {**team.manifest, "members": members}
    team.version += 1
    team.updated_at = datetime.now(UTC)
    await record_event(
        session,
        tenant_id=team.tenant_id,
        type="team.updated",
        actor=actor,
        message=f"team {team.fqn} lost {member.fqn}, which was deleted",
        object_kind="team",
        object_id=team.id,
        fqn=team.fqn,
        data={"version": team.version, "fields": ["members"]},
        scope_ids=target_of("team", team).ids,
    )
