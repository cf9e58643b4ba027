"""The Workspace resource; written by `python -m splitplane.provider.sdk`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pulumi
from pulumi import Input, Output

from splitplane.resources.inputs import (
    CollaboratorArgs,
    MlRepoGrantArgs,
    NetworkPolicyArgs,
    QuotaArgs,
)
from splitplane.resources.package import input_type, look_up, output_of, with_outputs


@input_type
class _WorkspaceInputs:
    """Inputs as the engine gets them; described at the resource."""

    name: Input[str] = pulumi.property("name")
    cluster: Input[str] = pulumi.property("cluster")
    environment: Input[str] = pulumi.property("environment")
    display_name: Input[str] | None = pulumi.property("displayName", default=None)
    labels: Input[Mapping[str, Input[str]]] | None = pulumi.property("labels", default=None)
    quota: Input[QuotaArgs] | None = pulumi.property("quota", default=None)
    network_policy: Input[NetworkPolicyArgs] | None = pulumi.property("networkPolicy", default=None)
    ml_repos: Input[Sequence[Input[MlRepoGrantArgs]]] | None = pulumi.property(
        "mlRepos", default=None
    )
    collaborators: Input[Sequence[Input[CollaboratorArgs]]] | None = pulumi.property(
        "collaborators", default=None
    )


class Workspace(pulumi.CustomResource):
    """A workspace.

    A namespace on one cluster, in exactly one environment that the cluster carries. The id is the
    object's UUID; import by id or by `CLUSTER:NAME`.
    """

    pulumi_type: Final = "splitplane:index:Workspace"
    """Type of the resource in the engine."""

    def __init__(
        self,
        resource_name: str,
        *,
        name: Input[str],
        cluster: Input[str],
        environment: Input[str],
        display_name: Input[str] | None = None,
        labels: Input[Mapping[str, Input[str]]] | None = None,
        quota: Input[QuotaArgs] | None = None,
        network_policy: Input[NetworkPolicyArgs] | None = None,
        ml_repos: Input[Sequence[Input[MlRepoGrantArgs]]] | None = None,
        collaborators: Input[Sequence[Input[CollaboratorArgs]]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the workspace.

        Args:
            resource_name: Its name in the stack.
            name: Name; a change replaces the resource, and the name of the namespace. 2 to 32
                lower-case letters, digits and hyphens.
            cluster: Name of the cluster. A change replaces the resource.
            environment: Name of the environment; the cluster must carry it.
            display_name: What people see; the name when left out.
            labels: Labels of the namespace.
            quota: Most that everything in the workspace may request; no limit when left out.
            network_policy: Whom pods may talk to; everything is allowed when left out.
            ml_repos: ML repos that workloads here may use, each at most once.
            collaborators: Who may do what here: roles `admin`, `editor`, `deployer`, `viewer`.
            opts: Options of the resource.
        """
        inputs = _WorkspaceInputs(
            name=name,
            cluster=cluster,
            environment=environment,
            display_name=display_name,
            labels=labels,
            quota=quota,
            network_policy=network_policy,
            ml_repos=ml_repos,
            collaborators=collaborators,
        )
        outputs = with_outputs(inputs, "fqn")
        super().__init__(Workspace.pulumi_type, resource_name, outputs, opts)

    @staticmethod
    def get(
        resource_name: str, id: Input[str], opts: pulumi.ResourceOptions | None = None
    ) -> Workspace:
        """The workspace that exists with this id or fully qualified name.

        It is read and not managed: the stack neither changes nor deletes it.
        """
        return look_up(Workspace, _WorkspaceInputs, resource_name, id, opts)

    @property
    @pulumi.getter
    def name(self) -> Output[str]:
        """Name; a change replaces the resource, and the name of the namespace.

        2 to 32 lower-case letters, digits and hyphens.
        """
        return output_of(self, "name")

    @property
    @pulumi.getter
    def cluster(self) -> Output[str]:
        """Name of the cluster. A change replaces the resource."""
        return output_of(self, "cluster")

    @property
    @pulumi.getter
    def environment(self) -> Output[str]:
        """Name of the environment; the cluster must carry it."""
        return output_of(self, "environment")

    @property
    @pulumi.getter(name="displayName")
    def display_name(self) -> Output[str | None]:
        """What people see; the name when left out."""
        return output_of(self, "display_name")

    @property
    @pulumi.getter
    def labels(self) -> Output[Mapping[str, str]]:
        """Labels of the namespace."""
        return output_of(self, "labels")

    @property
    @pulumi.getter
    def quota(self) -> Output[Any]:
        """Most that everything in the workspace may request; no limit when left out."""
        return output_of(self, "quota")

    @property
    @pulumi.getter(name="networkPolicy")
    def network_policy(self) -> Output[Any]:
        """Whom pods may talk to; everything is allowed when left out."""
        return output_of(self, "network_policy")

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
