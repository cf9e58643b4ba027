"""The sample program: registers a whole small platform with a control plane, ten resources.

`splitplane demo` runs it; it needs no cloud account.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from splitplane.contract.manifests.cluster import Delivery, ProviderKind


class LocalConfig(BaseModel):
    """What the sample program takes; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    storage_path: Annotated[str, Field(pattern=r"^/")]
    """Folder on the control plane's machine for what ML repos hold."""
    cluster: str = "local"
    """Name of the cluster."""
    provider_kind: ProviderKind = "local"
    """Kind of the cluster; `attached` for one that exists elsewhere."""
    delivery: Delivery = "direct"
    """How bundles reach the cluster."""
    image: str = "registry.k8s.io/e2e-test-images/agnhost:2.53"
    """Image of the sample service and job; nodes of the local cluster run none for real."""
    replicas: Annotated[int, Field(ge=0, le=10)] = 1
    """Copies of the sample service."""
    wait_for: Literal["available", "delivered", "none"] = "none"
    """What `pulumi up` waits for; `none` while no agent is connected yet."""


def deploy(config: LocalConfig) -> None:
    """Declares environments, cluster, storage, ML repos, workspaces, a service and a job."""
    import pulumi

    from splitplane.resources import (
        Application,
        Cluster,
        Environment,
        JobArgs,
        LocalStorageArgs,
        MlRepo,
        MlRepoGrantArgs,
        PortArgs,
        ProbeArgs,
        ServiceArgs,
        StorageIntegration,
        Workspace,
    )

    sandbox = Environment("sandbox", name="sandbox", color="#4c9aff")
    live = Environment(
        "live", name="live", is_production=True, optimize_for="availability", color="#de350b"
    )
    cluster = Cluster(
        "cluster",
        name=config.cluster,
        provider_kind=config.provider_kind,
        delivery=config.delivery,
        environments=[sandbox.name, live.name],
    )
    storage = StorageIntegration(
        "storage", name="disk", local=LocalStorageArgs(path=config.storage_path)
    )
    fraud = MlRepo("fraud", name="fraud", storage_integration=storage.name)
    churn = MlRepo("churn", name="churn", storage_integration=storage.name)
    team = Workspace(
        "team1",
        name="team1",
        cluster=cluster.name,
        environment=sandbox.name,
        ml_repos=[MlRepoGrantArgs(ml_repo=fraud.name, role="editor")],
    )
    Workspace(
        "team2",
        name="team2",
        cluster=cluster.name,
        environment=live.name,
        ml_repos=[MlRepoGrantArgs(ml_repo=churn.name, role="viewer")],
    )
    Application(
        "hello",
        name="hello",
        workspace=team.fqn,
        service=ServiceArgs(
            image=config.image,
            args=["netexec", "--http-port=8080"],
            ports=[PortArgs(port=8080)],
            replicas=config.replicas,
            readiness_probe=ProbeArgs(http_path="/healthz"),
        ),
        wait_for=config.wait_for,
    )
    Application(
        "train",
        name="train",
        workspace=team.fqn,
        job=JobArgs(image=config.image, args=["pause"]),
        wait_for=config.wait_for,
    )
    pulumi.export("cluster", cluster.fqn)
    pulumi.export("join_token", cluster.join_token)
