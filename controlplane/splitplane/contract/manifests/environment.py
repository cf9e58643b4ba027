"""`type: environment`: a tag such as dev, staging or prod for clusters and workspaces."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from splitplane.contract.base import StrictModel
from splitplane.contract.manifests.shared import DisplayName, EnvironmentName


class EnvironmentManifest(StrictModel):
    """An environment: a tag that clusters carry and that each workspace has exactly one of."""

    type: Literal["environment"] = "environment"
    name: EnvironmentName
    """Name, never changes. 2 to 32 lower-case letters, digits and hyphens."""
    display_name: DisplayName | None = None
    """What people see; the name when left out."""
    is_production: bool = False
    """Whether production rules hold here."""
    optimize_for: Literal["cost", "availability"] = "cost"
    """What placement prefers: `cost` uses spot capacity first, `availability` does not."""
    color: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] | None = None
    """Colour of the tag in the user interface, `#rrggbb`; chosen by name when left out."""
