"""What is special about a noun, as methods that a noun overrides; the defaults do nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from splitplane.contract.manifests import Manifest
from splitplane.contract.nouns import Kind
from splitplane.contract.permissions import Action, verbs_for
from splitplane.contract.views import FieldChange, JsonObject
from splitplane.controlplane.nouns.context import Context
from splitplane.controlplane.nouns.removal import remove_object
from splitplane.controlplane.permissions.targets import Target, target_of, tenant_target
from splitplane.controlplane.tables import Grant, ObjectRow

ManifestT = TypeVar("ManifestT", bound=Manifest)
RowT = TypeVar("RowT", bound=ObjectRow)


class NounHooks(Generic[ManifestT, RowT]):
    """The rules of one noun. Methods run inside the request's transaction."""

    kind: ClassVar[Kind]
    filters: ClassVar[tuple[str, ...]] = ()
    """Filters of lists beside `name`."""
    creator_role: ClassVar[str | None] = None
    """Role that the creator gets on the new object."""

    async def container(self, ctx: Context, manifest: ManifestT) -> Target:
        """The target on which the right to create is asked; the tenant unless overridden."""
        return tenant_target(ctx.tenant_id)

    async def columns(
        self, ctx: Context, manifest: ManifestT, row: RowT | None
    ) -> dict[str, Any]:  # Any: column values
        """The noun's own columns; raises UserError when the manifest breaks a rule."""
        return {}

    def create_verb(self, container: Target) -> str:
        """The verb that creation needs on the container."""
        return verbs_for(self.kind, "create")[0]

    def verb(self, action: Action, row: RowT) -> str:
        """The verb that the action needs on the object."""
        return verbs_for(self.kind, action)[0]

    def update_verbs(self, changes: Sequence[FieldChange], row: RowT) -> tuple[str, ...]:
        """Verbs of which one suffices for these changes."""
        return (self.verb("update", row),)

    async def extra_verbs(
        self, ctx: Context, manifest: ManifestT, before: ManifestT | None, target: Target
    ) -> None:
        """Checks the rights that the manifest needs beyond create or update."""

    async def after_write(
        self, ctx: Context, row: RowT, manifest: ManifestT, before: ManifestT | None
    ) -> None:
        """Brings what depends on the manifest into line; `before` is None for a new object."""

    async def after_replay(self, ctx: Context, row: RowT) -> None:
        """The same creation was sent again with the same key."""

    async def users_of(self, ctx: Context, row: RowT) -> Sequence[str]:
        """Names of what must be removed before the object can be."""
        return ()

    async def delete(self, ctx: Context, row: RowT) -> None:
        """Removes the object, or marks it for the worker to remove."""
        await remove_object(ctx.session, kind=self.kind, row=row, actor=ctx.actor.subject)

    async def observe(self, session: AsyncSession, rows: Sequence[RowT]) -> dict[str, JsonObject]:
        """Observed facts by id; rows without any may be left out."""
        return {}

    def is_expired(self, row: RowT, facts: JsonObject) -> bool:
        """Whether the object's time is over."""
        return False

    async def filter(self, ctx: Context, name: str, value: str) -> ColumnElement[bool]:
        """The condition for one of `filters`."""
        raise KeyError(name)

    async def grant_creator(self, ctx: Context, row: RowT) -> None:
        """The creator holds `creator_role` on the new object."""
        if self.creator_role is None:
            return
        ctx.session.add(
            Grant(
                tenant_id=ctx.tenant_id,
                subject_kind=ctx.actor.subject_kind,
                subject_id=ctx.actor.subject_id,
                role=self.creator_role,
                object_kind=self.kind,
                object_id=row.id,
                granted_by="system",
                source="creator",
                source_id=row.id,
            )
        )
        await ctx.session.flush()
        ctx.access.forget()

    def target(self, row: RowT) -> Target:
        """The object as a target of permissions."""
        return target_of(self.kind, row)
