"""Verbs, scopes and built-in roles: the whole permission table, as data.

Absence is refusal: a subject may do what some role grants it on the object or on something that
contains it (application in workspace in cluster in tenant; ML repo and storage in tenant).
"""

from __future__ import annotations

from typing import Final, Literal

Scope = Literal["tenant", "cluster", "workspace", "ml-repo", "storage-integration"]
SCOPES: Final[tuple[Scope, ...]] = (
    "tenant",
    "cluster",
    "workspace",
    "ml-repo",
    "storage-integration",
)

VERBS: Final[frozenset[str]] = frozenset(
    {
        # Creation is asked of the parent: workspace:create of the cluster,
        # application:create of the workspace.
        "environment:create",
        "environment:read",
        "environment:update",
        "environment:delete",
        "cluster:create",
        "cluster:read",
        "cluster:update",
        "cluster:delete",
        "cluster:connect",
        "cluster:grant",
        "workspace:create",
        "workspace:read",
        "workspace:update",
        "workspace:delete",
        "workspace:grant",
        "application:create",
        "application:read",
        "application:update",
        "application:delete",
        # Deploy: a new version of an existing application that changes image, env or replicas
        # only.
        "application:deploy",
        "storage-integration:create",
        "storage-integration:read",
        "storage-integration:update",
        "storage-integration:delete",
        "storage-integration:use",
        "storage-integration:grant",
        "ml-repo:create",
        "ml-repo:read",
        "ml-repo:update",
        "ml-repo:delete",
        "ml-repo:grant",
        "ml-repo:write",
        "user:create",
        "user:read",
        "user:update",
        "user:delete",
        "service-account:create",
        "service-account:read",
        "service-account:update",
        "service-account:delete",
        "service-account:create-token",
        "role:create",
        "role:read",
        "role:update",
        "role:delete",
        "grant:read",
        "tenant:grant",
        "audit:read",
        "event:read",
    }
)

_READ: Final = frozenset(v for v in VERBS if v.endswith(":read") and v != "audit:read")

_APPLICATION_ALL: Final = frozenset(v for v in VERBS if v.startswith("application:"))
_WORKSPACE_VIEWER: Final = frozenset({"workspace:read", "application:read", "event:read"})
_WORKSPACE_DEPLOYER: Final = _WORKSPACE_VIEWER | {"application:deploy"}
_WORKSPACE_EDITOR: Final = _WORKSPACE_DEPLOYER | _APPLICATION_ALL
_WORKSPACE_ADMIN: Final = _WORKSPACE_EDITOR | {
    "workspace:update",
    "workspace:delete",
    "workspace:grant",
    "grant:read",
}
_CLUSTER_VIEWER: Final = _WORKSPACE_VIEWER | {"cluster:read"}

BUILTIN_ROLES: Final[dict[Scope, dict[str, frozenset[str]]]] = {
    "tenant": {
        "admin": VERBS,
        # Members see what there is to work with; everything else is granted object by object.
        "member": frozenset({"environment:read", "role:read"}),
        "auditor": _READ | {"audit:read"},
    },
    "cluster": {
        "admin": _CLUSTER_VIEWER
        | _WORKSPACE_ADMIN
        | {
            "cluster:update",
            "cluster:delete",
            "cluster:connect",
            "cluster:grant",
            "workspace:create",
        },
        "operator": _CLUSTER_VIEWER | {"cluster:update", "cluster:connect"},
        "viewer": _CLUSTER_VIEWER,
    },
    "workspace": {
        "admin": _WORKSPACE_ADMIN,
        "editor": _WORKSPACE_EDITOR,
        "deployer": _WORKSPACE_DEPLOYER,
        "viewer": _WORKSPACE_VIEWER,
    },
    "ml-repo": {
        "admin": frozenset(
            {
                "ml-repo:read",
                "ml-repo:write",
                "ml-repo:update",
                "ml-repo:delete",
                "ml-repo:grant",
                "grant:read",
            }
        ),
        "editor": frozenset({"ml-repo:read", "ml-repo:write"}),
        "viewer": frozenset({"ml-repo:read"}),
    },
    "storage-integration": {
        "manager": frozenset(
            v for v in VERBS if v.startswith("storage-integration:") and not v.endswith(":create")
        ),
        "user": frozenset({"storage-integration:read", "storage-integration:use"}),
    },
}
"""Scope → role → verbs. A custom role has a name that none of these has."""
