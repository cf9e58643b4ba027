"""`splitplane:index:RoleBinding`: one role for one subject on one object."""

from __future__ import annotations

from splitplane.contract.manifests import RoleBindingManifest
from splitplane.provider.kinds.base import ManifestResource
from splitplane.provider.kinds.layout import FQN_OUTPUT, TYPE, Layout, fields_of

LAYOUT = Layout(
    resource_type="splitplane:index:RoleBinding",
    kind="role-binding",
    description=(
        "One role for one subject on one object. Only the role and the end can be changed. "
        "Roles: `admin`, `member` and `auditor` on `tenant`; `admin`, `operator` and `viewer` "
        "on a cluster; `admin`, `editor`, `deployer` and `viewer` on a workspace; `admin`, "
        "`editor` and `viewer` on an ML repo; `admin`, `editor`, `user` and `viewer` on a "
        "secret group; `manager` and `user` on a storage integration, secret store or container "
        "registry; and custom roles of the same scope. The id is the object's UUID; import by "
        "id or by `role-binding:NAME`."
    ),
    common=fields_of(RoleBindingManifest, without=TYPE),
    computed=(FQN_OUTPUT,),
    immutable=frozenset({"name", "object", "subject"}),
)


class RoleBindingResource(ManifestResource):
    """A role binding."""
