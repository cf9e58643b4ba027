"""The MlRepo resource; written by `python -m splitplane.provider.sdk`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pulumi
from pulumi import Input, Output

from splitplane.resources.inputs import CollaboratorArgs
from splitplane.resources.package import input_type, look_up, output_of, with_outputs


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
    """An ML repo.

    Models, artifacts and runs under one list of grants and one storage integration. The id is the
    object's UUID; import by id or by `mlrepo:NAME`.
    """

    pulumi_type: Final = "splitplane:index:MlRepo"
    """Type of the resource in the engine."""

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
            resource_name: Its name in the stack.
            name: Name; a change replaces the resource. 2 to 40 lower-case letters, digits and
                hyphens.
            storage_integration: Name of the storage integration that holds its bytes. A change
                replaces the resource.
            display_name: What people see; the name when left out.
            description: What it is for.
            collaborators: Who may do what here: roles `admin`, `editor`, `viewer`.
            opts: Options of the resource.
        """
        inputs = _MlRepoInputs(
            name=name,
            storage_integration=storage_integration,
            display_name=display_name,
            description=description,
            collaborators=collaborators,
        )
        outputs = with_outputs(inputs, "fqn")
        super().__init__(MlRepo.pulumi_type, resource_name, outputs, opts)

    @staticmethod
    def get(
        resource_name: str, id: Input[str], opts: pulumi.ResourceOptions | None = None
    ) -> MlRepo:
        """The ML repo that exists with this id or fully qualified name.

        It is read and not managed: the stack neither changes nor deletes it.
        """
        return look_up(MlRepo, _MlRepoInputs, resource_name, id, opts)

    @property
    @pulumi.getter
    def name(self) -> Output[str]:
        """Name; a change replaces the resource.

        2 to 40 lower-case letters, digits and hyphens.
        """
        return output_of(self, "name")

    @property
    @pulumi.getter(name="storageIntegration")
    def storage_integration(self) -> Output[str]:
        """Name of the storage integration that holds its bytes.

        A change replaces the resource.
        """
        return output_of(self, "storage_integration")

    @property
    @pulumi.getter(name="displayName")
    def display_name(self) -> Output[str | None]:
        """What people see; the name when left out."""
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
