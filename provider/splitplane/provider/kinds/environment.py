"""`splitplane:index:Environment`."""

from __future__ import annotations

from splitplane.contract.manifests import EnvironmentManifest
from splitplane.provider.kinds.base import ManifestResource
from splitplane.provider.kinds.layout import FQN_OUTPUT, TYPE, Layout, fields_of

LAYOUT = Layout(
    resource_type="splitplane:index:Environment",
    kind="environment",
    description=(
        "An environment such as dev, staging or prod. A tag: clusters carry any number of them, a "
        "workspace has exactly one. The id is the object's UUID; import by id or by "
        "`environment:NAME`."
    ),
    common=fields_of(EnvironmentManifest, without=TYPE),
    computed=(FQN_OUTPUT,),
    immutable=frozenset({"name"}),
)


class EnvironmentResource(ManifestResource):
    """An environment."""
