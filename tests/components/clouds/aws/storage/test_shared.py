"""Shared files reach every zone, and the classes of a cluster stand on its drivers."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from aws_plane import ZONES, Parent, make_plane, settings_of
from clouds.answers import CloudAnswers
from clouds.graph import assert_after, recorded_graph
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recording_monitor import Recording, Registered, record

from splitplane.components.clouds.aws.storage.shared import (
    declare_shared_storage,
    declare_storage_classes,
)

FILES = "aws:efs/fileSystem:FileSystem"
POLICY = "aws:efs/fileSystemPolicy:FileSystemPolicy"
BACKUP = "aws:efs/backupPolicy:BackupPolicy"
TARGET = "aws:efs/mountTarget:MountTarget"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
CLASS = "kubernetes:storage.k8s.io/v1:StorageClass"
PATCH = "kubernetes:storage.k8s.io/v1:StorageClassPatch"
SNAPSHOT = "kubernetes:snapshot.storage.k8s.io/v1:VolumeSnapshotClass"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/0a1b"


def _run(
    *,
    groups: list[str] | None = None,
    zones: tuple[str, ...] = ZONES,
    is_preview: bool = False,
    **args: Any,
) -> Recording:
    def program() -> None:
        whole = Parent()
        plane = make_plane(settings_of(**args), zones=zones)
        ids = None if groups is None else [pulumi.Output.from_input(one) for one in groups]
        shared = declare_shared_storage(whole, plane, node_group_ids=ids)
        driver = aws.eks.Addon("driver", addon_name="d", cluster_name="prod-eu")
        declare_storage_classes(whole, plane, shared, depends_on=[driver])

    return record(program, is_preview=is_preview, answers=None if is_preview else CloudAnswers())


def _of(recording: Recording, type_: str) -> list[Registered]:
    return [item for item in recording.resources if item.type == type_]


def _class_names(recording: Recording) -> list[str]:
    return [item.inputs["metadata"]["name"] for item in _of(recording, CLASS)]


def test_files_are_encrypted_and_elastic() -> None:
    recording = _run()

    (files,) = _of(recording, FILES)
    assert files.inputs == {
        "encrypted": True,
        "throughputMode": "elastic",
        "tags": {"splitplane.io/cluster": "prod-eu", "Name": "prod-eu-files"},
    }
    assert not files.protect
    assert _of(recording, BACKUP) == []
    (policy,) = _of(recording, POLICY)
    (mount, _) = json.loads(policy.inputs["policy"])["Statement"]
    (arn,) = mount["Resource"]
    assert arn.startswith("arn:aws:elasticfilesystem:eu-west-1:111122223333:file-system/fs-")


def test_production_protects_and_keeps_backups() -> None:
    recording = _run(profile="prod", storage={"kms_key_arn": KEY})

    (files,) = _of(recording, FILES)
    assert files.protect
    assert files.inputs["kmsKeyId"] == KEY
    (backup,) = _of(recording, BACKUP)
    assert backup.inputs["backupPolicy"] == {"status": "ENABLED"}
    made = [FILES, POLICY, BACKUP, TARGET, GROUP, RULE, CLASS, SNAPSHOT]
    assert len([item for item in recording.resources if item.type in made]) == 12


def test_throughput_is_as_asked_for() -> None:
    asked = {"efs_throughput_mode": "provisioned", "efs_provisioned_mibps": 128}

    (files,) = _of(_run(storage=asked), FILES)

    assert files.inputs["throughputMode"] == "provisioned"
    assert files.inputs["provisionedThroughputInMibps"] == 128


def test_each_zone_has_one_mount_target_where_its_nodes_are() -> None:
    recording = _run()

    (group,) = _of(recording, GROUP)
    assert {
        item.name: (item.inputs["subnetId"], item.inputs["securityGroups"])
        for item in _of(recording, TARGET)
    } == {f"prod-eu-files-{zone}": (f"subnet-{zone[-1]}", _ids(recording, group)) for zone in ZONES}
    # A second one in a zone is refused, so that a new subnet takes the place of the old.
    assert all(item.delete_before_replace for item in _of(recording, TARGET))


def _ids(recording: Recording, group: Registered) -> list[str]:
    (rule,) = _of(recording, RULE)
    assert rule.property_dependencies["securityGroupId"] == (group.urn,)
    return [rule.inputs["securityGroupId"]]


def test_only_nfs_from_nodes_is_let_in() -> None:
    recording = _run()

    (rule,) = _of(recording, RULE)
    wanted = {
        "referencedSecurityGroupId": "sg-cluster",
        "ipProtocol": "tcp",
        "fromPort": 2049,
        "toPort": 2049,
    }
    assert wanted.items() <= rule.inputs.items()
    (group,) = _of(recording, GROUP)
    assert group.inputs["vpcId"] == "vpc-1"
    assert "ingress" not in group.inputs
    assert "egress" not in group.inputs
    assert group.timeouts == {"delete": "45m"}


def test_nodes_with_groups_of_their_own_are_let_in_by_those() -> None:
    recording = _run(groups=["sg-nodes", "sg-cluster"])

    assert [
        (item.name, item.inputs["referencedSecurityGroupId"]) for item in _of(recording, RULE)
    ] == [("prod-eu-files", "sg-nodes"), ("prod-eu-files-1", "sg-cluster")]


@pytest.mark.parametrize("is_preview", [False, True])
def test_pods_wait_for_rules_targets_policy_and_drivers(is_preview: bool) -> None:
    graph = recorded_graph(_run(is_preview=is_preview))

    assert_after(graph, TARGET, RULE)
    assert_after(graph, f"{CLASS}::prod-eu-efs-sc", FILES)
    for name in ("gp3", "gp3-retain", "efs-sc"):
        assert_after(graph, f"{CLASS}::prod-eu-{name}", "driver")
    assert_after(graph, SNAPSHOT, "driver")


def test_classes_are_made_by_the_provider_of_the_cluster() -> None:
    recording = _run()

    assert _class_names(recording) == ["gp3", "gp3-retain", "efs-sc"]
    for item in [*_of(recording, CLASS), *_of(recording, SNAPSHOT)]:
        assert "pulumi:providers:kubernetes::kubernetes" in item.provider
        assert item.parent == "plane"
    (snapshots,) = _of(recording, SNAPSHOT)
    assert snapshots.inputs["driver"] == "ebs.csi.aws.com"
    assert snapshots.inputs["deletionPolicy"] == "Delete"
    assert "spec" not in snapshots.inputs


def test_without_shared_files_there_is_no_class_of_them() -> None:
    recording = _run(storage={"has_shared_storage": False})

    assert _of(recording, FILES) == []
    assert _class_names(recording) == ["gp3", "gp3-retain"]


def test_without_the_controller_there_is_no_class_of_snapshots() -> None:
    assert _of(_run(addons={"snapshot-controller": {"mode": "off"}}), SNAPSHOT) == []


def test_auto_mode_makes_disks_and_snapshots_itself() -> None:
    recording = _run(compute_mode="auto_mode")

    assert [item.inputs["provisioner"] for item in _of(recording, CLASS)] == [
        "ebs.csi.eks.amazonaws.com",
        "ebs.csi.eks.amazonaws.com",
        "efs.csi.aws.com",
    ]
    (snapshots,) = _of(recording, SNAPSHOT)
    assert snapshots.inputs["driver"] == "ebs.csi.eks.amazonaws.com"


def test_an_adopted_cluster_gets_classes_and_no_files() -> None:
    recording = _run(cluster_name="legacy")

    assert _of(recording, FILES) == []
    assert _class_names(recording) == ["gp3", "gp3-retain"]
    assert _of(recording, PATCH) == []


def test_the_old_default_gives_way_where_it_is_taken_over() -> None:
    recording = _run(cluster_name="legacy", addons={"storage-classes": {"mode": "adopt"}})

    (patch,) = _of(recording, PATCH)
    assert patch.inputs["metadata"] == {
        "name": "gp2",
        "annotations": {"storageclass.kubernetes.io/is-default-class": "false"},
    }


@pytest.mark.parametrize("mode", ["external", "off"])
def test_classes_that_others_keep_are_not_made(mode: str) -> None:
    recording = _run(addons={"storage-classes": {"mode": mode}})

    assert _of(recording, CLASS) == []
    assert _of(recording, SNAPSHOT) == []


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    zones=st.lists(st.sampled_from("abcdef"), unique=True, min_size=2, max_size=6),
    profile=st.sampled_from(["dev", "prod"]),
    compute_mode=st.sampled_from(["karpenter", "auto_mode", "node_groups"]),
    groups=st.sampled_from([None, ["sg-nodes"], ["sg-cluster", "sg-nodes"]]),
)
def test_whatever_is_asked_for_names_and_targets_are_one_each(
    zones: list[str], profile: str, compute_mode: str, groups: list[str] | None
) -> None:
    names = tuple(f"eu-west-1{letter}" for letter in zones)
    asked: dict[str, Any] = {"profile": profile, "compute_mode": compute_mode}

    one = _run(zones=names, groups=groups, **asked)
    other = _run(zones=tuple(reversed(names)), groups=groups, **asked)

    assert {item.urn for item in one.resources} == {item.urn for item in other.resources}
    targets = _of(one, TARGET)
    assert len(targets) == len({item.inputs["subnetId"] for item in targets}) == len(zones)
    for item in one.resources:
        if item.type in (FILES, GROUP, RULE):
            assert item.inputs["tags"]["splitplane.io/cluster"] == "prod-eu"
