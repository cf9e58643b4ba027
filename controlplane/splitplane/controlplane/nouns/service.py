"""Creating, changing and deleting objects of any noun.

One way for all: manifest → rights → references → what changed → row and event in one transaction.
The caller commits; nothing here speaks HTTP.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import func, or_, select
from sqlalchemy import update as sql_update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from splitplane.contract.errors import ErrorCode
from splitplane.contract.manifests import Manifest, parse_manifest
from splitplane.contract.nouns import Kind, Noun, fqn_of, noun_for_kind, noun_for_type
from splitplane.contract.views import FieldChange, JsonObject
from splitplane.controlplane.db import violated_constraint
from splitplane.controlplane.errors import UserError
from splitplane.controlplane.history import record_event
from splitplane.controlplane.nouns.context import Context
from splitplane.controlplane.nouns.diff import check_immutable, diff
from splitplane.controlplane.nouns.references import find_readable
from splitplane.controlplane.nouns.registry import HOOKS, AnyHooks
from splitplane.controlplane.nouns.removal import remove_object
from splitplane.controlplane.permissions.targets import TABLES, target_of
from splitplane.controlplane.tables import Application, Cluster, Command, ObjectRow, Workspace


@dataclass(frozen=True)
class Written:
    """What a write did.

    Attributes:
        action: `replayed` when the same creation had been carried out before.
        row: the object afterwards.
        changes: the changed fields.
        verb: the permission that allowed it.
    """

    action: Literal["created", "updated", "unchanged", "replayed"]
    row: ObjectRow
    changes: list[FieldChange]
    verb: str


def etag_of(row: ObjectRow) -> str:
    """The ETag: changes with each change of the manifest, and differs for an object made anew."""
    return f"{row.id[-12:]}-{row.version}"


async def create(ctx: Context, manifest: Manifest, *, key: str | None = None) -> Written:
    """The object exists; sending the same creation again with the same key returns it.

    Args:
        ctx: the request.
        manifest: the object.
        key: the request's Idempotency-Key; valid for as long as the object lives.

    Raises:
        UserError: `already_exists`, `idempotency_key_reused`, or the manifest breaks a rule.
        Refused: a right is missing.
    """
    noun = noun_for_type(manifest.type)
    hooks = HOOKS[noun.kind]
    target = await hooks.container(ctx, manifest)
    verb = hooks.create_verb(target)
    await ctx.access.check(verb, target)
    replayed = await _find_replay(ctx, noun, manifest, key)
    if replayed is not None:
        await hooks.after_replay(ctx, replayed)
        return Written("replayed", replayed, [], verb)
    await hooks.extra_verbs(ctx, manifest, None, target)
    row = _new_row(ctx, noun, manifest, key)
    for name, value in (await hooks.columns(ctx, manifest, None)).items():
        setattr(row, name, value)
    try:
        async with ctx.session.begin_nested():
            ctx.session.add(row)
            await ctx.session.flush()
    except IntegrityError as error:
        if violated_constraint(error) not in _race_constraints(noun):
            raise
        # Somebody else made it in the meantime; it is visible now.
        replayed = await _find_replay(ctx, noun, manifest, key)
        if replayed is None:
            raise
        await hooks.after_replay(ctx, replayed)
        return Written("replayed", replayed, [], verb)
    await hooks.grant_creator(ctx, row)
    await hooks.after_write(ctx, row, manifest, None)
    changes = diff({}, row.manifest)
    await _record(ctx, hooks, row, "created", verb, changes)
    return Written("created", row, changes, verb)


async def update(
    ctx: Context, row: ObjectRow, kind: Kind, manifest: Manifest, *, if_match: str | None = None
) -> Written:
    """The object has this manifest; nothing is written when it had it already.

    Args:
        ctx: the request.
        row: the object, locked.
        kind: its kind.
        manifest: the whole new manifest.
        if_match: ETag that the object must still have.

    Raises:
        UserError: `stale`, `immutable`, `in_use`, or the manifest breaks a rule.
        Refused: a right is missing.
    """
    noun, hooks = noun_for_kind(kind), HOOKS[kind]
    target = hooks.target(row)
    before = row.manifest
    after = _dump(manifest)
    changes = diff(before, after)
    verb = await _check_update(ctx, hooks, row, changes)
    check_etag(row, if_match)
    if row.is_deleting:
        raise UserError(
            ErrorCode.STALE,
            f"{kind} {row.fqn!r} is being deleted",
            fqn=row.fqn,
            hint="wait until it is gone, then make it anew",
        )
    check_immutable(noun, before, after, row.fqn)
    if not changes:
        return Written("unchanged", row, [], verb)
    old = parse_manifest(before)
    await hooks.extra_verbs(ctx, manifest, old, target)
    for name, value in (await hooks.columns(ctx, manifest, row)).items():
        setattr(row, name, value)
    row.manifest = after
    row.version += 1
    row.updated_at = datetime.now(UTC)
    await ctx.session.flush()
    await hooks.after_write(ctx, row, manifest, old)
    await ctx.session.flush()
    await _record(ctx, hooks, row, "updated", verb, changes)
    return Written("updated", row, changes, verb)


async def apply_one(ctx: Context, manifest: Manifest) -> Written:
    """The object exists with this manifest: made, changed or left as it was."""
    noun = noun_for_type(manifest.type)
    row = await _find_named(ctx.session, ctx.tenant_id, noun, manifest, lock=True)
    if row is None:
        return await create(ctx, manifest)
    return await update(ctx, row, noun.kind, manifest)


async def delete(
    ctx: Context, kind: Kind, ref: str, *, if_match: str | None = None, is_forced: bool = False
) -> None:
    """The object is gone, or on its way out where its cluster has to be cleaned first.

    Args:
        ctx: the request.
        kind: its kind.
        ref: its id or name.
        if_match: ETag that the object must still have.
        is_forced: whether an application or workspace goes at once, and what lies in the cluster
            stays there; for a cluster whose agent will not come back. Needs `cluster:delete` on
            the cluster too.

    Raises:
        UserError: `not_found`, `stale`, or `in_use` that names what uses it.
        Refused: a right is missing.
    """
    hooks = HOOKS[kind]
    row = await find_readable(ctx, kind, ref, lock=True)
    verb = hooks.verb("delete", row)
    await ctx.access.check(verb, hooks.target(row))
    check_etag(row, if_match)
    if is_forced:
        await _check_force(ctx, row)
    elif row.is_deleting:
        return
    users = await hooks.users_of(ctx, row)
    if users:
        raise UserError(
            ErrorCode.IN_USE,
            f"{kind} {row.fqn!r} is in use by {', '.join(users)}",
            fqn=row.fqn,
            hint=f"delete {users[0]} first",
        )
    await record_event(
        ctx.session,
        tenant_id=ctx.tenant_id,
        type=f"{kind}.deletion-requested",
        actor=ctx.actor.subject,
        message=f"{ctx.actor.subject} deletes {kind} {row.fqn}"
        + (" by force: what lies in the cluster stays there" if is_forced else ""),
        data={"is_forced": True} if is_forced else None,
        object_kind=kind,
        object_id=row.id,
        fqn=row.fqn,
        verb=verb,
        decision="allowed",
        scope_ids=hooks.target(row).ids,
    )
    if is_forced:
        await _withdraw_commands(ctx, row)
        await remove_object(ctx.session, kind=kind, row=row, actor=ctx.actor.subject)
    else:
        await hooks.delete(ctx, row)
    await ctx.session.flush()


def check_etag(row: ObjectRow, if_match: str | None) -> None:
    """Raises UserError `stale` unless the header is absent, `*`, or the object's ETag."""
    if if_match is None or if_match.strip() == "*":
        return
    sent = [part.strip().removeprefix("W/").strip('"') for part in if_match.split(",")]
    if etag_of(row) not in sent:
        raise UserError(
            ErrorCode.STALE,
            f"{row.fqn!r} has changed since it was read: its ETag is {etag_of(row)!r}, "
            f"the request has {if_match!r}",
            fqn=row.fqn,
            hint="read it again and repeat the change",
        )


async def _check_force(ctx: Context, row: ObjectRow) -> None:
    """Whoever leaves objects behind in a cluster may delete the cluster."""
    assert isinstance(row, Application | Workspace)
    cluster = await ctx.session.get_one(Cluster, row.cluster_id)
    await ctx.access.check("cluster:delete", target_of("cluster", cluster))


async def _withdraw_commands(ctx: Context, row: ObjectRow) -> None:
    """An agent that comes back after all makes nothing of it; removals that wait still hold."""
    await ctx.session.execute(
        sql_update(Command)
        .where(
            or_(Command.application_id == row.id, Command.workspace_id == row.id),
            Command.kind.in_(("apply-bundle", "apply-namespace")),
            Command.state.in_(("queued", "sent")),
        )
        .values(state="superseded", finished_at=func.now())
    )


async def _check_update(
    ctx: Context, hooks: AnyHooks, row: ObjectRow, changes: list[FieldChange]
) -> str:
    target = hooks.target(row)
    verbs = hooks.update_verbs(changes, row)
    for verb in verbs[1:]:
        if await ctx.access.has(verb, target):
            return verb
    await ctx.access.check(verbs[0], target)
    return verbs[0]


async def _find_named(
    session: AsyncSession, tenant_id: str, noun: Noun, manifest: Manifest, *, lock: bool
) -> ObjectRow | None:
    table = TABLES[noun.kind]
    statement = select(table).where(
        table.tenant_id == tenant_id, table.fqn == str(fqn_of(manifest))
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return await session.scalar(statement)


async def _find_replay(
    ctx: Context, noun: Noun, manifest: Manifest, key: str | None
) -> ObjectRow | None:
    """The object that the same request made before; None when there is nothing in the way.

    Raises:
        UserError: the name is taken, or the key was used for another body.
    """
    table = TABLES[noun.kind]
    fqn = str(fqn_of(manifest))
    same_name = table.fqn == fqn
    same_key = (table.create_key == key) & (table.created_by == ctx.actor.subject)
    rows = await ctx.session.scalars(
        select(table).where(
            table.tenant_id == ctx.tenant_id,
            same_name if key is None else or_(same_name, same_key),
        )
    )
    found = list(rows)
    for row in found:
        if key is not None and row.create_key == key and row.created_by == ctx.actor.subject:
            if row.create_digest == digest_of(manifest):
                return row
            raise UserError(
                ErrorCode.IDEMPOTENCY_KEY_REUSED,
                f"the Idempotency-Key was used before, to make {row.fqn!r} from another manifest",
                fqn=row.fqn,
                hint="send a new key",
            )
    if not found:
        return None
    state = "is being deleted" if found[0].is_deleting else "exists already"
    raise UserError(
        ErrorCode.ALREADY_EXISTS,
        f"{noun.kind} {fqn!r} {state}",
        fqn=fqn,
        hint="choose another name, change the existing one, or wait until it is gone",
    )


def digest_of(manifest: Manifest) -> str:
    """SHA-256 of the manifest with its defaults, however it was written."""
    return hashlib.sha256(json.dumps(_dump(manifest), sort_keys=True).encode()).hexdigest()


def _new_row(ctx: Context, noun: Noun, manifest: Manifest, key: str | None) -> ObjectRow:
    now = datetime.now(UTC)
    return TABLES[noun.kind](
        tenant_id=ctx.tenant_id,
        name=manifest.name,
        fqn=str(fqn_of(manifest)),
        manifest=_dump(manifest),
        version=1,
        created_at=now,
        updated_at=now,
        created_by=ctx.actor.subject,
        create_key=key,
        create_digest=digest_of(manifest),
        is_deleting=False,
    )


def _race_constraints(noun: Noun) -> tuple[str, str]:
    table = TABLES[noun.kind].__tablename__
    return (f"uq_{table}_fqn", f"uq_{table}_create_key")


async def _record(
    ctx: Context,
    hooks: AnyHooks,
    row: ObjectRow,
    what: str,
    verb: str,
    changes: list[FieldChange],
) -> None:
    data: JsonObject = {"version": row.version}
    if what == "updated":
        data["fields"] = [change.path for change in changes]
    await record_event(
        ctx.session,
        tenant_id=ctx.tenant_id,
        type=f"{hooks.kind}.{what}",
        actor=ctx.actor.subject,
        message=f"{hooks.kind} {row.fqn} was {what}",
        object_kind=hooks.kind,
        object_id=row.id,
        fqn=row.fqn,
        verb=verb,
        decision="allowed",
        data=data,
        scope_ids=hooks.target(row).ids,
    )


def _dump(manifest: Manifest) -> JsonObject:
    return manifest.model_dump(mode="json")
