"""The ServiceAccount resource; written by `python -m splitplane.provider.sdk`."""

from __future__ import annotations

from typing import Final

import pulumi
from pulumi import Input, Output

from splitplane.resources.package import input_type, look_up, output_of, with_outputs


@input_type
class _ServiceAccountInputs:
    """Inputs as the engine gets them; described at the resource."""

    name: Input[str] = pulumi.property("name")
    display_name: Input[str] | None = pulumi.property("displayName", default=None)
    tenant_role: Input[str] | None = pulumi.property("tenantRole", default=None)


class ServiceAccount(pulumi.CustomResource):
    """A service account: whom a program, such as a CI pipeline, signs in as.

    It signs in with a `Token`. The id is the object's UUID; import by id or by `sa:NAME`.
    """

    pulumi_type: Final = "splitplane:index:ServiceAccount"
    """Type of the resource in the engine."""

    def __init__(
        self,
        resource_name: str,
        *,
        name: Input[str],
        display_name: Input[str] | None = None,
        tenant_role: Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the service account.

        Args:
            resource_name: Its name in the stack.
            name: Name; a change replaces the resource. 2 to 40 lower-case letters, digits and
                hyphens.
            display_name: What people see; the name when left out.
            tenant_role: Role on the whole tenant; none when left out. Allowed: `admin`, `member`,
                `auditor`.
            opts: Options of the resource.
        """
        inputs = _ServiceAccountInputs(
            name=name,
            display_name=display_name,
            tenant_role=tenant_role,
        )
        outputs = with_outputs(inputs, "fqn")
        super().__init__(ServiceAccount.pulumi_type, resource_name, outputs, opts)

    @staticmethod
    def get(
        resource_name: str, id: Input[str], opts: pulumi.ResourceOptions | None = None
    ) -> ServiceAccount:
        """The service account that exists with this id or fully qualified name.

        It is read and not managed: the stack neither changes nor deletes it.
        """
        return look_up(ServiceAccount, _ServiceAccountInputs, resource_name, id, opts)

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
    @pulumi.getter(name="tenantRole")
    def tenant_role(self) -> Output[str | None]:
        """Role on the whole tenant; none when left out. Allowed: `admin`, `member`, `auditor`."""
        return output_of(self, "tenant_role")

    @property
    @pulumi.getter
    def fqn(self) -> Output[str]:
        """Fully qualified name; accepted wherever an id is."""
        return output_of(self, "fqn")
