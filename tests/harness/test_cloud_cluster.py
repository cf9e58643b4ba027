"""A cluster that the stand-in of a cloud makes takes Kubernetes objects of the same program."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s
import pytest
from clouds.program import Clouds
from pulumi import automation
from pulumi_kubernetes.helm.v3 import Release, RepositoryOptsArgs

from splitplane.stacks.engine import Engine
from splitplane.stacks.local_cluster import LocalCluster

pytestmark = pytest.mark.needs_tools

REGION = {"aws:region": "eu-west-1"}
RELEASE = "/api/v1/namespaces/cloud-cluster/secrets/sh.helm.release.v1.argo-cd.v1"


def _kubeconfig(endpoint: str, command: str) -> str:
    plugin = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": command,
        "args": ["aws", "token"],
        "interactiveMode": "Never",
    }
    return json.dumps(
        {
            "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "c"}}],
            "clusters": [{"name": "c", "cluster": {"server": endpoint}}],
            "users": [{"name": "c", "user": {"exec": plugin}}],
        }
    )


def _program(command: str = "splitplane", **values: Any) -> Callable[[], None]:
    def program() -> None:
        cluster = aws.eks.Cluster(
            "cluster", name="c", role_arn="arn:r", vpc_config={"subnet_ids": ["subnet-1"]}
        )
        provider = k8s.Provider(
            "kubernetes",
            kubeconfig=cluster.endpoint.apply(lambda url: _kubeconfig(url, command)),
            cluster_identifier="arn:aws:eks:eu-west-1:123456789012:cluster/c",
        )
        options = pulumi.ResourceOptions(provider=provider)
        release = Release(
            "argo-cd",
            name="argo-cd",
            namespace="cloud-cluster",
            create_namespace=True,
            chart="argo-cd",
            version="10.1.1",
            repository_opts=RepositoryOptsArgs(repo="https://argoproj.github.io/argo-helm"),
            values=values,
            opts=options,
        )
        k8s.core.v1.ConfigMap(
            "settings",
            metadata={"name": "settings", "namespace": release.status.namespace},
            data={"a": "1"},
            opts=options,
        )

    return program


def test_a_preview_asks_a_cluster_that_does_not_exist_nothing(
    cloud_engine: Engine, cloud_cluster: LocalCluster
) -> None:
    stack = cloud_engine.stack("unreachable", _program(), REGION)

    assert stack.preview().change_summary == {"create": 5}


@pytest.mark.slow
def test_objects_and_releases_live_on_the_cluster_that_stands_in(
    cloud_engine: Engine, cloud_cluster: LocalCluster, kubernetes: httpx.Client
) -> None:
    stack = cloud_engine.stack("stands-in", _program(server={"replicas": 2}), REGION)

    stack.up()
    labels = kubernetes.get(RELEASE).json()["metadata"]["labels"]
    assert labels["status"] == "deployed"
    stack.up(expect_no_changes=True)
    stack = cloud_engine.stack("stands-in", _program(server={"replicas": 3}), REGION)
    changed = stack.up().summary.resource_changes
    assert changed == {"update": 1, "same": 4}
    stack.destroy()
    assert kubernetes.get(RELEASE).status_code == 404
    kubernetes.delete("/api/v1/namespaces/cloud-cluster").raise_for_status()


def test_a_kubeconfig_without_a_command_is_refused(
    cloud_engine: Engine, cloud_cluster: LocalCluster, clouds: Clouds
) -> None:
    stack = cloud_engine.stack("refused", _program(command=""), REGION)

    with pytest.raises(automation.CommandError, match="exec needs a command"):
        stack.up()
