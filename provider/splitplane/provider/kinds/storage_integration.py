"""`splitplane:index:StorageIntegration`."""

from __future__ import annotations

from splitplane.contract.manifests import LocalStorage, S3Storage, StorageIntegrationManifest
from splitplane.provider.kinds.base import ManifestResource
from splitplane.provider.kinds.layout import FQN_OUTPUT, TYPE, Layout, Variant, fields_of
from splitplane.provider.shapes import Shape

_TAG = frozenset({"kind"})

LAYOUT = Layout(
    resource_type="splitplane:index:StorageIntegration",
    kind="storage-integration",
    description=(
        "A place for the bytes of ML repos: exactly one of `local` and `s3`. Holds no secret: "
        "credentials are ambient, a role to assume, or a profile on the control plane's machine. "
        "The id is the object's UUID; import by id or by `storage-integration:NAME`."
    ),
    common=fields_of(StorageIntegrationManifest, without=TYPE | {"storage"}),
    variants=(
        Variant(
            name="local",
            shape=Shape("object", model=LocalStorage, hidden=_TAG),
            tag=("kind", "local"),
            under="storage",
            description="A directory on the control plane's machine, for a first run.",
        ),
        Variant(
            name="s3",
            shape=Shape("object", model=S3Storage, hidden=_TAG),
            tag=("kind", "s3"),
            under="storage",
            description="A bucket of Amazon S3 or of a store that speaks its protocol.",
        ),
    ),
    computed=(FQN_OUTPUT,),
    immutable=frozenset({"name", "local.path", "s3.bucket", "s3.prefix"}),
)


class StorageIntegrationResource(ManifestResource):
    """A storage integration."""
