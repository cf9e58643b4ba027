"""`splitplane:index:Role`: a custom role."""

from __future__ import annotations

from splitplane.contract.manifests import RoleManifest
from splitplane.provider.kinds.base import ManifestResource
from splitplane.provider.kinds.layout import FQN_OUTPUT, TYPE, Layout, fields_of

LAYOUT = Layout(
    resource_type="splitplane:index:Role",
    kind="role",
    description=(
        "A custom role: verbs that can be granted on objects of one scope, beside the built-in "
        "roles. A change of its verbs holds at once for everybody who has it. The id is the "
        "object's UUID; import by id or by `role:NAME`."
    ),
    common=fields_of(RoleManifest, without=TYPE),
    computed=(FQN_OUTPUT,),
    immutable=frozenset({"name", "scope"}),
)


class RoleResource(ManifestResource):
    """A custom role."""
