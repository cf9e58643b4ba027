"""The StorageIntegration resource."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi import Input, Output

from splitplane.resources.inputs import LocalStorageArgs, S3StorageArgs
from splitplane.resources.package import input_type, output_of, with_outputs


@input_type
class _StorageIntegrationInputs:
    """Inputs as the engine gets them; described at the resource."""

    name: Input[str] = pulumi.property("name")
    display_name: Input[str] | None = pulumi.property("displayName", default=None)
    local: Input[LocalStorageArgs] | None = pulumi.property("local", default=None)
    s3: Input[S3StorageArgs] | None = pulumi.property("s3", default=None)


class StorageIntegration(pulumi.CustomResource):
    """A place for the bytes of ML repos: exactly one of `local` and `s3`.

    Import by id or by `storage-integration:NAME`.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        name: Input[str],
        display_name: Input[str] | None = None,
        local: Input[LocalStorageArgs] | None = None,
        s3: Input[S3StorageArgs] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the storage integration.

        Args:
            resource_name: its name in the stack.
            name: its name on the control plane; a change makes a new storage integration.
            display_name: what people see; the name when left out.
            local: a directory on the control plane's machine.
            s3: a bucket of Amazon S3 or of a store that speaks its protocol.
            opts: options of the resource.
        """
        inputs = _StorageIntegrationInputs(
            name=name,
            display_name=display_name,
            local=local,
            s3=s3,
        )
        super().__init__(
            "splitplane:index:StorageIntegration", resource_name, with_outputs(inputs, "fqn"), opts
        )

    @property
    @pulumi.getter
    def name(self) -> Output[str]:
        """Its name on the control plane."""
        return output_of(self, "name")

    @property
    @pulumi.getter(name="displayName")
    def display_name(self) -> Output[str | None]:
        """What people see."""
        return output_of(self, "display_name")

    @property
    @pulumi.getter
    def local(self) -> Output[Any]:
        """A directory on the control plane's machine."""
        return output_of(self, "local")

    @property
    @pulumi.getter
    def s3(self) -> Output[Any]:
        """A bucket of Amazon S3 or of a store that speaks its protocol."""
        return output_of(self, "s3")

    @property
    @pulumi.getter
    def fqn(self) -> Output[str]:
        """Fully qualified name; accepted wherever an id is."""
        return output_of(self, "fqn")
