"""Deciding what a caller may do, from grant rows, once for each request and object.

Effective verbs = union of the roles granted to the subject on the object and on everything that
contains it, limited to the token's scopes; what is granted to a team is granted to its members. No
row, no right.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Uuid,
    and_,
    any_,
    bindparam,
    func,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from splitplane.contract.errors import ErrorCode
from splitplane.contract.permissions import read_verb
from splitplane.controlplane.errors import Refused, not_found
from splitplane.controlplane.identity.actor import Actor
from splitplane.controlplane.permissions.declare import Declared
from splitplane.controlplane.permissions.targets import Target, tenant_target, within
from splitplane.controlplane.tables import Grant, RoleVerb, ServiceAccount, Team, User

_GRANTORS_SHOWN = 3


@dataclass(frozen=True)
class Denial:
    """A refusal, to be audited after the transaction was rolled back."""

    actor: Actor
    verb: str
    target: Target


@dataclass
class Decisions:
    """What was decided in one request; a request without a decision is refused."""

    declared: Declared
    made: bool = False
    denials: list[Denial] = field(default_factory=list[Denial])


class Access:
    """The rights of one caller within one transaction."""

    def __init__(self, session: AsyncSession, actor: Actor, decisions: Decisions) -> None:
        """Remembers each object's verbs for as long as it lives."""
        self.session = session
        self.actor = actor
        self.decisions = decisions
        self._verbs: dict[tuple[str, ...], frozenset[str]] = {}

    async def verbs_on(self, target: Target) -> frozenset[str]:
        """The verbs that the caller has on the target."""
        found = self._verbs.get(target.ids)
        if found is None:
            values = {**_subject(self.actor), "object_ids": list(target.ids)}
            rows = await self.session.scalars(_VERBS_ON, values)
            found = self._within_scopes(frozenset(rows))
            self._verbs[target.ids] = found
        return found

    async def check(self, verb: str, target: Target) -> None:
        """The caller has the verb on the target.

        Raises:
            UserError: the target may not even be read; it looks as if it did not exist.
            Refused: it may be read, but the verb is missing; names who can grant it.
        """
        self._note(verb)
        verbs = await self.verbs_on(target)
        if verb in verbs:
            return
        self.decisions.denials.append(Denial(self.actor, verb, target))
        if target.kind != "tenant" and read_verb(target.kind) not in verbs:
            raise not_found(target.fqn)
        raise Refused(
            ErrorCode.FORBIDDEN,
            f"{self.actor.subject} may not {verb} on {target.fqn}",
            verb=verb,
            fqn=target.fqn,
            hint=await self._who_can_grant(target, verb),
        )

    async def check_hand_out(self, role: str, target: Target) -> None:
        """The caller may give the role on the target, beyond the right to grant there.

        Nobody hands out what they lack themselves; with `tenant:grant` every role may be given.

        Raises:
            Refused: the role has a verb that the caller lacks; names it.
        """
        rows = await self.session.scalars(
            select(RoleVerb.verb).where(
                RoleVerb.tenant_id == self.actor.tenant_id,
                RoleVerb.scope == target.kind,
                RoleVerb.role == role,
            )
        )
        missing = sorted(set(rows) - await self.verbs_on(target))
        if not missing:
            return
        if "tenant:grant" in await self.verbs_on(tenant_target(self.actor.tenant_id)):
            return
        self.decisions.denials.append(Denial(self.actor, missing[0], target))
        raise Refused(
            ErrorCode.FORBIDDEN,
            f"{self.actor.subject} may not give the role {role!r} on {target.fqn}: "
            f"it has {missing[0]}, which {self.actor.subject} has not",
            verb=missing[0],
            fqn=target.fqn,
            hint="give a role with fewer verbs, or ask somebody with tenant:grant",
        )

    async def has(self, verb: str, target: Target) -> bool:
        """Whether the caller has the verb on the target; counts as a decision."""
        self._note(verb)
        return verb in await self.verbs_on(target)

    async def allowed(self, verb: str, kind: str) -> ColumnElement[bool]:
        """Condition on the kind's table that a list adds: the caller has the verb on the row."""
        self._note(verb)
        return await self.readable(verb, kind)

    async def readable(self, verb: str, kind: str) -> ColumnElement[bool]:
        """As `allowed`, for names that an error may show; it is not the request's decision."""
        granted = await self.granted_ids(verb)
        return true() if granted is None else within(kind, granted)

    async def granted_ids(self, verb: str) -> dict[str, list[str]] | None:
        """Scope → ids on which the caller was granted the verb; None for the whole tenant.

        It is not the request's decision.
        """
        if verb in await self.verbs_on(tenant_target(self.actor.tenant_id)):
            return None
        found: dict[str, list[str]] = {}
        if self.actor.scopes is not None and verb not in self.actor.scopes:
            return found
        rows = await self.session.execute(
            _GRANTED.with_only_columns(Grant.object_kind, Grant.object_id)
            .where(RoleVerb.verb == verb)
            .distinct(),
            _subject(self.actor),
        )
        for scope, object_id in rows:
            found.setdefault(scope, []).append(object_id)
        return found

    def forget(self) -> None:
        """Grants changed in this transaction: what was remembered is asked again."""
        self._verbs.clear()

    def _note(self, verb: str) -> None:
        declared = self.decisions.declared
        # A handler that checks something other than its route declares is a bug, not a refusal.
        assert declared.mode != "verbs" or verb in declared.verbs, (verb, declared)
        self.decisions.made = True

    def _within_scopes(self, verbs: frozenset[str]) -> frozenset[str]:
        return verbs if self.actor.scopes is None else verbs & self.actor.scopes

    async def _who_can_grant(self, target: Target, verb: str) -> str:
        granting = {"tenant:grant", f"{target.kind}:grant"}
        if verb.endswith(":grant"):
            granting.add(verb)
        grantors = (
            select(Grant.subject_id)
            .join(RoleVerb, _same_role())
            .where(
                Grant.tenant_id == self.actor.tenant_id,
                Grant.object_id.in_(target.ids),
                RoleVerb.verb.in_(granting),
                _in_force(),
            )
        )
        names = union_all(
            *(
                select(table.fqn.label("fqn")).where(table.id.in_(grantors))
                for table in (User, Team, ServiceAccount)
            )
        ).subquery()
        rows = await self.session.scalars(
            select(names.c.fqn).order_by(names.c.fqn).limit(_GRANTORS_SHOWN)
        )
        found = ", ".join(rows)
        return f"ask {found} for a role that has it" if found else "nobody can grant it"


def _same_role() -> ColumnElement[bool]:
    return and_(
        RoleVerb.tenant_id == Grant.tenant_id,
        RoleVerb.scope == Grant.object_kind,
        RoleVerb.role == Grant.role,
    )


def _in_force() -> ColumnElement[bool]:
    return or_(Grant.expires_at.is_(None), Grant.expires_at > func.now())


def _subject(actor: Actor) -> dict[str, object]:
    """Parameters of `_GRANTED`."""
    return {"tenant_id": actor.tenant_id, "subject_ids": list(actor.subject_ids)}


_IDS: Final = ARRAY(Uuid(as_uuid=False))

# Nearly every request asks, so the expressions are built once.
_GRANTED: Final = (
    select(Grant.id)
    .join(RoleVerb, _same_role())
    .where(
        Grant.tenant_id == bindparam("tenant_id"),
        # The ids themselves, which came with the token: a subquery here would cost the planner its
        # index. Ids are unique among all kinds of subjects.
        Grant.subject_id == any_(bindparam("subject_ids", type_=_IDS)),
        _in_force(),
    )
)
_VERBS_ON: Final = (
    _GRANTED.with_only_columns(RoleVerb.verb)
    .where(Grant.object_id == any_(bindparam("object_ids", type_=_IDS)))
    .distinct()
)
