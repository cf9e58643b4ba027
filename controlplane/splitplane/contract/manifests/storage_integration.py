"""`type: storage-integration`: where bytes of ML repos lie, and how they may be signed for.

No field takes a secret: credentials are ambient, a role to assume, or a named profile on the
control plane's own machine.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo

from splitplane.contract.base import StrictModel
from splitplane.contract.manifests.shared import DisplayName, StorageIntegrationName

_Prefix = Annotated[
    str, Field(max_length=512, pattern=r"^([A-Za-z0-9!_.*'()-]+(/[A-Za-z0-9!_.*'()-]+)*)?$")
]


def _check_external(value: str | None, info: ValidationInfo) -> str | None:
    # Fields are checked in their order, so that the role is known; a field alone has no others.
    others = info.data or {}
    if value is not None and "role_arn" in others and others["role_arn"] is None:
        raise ValueError("is given without a role to assume: set role_arn, or leave it out")
    return value


def _check_profile(value: str | None, info: ValidationInfo) -> str | None:
    if value is not None and (info.data or {}).get("role_arn") is not None:
        raise ValueError("is given beside a role to assume: leave one of them out")
    return value


class LocalStorage(StrictModel):
    """A directory on the control plane's machine, for a first run."""

    kind: Literal["local"] = "local"
    path: Annotated[str, Field(pattern=r"^/[^\x00]*$", max_length=1024)]
    """Absolute path of a directory that the control plane may write. Never changes."""


class S3Storage(StrictModel):
    """A bucket of Amazon S3 or of a store that speaks its protocol."""

    kind: Literal["s3"] = "s3"
    bucket: Annotated[
        str, Field(min_length=3, max_length=63, pattern=r"^[a-z0-9][a-z0-9.-]*[a-z0-9]$")
    ]
    """Name of the bucket. Never changes."""
    prefix: _Prefix = ""
    """Folder in the bucket, without slashes at its ends. Never changes."""
    region: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    """Region of the bucket; the SDK's default when left out."""
    endpoint_url: Annotated[str, Field(pattern=r"^https?://[^\s/]+(/[^\s]*)?$")] | None = None
    """Address of an S3-compatible store; Amazon's when left out."""
    role_arn: Annotated[str, Field(pattern=r"^arn:[a-z-]+:iam::\d{12}:role/.+$")] | None = None
    """Role that the control plane assumes to sign; its ambient identity when left out."""
    external_id: Annotated[
        Annotated[str, Field(min_length=2, max_length=1224)] | None, AfterValidator(_check_external)
    ] = None
    """External id for assuming the role; needs `role_arn`."""
    profile: Annotated[
        Annotated[str, Field(min_length=1, max_length=64)] | None, AfterValidator(_check_profile)
    ] = None
    """Named profile in the control plane's shared credentials file; excludes `role_arn`."""


class GcsStorage(StrictModel):
    """A bucket of Google Cloud Storage."""

    kind: Literal["gcs"] = "gcs"
    bucket: Annotated[
        str, Field(min_length=3, max_length=222, pattern=r"^[a-z0-9][a-z0-9._-]*[a-z0-9]$")
    ]
    """Name of the bucket. Never changes."""
    prefix: _Prefix = ""
    """Folder in the bucket, without slashes at its ends. Never changes."""
    service_account: (
        Annotated[str, Field(pattern=r"^[a-z0-9.-]+@[a-z0-9.-]+\.gserviceaccount\.com$")] | None
    ) = None
    """E-mail address of the service account that signs, which the control plane impersonates; its
    ambient identity when left out."""


class AzureBlobStorage(StrictModel):
    """A container of an Azure storage account."""

    kind: Literal["azure-blob"] = "azure-blob"
    account: Annotated[str, Field(pattern=r"^[a-z0-9]{3,24}$")]
    """Name of the storage account. Never changes."""
    container: Annotated[str, Field(pattern=r"^[a-z0-9](-?[a-z0-9]){2,62}$")]
    """Name of the container. Never changes."""
    prefix: _Prefix = ""
    """Folder in the container, without slashes at its ends. Never changes."""
    client_id: Annotated[str, Field(pattern=r"^[0-9a-fA-F-]{36}$")] | None = None
    """Client id of the managed identity that signs by user delegation; the control plane's ambient
    identity when left out."""


class StorageIntegrationManifest(StrictModel):
    """A place for the bytes of ML repos."""

    type: Literal["storage-integration"] = "storage-integration"
    name: StorageIntegrationName
    """Name, never changes. 2 to 40 lower-case letters, digits and hyphens."""
    display_name: DisplayName | None = None
    """What people see; the name when left out."""
    storage: Annotated[
        LocalStorage | S3Storage | GcsStorage | AzureBlobStorage, Field(discriminator="kind")
    ]
    """What the place is: `kind: local`, `s3`, `gcs` or `azure-blob`."""
