"""The objects that permissions are asked on: an object and what contains it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Uuid, any_, false, literal, or_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute

from splitplane.contract.permissions import SCOPES
from splitplane.controlplane.tables import (
    Application,
    Cluster,
    ContainerRegistry,
    Environment,
    MlRepo,
    ObjectRow,
    Role,
    RoleBinding,
    SecretGroup,
    SecretStore,
    ServiceAccount,
    ServiceAccountToken,
    StorageIntegration,
    Team,
    User,
    Workspace,
)

TABLES: Final[dict[str, type[ObjectRow]]] = {
    "application": Application,
    "cluster": Cluster,
    "container-registry": ContainerRegistry,
    "environment": Environment,
    "ml-repo": MlRepo,
    "role": Role,
    "role-binding": RoleBinding,
    "secret-group": SecretGroup,
    "secret-store": SecretStore,
    "service-account": ServiceAccount,
    "service-account-token": ServiceAccountToken,
    "storage-integration": StorageIntegration,
    "team": Team,
    "user": User,
    "workspace": Workspace,
}
"""Kind of noun → its table."""


_SCOPE_COLUMNS: Final[
    dict[str, dict[str, InstrumentedAttribute[str] | InstrumentedAttribute[str | None]]]
] = {
    "application": {"workspace": Application.workspace_id, "cluster": Application.cluster_id},
    "workspace": {"workspace": Workspace.id, "cluster": Workspace.cluster_id},
    "cluster": {"cluster": Cluster.id},
    "ml-repo": {"ml-repo": MlRepo.id},
    "storage-integration": {"storage-integration": StorageIntegration.id},
    "secret-store": {"secret-store": SecretStore.id},
    "secret-group": {"secret-group": SecretGroup.id},
    "container-registry": {"container-registry": ContainerRegistry.id},
    # A binding lies in the object that it names.
    "role-binding": {
        **{scope: RoleBinding.object_id for scope in SCOPES if scope not in ("tenant", "cluster")},
        "cluster": RoleBinding.cluster_id,
    },
}
"""Kind of noun → scope of grants → the column that holds such an id. All other kinds lie in the
tenant only."""


@dataclass(frozen=True)
class Target:
    """An object that a verb is asked on.

    Attributes:
        kind: kind of noun, or `tenant`.
        fqn: its name, for messages; `tenant` for the tenant.
        ids: its id, then the ids of what contains it, the tenant's last.
    """

    kind: str
    fqn: str
    ids: tuple[str, ...]


def tenant_target(tenant_id: str) -> Target:
    """The tenant itself."""
    return Target("tenant", "tenant", (tenant_id,))


def target_of(kind: str, row: ObjectRow) -> Target:
    """The object of that row with its containers."""
    return Target(kind, row.fqn, (row.id, *_parents(row), row.tenant_id))


def within(kind: str, granted: Mapping[str, Sequence[str]]) -> ColumnElement[bool]:
    """Condition on the kind's table: the row or one of its containers is among the granted ids.

    Takes the ids themselves and not a subquery: with them the planner knows which index to use
    (100,000 applications, five workspaces granted: 3 ms instead of 100).

    Args:
        kind: kind of noun.
        granted: scope → ids on which something was granted.
    """
    columns = _SCOPE_COLUMNS.get(kind, {})
    conditions = [
        column == any_(literal(list(granted[scope]), ARRAY(Uuid(as_uuid=False))))
        for scope, column in columns.items()
        if granted.get(scope)
    ]
    return or_(*conditions) if conditions else false()


def _parents(row: ObjectRow) -> tuple[str, ...]:
    if isinstance(row, Application):
        return (row.workspace_id, row.cluster_id)
    if isinstance(row, Workspace):
        return (row.cluster_id,)
    if isinstance(row, RoleBinding):
        return (row.object_id, *([row.cluster_id] if row.cluster_id else ()))
    return ()
