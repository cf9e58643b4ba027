"""Secret stores, secret groups and container registries: references, never values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, select

from splitplane.contract.errors import ErrorCode
from splitplane.contract.fqn import subject_fqn
from splitplane.contract.manifests import (
    ContainerRegistryManifest,
    OtherRegistry,
    SecretGroupManifest,
    SecretStoreManifest,
    parse_secret_reference,
)
from splitplane.controlplane.errors import UserError
from splitplane.controlplane.nouns.context import Context
from splitplane.controlplane.nouns.grants import collaborator_grants, sync_grants
from splitplane.controlplane.nouns.hooks import NounHooks
from splitplane.controlplane.nouns.references import bad_field, find_reference, ids_named
from splitplane.controlplane.nouns.secret_references import check_reference, find_groups
from splitplane.controlplane.nouns.simple import USERS_SHOWN
from splitplane.controlplane.permissions.targets import Target, target_of
from splitplane.controlplane.tables import (
    Application,
    ApplicationSecret,
    ContainerRegistry,
    SecretGroup,
    SecretStore,
)


class SecretStoreHooks(NounHooks[SecretStoreManifest, SecretStore]):
    """A secret store goes only when no secret group refers to it."""

    kind = "secret-store"
    creator_role = "manager"

    async def users_of(self, ctx: Context, row: SecretStore) -> Sequence[str]:
        """Secret groups whose values lie in it."""
        rows = await ctx.session.scalars(
            select(SecretGroup.fqn)
            .where(SecretGroup.secret_store_id == row.id)
            .order_by(SecretGroup.fqn)
            .limit(USERS_SHOWN)
        )
        return list(rows)


class SecretGroupHooks(NounHooks[SecretGroupManifest, SecretGroup]):
    """Needs the right to use its store; keys in use stay; its collaborators become grants."""

    kind = "secret-group"
    filters = ("secret_store",)
    creator_role = "admin"

    async def columns(
        self, ctx: Context, manifest: SecretGroupManifest, row: SecretGroup | None
    ) -> dict[str, Any]:
        """The secret store, which the creator must be allowed to use."""
        if row is not None:
            removed = set(row.manifest["secrets"]) - set(manifest.secrets)
            await _check_unused(ctx, row, sorted(removed))
            return {}
        store = await find_reference(
            ctx,
            "secret-store",
            subject_fqn("secret-store", manifest.secret_store),
            "secret_store",
        )
        await ctx.access.check("secret-store:use", target_of("secret-store", store))
        return {"secret_store_id": store.id}

    async def extra_verbs(
        self,
        ctx: Context,
        manifest: SecretGroupManifest,
        before: SecretGroupManifest | None,
        target: Target,
    ) -> None:
        """Changing collaborators of an existing group is granting."""
        if before is not None and before.collaborators != manifest.collaborators:
            await ctx.access.check("secret-group:grant", target)

    async def after_write(
        self,
        ctx: Context,
        row: SecretGroup,
        manifest: SecretGroupManifest,
        before: SecretGroupManifest | None,
    ) -> None:
        """The collaborators' grants."""
        known = [] if before is None else before.collaborators
        grants = await collaborator_grants(ctx, self.target(row), manifest.collaborators, known)
        await sync_grants(ctx, "secret-group", row.id, grants)

    async def users_of(self, ctx: Context, row: SecretGroup) -> Sequence[str]:
        """Applications and registries that refer to it."""
        return await _users_of_keys(ctx, row, None)

    async def filter(self, ctx: Context, name: str, value: str) -> ColumnElement[bool]:
        """By secret store."""
        return SecretGroup.secret_store_id.in_(ids_named(ctx, "secret-store", value))


class ContainerRegistryHooks(NounHooks[ContainerRegistryManifest, ContainerRegistry]):
    """A password is a key of a secret group, which the writer may use."""

    kind = "container-registry"
    creator_role = "manager"

    async def columns(
        self, ctx: Context, manifest: ContainerRegistryManifest, row: ContainerRegistry | None
    ) -> dict[str, Any]:
        """Group and key of the password; a reference that stays needs no right anew."""
        registry = manifest.registry
        password = registry.password if isinstance(registry, OtherRegistry) else None
        reference = None if password is None else parse_secret_reference(password)
        if reference is None:
            return {"secret_group_id": None, "secret_key": None}
        name, key = reference
        field = "registry.password"
        group = (await find_groups(ctx, {name})).get(name)
        if group is None:
            raise bad_field(
                field,
                password,
                f"secret group {name!r} does not exist, or you may not read it",
                hint="make the secret group first, or name another one",
            )
        is_new = row is None or (row.secret_group_id, row.secret_key) != (group.id, key)
        await check_reference(ctx, group, key, field, is_new=is_new)
        return {"secret_group_id": group.id, "secret_key": key}


async def _check_unused(ctx: Context, row: SecretGroup, keys: Sequence[str]) -> None:
    users = await _users_of_keys(ctx, row, keys) if keys else []
    if users:
        raise UserError(
            ErrorCode.IN_USE,
            f"keys {', '.join(keys)} of secret group {row.fqn!r} cannot be removed: "
            f"some are in use by {', '.join(users)}",
            fqn=row.fqn,
            hint=f"change {users[0]} first, or keep the keys",
        )


async def _users_of_keys(
    ctx: Context, row: SecretGroup, keys: Sequence[str] | None
) -> Sequence[str]:
    """Who refers to one of the keys, or to any when None."""
    applications = (
        select(Application.fqn)
        .join(ApplicationSecret, ApplicationSecret.application_id == Application.id)
        .where(ApplicationSecret.secret_group_id == row.id)
    )
    registries = select(ContainerRegistry.fqn).where(ContainerRegistry.secret_group_id == row.id)
    if keys is not None:
        applications = applications.where(ApplicationSecret.key.in_(keys))
        registries = registries.where(ContainerRegistry.secret_key.in_(keys))
    found: list[str] = []
    for statement, column in (
        (applications, Application.fqn),
        (registries, ContainerRegistry.fqn),
    ):
        found += await ctx.session.scalars(statement.distinct().order_by(column).limit(USERS_SHOWN))
    return found
