"""The classes of disks, files and snapshots, whole."""

from __future__ import annotations

from uuid import UUID

from splitplane.components.clouds.aws.storage.checks import PATH_FOLDERS, PATH_LENGTH
from splitplane.components.clouds.aws.storage.classes import (
    build_block_classes,
    build_default_patch,
    build_shared_class,
    build_snapshot_class,
)
from splitplane.contract.names import MAX_NAME_LENGTHS

KEY = "arn:aws:kms:eu-west-1:111122223333:key/0a1b"


def test_disks_are_encrypted_gp3_made_where_pods_run() -> None:
    default, retained = build_block_classes(is_auto_mode=False)

    assert default == {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {
            "name": "gp3",
            "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
        },
        "provisioner": "ebs.csi.aws.com",
        "parameters": {"type": "gp3", "encrypted": "true"},
        "reclaimPolicy": "Delete",
        "allowVolumeExpansion": True,
        "volumeBindingMode": "WaitForFirstConsumer",
    }
    assert retained == {
        **default,
        "metadata": {"name": "gp3-retain"},
        "reclaimPolicy": "Retain",
    }


def test_auto_mode_makes_disks_itself_and_a_key_is_named() -> None:
    default, retained = build_block_classes(is_auto_mode=True, key_arn=KEY)

    for found in (default, retained):
        assert found["provisioner"] == "ebs.csi.eks.amazonaws.com"
        assert found["parameters"] == {"type": "gp3", "encrypted": "true", "kmsKeyId": KEY}


def test_a_claim_of_files_gets_an_access_point() -> None:
    assert build_shared_class("fs-1") == {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": "efs-sc"},
        "provisioner": "efs.csi.aws.com",
        "parameters": {
            "provisioningMode": "efs-ap",
            "fileSystemId": "fs-1",
            "directoryPerms": "700",
            "basePath": "/volumes",
            "subPathPattern": "${.PVC.namespace}/${.PV.name}",
            "ensureUniqueDirectory": "false",
        },
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "Immediate",
    }


def test_snapshots_are_of_the_driver_that_makes_the_disks() -> None:
    assert build_snapshot_class(is_auto_mode=False) == {
        "apiVersion": "snapshot.storage.k8s.io/v1",
        "kind": "VolumeSnapshotClass",
        "metadata": {
            "name": "ebs",
            "annotations": {"snapshot.storage.kubernetes.io/is-default-class": "true"},
        },
        "driver": "ebs.csi.aws.com",
        "deletionPolicy": "Delete",
    }
    assert build_snapshot_class(is_auto_mode=True)["driver"] == "ebs.csi.eks.amazonaws.com"


def test_the_old_default_is_no_default_any_more() -> None:
    assert build_default_patch() == {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {
            "name": "gp2",
            "annotations": {"storageclass.kubernetes.io/is-default-class": "false"},
        },
    }


def test_a_claim_of_any_name_in_a_workspace_gets_a_path_that_efs_takes() -> None:
    parameters = build_shared_class("fs-1")["parameters"]
    namespace = "w" * MAX_NAME_LENGTHS["workspace"]

    folder = parameters["subPathPattern"].replace("${.PVC.namespace}", namespace)
    path = f"{parameters['basePath']}/{folder.replace('${.PV.name}', f'pvc-{UUID(int=1)}')}"
    assert "${" not in path
    assert len(path) <= PATH_LENGTH
    assert path.count("/") <= PATH_FOLDERS
