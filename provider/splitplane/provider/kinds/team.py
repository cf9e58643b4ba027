"""`splitplane:index:Team`: users and service accounts that are granted roles together."""

from __future__ import annotations

from splitplane.contract.manifests import TeamManifest
from splitplane.provider.kinds.base import ManifestResource
from splitplane.provider.kinds.layout import FQN_OUTPUT, TYPE, Layout, fields_of

LAYOUT = Layout(
    resource_type="splitplane:index:Team",
    kind="team",
    description=(
        "A team: what is granted to it, `team:NAME`, is granted to every member. Members are users "
        "and service accounts; users themselves come from the identity provider and are no "
        "resources. The id is the object's UUID; import by id or by `team:NAME`."
    ),
    common=fields_of(TeamManifest, without=TYPE),
    computed=(FQN_OUTPUT,),
    immutable=frozenset({"name"}),
)


class TeamResource(ManifestResource):
    """A team."""
