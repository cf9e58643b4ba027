"""The program that attaches an existing cluster: environments, the compute plane, a workspace."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from splitplane.contract.manifests.cluster import Delivery


class AttachedConfig(BaseModel):
    """What the program takes; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    cluster: str
    """Name of the cluster on the control plane."""
    hub_url: Annotated[str, Field(pattern=r"^https://")]
    """Address of the control plane as pods of the cluster reach it."""
    environments: Annotated[list[str], Field(min_length=1)]
    """Names of environments that exist on the control plane."""
    workspaces: dict[str, str] = Field(default_factory=dict[str, str])
    """Name of a workspace → its environment; none are made when left out."""
    kubeconfig_file: Path | None = None
    """Kubeconfig; the first file of `KUBECONFIG`, else `~/.kube/config`, when left out."""
    context: str | None = None
    """Context of the kubeconfig; its current one when left out."""
    region: str | None = None
    """Region that people know the cluster by; unknown when left out."""
    delivery: Delivery | None = None
    """How bundles reach the cluster; by what is installed there when left out."""
    allowed_namespaces: list[str] = Field(default_factory=list[str])
    """The only namespaces for workloads; all but the denied when left out."""
    denied_namespaces: list[str] = Field(default_factory=list[str])
    """Namespaces that no workload may use; only the reserved ones when left out."""
    agent_image: str | None = None
    """Image of the agent; that of this version when left out."""


def deploy(config: AttachedConfig) -> None:
    """Declares the compute plane and its workspaces."""
    import pulumi

    from splitplane.components import AttachedComputePlane, AttachedComputePlaneArgs
    from splitplane.resources import Workspace

    args: AttachedComputePlaneArgs = {
        "name": config.cluster,
        "kubeconfig": _kubeconfig(config).read_text(encoding="utf-8"),
        "environments": list(config.environments),
        "hub_url": config.hub_url,
        "allowed_namespaces": config.allowed_namespaces,
        "denied_namespaces": config.denied_namespaces,
    }
    if config.context is not None:
        args["context"] = config.context
    if config.region is not None:
        args["region"] = config.region
    if config.delivery is not None:
        args["delivery"] = config.delivery
    if config.agent_image is not None:
        args["agent_image"] = config.agent_image
    plane = AttachedComputePlane(config.cluster, args)
    for name, environment in config.workspaces.items():
        Workspace(
            name,
            name=name,
            cluster=plane.cluster_name,
            environment=environment,
            # It goes while the plane's agent can clean up after it.
            opts=pulumi.ResourceOptions(depends_on=[plane]),
        )
    pulumi.export("cluster", plane.cluster_name)
    pulumi.export("kubernetes_version", plane.kubernetes_version)


def _kubeconfig(config: AttachedConfig) -> Path:
    if config.kubeconfig_file is not None:
        return config.kubeconfig_file.expanduser()
    first = os.environ.get("KUBECONFIG", "").split(os.pathsep)[0]
    return Path(first) if first else Path.home() / ".kube" / "config"
