"""What every way of delivery can do, and its result as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from splitplane.contract.commands import Bundle, BundleRemoval, NamespaceRemoval


@dataclass(frozen=True)
class Outcome:
    """What a delivery did; failures are raised.

    Attributes:
        reason: one CamelCase word: `Applied`, `Unchanged`, `Deleted`.
        message: what happened, for people.
        applied: objects that were applied.
        pruned: objects that were deleted.
    """

    reason: str
    message: str
    applied: int = 0
    pruned: int = 0


class Deliverer(Protocol):
    """One way of delivery. The bundle has passed the guard rails and its namespace exists."""

    @property
    def is_self_healing(self) -> bool:
        """Whether it puts back what others change, so that it must let go before they apply."""
        ...

    async def apply(self, bundle: Bundle, *, command_id: str) -> Outcome:
        """The cluster's desired state of the application is the bundle. Idempotent."""
        ...

    async def remove(self, removal: BundleRemoval) -> Outcome:
        """Nothing of the application is left. Idempotent."""
        ...

    async def hand_over(self, bundle: Bundle) -> None:
        """Another way has the application from now on. Idempotent.

        Its objects stay, but for those that the bundle lacks.

        Raises:
            Refused: this way holds a newer version, or too many objects would be deleted.
        """
        ...

    async def release(self, removal: NamespaceRemoval) -> None:
        """Nothing of the workspace is left outside of its namespace. Idempotent."""
        ...
