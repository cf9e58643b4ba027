"""The SecretGroup resource; written by `python -m splitplane.provider.sdk`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pulumi
from pulumi import Input, Output

from splitplane.resources.inputs import CollaboratorArgs, SecretReferenceArgs
from splitplane.resources.package import input_type, look_up, output_of, with_outputs


@input_type
class _SecretGroupInputs:
    """Inputs as the engine gets them; described at the resource."""

    name: Input[str] = pulumi.property("name")
    secret_store: Input[str] = pulumi.property("secretStore")
    display_name: Input[str] | None = pulumi.property("displayName", default=None)
    secrets: Input[Mapping[str, Input[SecretReferenceArgs]]] | None = pulumi.property(
        "secrets", default=None
    )
    collaborators: Input[Sequence[Input[CollaboratorArgs]]] | None = pulumi.property(
        "collaborators", default=None
    )


class SecretGroup(pulumi.CustomResource):
    """Keys that workloads refer to as `secret://GROUP/KEY`.

    It holds references into a secret store, never values. The id is the object's UUID; import by
    id or by `secret-group:NAME`.
    """

    pulumi_type: Final = "splitplane:index:SecretGroup"
    """Type of the resource in the engine."""

    def __init__(
        self,
        resource_name: str,
        *,
        name: Input[str],
        secret_store: Input[str],
        display_name: Input[str] | None = None,
        secrets: Input[Mapping[str, Input[SecretReferenceArgs]]] | None = None,
        collaborators: Input[Sequence[Input[CollaboratorArgs]]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the secret group.

        Args:
            resource_name: Its name in the stack.
            name: Name; a change replaces the resource. 2 to 40 lower-case letters, digits and
                hyphens.
            secret_store: Name of the secret store that holds the values. A change replaces the
                resource.
            display_name: What people see; the name when left out.
            secrets: Key → where its value is.
            collaborators: Who may do what here: roles `admin`, `editor`, `user` (may refer to
                it), `viewer`.
            opts: Options of the resource.
        """
        inputs = _SecretGroupInputs(
            name=name,
            secret_store=secret_store,
            display_name=display_name,
            secrets=secrets,
            collaborators=collaborators,
        )
        outputs = with_outputs(inputs, "fqn")
        super().__init__(SecretGroup.pulumi_type, resource_name, outputs, opts)

    @staticmethod
    def get(
        resource_name: str, id: Input[str], opts: pulumi.ResourceOptions | None = None
    ) -> SecretGroup:
        """The secret group that exists with this id or fully qualified name.

        It is read and not managed: the stack neither changes nor deletes it.
        """
        return look_up(SecretGroup, _SecretGroupInputs, resource_name, id, opts)

    @property
    @pulumi.getter
    def name(self) -> Output[str]:
        """Name; a change replaces the resource.

        2 to 40 lower-case letters, digits and hyphens.
        """
        return output_of(self, "name")

    @property
    @pulumi.getter(name="secretStore")
    def secret_store(self) -> Output[str]:
        """Name of the secret store that holds the values. A change replaces the resource."""
        return output_of(self, "secret_store")

    @property
    @pulumi.getter(name="displayName")
    def display_name(self) -> Output[str | None]:
        """What people see; the name when left out."""
        return output_of(self, "display_name")

    @property
    @pulumi.getter
    def secrets(self) -> Output[Mapping[str, Any]]:
        """Key → where its value is."""
        return output_of(self, "secrets")

    @property
    @pulumi.getter
    def collaborators(self) -> Output[Sequence[Any]]:
        """Who may do what here: roles `admin`, `editor`, `user` (may refer to it), `viewer`."""
        return output_of(self, "collaborators")

    @property
    @pulumi.getter
    def fqn(self) -> Output[str]:
        """Fully qualified name; accepted wherever an id is."""
        return output_of(self, "fqn")
