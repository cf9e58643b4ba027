"""The RoleBinding resource; written by `python -m splitplane.provider.sdk`."""

from __future__ import annotations

from typing import Final

import pulumi
from pulumi import Input, Output

from splitplane.resources.package import input_type, look_up, output_of, with_outputs


@input_type
class _RoleBindingInputs:
    """Inputs as the engine gets them; described at the resource."""

    name: Input[str] = pulumi.property("name")
    subject: Input[str] = pulumi.property("subject")
    role: Input[str] = pulumi.property("role")
    object: Input[str] = pulumi.property("object")
    expires_at: Input[str] | None = pulumi.property("expiresAt", default=None)


class RoleBinding(pulumi.CustomResource):
    """One role for one subject on one object.

    Only the role and the end can be changed. Roles: `admin`, `member` and `auditor` on `tenant`;
    `admin`, `operator` and `viewer` on a cluster; `admin`, `editor`, `deployer` and `viewer` on a
    workspace; `admin`, `editor` and `viewer` on an ML repo; `admin`, `editor`, `user` and
    `viewer` on a secret group; `manager` and `user` on a storage integration, secret store or
    container registry; and custom roles of the same scope. The id is the object's UUID; import by
    id or by `role-binding:NAME`.
    """

    pulumi_type: Final = "splitplane:index:RoleBinding"
    """Type of the resource in the engine."""

    def __init__(
        self,
        resource_name: str,
        *,
        name: Input[str],
        subject: Input[str],
        role: Input[str],
        object: Input[str],
        expires_at: Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the role binding.

        Args:
            resource_name: Its name in the stack.
            name: Name; a change replaces the resource. 2 to 40 lower-case letters, digits and
                hyphens.
            subject: Who: `user:MAIL`, `team:NAME`, `sa:NAME` or `workspace:CLUSTER:NAME`. A
                change replaces the resource.
            role: A built-in or custom role of the object's kind.
            object: On what: `tenant`, or a fully qualified name such as `prod-eu:team1` or
                `mlrepo:fraud`. A change replaces the resource.
            expires_at: Time from which it grants nothing, RFC 3339 with a zone; never when left
                out.
            opts: Options of the resource.
        """
        inputs = _RoleBindingInputs(
            name=name,
            subject=subject,
            role=role,
            object=object,
            expires_at=expires_at,
        )
        outputs = with_outputs(inputs, "fqn")
        super().__init__(RoleBinding.pulumi_type, resource_name, outputs, opts)

    @staticmethod
    def get(
        resource_name: str, id: Input[str], opts: pulumi.ResourceOptions | None = None
    ) -> RoleBinding:
        """The role binding that exists with this id or fully qualified name.

        It is read and not managed: the stack neither changes nor deletes it.
        """
        return look_up(RoleBinding, _RoleBindingInputs, resource_name, id, opts)

    @property
    @pulumi.getter
    def name(self) -> Output[str]:
        """Name; a change replaces the resource.

        2 to 40 lower-case letters, digits and hyphens.
        """
        return output_of(self, "name")

    @property
    @pulumi.getter
    def subject(self) -> Output[str]:
        """Who: `user:MAIL`, `team:NAME`, `sa:NAME` or `workspace:CLUSTER:NAME`.

        A change replaces the resource.
        """
        return output_of(self, "subject")

    @property
    @pulumi.getter
    def role(self) -> Output[str]:
        """A built-in or custom role of the object's kind."""
        return output_of(self, "role")

    @property
    @pulumi.getter
    def object(self) -> Output[str]:
        """On what.

        `tenant`, or a fully qualified name such as `prod-eu:team1` or `mlrepo:fraud`. A change
        replaces the resource.
        """
        return output_of(self, "object")

    @property
    @pulumi.getter(name="expiresAt")
    def expires_at(self) -> Output[str | None]:
        """Time from which it grants nothing, RFC 3339 with a zone; never when left out."""
        return output_of(self, "expires_at")

    @property
    @pulumi.getter
    def fqn(self) -> Output[str]:
        """Fully qualified name; accepted wherever an id is."""
        return output_of(self, "fqn")
