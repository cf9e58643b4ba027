"""Writing a condition that the worker found, and the event that tells of its change."""

from __future__ import annotations

from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from splitplane.contract.conditions import ConditionType
from splitplane.controlplane.delivery.observe import Fact
from splitplane.controlplane.history import SYSTEM, record_event, set_condition
from splitplane.controlplane.tables import ObjectRow


async def write_condition(
    session: AsyncSession,
    kind: Literal["application", "workspace"],
    row: ObjectRow,
    name: ConditionType,
    fact: Fact,
    *,
    former: Fact | None,
    is_told: bool = True,
) -> None:
    """The condition holds the fact; an event tells of it when its status or reason changed.

    Args:
        session: where it is written.
        kind: kind of the object.
        row: the object.
        name: which condition.
        fact: what it holds from now on.
        former: what it held; None when it was not there.
        is_told: whether there is an event at all.
    """
    await set_condition(
        session,
        tenant_id=row.tenant_id,
        object_id=row.id,
        type=name,
        status=fact.status,
        reason=fact.reason,
        message=fact.message,
    )
    is_same = former is not None and (former.status, former.reason) == (fact.status, fact.reason)
    if is_same or not is_told:
        return
    await record_event(
        session,
        tenant_id=row.tenant_id,
        type=f"{kind}.condition-changed",
        actor=SYSTEM,
        object_kind=kind,
        object_id=row.id,
        fqn=row.fqn,
        message=f"{name} of {row.fqn} is {fact.status}: {fact.message or fact.reason}",
        data={"condition": name, "status": fact.status, "reason": fact.reason},
    )
