"""A real API server takes classes and volumes with a fixed place; of two defaults the newer one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from platform_harness import wait_for

from splitplane.components.clouds.aws.settings import ShareSettings
from splitplane.components.clouds.aws.storage.classes import (
    build_block_classes,
    build_default_patch,
    build_shared_class,
)
from splitplane.components.clouds.aws.storage.volumes import (
    bucket_handle,
    build_bucket_volume,
    build_share_volume,
    share_handle,
)

pytestmark = pytest.mark.needs_tools

CLASSES = "/apis/storage.k8s.io/v1/storageclasses"
CLAIMS = "/api/v1/namespaces/default/persistentvolumeclaims"
VOLUMES = "/api/v1/persistentvolumes"
DRY = {"dryRun": "All", "fieldValidation": "Strict"}
CLAIM = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "unnamed-class"},
    "spec": {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}},
    },
}
GP3 = build_block_classes(is_auto_mode=False)[0]
GP2 = {**GP3, "metadata": {**GP3["metadata"], "name": "gp2"}}


@pytest.fixture
def defaults(kubernetes: httpx.Client) -> Iterator[httpx.Client]:
    """An API server with a default class `gp2`, and `gp3` made after it."""
    made = kubernetes.post(CLASSES, json=GP2).raise_for_status().json()
    wait_for(lambda: _is_newer(kubernetes, made), what="gp3 to be newer than gp2")
    yield kubernetes
    for name in ("gp2", "gp3"):
        kubernetes.delete(f"{CLASSES}/{name}").raise_for_status()


def _is_newer(api: httpx.Client, older: dict[str, Any]) -> bool:
    """Times are in whole seconds: made again until the next one has begun."""
    made = api.post(CLASSES, json=GP3).raise_for_status().json()["metadata"]["creationTimestamp"]
    if made > older["metadata"]["creationTimestamp"]:
        return True
    api.delete(f"{CLASSES}/gp3").raise_for_status()
    return False


def _class_of_claim(api: httpx.Client) -> str:
    answer = api.post(CLAIMS, params=DRY, json=CLAIM).raise_for_status()
    return str(answer.json()["spec"]["storageClassName"])


@pytest.mark.parametrize("is_auto_mode", [False, True])
def test_classes_are_accepted_strictly(kubernetes: httpx.Client, is_auto_mode: bool) -> None:
    for manifest in (*build_block_classes(is_auto_mode=is_auto_mode), build_shared_class("fs-1")):
        answer = kubernetes.post(CLASSES, params=DRY, json=manifest)
        assert answer.is_success, answer.text


def test_a_claim_gets_the_newer_of_two_defaults(defaults: httpx.Client) -> None:
    assert _class_of_claim(defaults) == "gp3"


def test_the_patch_leaves_one_default(defaults: httpx.Client) -> None:
    defaults.patch(
        f"{CLASSES}/gp2",
        json=build_default_patch(),
        headers={"Content-Type": "application/merge-patch+json"},
    ).raise_for_status()

    found = defaults.get(f"{CLASSES}/gp2").json()
    assert found["metadata"]["annotations"] == {
        "storageclass.kubernetes.io/is-default-class": "false"
    }
    assert found["parameters"] == {"type": "gp3", "encrypted": "true"}
    assert _class_of_claim(defaults) == "gp3"


@pytest.mark.parametrize(
    "manifest",
    [
        build_share_volume(
            ShareSettings("x" * 40), "n" * 63, share_handle("fs-0a1b2c3d", "fsap-4e5f6a7b")
        ),
        build_bucket_volume("team-a", bucket_handle("fs-0a1b2c3d")),
    ],
    ids=["share", "bucket"],
)
def test_volumes_are_accepted_strictly(kubernetes: httpx.Client, manifest: dict[str, Any]) -> None:
    answer = kubernetes.post(VOLUMES, params=DRY, json=manifest)

    assert answer.is_success, answer.text
    assert answer.json()["spec"]["claimRef"] == manifest["spec"]["claimRef"]


def test_a_volume_takes_no_other_place(kubernetes: httpx.Client) -> None:
    """Why another access point makes another volume."""
    manifest = build_share_volume(ShareSettings("data"), "team-a", "fs-1::fsap-1")
    kubernetes.post(VOLUMES, json=manifest).raise_for_status()

    answer = kubernetes.patch(
        f"{VOLUMES}/data.team-a",
        json={"spec": {"csi": {"volumeHandle": "fs-1::fsap-2"}}},
        headers={"Content-Type": "application/merge-patch+json"},
    )

    kubernetes.delete(f"{VOLUMES}/data.team-a").raise_for_status()
    assert answer.status_code == 422
    assert "is immutable after creation" in answer.text
