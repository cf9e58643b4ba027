"""The Role resource; written by `python -m splitplane.provider.sdk`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pulumi
from pulumi import Input, Output

from splitplane.resources.package import input_type, look_up, output_of, with_outputs


@input_type
class _RoleInputs:
    """Inputs as the engine gets them; described at the resource."""

    name: Input[str] = pulumi.property("name")
    scope: Input[str] = pulumi.property("scope")
    verbs: Input[Sequence[Input[str]]] = pulumi.property("verbs")
    display_name: Input[str] | None = pulumi.property("displayName", default=None)


class Role(pulumi.CustomResource):
    """A custom role.

    Verbs that can be granted on objects of one scope, beside the built-in roles. A change of its
    verbs holds at once for everybody who has it. The id is the object's UUID; import by id or by
    `role:NAME`.
    """

    pulumi_type: Final = "splitplane:index:Role"
    """Type of the resource in the engine."""

    def __init__(
        self,
        resource_name: str,
        *,
        name: Input[str],
        scope: Input[str],
        verbs: Input[Sequence[Input[str]]],
        display_name: Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the role.

        Args:
            resource_name: Its name in the stack.
            name: Name; a change replaces the resource, and not one of the built-in roles.
            scope: Kind of object that the role is granted on. A change replaces the resource.
            verbs: What the role allows; see the list of verbs in the permission matrix.
            display_name: What people see; the name when left out.
            opts: Options of the resource.
        """
        inputs = _RoleInputs(
            name=name,
            scope=scope,
            verbs=verbs,
            display_name=display_name,
        )
        outputs = with_outputs(inputs, "fqn")
        super().__init__(Role.pulumi_type, resource_name, outputs, opts)

    @staticmethod
    def get(resource_name: str, id: Input[str], opts: pulumi.ResourceOptions | None = None) -> Role:
        """The role that exists with this id or fully qualified name.

        It is read and not managed: the stack neither changes nor deletes it.
        """
        return look_up(Role, _RoleInputs, resource_name, id, opts)

    @property
    @pulumi.getter
    def name(self) -> Output[str]:
        """Name; a change replaces the resource, and not one of the built-in roles."""
        return output_of(self, "name")

    @property
    @pulumi.getter
    def scope(self) -> Output[str]:
        """Kind of object that the role is granted on. A change replaces the resource."""
        return output_of(self, "scope")

    @property
    @pulumi.getter
    def verbs(self) -> Output[Sequence[str]]:
        """What the role allows; see the list of verbs in the permission matrix."""
        return output_of(self, "verbs")

    @property
    @pulumi.getter(name="displayName")
    def display_name(self) -> Output[str | None]:
        """What people see; the name when left out."""
        return output_of(self, "display_name")

    @property
    @pulumi.getter
    def fqn(self) -> Output[str]:
        """Fully qualified name; accepted wherever an id is."""
        return output_of(self, "fqn")
