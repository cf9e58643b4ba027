"""Role bindings: grants with a name and a manifest of their own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from splitplane.contract.fqn import parse_fqn
from splitplane.contract.manifests import RoleBindingManifest
from splitplane.contract.manifests.access import TENANT
from splitplane.contract.permissions import Action
from splitplane.contract.views import JsonObject
from splitplane.controlplane.nouns.context import Context
from splitplane.controlplane.nouns.grants import (
    WantedGrant,
    keeping_an_admin,
    kind_of_fqn,
    sync_grants,
)
from splitplane.controlplane.nouns.hooks import NounHooks
from splitplane.controlplane.nouns.references import (
    bad_field,
    check_role,
    find_reference,
    find_subject,
)
from splitplane.controlplane.permissions.targets import Target, target_of, tenant_target
from splitplane.controlplane.tables import RoleBinding


class RoleBindingHooks(NounHooks[RoleBindingManifest, RoleBinding]):
    """Making, changing and removing one needs the right to grant on its object."""

    kind = "role-binding"
    filters = ("subject", "object")

    async def container(self, ctx: Context, manifest: RoleBindingManifest) -> Target:
        """Its object."""
        return await _find_bound(ctx, manifest)

    def create_verb(self, container: Target) -> str:
        """The right to grant on the object."""
        return f"{container.kind}:grant"

    def verb(self, action: Action, row: RoleBinding) -> str:
        """The right to grant on the object; reading it is reading grants."""
        return "grant:read" if action == "read" else f"{row.object_kind}:grant"

    async def columns(
        self, ctx: Context, manifest: RoleBindingManifest, row: RoleBinding | None
    ) -> dict[str, Any]:
        """Subject and object by id, and the end.

        Raises:
            UserError: subject, object or role do not exist, or the end has passed.
            Refused: the role has verbs that the caller has not.
        """
        bound = await _find_bound(ctx, manifest)
        await check_role(ctx, bound.kind, manifest.role, "role")
        subject_kind, subject_id = await find_subject(ctx, manifest.subject, "subject")
        if row is None or row.expires_at != manifest.expires_at:
            _check_future(manifest.expires_at)
        await ctx.access.check_hand_out(manifest.role, bound)
        clusters = {"cluster": bound.ids[0], "workspace": bound.ids[1:2]}
        cluster = clusters.get(bound.kind, ())
        return {
            "subject_kind": subject_kind,
            "subject_id": subject_id,
            "object_kind": bound.kind,
            "object_id": bound.ids[0],
            "cluster_id": cluster if isinstance(cluster, str) else next(iter(cluster), None),
            "expires_at": manifest.expires_at,
        }

    async def after_write(
        self,
        ctx: Context,
        row: RoleBinding,
        manifest: RoleBindingManifest,
        before: RoleBindingManifest | None,
    ) -> None:
        """The grant."""
        grant = WantedGrant(
            row.subject_kind,
            row.subject_id,
            manifest.role,
            row.object_kind,
            row.object_id,
            row.expires_at,
        )
        async with keeping_an_admin(ctx, is_new=before is None):
            await sync_grants(ctx, "role-binding", row.id, [grant])

    async def delete(self, ctx: Context, row: RoleBinding) -> None:
        """Gone with its grant, unless the last administrator was one by it."""
        async with keeping_an_admin(ctx):
            await super().delete(ctx, row)

    async def observe(
        self, session: AsyncSession, rows: Sequence[RoleBinding]
    ) -> dict[str, JsonObject]:
        """Ids of subject and object."""
        return {
            row.id: {
                "subject_id": row.subject_id,
                "object_kind": row.object_kind,
                "object_id": row.object_id,
            }
            for row in rows
        }

    def is_expired(self, row: RoleBinding, facts: JsonObject) -> bool:
        """Whether it grants nothing any more."""
        return row.expires_at is not None and row.expires_at <= datetime.now(UTC)

    async def filter(self, ctx: Context, name: str, value: str) -> ColumnElement[bool]:
        """By the subject or the object, as the manifest writes it."""
        condition: ColumnElement[bool] = RoleBinding.manifest[name].astext == value
        return condition


def _check_future(expires_at: datetime | None) -> None:
    if expires_at is not None and expires_at <= datetime.now(UTC):
        raise bad_field(
            "expires_at",
            expires_at.isoformat(),
            "has passed",
            allowed="a time in the future",
            hint="set a later time, or leave it out",
        )


async def _find_bound(ctx: Context, manifest: RoleBindingManifest) -> Target:
    """The object, which cannot be deleted until the transaction ends."""
    if manifest.object == TENANT:
        return tenant_target(ctx.tenant_id)
    kind = kind_of_fqn(parse_fqn(manifest.object))
    assert kind is not None, "the contract lets no other kind through"
    row = await find_reference(ctx, kind, manifest.object, "object", value=manifest.object)
    return target_of(kind, row)
