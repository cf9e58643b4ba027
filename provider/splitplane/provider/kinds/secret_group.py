"""`splitplane:index:SecretGroup`: references to secret values, never values."""

from __future__ import annotations

from splitplane.contract.manifests import SecretGroupManifest
from splitplane.provider.kinds.base import ManifestResource
from splitplane.provider.kinds.layout import FQN_OUTPUT, TYPE, Layout, fields_of

LAYOUT = Layout(
    resource_type="splitplane:index:SecretGroup",
    kind="secret-group",
    description=(
        "Keys that workloads refer to as `secret://GROUP/KEY`. It holds references into a secret "
        "store, never values. The id is the object's UUID; import by id or by `secret-group:NAME`."
    ),
    common=fields_of(SecretGroupManifest, without=TYPE),
    computed=(FQN_OUTPUT,),
    immutable=frozenset({"name", "secretStore"}),
)


class SecretGroupResource(ManifestResource):
    """A secret group."""
