"""The Workspace resource."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi import Input, Output

from splitplane.resources.inputs import CollaboratorArgs, MlRepoGrantArgs
from splitplane.resources.package import input_type, output_of, with_outputs


@input_type
class _WorkspaceInputs:
    """Inputs as the engine gets them; described at the resource."""

    name: Input[str] = pulumi.property("name")
    cluster: Input[str] = pulumi.property("cluster")
    environment: Input[str] = pulumi.property("environment")
    display_name: Input[str] | None = pulumi.property("displayName", default=None)
    labels: Input[Mapping[str, Input[str]]] | None = pulumi.property("labels", default=None)
    ml_repos: Input[Sequence[Input[MlRepoGrantArgs]]] | None = pulumi.property(
        "mlRepos", default=None
    )
    collaborators: Input[Sequence[Input[CollaboratorArgs]]] | None = pulumi.property(
        "collaborators", default=None
    )


class Workspace(pulumi.CustomResource):
    """A workspace: a namespace on one cluster, in exactly one environment.

    Import by id or by `CLUSTER:NAME`.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        name: Input[str],
        cluster: Input[str],
        environment: Input[str],
        display_name: Input[str] | None = None,
        labels: Input[Mapping[str, Input[str]]] | None = None,
        ml_repos: Input[Sequence[Input[MlRepoGrantArgs]]] | None = None,
        collaborators: Input[Sequence[Input[CollaboratorArgs]]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the workspace.

        Args:
            resource_name: its name in the stack.
            name: its name and that of the namespace; a change makes a new workspace.
            cluster: name of the cluster; a change makes a new workspace.
            environment: name of the environment; the cluster must carry it.
            display_name: what people see; the name when left out.
            labels: labels of the namespace.
            ml_repos: ML repos that workloads here may use, each at most once.
            collaborators: who may do what here: roles `admin`, `editor`, `deployer`, `viewer`.
            opts: options of the resource.
        """
        inputs = _WorkspaceInputs(
            name=name,
            cluster=cluster,
            environment=environment,
            display_name=display_name,
            labels=labels,
            ml_repos=ml_repos,
            collaborators=collaborators,
        )
        super().__init__(
            "splitplane:index:Workspace", resource_name, with_outputs(inputs, "fqn"), opts
        )

    @property
    @pulumi.getter
    def name(self) -> Output[str]:
        """Its name and that of the namespace."""
        return output_of(self, "name")

    @property
    @pulumi.getter
    def cluster(self) -> Output[str]:
        """Name of the cluster."""
        return output_of(self, "cluster")

    @property
    @pulumi.getter
    def environment(self) -> Output[str]:
        """Name of the environment."""
        return output_of(self, "environment")

    @property
    @pulumi.getter(name="displayName")
    def display_name(self) -> Output[str | None]:
        """What people see."""
        return output_of(self, "display_name")

    @property
    @pulumi.getter
    def labels(self) -> Output[Mapping[str, str]]:
        """Labels of the namespace."""
        return output_of(self, "labels")

    @property
    @pulumi.getter(name="mlRepos")
    def ml_repos(self) -> Output[Sequence[Any]]:
        """ML repos that workloads here may use, each at most once."""
        return output_of(self, "ml_repos")

    @property
    @pulumi.getter
    def collaborators(self) -> Output[Sequence[Any]]:
        """Who may do what here: roles `admin`, `editor`, `deployer`, `viewer`."""
        return output_of(self, "collaborators")

    @property
    @pulumi.getter
    def fqn(self) -> Output[str]:
        """Fully qualified name; accepted wherever an id is."""
        return output_of(self, "fqn")
