"""A cluster that somebody deleted: what was in it leaves the state, and nothing waits for it."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pulumi
import pytest
import yaml
from aws_plane import Parent
from k8s_plugin.exec_user import VARIABLE
from pulumi import automation
from pulumi_kubernetes.helm.v3 import Release, RepositoryOptsArgs

from splitplane.components.attached.objects import declare_objects, declare_provider
from splitplane.components.clouds.aws.cluster.kubeconfig import build_deployer_kubeconfig
from splitplane.stacks.engine import Engine
from splitplane.stacks.local_cluster import LocalCluster

pytestmark = pytest.mark.needs_tools

OBJECT = "/api/v1/namespaces/default/configmaps/gone"
RELEASE = "/api/v1/namespaces/default/secrets/sh.helm.release.v1.gone.v1"
CLOSED = "https://127.0.0.1:1"
"""A port that nobody listens on."""


def _program(*, is_gone: bool) -> Callable[[], None]:
    def program() -> None:
        parent = Parent()
        provider = declare_provider(
            parent,
            "plane",
            kubeconfig=build_deployer_kubeconfig(
                cluster="prod-eu",
                region="eu-west-1",
                server="https://a.gr7.eu-west-1.eks.amazonaws.com",
                ca_certificate=b64encode(b"-----BEGIN CERTIFICATE-----").decode(),
            ),
            context="prod-eu",
            cluster_identifier="arn:aws:eks:eu-west-1:111122223333:cluster/prod-eu",
            forgets_unreachable=is_gone,
        )
        made: dict[str, Any] = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "gone", "namespace": "default"},
            "data": {"a": "1"},
        }
        declare_objects(parent, "plane", [made], provider=provider)
        Release(
            "release",
            name="gone",
            namespace="default",
            chart="argo-cd",
            version="10.1.1",
            repository_opts=RepositoryOptsArgs(repo="https://argoproj.github.io/argo-helm"),
            opts=pulumi.ResourceOptions(parent=parent, provider=provider),
        )

    return program


@pytest.fixture
def gone(
    cloud_engine: Engine,
    cloud_cluster: LocalCluster,
    kubernetes: httpx.Client,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[automation.Stack]:
    """A stack with objects on a cluster that answers no more."""
    stack = cloud_engine.stack("gone", _program(is_gone=False))
    stack.up()
    assert kubernetes.get(OBJECT).is_success
    kubeconfig = yaml.safe_load(cloud_cluster.kubeconfig.read_text())
    for item in kubeconfig["clusters"]:
        item["cluster"]["server"] = CLOSED
    file = tmp_path / "gone.yaml"
    file.write_text(json.dumps(kubeconfig, indent=1))
    monkeypatch.setenv(VARIABLE, str(file))
    yield stack
    kubernetes.delete(OBJECT)
    kubernetes.delete(RELEASE)


def _left(stack: automation.Stack) -> list[str]:
    deployment: Any = stack.export_stack().deployment
    return [
        item["type"]
        for item in deployment.get("resources", [])
        if item["type"].startswith("kubernetes:")
    ]


def test_a_cluster_that_is_gone_is_forgotten_when_the_program_says_so(
    cloud_engine: Engine, gone: automation.Stack
) -> None:
    with pytest.raises(automation.CommandError, match="PULUMI_K8S_DELETE_UNREACHABLE"):
        gone.refresh()

    stack = cloud_engine.stack("gone", _program(is_gone=True))
    changes = stack.up().summary.resource_changes
    stack.refresh()

    # The stack, the component, the object and the release; the provider learns of it.
    assert changes == {"same": 4, "update": 1}
    assert _left(stack) == []
    stack.destroy()


@pytest.mark.slow
def test_a_cluster_that_is_gone_is_forgotten_without_the_program(
    gone: automation.Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_K8S_DELETE_UNREACHABLE", "true")

    # A release is only forgotten by a refresh.
    with pytest.raises(automation.CommandError, match="can't delete Helm Release"):
        gone.destroy()
    gone.refresh()
    gone.destroy()

    assert _left(gone) == []
