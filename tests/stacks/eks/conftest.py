"""The program `eks` under the real engine: stand-ins for clouds, and a real control plane."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from typing import Any

import httpx
import pytest
from cloud_fixture import define
from clouds.program import Clouds
from control_plane import ControlPlane, running_control_plane
from eks_account import Example
from eks_runs import World, resources_of, unprotect
from k8s_plugin.exec_user import VARIABLE
from pulumi import automation

from splitplane.components.clouds.aws import component
from splitplane.components.clouds.aws.cluster import reachability
from splitplane.stacks.engine import Engine
from splitplane.stacks.local_cluster import LocalCluster
from splitplane.stacks.programs import deploy_program

MakeStack = Callable[..., automation.Stack]

_APPLICATIONS = "/apis/argoproj.io/v1alpha1/applications"
_SNAPSHOT_CLASSES: dict[str, Any] = {  # Any: a Kubernetes object
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {
        "name": "volumesnapshotclasses.snapshot.storage.k8s.io",
        "annotations": {"api-approved.kubernetes.io": "unapproved, a part of the real one"},
    },
    "spec": {
        "group": "snapshot.storage.k8s.io",
        "scope": "Cluster",
        "names": {
            "kind": "VolumeSnapshotClass",
            "listKind": "VolumeSnapshotClassList",
            "plural": "volumesnapshotclasses",
            "singular": "volumesnapshotclass",
        },
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "required": ["driver", "deletionPolicy"],
                        "properties": {
                            "driver": {"type": "string"},
                            "deletionPolicy": {"type": "string", "enum": ["Delete", "Retain"]},
                            "parameters": {
                                "type": "object",
                                "additionalProperties": {"type": "string"},
                            },
                        },
                    }
                },
            }
        ],
    },
}
"""The kind that the add-on snapshot-controller brings with it.
https://kubernetes.io/docs/concepts/storage/volume-snapshot-classes/"""
_PATCH = {"content-type": "application/merge-patch+json"}


@pytest.fixture(scope="session")
def control_plane() -> Iterator[ControlPlane]:
    """A real control plane, shared by all tests of the process."""
    with running_control_plane() as found:
        yield found


@pytest.fixture(scope="session", autouse=True)
def _api_servers_answer() -> Iterator[None]:
    """The names of API servers of made-up clusters are known nowhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reachability, "connect", lambda host, port: None)
        yield


@pytest.fixture(autouse=True)
def _on_a_day_with_support(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is warned that the support of the examples' version ends."""
    monkeypatch.setattr(component, "_today", lambda: date(2026, 11, 1))


@pytest.fixture(scope="session")
def plane_cluster(
    upstream_definitions: None, local_cluster: LocalCluster, kubernetes: httpx.Client
) -> Iterator[LocalCluster]:
    """The shared cluster stands for those that the program makes, with an Argo CD that deletes."""
    define(kubernetes, _SNAPSHOT_CLASSES)
    ended = threading.Event()
    thread = threading.Thread(target=_end_applications, args=(kubernetes, ended))
    thread.start()
    try:
        yield local_cluster
    finally:
        ended.set()
        thread.join()


@pytest.fixture
def world(
    clouds: Clouds,
    plane_cluster: LocalCluster,
    control_plane: ControlPlane,
    monkeypatch: pytest.MonkeyPatch,
) -> World:
    """Where the stacks of this test put something."""
    monkeypatch.setenv(VARIABLE, str(plane_cluster.kubeconfig))
    return World(clouds, plane_cluster, control_plane)


@pytest.fixture
def make_stack(cloud_engine: Engine, world: World) -> Iterator[MakeStack]:
    """Makes the stack of an example in its account; fields of the compute plane may differ.

    What a test that failed leaves in the cluster and the control plane, which others use too, goes.
    """
    made: dict[str, automation.Stack] = {}

    def make(example: Example, **changes: Any) -> automation.Stack:  # Any: arguments
        example.settle(world.clouds)
        args = example.with_changes(**changes)
        config = {
            "aws:region": example.region,
            "splitplane:endpoint": world.control_plane.endpoint,
            "splitplane:token": world.control_plane.token,
        }
        name = args["compute_plane"]["name"]
        made[name] = cloud_engine.stack(name, lambda: deploy_program("eks", args), config)
        return made[name]

    yield make
    for stack in made.values():
        if resources_of(stack):
            unprotect(stack)
            with suppress(automation.CommandError):
                stack.destroy(continue_on_error=True)


def _end_applications(kubernetes: httpx.Client, ended: threading.Event) -> None:
    """What Argo CD does: an Application that is deleted goes once its objects are gone."""
    while not ended.wait(0.2):
        for item in kubernetes.get(_APPLICATIONS).json().get("items", []):
            metadata = item["metadata"]
            if metadata.get("deletionTimestamp") and metadata.get("finalizers"):
                path = f"/namespaces/{metadata['namespace']}/applications/{metadata['name']}"
                kubernetes.patch(
                    _APPLICATIONS.removesuffix("/applications") + path,
                    json={"metadata": {"finalizers": None}},
                    headers=_PATCH,
                )
