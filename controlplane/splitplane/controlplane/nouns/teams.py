"""Teams: one list of members, and a role on the tenant that is a grant of the team."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import cast

from sqlalchemy import ColumnElement, delete, or_, select

from splitplane.contract.manifests import TeamManifest
from splitplane.contract.nouns import Kind
from splitplane.controlplane.nouns.context import Context
from splitplane.controlplane.nouns.grants import WantedGrant, keeping_an_admin, sync_grants
from splitplane.controlplane.nouns.hooks import NounHooks
from splitplane.controlplane.nouns.references import bad_field
from splitplane.controlplane.nouns.simple import USERS_SHOWN
from splitplane.controlplane.permissions.targets import TABLES, Target, tenant_target
from splitplane.controlplane.tables import Grant, ServiceAccount, Team, TeamMember, User

_OWN_SOURCES = ("grant", "creator", "team")
"""Sources of grants that go with the team; all others are manifests that name it."""


class TeamHooks(NounHooks[TeamManifest, Team]):
    """Membership is a right, so that changing it is granting."""

    kind = "team"
    filters = ("member",)

    async def extra_verbs(
        self, ctx: Context, manifest: TeamManifest, before: TeamManifest | None, target: Target
    ) -> None:
        """Members gain what the team has, so that changing who they are is granting."""
        old = TeamManifest(name=manifest.name) if before is None else before
        changed = set(old.members) != set(manifest.members)
        if changed or old.tenant_role != manifest.tenant_role:
            await ctx.access.check("tenant:grant", tenant_target(ctx.tenant_id))

    async def after_write(
        self, ctx: Context, row: Team, manifest: TeamManifest, before: TeamManifest | None
    ) -> None:
        """The rows of its members, and the grant of its role on the tenant."""
        role = manifest.tenant_role
        wanted = (
            [] if role is None else [WantedGrant("team", row.id, role, "tenant", row.tenant_id)]
        )
        async with keeping_an_admin(ctx, is_new=before is None):
            await _sync_members(ctx, row, manifest.members)
            await sync_grants(ctx, "team", row.id, wanted)

    async def users_of(self, ctx: Context, row: Team) -> Sequence[str]:
        """Objects whose manifests give the team a role."""
        sources = await ctx.session.execute(
            select(Grant.source, Grant.source_id)
            .where(Grant.subject_id == row.id, Grant.source.not_in(_OWN_SOURCES))
            .distinct()
            .order_by(Grant.source, Grant.source_id)
            .limit(USERS_SHOWN)
        )
        names: list[str] = []
        for source, rows in groupby(sources, key=lambda found: found[0]):
            table = TABLES[source]
            ids = [source_id for _, source_id in rows]
            names += await ctx.session.scalars(
                select(table.fqn).where(table.id.in_(ids)).order_by(table.fqn)
            )
        return names

    async def delete(self, ctx: Context, row: Team) -> None:
        """Gone with members and grants, unless the last administrator was one by it."""
        async with keeping_an_admin(ctx):
            await super().delete(ctx, row)

    async def filter(self, ctx: Context, name: str, value: str) -> ColumnElement[bool]:
        """By a member."""
        teams = [
            select(TeamMember.team_id)
            .join(table, table.id == TeamMember.subject_id)
            .where(table.tenant_id == ctx.tenant_id, table.fqn == value)
            for table in (User, ServiceAccount)
        ]
        return or_(*(Team.id.in_(ids) for ids in teams))


async def _sync_members(ctx: Context, row: Team, members: Sequence[str]) -> None:
    wanted = await _find_members(ctx, members)
    present = set(
        await ctx.session.scalars(select(TeamMember.subject_id).where(TeamMember.team_id == row.id))
    )
    if present - wanted.keys():
        await ctx.session.execute(
            delete(TeamMember).where(
                TeamMember.team_id == row.id, TeamMember.subject_id.in_(present - wanted.keys())
            )
        )
    for subject_id in sorted(wanted.keys() - present):
        ctx.session.add(
            TeamMember(
                tenant_id=ctx.tenant_id,
                team_id=row.id,
                subject_id=subject_id,
                subject_kind=wanted[subject_id],
            )
        )
    await ctx.session.flush()
    ctx.access.forget()


async def _find_members(ctx: Context, members: Sequence[str]) -> dict[str, Kind]:
    """Id → kind; members cannot be deleted until the transaction ends."""
    found: dict[str, tuple[str, Kind]] = {}
    for kind in cast(tuple[Kind, ...], ("user", "service-account")):
        table = TABLES[kind]
        rows = await ctx.session.execute(
            select(table.fqn, table.id)
            .where(table.tenant_id == ctx.tenant_id, table.fqn.in_(members))
            .order_by(table.id)
            .with_for_update(read=True, key_share=True)
        )
        found.update({fqn: (row_id, kind) for fqn, row_id in rows})
    for index, member in enumerate(members):
        if member not in found:
            raise bad_field(
                f"members[{index}]",
                member,
                f"{member!r} does not exist",
                allowed="user:MAIL or sa:NAME",
                hint="make the user or service account first, or remove the member",
            )
    return dict(found.values())
