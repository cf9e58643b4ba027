"""The Token resource; written by `python -m splitplane.provider.sdk`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pulumi
from pulumi import Input, Output

from splitplane.resources.package import input_type, look_up, output_of, with_outputs


@input_type
class _TokenInputs:
    """Inputs as the engine gets them; described at the resource."""

    name: Input[str] = pulumi.property("name")
    service_account: Input[str] = pulumi.property("serviceAccount")
    lifetime_days: Input[int] | None = pulumi.property("lifetimeDays", default=None)
    scopes: Input[Sequence[Input[str]]] | None = pulumi.property("scopes", default=None)
    rotation_trigger: Input[str] | None = pulumi.property("rotationTrigger", default=None)
    overlap_seconds: Input[int] | None = pulumi.property("overlapSeconds", default=None)


class Token(pulumi.CustomResource):
    """A bearer token of a service account.

    Its secret is shown to this resource alone, when it is made or rotated, and kept as a secret
    in the state. It is rotated when `rotation_trigger` or `lifetime_days` changes, by the first
    `pulumi up` after its `expires_at`, and by the first one after a refresh that found it
    revoked; nothing has to be done for that. The id is the object's UUID; import by id or by `sa-
    token:SERVICE-ACCOUNT:NAME`. An imported token, and one that somebody rotated elsewhere, has
    no `token` until it is rotated.
    """

    pulumi_type: Final = "splitplane:index:Token"
    """Type of the resource in the engine."""

    def __init__(
        self,
        resource_name: str,
        *,
        name: Input[str],
        service_account: Input[str],
        lifetime_days: Input[int] | None = None,
        scopes: Input[Sequence[Input[str]]] | None = None,
        rotation_trigger: Input[str] | None = None,
        overlap_seconds: Input[int] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the service account token.

        Args:
            resource_name: Its name in the stack.
            name: Name, unique for the service account; a change replaces the resource.
            service_account: Name of the service account that the token signs in. A change
                replaces the resource.
            lifetime_days: Days from its making or rotation until it ends. Default: `90`.
            scopes: Verbs that it is limited to; all of the service account's when left out.
            rotation_trigger: Any text; a change of it makes a new secret. Its removal changes
                nothing.
            overlap_seconds: Time for which the old secret still works after a rotation, seconds;
                at most a day, and 0 ends it at once. An expired secret never works again.
                Default: `3600`.
            opts: Options of the resource.
        """
        inputs = _TokenInputs(
            name=name,
            service_account=service_account,
            lifetime_days=lifetime_days,
            scopes=scopes,
            rotation_trigger=rotation_trigger,
            overlap_seconds=overlap_seconds,
        )
        outputs = with_outputs(inputs, "fqn", "token", "expires_at")
        super().__init__(Token.pulumi_type, resource_name, outputs, opts)

    @staticmethod
    def get(
        resource_name: str, id: Input[str], opts: pulumi.ResourceOptions | None = None
    ) -> Token:
        """The service account token that exists with this id or fully qualified name.

        It is read and not managed: the stack neither changes nor deletes it.
        """
        return look_up(Token, _TokenInputs, resource_name, id, opts)

    @property
    @pulumi.getter
    def name(self) -> Output[str]:
        """Name, unique for the service account; a change replaces the resource."""
        return output_of(self, "name")

    @property
    @pulumi.getter(name="serviceAccount")
    def service_account(self) -> Output[str]:
        """Name of the service account that the token signs in. A change replaces the resource."""
        return output_of(self, "service_account")

    @property
    @pulumi.getter(name="lifetimeDays")
    def lifetime_days(self) -> Output[int]:
        """Days from its making or rotation until it ends. Default: `90`."""
        return output_of(self, "lifetime_days")

    @property
    @pulumi.getter
    def scopes(self) -> Output[Sequence[str] | None]:
        """Verbs that it is limited to; all of the service account's when left out."""
        return output_of(self, "scopes")

    @property
    @pulumi.getter(name="rotationTrigger")
    def rotation_trigger(self) -> Output[str | None]:
        """Any text; a change of it makes a new secret. Its removal changes nothing."""
        return output_of(self, "rotation_trigger")

    @property
    @pulumi.getter(name="overlapSeconds")
    def overlap_seconds(self) -> Output[int]:
        """Time for which the old secret still works after a rotation, seconds.

        At most a day, and 0 ends it at once. An expired secret never works again. Default:
        `3600`.
        """
        return output_of(self, "overlap_seconds")

    @property
    @pulumi.getter
    def fqn(self) -> Output[str]:
        """Fully qualified name; accepted wherever an id is."""
        return output_of(self, "fqn")

    @property
    @pulumi.getter
    def token(self) -> Output[str | None]:
        """The bearer token, secret.

        Written once: the control plane keeps only its digest, so an imported token has none until
        it is rotated.
        """
        return output_of(self, "token")

    @property
    @pulumi.getter(name="expiresAt")
    def expires_at(self) -> Output[str | None]:
        """Time at which the token ends, RFC 3339.

        The first `pulumi up` after it makes a new secret.
        """
        return output_of(self, "expires_at")
