"""`splitplane:index:StorageIntegration`."""

from __future__ import annotations

from splitplane.contract.manifests import (
    AzureBlobStorage,
    GcsStorage,
    LocalStorage,
    S3Storage,
    StorageIntegrationManifest,
)
from splitplane.provider.kinds.base import ManifestResource
from splitplane.provider.kinds.layout import FQN_OUTPUT, TYPE, Layout, fields_of, variant_of

LAYOUT = Layout(
    resource_type="splitplane:index:StorageIntegration",
    kind="storage-integration",
    description=(
        "A place for the bytes of ML repos: exactly one of `local`, `s3`, `gcs` and `azureBlob`. "
        "Holds no secret: credentials are ambient, an identity to assume, or a profile on the "
        "control plane's machine. The id is the object's UUID; import by id or by "
        "`storage-integration:NAME`."
    ),
    common=fields_of(StorageIntegrationManifest, without=TYPE | {"storage"}),
    variants=(
        variant_of("local", LocalStorage, under="storage"),
        variant_of("s3", S3Storage, under="storage"),
        variant_of("gcs", GcsStorage, under="storage"),
        variant_of("azureBlob", AzureBlobStorage, under="storage"),
    ),
    computed=(FQN_OUTPUT,),
    immutable=frozenset(
        {
            "name",
            "local.path",
            "s3.bucket",
            "s3.prefix",
            "gcs.bucket",
            "gcs.prefix",
            "azureBlob.account",
            "azureBlob.container",
            "azureBlob.prefix",
        }
    ),
)


class StorageIntegrationResource(ManifestResource):
    """A storage integration."""
