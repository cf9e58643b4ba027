"""The objects that permissions are asked on: an object and what contains it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Select, or_
from sqlalchemy.orm import InstrumentedAttribute

from splitplane.controlplane.tables import (
    Application,
    Cluster,
    Environment,
    MlRepo,
    ObjectRow,
    Role,
    ServiceAccount,
    StorageIntegration,
    User,
    Workspace,
)

TABLES: Final[dict[str, type[ObjectRow]]] = {
    "application": Application,
    "cluster": Cluster,
    "environment": Environment,
    "ml-repo": MlRepo,
    "role": Role,
    "service-account": ServiceAccount,
    "storage-integration": StorageIntegration,
    "user": User,
    "workspace": Workspace,
}
"""Kind of noun → its table."""


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


def scope_columns(kind: str) -> tuple[InstrumentedAttribute[str], ...]:
    """The columns of the kind's table that hold the ids of `Target.ids`."""
    table = TABLES[kind]
    if table is Application:
        return (Application.id, Application.workspace_id, Application.cluster_id)
    if table is Workspace:
        return (Workspace.id, Workspace.cluster_id)
    return (table.id,)


def within(kind: str, allowed: Select[str]) -> ColumnElement[bool]:
    """Condition on the kind's table: the row or one of its containers is among the allowed ids."""
    table = TABLES[kind]
    columns = (*scope_columns(kind), table.tenant_id)
    return or_(*(column.in_(allowed) for column in columns))


def _parents(row: ObjectRow) -> tuple[str, ...]:
    if isinstance(row, Application):
        return (row.workspace_id, row.cluster_id)
    if isinstance(row, Workspace):
        return (row.cluster_id,)
    return ()
