"""Finding the objects that a request or a manifest names."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from splitplane.contract.errors import ErrorCode, FieldError
from splitplane.contract.fqn import FqnError, FqnKind, parse_fqn, parse_fqn_of, subject_fqn
from splitplane.contract.ids import is_id
from splitplane.contract.nouns import Kind, noun_for_kind
from splitplane.contract.permissions import read_verb
from splitplane.controlplane.errors import UserError, not_found
from splitplane.controlplane.nouns.context import Context
from splitplane.controlplane.permissions.targets import TABLES, target_of
from splitplane.controlplane.tables import ObjectRow, RoleVerb

_NAMES_SHOWN: Final = 10
_SUBJECT_KINDS: Final[dict[FqnKind, Kind]] = {
    "user": "user",
    "team": "team",
    "service-account": "service-account",
    "workspace-subject": "workspace",
}


async def find_row(
    session: AsyncSession, tenant_id: str, kind: Kind, ref: str, *, lock: bool = False
) -> ObjectRow:
    """The row with that id or fully qualified name; plain names do where nothing contains the kind.

    Raises:
        UserError: `not_found`. Whether the caller may read it is not asked here.
    """
    table = TABLES[kind]
    statement = select(table).where(table.tenant_id == tenant_id)
    if is_id(ref):
        statement = statement.where(table.id == ref)
    else:
        statement = statement.where(table.fqn == _normal_fqn(kind, ref))
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    row = await session.scalar(statement)
    if row is None:
        raise not_found(ref)
    return row


async def find_readable(ctx: Context, kind: Kind, ref: str, *, lock: bool = False) -> ObjectRow:
    """As `find_row`, and the caller may read it; otherwise it looks as if it did not exist."""
    row = await find_row(ctx.session, ctx.tenant_id, kind, ref, lock=lock)
    if read_verb(kind) not in await ctx.access.verbs_on(target_of(kind, row)):
        raise not_found(ref)
    return row


async def find_reference(
    ctx: Context,
    kind: Kind,
    fqn: str,
    field: str,
    *,
    is_secret: bool = True,
    value: str | None = None,
) -> ObjectRow:
    """The object that a manifest's field names; it cannot be deleted until the transaction ends.

    Args:
        ctx: the request.
        kind: kind of the object.
        fqn: its name.
        field: the manifest's field, for the error.
        is_secret: whether an object that the caller may not read looks as if it did not exist.
        value: what the field holds, for the error; its name when left out.

    Raises:
        UserError: `invalid_input` that names the field, the value and what there is.
    """
    table = TABLES[kind]
    row = await ctx.session.scalar(
        select(table)
        .where(table.tenant_id == ctx.tenant_id, table.fqn == fqn)
        .with_for_update(read=True, key_share=True)
    )
    is_hidden = False
    if row is not None and is_secret:
        is_hidden = read_verb(kind) not in await ctx.access.verbs_on(target_of(kind, row))
    if row is None or is_hidden or row.is_deleting:
        names = await _readable_names(ctx, kind)
        is_plain = noun_for_kind(kind).parent_kind is None
        shown = value or (fqn.rpartition(":")[2] if is_plain else fqn)
        raise bad_field(
            field,
            shown,
            f"{kind} {shown!r} does not exist, or you may not read it",
            allowed=", ".join(names) or None,
            hint=f"make the {kind} first, or name another one",
        )
    return row


def ids_named(ctx: Context, kind: Kind, ref: str) -> Select[str]:
    """Subquery of the id that a filter means; of none when there is no such object."""
    table = TABLES[kind]
    ids = select(table.id).where(table.tenant_id == ctx.tenant_id)
    if is_id(ref):
        return ids.where(table.id == ref)
    noun = noun_for_kind(kind)
    is_plain = noun.parent_kind is None and ":" not in ref
    return ids.where(table.fqn == (subject_fqn(noun.fqn_kind, ref) if is_plain else ref))


async def find_subject(ctx: Context, subject: str, field: str) -> tuple[str, str]:
    """(kind, id) of the subject that a manifest or grant names.

    Raises:
        UserError: `invalid_input`; it is no subject or does not exist.
    """
    try:
        fqn = parse_fqn(subject)
    except FqnError as error:
        raise bad_field(field, subject, str(error)) from error
    kind = _SUBJECT_KINDS.get(fqn.kind)
    if kind is None:
        raise bad_field(
            field,
            subject,
            f"{subject!r} does not exist",
            allowed="user:MAIL, team:NAME, sa:NAME or workspace:CLUSTER:NAME",
            hint="name a user, a team, a service account or a workspace",
        )
    name = subject_fqn("workspace", *fqn.parts) if kind == "workspace" else str(fqn)
    row = await find_reference(ctx, kind, name, field, is_secret=False)
    return kind, row.id


async def check_role(ctx: Context, scope: str, role: str, field: str) -> None:
    """Raises UserError unless the role exists for objects of that scope."""
    rows = await ctx.session.scalars(
        select(RoleVerb.role)
        .where(RoleVerb.tenant_id == ctx.tenant_id, RoleVerb.scope == scope)
        .distinct()
    )
    roles = sorted(rows)
    if role not in roles:
        raise bad_field(
            field,
            role,
            f"role {role!r} does not exist for a {scope}",
            allowed=", ".join(roles),
            hint="name one of the allowed roles",
        )


def bad_field(
    field: str, value: object, message: str, *, allowed: str | None = None, hint: str | None = None
) -> UserError:
    """The error for one wrong field."""
    return UserError(
        ErrorCode.INVALID_INPUT,
        f"{field}: {message}",
        errors=[FieldError(field=field, value=value, message=message, allowed=allowed, hint=hint)],
    )


async def _readable_names(ctx: Context, kind: Kind) -> list[str]:
    table = TABLES[kind]
    shown = table.fqn if noun_for_kind(kind).parent_kind else table.name
    rows = await ctx.session.scalars(
        select(shown)
        .where(
            table.tenant_id == ctx.tenant_id,
            await ctx.access.readable(read_verb(kind), kind),
        )
        .order_by(shown)
        .limit(_NAMES_SHOWN)
    )
    return list(rows)


def _normal_fqn(kind: Kind, ref: str) -> str:
    noun = noun_for_kind(kind)
    if noun.parent_kind is None and ":" not in ref:
        return subject_fqn(noun.fqn_kind, ref)
    try:
        return str(parse_fqn_of(noun.fqn_kind, ref))
    except FqnError:
        raise not_found(ref) from None
