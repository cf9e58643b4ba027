"""`splitplane:index:MlRepo`."""

from __future__ import annotations

from splitplane.contract.manifests import MlRepoManifest
from splitplane.provider.kinds.base import ManifestResource
from splitplane.provider.kinds.layout import FQN_OUTPUT, TYPE, Layout, fields_of

LAYOUT = Layout(
    resource_type="splitplane:index:MlRepo",
    kind="ml-repo",
    description=(
        "An ML repo: models, artifacts and runs under one list of grants and one storage "
        "integration. The id is the object's UUID; import by id or by `mlrepo:NAME`."
    ),
    common=fields_of(MlRepoManifest, without=TYPE),
    computed=(FQN_OUTPUT,),
    immutable=frozenset({"name", "storageIntegration"}),
)


class MlRepoResource(ManifestResource):
    """An ML repo."""
