"""The program `eks` under the real engine: stand-ins for clouds, and a real control plane."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from cloud_fixture import define
from clouds.program import Clouds
from control_plane import ControlPlane, running_control_plane
from eks_account import Example
from eks_runs import World
from pulumi import automation

from splitplane.stacks.engine import Engine
from splitplane.stacks.local_cluster import LocalCluster
from splitplane.stacks.programs import deploy_program

MakeStack = Callable[..., automation.Stack]

FIRST_ENVIRONMENTS = ("dev", "staging", "prod")
"""What a tenant has from the start; the examples declare environments of these names."""
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
    """A real control plane, shared by all tests of the process, without its first environments."""
    with running_control_plane() as found:
        for name in FIRST_ENVIRONMENTS:
            found.client.delete("environment", f"environment:{name}")
        yield found


@pytest.fixture
def world(clouds: Clouds, cloud_cluster: LocalCluster, control_plane: ControlPlane) -> World:
    """Where the stacks of this test put something."""
    return World(clouds, cloud_cluster, control_plane)


@pytest.fixture
def make_stack(
    cloud_engine: Engine,
    cloud_cluster: LocalCluster,
    clouds: Clouds,
    control_plane: ControlPlane,
    kubernetes: httpx.Client,
) -> Iterator[MakeStack]:
    """Makes the stack of an example in its account; fields of the compute plane may differ."""

    def make(example: Example, **changes: Any) -> automation.Stack:  # Any: arguments
        example.settle(clouds)
        args = example.with_changes(**changes)
        config = {
            "aws:region": example.region,
            "splitplane:endpoint": control_plane.endpoint,
            "splitplane:token": control_plane.token,
        }
        name = args["compute_plane"]["name"]
        return cloud_engine.stack(name, lambda: deploy_program("eks", args), config)

    define(kubernetes, _SNAPSHOT_CLASSES)
    ended = threading.Event()
    thread = threading.Thread(target=_end_applications, args=(kubernetes, ended))
    thread.start()
    try:
        yield make
    finally:
        ended.set()
        thread.join()


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
