"""The MlRepo resource."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
from pulumi import Input, Output

from splitplane.resources.inputs import CollaboratorArgs
from splitplane.resources.package import input_type, output_of, with_outputs


@input_type
class _MlRepoInputs:
    """Inputs as the engine gets them; described at the resource."""

    name: Input[str] = pulumi.property("name")
    storage_integration: Input[str] = pulumi.property("storageIntegration")
    display_name: Input[str] | None = pulumi.property("displayName", default=None)
    description: Input[str] | None = pulumi.property("description", default=None)
    collaborators: Input[Sequence[Input[CollaboratorArgs]]] | None = pulumi.property(
        "collaborators", default=None
    )


class MlRepo(pulumi.CustomResource):
    """An ML repo: models, artifacts and runs under one list of grants and one place for bytes.

    Import by id or by `mlrepo:NAME`.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        name: Input[str],
        storage_integration: Input[str],
        display_name: Input[str] | None = None,
        description: Input[str] | None = None,
        collaborators: Input[Sequence[Input[CollaboratorArgs]]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the ML repo.

        Args:
            resource_name: its name in the stack.
            name: its name on the control plane; a change makes a new ML repo.
            storage_integration: name of the storage integration that holds its bytes; a change
                makes a new ML repo.
            display_name: what people see; the name when left out.
            description: what it is for; empty when left out.
            collaborators: who may do what here: roles `admin`, `editor`, `viewer`.
            opts: options of the resource.
        """
        inputs = _MlRepoInputs(
            name=name,
            storage_integration=storage_integration,
            display_name=display_name,
            description=description,
            collaborators=collaborators,
        )
        super().__init__(
            "splitplane:index:MlRepo", resource_name, with_outputs(inputs, "fqn"), opts
        )

    @property
    @pulumi.getter
    def name(self) -> Output[str]:
        """Its name on the control plane."""
        return output_of(self, "name")

    @property
    @pulumi.getter(name="storageIntegration")
    def storage_integration(self) -> Output[str]:
        """Name of the storage integration that holds its bytes."""
        return output_of(self, "storage_integration")

    @property
    @pulumi.getter(name="displayName")
    def display_name(self) -> Output[str | None]:
        """What people see."""
        return output_of(self, "display_name")

    @property
    @pulumi.getter
    def description(self) -> Output[str]:
        """What it is for."""
        return output_of(self, "description")

    @property
    @pulumi.getter
    def collaborators(self) -> Output[Sequence[Any]]:
        """Who may do what here: roles `admin`, `editor`, `viewer`."""
        return output_of(self, "collaborators")

    @property
    @pulumi.getter
    def fqn(self) -> Output[str]:
        """Fully qualified name; accepted wherever an id is."""
        return output_of(self, "fqn")
