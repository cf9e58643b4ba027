"""`type: ml-repo`: models, artifacts and runs under one grant list and one storage."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from splitplane.contract.base import StrictModel
from splitplane.contract.manifests.shared import (
    Collaborator,
    DisplayName,
    MlRepoName,
    StorageIntegrationName,
)


class MlRepoManifest(StrictModel):
    """An ML repo."""

    type: Literal["ml-repo"] = "ml-repo"
    name: MlRepoName
    """Name, never changes. 2 to 40 lower-case letters, digits and hyphens."""
    storage_integration: StorageIntegrationName
    """Name of the storage integration that holds its bytes. Never changes."""
    display_name: DisplayName | None = None
    """What people see; the name when left out."""
    description: Annotated[str, Field(max_length=2000)] = ""
    """What it is for."""
    collaborators: Annotated[list[Collaborator], Field(max_length=200)] = Field(
        default_factory=list[Collaborator]
    )
    """Who may do what here: roles `admin`, `editor`, `viewer`."""
