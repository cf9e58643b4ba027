"""Users, service accounts and custom roles: who may act, and what roles allow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select

from splitplane.contract.manifests import RoleManifest, ServiceAccountManifest, UserManifest
from splitplane.contract.permissions import BUILTIN_ROLES
from splitplane.controlplane.nouns.context import Context
from splitplane.controlplane.nouns.grants import WantedGrant, keeping_an_admin, sync_grants
from splitplane.controlplane.nouns.hooks import NounHooks
from splitplane.controlplane.nouns.references import bad_field
from splitplane.controlplane.nouns.simple import USERS_SHOWN
from splitplane.controlplane.permissions.targets import Target, tenant_target
from splitplane.controlplane.tables import (
    Grant,
    Role,
    RoleVerb,
    ServiceAccount,
    Team,
    User,
    Workspace,
)


class UserHooks(NounHooks[UserManifest, User]):
    """The role on the tenant is a grant; one administrator always stays."""

    kind = "user"

    async def extra_verbs(
        self, ctx: Context, manifest: UserManifest, before: UserManifest | None, target: Target
    ) -> None:
        """A role beyond member, or changing it, is granting on the tenant."""
        old = "member" if before is None else before.tenant_role
        if manifest.tenant_role != old:
            await ctx.access.check("tenant:grant", tenant_target(ctx.tenant_id))

    async def after_write(
        self, ctx: Context, row: User, manifest: UserManifest, before: UserManifest | None
    ) -> None:
        """The grant of the tenant's role."""
        grant = WantedGrant("user", row.id, manifest.tenant_role, "tenant", ctx.tenant_id)
        async with keeping_an_admin(ctx, is_new=before is None):
            await sync_grants(ctx, "user", row.id, [grant])

    async def delete(self, ctx: Context, row: User) -> None:
        """Gone with tokens and grants, unless it is the last administrator."""
        async with keeping_an_admin(ctx):
            await super().delete(ctx, row)


class ServiceAccountHooks(NounHooks[ServiceAccountManifest, ServiceAccount]):
    """The role on the tenant is a grant."""

    kind = "service-account"

    async def extra_verbs(
        self,
        ctx: Context,
        manifest: ServiceAccountManifest,
        before: ServiceAccountManifest | None,
        target: Target,
    ) -> None:
        """A role on the tenant, or changing it, is granting on the tenant."""
        old = None if before is None else before.tenant_role
        if manifest.tenant_role != old:
            await ctx.access.check("tenant:grant", tenant_target(ctx.tenant_id))

    async def after_write(
        self,
        ctx: Context,
        row: ServiceAccount,
        manifest: ServiceAccountManifest,
        before: ServiceAccountManifest | None,
    ) -> None:
        """The grant of the tenant's role, if there is one."""
        role = manifest.tenant_role
        wanted = (
            []
            if role is None
            else [WantedGrant("service-account", row.id, role, "tenant", ctx.tenant_id)]
        )
        await sync_grants(ctx, "service-account", row.id, wanted)


class RoleHooks(NounHooks[RoleManifest, Role]):
    """A custom role's verbs; its name is none of the built-in ones."""

    kind = "role"

    async def columns(
        self, ctx: Context, manifest: RoleManifest, row: Role | None
    ) -> dict[str, Any]:
        """The scope; raises UserError for a built-in name."""
        taken = sorted({name for roles in BUILTIN_ROLES.values() for name in roles})
        if manifest.name in taken:
            raise bad_field(
                "name",
                manifest.name,
                f"{manifest.name!r} is a built-in role",
                hint=f"choose a name other than {', '.join(taken)}",
            )
        return {"scope": manifest.scope}

    async def extra_verbs(
        self, ctx: Context, manifest: RoleManifest, before: RoleManifest | None, target: Target
    ) -> None:
        """Whoever holds the role gains its verbs, so that writing one is granting."""
        await ctx.access.check("tenant:grant", tenant_target(ctx.tenant_id))

    async def after_write(
        self, ctx: Context, row: Role, manifest: RoleManifest, before: RoleManifest | None
    ) -> None:
        """The rows of its verbs."""
        await self._delete_verbs(ctx, row)
        for verb in manifest.verbs:
            ctx.session.add(
                RoleVerb(tenant_id=ctx.tenant_id, scope=row.scope, role=row.name, verb=verb)
            )
        await ctx.session.flush()
        ctx.access.forget()

    async def users_of(self, ctx: Context, row: Role) -> Sequence[str]:
        """Subjects that hold it."""
        held = select(Grant.subject_id).where(
            Grant.tenant_id == ctx.tenant_id,
            Grant.role == row.name,
            Grant.object_kind == row.scope,
        )
        names: list[str] = []
        for table in (User, Team, ServiceAccount, Workspace):
            names += await ctx.session.scalars(
                select(table.fqn).where(table.id.in_(held)).order_by(table.fqn).limit(USERS_SHOWN)
            )
        return names

    async def delete(self, ctx: Context, row: Role) -> None:
        """Gone with its verbs."""
        await self._delete_verbs(ctx, row)
        await super().delete(ctx, row)

    async def _delete_verbs(self, ctx: Context, row: Role) -> None:
        await ctx.session.execute(
            delete(RoleVerb).where(
                RoleVerb.tenant_id == ctx.tenant_id,
                RoleVerb.scope == row.scope,
                RoleVerb.role == row.name,
            )
        )
