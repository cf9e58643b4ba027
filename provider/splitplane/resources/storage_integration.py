"""The StorageIntegration resource; written by `python -m splitplane.provider.sdk`."""

from __future__ import annotations

from typing import Any, Final

import pulumi
from pulumi import Input, Output

from splitplane.resources.inputs import (
    AzureBlobStorageArgs,
    GcsStorageArgs,
    LocalStorageArgs,
    S3StorageArgs,
)
from splitplane.resources.package import input_type, look_up, output_of, with_outputs


@input_type
class _StorageIntegrationInputs:
    """Inputs as the engine gets them; described at the resource."""

    name: Input[str] = pulumi.property("name")
    display_name: Input[str] | None = pulumi.property("displayName", default=None)
    local: Input[LocalStorageArgs] | None = pulumi.property("local", default=None)
    s3: Input[S3StorageArgs] | None = pulumi.property("s3", default=None)
    gcs: Input[GcsStorageArgs] | None = pulumi.property("gcs", default=None)
    azure_blob: Input[AzureBlobStorageArgs] | None = pulumi.property("azureBlob", default=None)


class StorageIntegration(pulumi.CustomResource):
    """A place for the bytes of ML repos.

    Exactly one of `local`, `s3`, `gcs` and `azure_blob`. Holds no secret: credentials are
    ambient, an identity to assume, or a profile on the control plane's machine. The id is the
    object's UUID; import by id or by `storage-integration:NAME`.
    """

    pulumi_type: Final = "splitplane:index:StorageIntegration"
    """Type of the resource in the engine."""

    def __init__(
        self,
        resource_name: str,
        *,
        name: Input[str],
        display_name: Input[str] | None = None,
        local: Input[LocalStorageArgs] | None = None,
        s3: Input[S3StorageArgs] | None = None,
        gcs: Input[GcsStorageArgs] | None = None,
        azure_blob: Input[AzureBlobStorageArgs] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the storage integration.

        Args:
            resource_name: Its name in the stack.
            name: Name; a change replaces the resource. 2 to 40 lower-case letters, digits and
                hyphens.
            display_name: What people see; the name when left out.
            local: A directory on the control plane's machine, for a first run.
            s3: A bucket of Amazon S3 or of a store that speaks its protocol.
            gcs: A bucket of Google Cloud Storage.
            azure_blob: A container of an Azure storage account.
            opts: Options of the resource.
        """
        inputs = _StorageIntegrationInputs(
            name=name,
            display_name=display_name,
            local=local,
            s3=s3,
            gcs=gcs,
            azure_blob=azure_blob,
        )
        outputs = with_outputs(inputs, "fqn")
        super().__init__(StorageIntegration.pulumi_type, resource_name, outputs, opts)

    @staticmethod
    def get(
        resource_name: str, id: Input[str], opts: pulumi.ResourceOptions | None = None
    ) -> StorageIntegration:
        """The storage integration that exists with this id or fully qualified name.

        It is read and not managed: the stack neither changes nor deletes it.
        """
        return look_up(StorageIntegration, _StorageIntegrationInputs, resource_name, id, opts)

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
    def local(self) -> Output[Any]:
        """A directory on the control plane's machine, for a first run."""
        return output_of(self, "local")

    @property
    @pulumi.getter
    def s3(self) -> Output[Any]:
        """A bucket of Amazon S3 or of a store that speaks its protocol."""
        return output_of(self, "s3")

    @property
    @pulumi.getter
    def gcs(self) -> Output[Any]:
        """A bucket of Google Cloud Storage."""
        return output_of(self, "gcs")

    @property
    @pulumi.getter(name="azureBlob")
    def azure_blob(self) -> Output[Any]:
        """A container of an Azure storage account."""
        return output_of(self, "azure_blob")

    @property
    @pulumi.getter
    def fqn(self) -> Output[str]:
        """Fully qualified name; accepted wherever an id is."""
        return output_of(self, "fqn")
