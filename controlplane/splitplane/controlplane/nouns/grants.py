"""Grant rows that follow from manifests: they are made, changed and removed with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select

from splitplane.contract.errors import ErrorCode
from splitplane.contract.manifests.shared import Collaborator
from splitplane.controlplane.errors import UserError
from splitplane.controlplane.nouns.context import Context
from splitplane.controlplane.nouns.references import bad_field, check_role, find_subject
from splitplane.controlplane.tables import Grant


@dataclass(frozen=True)
class WantedGrant:
    """A grant that a manifest asks for."""

    subject_kind: str
    subject_id: str
    role: str
    object_kind: str
    object_id: str


async def sync_grants(
    ctx: Context, source: str, source_id: str, wanted: Iterable[WantedGrant]
) -> None:
    """The rows that follow from this manifest are exactly the wanted ones."""
    rows = await ctx.session.scalars(
        select(Grant).where(
            Grant.tenant_id == ctx.tenant_id, Grant.source == source, Grant.source_id == source_id
        )
    )
    present = {
        WantedGrant(g.subject_kind, g.subject_id, g.role, g.object_kind, g.object_id): g.id
        for g in rows
    }
    goal = set(wanted)
    gone = [row_id for key, row_id in present.items() if key not in goal]
    if gone:
        await ctx.session.execute(delete(Grant).where(Grant.id.in_(gone)))
    for grant in sorted(goal - present.keys(), key=repr):
        ctx.session.add(
            Grant(
                tenant_id=ctx.tenant_id,
                subject_kind=grant.subject_kind,
                subject_id=grant.subject_id,
                role=grant.role,
                object_kind=grant.object_kind,
                object_id=grant.object_id,
                granted_by=ctx.actor.subject,
                source=source,
                source_id=source_id,
            )
        )
    await ctx.session.flush()
    ctx.access.forget()


async def collaborator_grants(
    ctx: Context, scope: str, object_id: str, collaborators: Sequence[Collaborator]
) -> list[WantedGrant]:
    """The grants of a manifest's collaborators.

    Raises:
        UserError: a subject or role does not exist, or one pair is named twice.
    """
    grants: list[WantedGrant] = []
    for index, entry in enumerate(collaborators):
        field = f"collaborators[{index}]"
        await check_role(ctx, scope, entry.role, f"{field}.role")
        kind, subject_id = await find_subject(ctx, entry.subject, f"{field}.subject")
        grant = WantedGrant(kind, subject_id, entry.role, scope, object_id)
        if grant in grants:
            raise bad_field(
                field,
                entry.subject,
                f"{entry.subject} has the role {entry.role!r} twice",
                hint="name each pair of subject and role once",
            )
        grants.append(grant)
    return grants


async def check_last_admin(ctx: Context, subject_id: str) -> None:
    """Raises UserError `in_use` when nobody else would be administrator of the tenant."""
    other = await ctx.session.scalar(
        select(Grant.id)
        .where(
            Grant.tenant_id == ctx.tenant_id,
            Grant.object_kind == "tenant",
            Grant.role == "admin",
            Grant.subject_kind == "user",
            Grant.subject_id != subject_id,
        )
        .limit(1)
    )
    if other is None:
        raise UserError(
            ErrorCode.IN_USE,
            "this is the tenant's last administrator",
            hint="make another user an administrator first",
        )
