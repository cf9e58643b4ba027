"""Grant rows that follow from manifests: they are made, changed and removed with them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, or_, select

from splitplane.contract.errors import ErrorCode
from splitplane.contract.fqn import Fqn, FqnError, FqnKind, parse_fqn
from splitplane.contract.ids import is_id
from splitplane.contract.manifests.shared import Collaborator
from splitplane.contract.nouns import Kind, noun_for_kind
from splitplane.contract.permissions import SCOPES
from splitplane.controlplane.errors import UserError, not_found
from splitplane.controlplane.nouns.context import Context
from splitplane.controlplane.nouns.references import (
    bad_field,
    check_role,
    find_readable,
    find_subject,
)
from splitplane.controlplane.permissions.targets import TABLES, Target, target_of, tenant_target
from splitplane.controlplane.tables import Grant, TeamMember, Tenant, User

_KIND_OF_FQN: Final[dict[FqnKind, Kind]] = {
    noun_for_kind(scope).fqn_kind: scope for scope in SCOPES if scope != "tenant"
}
"""Kinds of objects that something can be granted on."""


@dataclass(frozen=True)
class WantedGrant:
    """A grant that a manifest asks for."""

    subject_kind: str
    subject_id: str
    role: str
    object_kind: str
    object_id: str
    expires_at: datetime | None = None


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
        WantedGrant(
            g.subject_kind, g.subject_id, g.role, g.object_kind, g.object_id, g.expires_at
        ): g.id
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
                expires_at=grant.expires_at,
                granted_by=ctx.actor.subject,
                source=source,
                source_id=source_id,
            )
        )
    await ctx.session.flush()
    ctx.access.forget()


async def collaborator_grants(
    ctx: Context,
    target: Target,
    collaborators: Sequence[Collaborator],
    known: Sequence[Collaborator],
) -> list[WantedGrant]:
    """The grants of a manifest's collaborators.

    Args:
        ctx: the request.
        target: the object that the manifest describes.
        collaborators: those that it names.
        known: those that it named before; they may stay whoever changes the manifest.

    Raises:
        UserError: a subject or role does not exist, or one pair is named twice.
        Refused: a role has verbs that the caller has not.
    """
    grants: list[WantedGrant] = []
    for index, entry in enumerate(collaborators):
        field = f"collaborators[{index}]"
        await check_role(ctx, target.kind, entry.role, f"{field}.role")
        kind, subject_id = await find_subject(ctx, entry.subject, f"{field}.subject")
        grant = WantedGrant(kind, subject_id, entry.role, target.kind, target.ids[0])
        if grant in grants:
            raise bad_field(
                field,
                entry.subject,
                f"{entry.subject} has the role {entry.role!r} twice",
                hint="name each pair of subject and role once",
            )
        if entry not in known:
            await ctx.access.check_hand_out(entry.role, target)
        grants.append(grant)
    return grants


def kind_of_fqn(fqn: Fqn) -> Kind | None:
    """The kind of an object that something can be granted on; None for others."""
    return _KIND_OF_FQN.get(fqn.kind)


async def find_object(ctx: Context, ref: str) -> Target:
    """The object that something can be granted on: `tenant`, an id or a fully qualified name.

    Raises:
        UserError: `not_found` unless the caller may read it; `invalid_input` for another kind.
    """
    if ref == "tenant":
        return tenant_target(ctx.tenant_id)
    if is_id(ref):
        for kind in _KIND_OF_FQN.values():
            table = TABLES[kind]
            found = await ctx.session.scalar(
                select(table.id).where(table.id == ref, table.tenant_id == ctx.tenant_id)
            )
            if found is not None:
                return target_of(kind, await find_readable(ctx, kind, ref))
        raise not_found(ref)
    try:
        fqn = parse_fqn(ref)
    except FqnError as error:
        raise not_found(ref) from error
    found_kind = kind_of_fqn(fqn)
    if found_kind is None:
        raise bad_field(
            "object",
            ref,
            f"nothing is granted on a {fqn.kind}",
            allowed="tenant, or a cluster, workspace, ML repo, storage integration, secret store, "
            "secret group or container registry",
            hint="grant on what contains it",
        )
    return target_of(found_kind, await find_readable(ctx, found_kind, ref))


@asynccontextmanager
async def keeping_an_admin(ctx: Context, *, is_new: bool = False) -> AsyncGenerator[None]:
    """What is done inside leaves the tenant an administrator, if it had one.

    An administrator is a user with the role admin on the tenant for good, directly or by a team.
    What is new takes no right away, so that nothing is asked then.

    Raises:
        UserError: `in_use`; the transaction must be rolled back.
    """
    if is_new:
        yield
        return
    # Two who remove each other wait here for one another; inserts elsewhere do not.
    await ctx.session.execute(
        select(Tenant.id).where(Tenant.id == ctx.tenant_id).with_for_update(key_share=True)
    )
    before = await _find_admin(ctx)
    yield
    if before is not None and await _find_admin(ctx) is None:
        raise UserError(
            ErrorCode.IN_USE,
            "this would leave the tenant without an administrator",
            hint="make another user an administrator first",
        )


async def _find_admin(ctx: Context) -> str | None:
    await ctx.session.flush()
    admins = select(Grant.subject_id).where(
        Grant.tenant_id == ctx.tenant_id,
        Grant.object_kind == "tenant",
        Grant.role == "admin",
        Grant.expires_at.is_(None),
    )
    members = select(TeamMember.subject_id).where(TeamMember.team_id.in_(admins))
    return await ctx.session.scalar(
        select(User.id)
        .where(User.tenant_id == ctx.tenant_id, or_(User.id.in_(admins), User.id.in_(members)))
        .limit(1)
    )
