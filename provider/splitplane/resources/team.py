"""The Team resource; written by `python -m splitplane.provider.sdk`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pulumi
from pulumi import Input, Output

from splitplane.resources.package import input_type, look_up, output_of, with_outputs


@input_type
class _TeamInputs:
    """Inputs as the engine gets them; described at the resource."""

    name: Input[str] = pulumi.property("name")
    display_name: Input[str] | None = pulumi.property("displayName", default=None)
    members: Input[Sequence[Input[str]]] | None = pulumi.property("members", default=None)
    tenant_role: Input[str] | None = pulumi.property("tenantRole", default=None)


class Team(pulumi.CustomResource):
    """A team: what is granted to it, `team:NAME`, is granted to every member.

    Members are users and service accounts; users themselves come from the identity provider and
    are no resources. The id is the object's UUID; import by id or by `team:NAME`.
    """

    pulumi_type: Final = "splitplane:index:Team"
    """Type of the resource in the engine."""

    def __init__(
        self,
        resource_name: str,
        *,
        name: Input[str],
        display_name: Input[str] | None = None,
        members: Input[Sequence[Input[str]]] | None = None,
        tenant_role: Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the team.

        Args:
            resource_name: Its name in the stack.
            name: Name; a change replaces the resource. 2 to 40 lower-case letters, digits and
                hyphens.
            display_name: What people see; the name when left out.
            members: Users and service accounts, `user:MAIL` or `sa:NAME`.
            tenant_role: Role of every member on the whole tenant; none when left out. Allowed:
                `admin`, `member`, `auditor`.
            opts: Options of the resource.
        """
        inputs = _TeamInputs(
            name=name,
            display_name=display_name,
            members=members,
            tenant_role=tenant_role,
        )
        outputs = with_outputs(inputs, "fqn")
        super().__init__(Team.pulumi_type, resource_name, outputs, opts)

    @staticmethod
    def get(resource_name: str, id: Input[str], opts: pulumi.ResourceOptions | None = None) -> Team:
        """The team that exists with this id or fully qualified name.

        It is read and not managed: the stack neither changes nor deletes it.
        """
        return look_up(Team, _TeamInputs, resource_name, id, opts)

    @property
    @pulumi.getter
    def name(self) -> Output[str]:
        """Name; a change replaces the resource.

        2 to 40 lower-case letters, digits and hyphens.
        """
        return output_of(self, "name")

    @property
    @pulumi.getter(name="displayName")
    def display_name(self) -> Output[str | None]:
        """What people see; the name when left out."""
        return output_of(self, "display_name")

    @property
    @pulumi.getter
    def members(self) -> Output[Sequence[str]]:
        """Users and service accounts, `user:MAIL` or `sa:NAME`."""
        return output_of(self, "members")

    @property
    @pulumi.getter(name="tenantRole")
    def tenant_role(self) -> Output[str | None]:
        """Role of every member on the whole tenant; none when left out.

        Allowed: `admin`, `member`, `auditor`.
        """
        return output_of(self, "tenant_role")

    @property
    @pulumi.getter
    def fqn(self) -> Output[str]:
        """Fully qualified name; accepted wherever an id is."""
        return output_of(self, "fqn")
