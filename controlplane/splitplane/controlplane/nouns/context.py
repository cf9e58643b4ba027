"""What one request works with: its transaction, its caller's rights, and what to do after it."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from splitplane.contract.views import JsonObject
from splitplane.controlplane.identity.actor import Actor
from splitplane.controlplane.permissions.access import Access


@dataclass
class Context:
    """One transaction of one caller.

    Attributes:
        session: the transaction; the caller of the service commits it.
        access: the caller's rights.
        wakeups: names to notify once the transaction is committed.
        shown_once: object's id → observed facts of this answer only, such as the join token of a
            cluster that was made in this transaction.
    """

    session: AsyncSession
    access: Access
    wakeups: set[str] = field(default_factory=set[str])
    shown_once: dict[str, JsonObject] = field(default_factory=dict[str, JsonObject])

    @property
    def actor(self) -> Actor:
        """The caller."""
        return self.access.actor

    @property
    def tenant_id(self) -> str:
        """The caller's tenant; every query names it."""
        return self.access.actor.tenant_id
