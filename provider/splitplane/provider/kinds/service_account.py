"""`splitplane:index:ServiceAccount`: whom a program signs in as."""

from __future__ import annotations

from splitplane.contract.manifests import ServiceAccountManifest
from splitplane.provider.kinds.base import ManifestResource
from splitplane.provider.kinds.layout import FQN_OUTPUT, TYPE, Layout, fields_of

LAYOUT = Layout(
    resource_type="splitplane:index:ServiceAccount",
    kind="service-account",
    description=(
        "A service account: whom a program, such as a CI pipeline, signs in as. It signs in with a "
        "`Token`. The id is the object's UUID; import by id or by `sa:NAME`."
    ),
    common=fields_of(ServiceAccountManifest, without=TYPE),
    computed=(FQN_OUTPUT,),
    immutable=frozenset({"name"}),
)


class ServiceAccountResource(ManifestResource):
    """A service account."""
