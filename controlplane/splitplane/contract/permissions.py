"""Verbs, scopes and built-in roles: the whole permission table, as data.

Absence is refusal: a subject may do what some role grants it on the object or on something that
contains it (application in workspace in cluster in tenant; everything else in the tenant).
"""

from __future__ import annotations

from typing import Final, Literal, get_args

Scope = Literal[
    "tenant",
    "cluster",
    "workspace",
    "ml-repo",
    "storage-integration",
    "secret-store",
    "secret-group",
    "container-registry",
]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
Action = Literal["create", "read", "update", "delete"]

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
        "secret-store:create",
        "secret-store:read",
        "secret-store:update",
        "secret-store:delete",
        # Use: a secret group may name the store.
        "secret-store:use",
        "secret-store:grant",
        "secret-group:create",
        "secret-group:read",
        "secret-group:update",
        "secret-group:delete",
        # Use: a workload or registry may refer to the group's keys.
        "secret-group:use",
        "secret-group:grant",
        "container-registry:create",
        "container-registry:read",
        "container-registry:update",
        "container-registry:delete",
        "container-registry:use",
        "container-registry:grant",
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
        "team:create",
        "team:read",
        "team:update",
        "team:delete",
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


def _all_on(scope: Scope) -> frozenset[str]:
    """Everything that can be done with one object of the scope, its grants included."""
    own = {v for v in VERBS if v.startswith(f"{scope}:") and not v.endswith(":create")}
    return frozenset(own | {"grant:read"})


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
        "manager": _all_on("storage-integration"),
        "user": frozenset({"storage-integration:read", "storage-integration:use"}),
    },
    "secret-store": {
        "manager": _all_on("secret-store"),
        "user": frozenset({"secret-store:read", "secret-store:use"}),
    },
    "secret-group": {
        "admin": _all_on("secret-group"),
        "editor": frozenset({"secret-group:read", "secret-group:use", "secret-group:update"}),
        "user": frozenset({"secret-group:read", "secret-group:use"}),
        "viewer": frozenset({"secret-group:read"}),
    },
    "container-registry": {
        "manager": _all_on("container-registry"),
        "user": frozenset({"container-registry:read", "container-registry:use"}),
    },
}
"""Scope → role → verbs. A custom role has a name that none of these has."""

_GRANT_VERBS: Final = tuple(f"{scope}:grant" for scope in SCOPES)
_WITHOUT_OWN_VERBS: Final[dict[str, dict[Action, tuple[str, ...]]]] = {
    # A binding is a grant with a name: who may grant on the object may make and remove it.
    "role-binding": {
        "create": _GRANT_VERBS,
        "read": ("grant:read",),
        "update": _GRANT_VERBS,
        "delete": _GRANT_VERBS,
    },
    "service-account-token": {
        "create": ("service-account:create-token",),
        "read": ("service-account:read",),
        "update": ("service-account:create-token",),
        "delete": ("service-account:create-token",),
    },
}


def verbs_for(kind: str, action: Action) -> tuple[str, ...]:
    """The verbs that the action on objects of that kind of noun may need.

    One, `KIND:ACTION`, for nearly all. Which `…:grant` a role binding needs follows from the object
    that it names.
    """
    return _WITHOUT_OWN_VERBS.get(kind, {}).get(action, (f"{kind}:{action}",))


def read_verb(kind: str) -> str:
    """The verb that reads objects of that kind of noun."""
    return verbs_for(kind, "read")[0]
