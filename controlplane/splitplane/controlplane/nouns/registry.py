"""Kind of noun → its hooks. A noun of the contract without hooks stops the server at start."""

from __future__ import annotations

from typing import Any, Final

from splitplane.contract.nouns import NOUNS, Kind
from splitplane.controlplane.errors import StartError
from splitplane.controlplane.nouns.applications import ApplicationHooks
from splitplane.controlplane.nouns.clusters import ClusterHooks
from splitplane.controlplane.nouns.hooks import NounHooks
from splitplane.controlplane.nouns.ml_repos import MlRepoHooks
from splitplane.controlplane.nouns.role_bindings import RoleBindingHooks
from splitplane.controlplane.nouns.secrets import (
    ContainerRegistryHooks,
    SecretGroupHooks,
    SecretStoreHooks,
)
from splitplane.controlplane.nouns.service_account_tokens import ServiceAccountTokenHooks
from splitplane.controlplane.nouns.simple import EnvironmentHooks, StorageIntegrationHooks
from splitplane.controlplane.nouns.subjects import RoleHooks, ServiceAccountHooks, UserHooks
from splitplane.controlplane.nouns.teams import TeamHooks
from splitplane.controlplane.nouns.workspaces import WorkspaceHooks

AnyHooks = NounHooks[Any, Any]  # Any: each kind has its own manifest and row

HOOKS: Final[dict[Kind, AnyHooks]] = {
    hooks.kind: hooks
    for hooks in (
        ApplicationHooks(),
        ClusterHooks(),
        EnvironmentHooks(),
        MlRepoHooks(),
        ContainerRegistryHooks(),
        RoleBindingHooks(),
        RoleHooks(),
        SecretGroupHooks(),
        SecretStoreHooks(),
        ServiceAccountHooks(),
        ServiceAccountTokenHooks(),
        StorageIntegrationHooks(),
        TeamHooks(),
        UserHooks(),
        WorkspaceHooks(),
    )
}


def check_registry() -> None:
    """Raises StartError when a noun of the contract has no hooks."""
    missing = sorted({noun.kind for noun in NOUNS} - HOOKS.keys())
    if missing:
        raise StartError(f"nouns without hooks: {', '.join(missing)}")
