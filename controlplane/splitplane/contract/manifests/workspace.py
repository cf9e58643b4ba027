"""`type: workspace`: a namespace on one cluster, in exactly one environment."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from splitplane.contract.base import StrictModel
from splitplane.contract.manifests.shared import (
    ClusterName,
    Collaborator,
    DisplayName,
    EnvironmentName,
    Labels,
    MlRepoName,
    WorkspaceName,
)


class MlRepoGrant(StrictModel):
    """Access of every workload in the workspace to one ML repo."""

    ml_repo: MlRepoName
    """Name of the ML repo."""
    role: Literal["viewer", "editor", "admin"] = "viewer"
    """Role of the workspace's workloads on it."""


class WorkspaceManifest(StrictModel):
    """A workspace; the namespace in the cluster has the workspace's name."""

    type: Literal["workspace"] = "workspace"
    name: WorkspaceName
    """Name, never changes, and the name of the namespace. 2 to 32 lower-case letters, digits and
    hyphens."""
    cluster: ClusterName
    """Name of the cluster. Never changes."""
    environment: EnvironmentName
    """Name of the environment; the cluster must carry it."""
    display_name: DisplayName | None = None
    """What people see; the name when left out."""
    labels: Labels = Field(default_factory=dict[str, str])
    """Labels of the namespace."""
    ml_repos: Annotated[list[MlRepoGrant], Field(max_length=100)] = Field(
        default_factory=list[MlRepoGrant]
    )
    """ML repos that workloads here may use, each at most once."""
    collaborators: Annotated[list[Collaborator], Field(max_length=200)] = Field(
        default_factory=list[Collaborator]
    )
    """Who may do what here: roles `admin`, `editor`, `deployer`, `viewer`."""
