"""What every piece of a created VPC is declared with: parent, names, tags, options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.network.plan import NetworkPlan
from splitplane.components.clouds.aws.parts import child_options, tags_of
from splitplane.components.clouds.aws.settings import EksSettings


@dataclass(frozen=True)
class Wiring:
    """The component that pieces belong to, and what they are to become.

    Attributes:
        parent: the component.
        name: its name, the start of theirs.
        settings: of the compute plane.
        scope: where it is.
        plan: what the VPC consists of.
    """

    parent: pulumi.Resource
    name: str
    settings: EksSettings
    scope: Scope
    plan: NetworkPlan

    def named(self, purpose: str) -> str:
        """Name of a piece in the program."""
        return f"{self.name}-{purpose}"

    def tags(self, purpose: str, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """Tags of a piece, with the name that consoles show."""
        shown = tags_of(self.settings, f"{self.settings.eks_name}-{purpose}")
        return {**shown, **(extra or {})}

    def options(
        self,
        *depends_on: pulumi.Resource,
        is_slow_to_delete: bool = False,
        is_protected: bool = False,
        ignore_changes: Sequence[str] = (),
    ) -> pulumi.ResourceOptions:
        """Options of a piece.

        Args:
            depends_on: what has to exist before it, beside its inputs.
            is_slow_to_delete: whether AWS deletes it only once the last interface in it is gone.
            is_protected: whether the engine refuses to delete or replace it in production.
            ignore_changes: inputs that others may change.
        """
        minutes = self.settings.delete_timeout_minutes if is_slow_to_delete else None
        return child_options(
            self.parent,
            depends_on=depends_on,
            delete_minutes=minutes,
            protect=True if is_protected and self.settings.is_production else None,
            ignore_changes=ignore_changes,
        )
