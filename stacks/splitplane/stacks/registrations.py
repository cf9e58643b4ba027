"""What a program registers beside its cluster: environments, ML repos, workspaces.

The same for every cloud; each program adds its compute plane between environments and workspaces.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pulumi

    from splitplane.resources import MlRepo, StorageIntegration

_CONFIG = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class EnvironmentConfig(BaseModel):
    """An environment of the tenant."""

    model_config = _CONFIG

    is_existing: bool = False
    """Whether it is on the control plane already, as `dev`, `staging` and `prod` of a new tenant
    are; then it is named and nothing else."""
    is_production: bool = False
    """Whether production rules hold there."""
    optimize_for: Literal["cost", "availability"] = "cost"
    """What placement prefers; `cost` uses spot capacity first."""
    color: str | None = None
    """Colour in lists, `#rrggbb`; none when left out."""


class WorkspaceConfig(BaseModel):
    """A workspace on the cluster."""

    model_config = _CONFIG

    environment: str
    """One of the program's environments."""
    ml_repos: dict[str, Literal["viewer", "editor", "admin"]] = Field(
        default_factory=dict[str, Literal["viewer", "editor", "admin"]]
    )
    """ML repo of the program → role of the workspace's workloads in it; none when left out."""


class Registrations(BaseModel):
    """What is registered beside the cluster."""

    model_config = _CONFIG

    environments: dict[str, EnvironmentConfig] = Field(min_length=1)
    """Name → environment; the cluster carries them all."""
    workspaces: dict[str, WorkspaceConfig] = Field(default_factory=dict[str, WorkspaceConfig])
    """Name → workspace; none when left out."""
    ml_repos: list[str] = Field(default_factory=list[str])
    """Names of ML repos in the cluster's bucket; none when left out."""

    def problems(self) -> list[str]:
        """References to what the program does not register."""
        found = [
            f"environments.{name} exists already, so its other fields are not ours: leave them out"
            for name, item in self.environments.items()
            if item.is_existing and item != EnvironmentConfig(is_existing=True)
        ]
        for name, workspace in self.workspaces.items():
            if workspace.environment not in self.environments:
                found.append(
                    f"workspaces.{name}.environment {workspace.environment!r} is not among "
                    f"environments: use one of {', '.join(self.environments)}"
                )
            found += [
                f"workspaces.{name}.ml_repos {repo!r} is not among ml_repos: add it there"
                for repo in workspace.ml_repos
                if repo not in self.ml_repos
            ]
        return found


def declare_environments(config: Registrations) -> dict[str, pulumi.Input[str]]:
    """Name → name as others refer to it, so that those that are made here come first."""
    from splitplane.resources import Environment

    found: dict[str, pulumi.Input[str]] = {}
    for name, item in config.environments.items():
        found[name] = (
            name
            if item.is_existing
            else Environment(
                name,
                name=name,
                is_production=item.is_production,
                optimize_for=item.optimize_for,
                color=item.color,
            ).name
        )
    return found


def declare_ml_repos(config: Registrations, storage: StorageIntegration) -> dict[str, MlRepo]:
    """Name → ML repo, all in one storage integration."""
    from splitplane.resources import MlRepo

    return {
        name: MlRepo(name, name=name, storage_integration=storage.name) for name in config.ml_repos
    }


def declare_workspaces(
    config: Registrations,
    *,
    cluster: pulumi.Output[str],
    environments: Mapping[str, pulumi.Input[str]],
    ml_repos: Mapping[str, MlRepo],
    plane: pulumi.Resource,
) -> None:
    """The workspaces on the cluster, with what they may use.

    They come after the compute plane, so that they go while its agent can clean up after them.
    """
    import pulumi

    from splitplane.resources import MlRepoGrantArgs, Workspace

    for name, item in config.workspaces.items():
        Workspace(
            name,
            name=name,
            cluster=cluster,
            environment=environments[item.environment],
            ml_repos=[
                MlRepoGrantArgs(ml_repo=ml_repos[repo].name, role=role)
                for repo, role in item.ml_repos.items()
            ]
            or None,
            opts=pulumi.ResourceOptions(depends_on=[plane]),
        )
