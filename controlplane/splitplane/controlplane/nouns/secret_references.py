"""`secret://GROUP/KEY` in manifests: which secret group it means, and who may refer to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import cast

from sqlalchemy import delete, select

from splitplane.contract.fqn import subject_fqn
from splitplane.contract.manifests.workload import parse_secret_reference
from splitplane.contract.permissions import read_verb
from splitplane.controlplane.nouns.context import Context
from splitplane.controlplane.nouns.references import bad_field
from splitplane.controlplane.permissions.targets import target_of
from splitplane.controlplane.tables import Application, ApplicationSecret, SecretGroup

_KEYS_SHOWN = 10


async def sync_application_secrets(ctx: Context, row: Application, env: Mapping[str, str]) -> None:
    """The rows of what the application's variables refer to are those of this manifest.

    A name that no secret group has is the name of a Secret in the workspace's namespace, and makes
    no row. Referring to a key anew needs `secret-group:use`; keeping what the version before
    referred to does not, so that somebody who may only deploy can change the image.

    Raises:
        UserError: the group has no such key, or the caller may not read the group.
        Refused: the caller may not use the group.
    """
    present = {
        (group_id, key)
        for group_id, key in await ctx.session.execute(
            select(ApplicationSecret.secret_group_id, ApplicationSecret.key).where(
                ApplicationSecret.application_id == row.id
            )
        )
    }
    references = {
        f"env.{name}": reference
        for name, value in env.items()
        if (reference := parse_secret_reference(value)) is not None
    }
    groups = await find_groups(ctx, {group for group, _ in references.values()})
    wanted: set[tuple[str, str]] = set()
    for field, (name, key) in references.items():
        group = groups.get(name)
        if group is not None:
            is_new = (group.id, key) not in present
            await check_reference(ctx, group, key, field, is_new=is_new)
            wanted.add((group.id, key))
    for group_id, key in sorted(present - wanted):
        await ctx.session.execute(
            delete(ApplicationSecret).where(
                ApplicationSecret.application_id == row.id,
                ApplicationSecret.secret_group_id == group_id,
                ApplicationSecret.key == key,
            )
        )
    for group_id, key in sorted(wanted - present):
        ctx.session.add(
            ApplicationSecret(
                tenant_id=ctx.tenant_id, application_id=row.id, secret_group_id=group_id, key=key
            )
        )
    await ctx.session.flush()


async def find_groups(ctx: Context, names: Collection[str]) -> dict[str, SecretGroup]:
    """Name → group, of those that exist; none can be changed until the transaction ends."""
    if not names:
        return {}
    fqns = [subject_fqn("secret-group", name) for name in names]
    rows = await ctx.session.scalars(
        select(SecretGroup)
        .where(SecretGroup.tenant_id == ctx.tenant_id, SecretGroup.fqn.in_(fqns))
        .order_by(SecretGroup.id)
        .with_for_update(read=True, key_share=True)
        .execution_options(populate_existing=True)
    )
    return {row.name: row for row in rows}


async def check_reference(
    ctx: Context, group: SecretGroup, key: str, field: str, *, is_new: bool
) -> None:
    """The group has the key, and whoever refers to it anew may use the group.

    Raises:
        UserError: it has no such key, or the caller may not read the group.
        Refused: the caller may not use the group.
    """
    target = target_of("secret-group", group)
    reference = f"secret://{group.name}/{key}"
    may_read = read_verb("secret-group") in await ctx.access.verbs_on(target)
    if is_new and not may_read:
        raise bad_field(
            field,
            reference,
            f"you may not read the secret group {group.name!r}",
            hint="ask for the role user on the group",
        )
    if is_new:
        await ctx.access.check("secret-group:use", target)
    keys = cast(dict[str, object], group.manifest["secrets"])
    if key not in keys:
        raise bad_field(
            field,
            reference,
            f"secret group {group.name!r} has no key {key!r}",
            allowed=(", ".join(sorted(keys)[:_KEYS_SHOWN]) or None) if may_read else None,
            hint="name one of its keys, or add the key to the group first",
        )
