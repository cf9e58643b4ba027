"""`splitplane:index:Workspace`."""

from __future__ import annotations

from splitplane.contract.manifests import WorkspaceManifest
from splitplane.provider.backend import Operation
from splitplane.provider.kinds.base import ManifestResource
from splitplane.provider.kinds.layout import FQN_OUTPUT, TYPE, Layout, fields_of

LAYOUT = Layout(
    resource_type="splitplane:index:Workspace",
    kind="workspace",
    description=(
        "A workspace: a namespace on one cluster, in exactly one environment that the cluster "
        "carries. The id is the object's UUID; import by id or by `CLUSTER:NAME`."
    ),
    common=fields_of(WorkspaceManifest, without=TYPE),
    computed=(FQN_OUTPUT,),
    immutable=frozenset({"name", "cluster"}),
)


class WorkspaceResource(ManifestResource):
    """A workspace."""

    def await_gone(self, operation: Operation, id: str) -> None:
        """Returns when the agent has removed the namespace that it made."""
        self.wait_until_gone(operation, id)
