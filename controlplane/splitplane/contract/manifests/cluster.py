"""`type: cluster`: a Kubernetes cluster that an agent connects to the control plane."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from splitplane.contract.base import StrictModel
from splitplane.contract.manifests.shared import ClusterName, DisplayName, EnvironmentName, Labels

ProviderKind = Literal["eks", "gke", "aks", "attached", "local"]
Delivery = Literal["argocd", "direct"]

_Namespace = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]


def _without_repeats(names: list[str]) -> list[str]:
    if len(set(names)) != len(names):
        raise ValueError(f"{names!r} names one environment twice; name each once")
    return names


class ClusterManifest(StrictModel):
    """A cluster: one region, one agent, any number of environments."""

    type: Literal["cluster"] = "cluster"
    name: ClusterName
    """Name, never changes. 2 to 35 lower-case letters, digits and hyphens."""
    display_name: DisplayName | None = None
    """What people see; the name when left out."""
    provider_kind: ProviderKind = "attached"
    """What kind of cluster it is; decides which quirks apply to what is rendered for it. Never
    changes."""
    region: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    """The cloud's region; unknown when left out."""
    environments: Annotated[
        list[EnvironmentName], Field(min_length=1, max_length=32), AfterValidator(_without_repeats)
    ]
    """Names of the environments that workspaces on it may have."""
    delivery: Delivery = "argocd"
    """How bundles reach the cluster: by Argo CD, or applied by the agent itself."""
    allowed_namespaces: Annotated[list[_Namespace], Field(max_length=200)] = Field(
        default_factory=list[str]
    )
    """The only namespaces that workspaces may use; every one that is not denied when empty."""
    denied_namespaces: Annotated[list[_Namespace], Field(max_length=200)] = Field(
        default_factory=list[str]
    )
    """Namespaces that no workspace may use; beats the allowed ones."""
    labels: Labels = Field(default_factory=dict[str, str])
    """Labels to find the cluster by."""
